from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Gouvernance"

    def ready(self) -> None:
        from humanicite.lib.logs import hide_what_follows
        from humanicite.lib.mail.verdicts import mail_tried

        from .decisions.links import DONE
        from .decisions.proposers import LateActions
        from .meetings.actions.agenda import CarriedOver
        from .meetings.deliveries import note_try
        from .meetings.links import FEED, INVITED
        from .meetings.proposals import register
        from .minutes.links import READ
        from .news.proposals import QuarterNewsProposer

        mail_tried.connect(note_try)
        register(CarriedOver())
        register(QuarterNewsProposer())
        register(LateActions())
        for address in (DONE, FEED, INVITED, READ):
            hide_what_follows(f"/{address}/")

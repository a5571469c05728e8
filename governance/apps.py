from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Gouvernance"

    def ready(self) -> None:
        from humanicite.lib.logs import hide_what_follows

        from .decisions.proposers import LateActions
        from .meetings.actions.agenda import CarriedOver
        from .meetings.links import FEED, INVITED
        from .meetings.proposals import register
        from .news.proposals import QuarterNewsProposer

        register(CarriedOver())
        register(QuarterNewsProposer())
        register(LateActions())
        hide_what_follows(f"/{INVITED}/")
        hide_what_follows(f"/{FEED}/")

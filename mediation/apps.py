from django.apps import AppConfig


class MediationConfig(AppConfig):
    name = "mediation"
    verbose_name = "Médiation"

    def ready(self) -> None:
        from governance.meetings.proposals import register
        from humanicite.lib.logs import hide_what_follows
        from humanicite.lib.mail.verdicts import mail_tried

        from .agenda.proposers import SituationLines, StuckSignalements
        from .signalements.emails.deliveries import note_try
        from .signalements.links import ANSWER

        mail_tried.connect(note_try)
        hide_what_follows(f"/{ANSWER}/")
        register(StuckSignalements())
        register(SituationLines())

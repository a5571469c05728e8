from django.apps import AppConfig


class MediationConfig(AppConfig):
    name = "mediation"
    verbose_name = "Médiation"

    def ready(self) -> None:
        from humanicite.lib.mail.verdicts import mail_tried

        from .signalements.emails.deliveries import note_try

        mail_tried.connect(note_try)

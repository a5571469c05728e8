from django.apps import AppConfig


class HumaniciteConfig(AppConfig):
    name = "humanicite"

    def ready(self) -> None:
        from post_office.signals import email_queued

        from .lib.logs import hide_what_follows
        from .lib.mail.outbox import deliver_soon

        email_queued.connect(deliver_soon)
        hide_what_follows("/mot-de-passe/nouveau/")  # the link that sets a password

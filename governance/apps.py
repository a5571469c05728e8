from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Gouvernance"

    def ready(self) -> None:
        from humanicite.lib.logs import hide_what_follows

        from .decisions.links import DONE
        from .minutes.links import READ

        for address in (DONE, READ):
            hide_what_follows(f"/{address}/")

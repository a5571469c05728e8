from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Restitution"

    def ready(self) -> None:
        from mediation.activities import sequels

        from .dashboards import sections
        from .sequels import of_the_synthesis
        from .syntheses import standard

        sequels.register("synthesis", of_the_synthesis, rank=90)
        standard.register_all()
        sections.register_all()

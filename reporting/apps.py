from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Restitution"

    def ready(self) -> None:
        from governance.meetings import proposals
        from mediation.activities import sequels

        from .observatory.proposers import RecurringTroubles
        from .sequels import of_the_synthesis
        from .syntheses import standard

        sequels.register("synthesis", of_the_synthesis, rank=90)
        standard.register_all()
        proposals.register(RecurringTroubles())

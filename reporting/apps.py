from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Restitution"

    def ready(self) -> None:
        from governance.meetings import proposals
        from mediation.activities import sequels
        from mediation.roadmaps import asides

        from .dashboards import sections
        from .indicators.joins import KEY_SECTION, OffTarget, beside_a_roadmap
        from .observatory.proposers import RecurringTroubles
        from .recommendations.proposers import FollowedRecommendations
        from .reviews import chapters
        from .sequels import of_the_synthesis
        from .syntheses import standard
        from .syntheses.proposers import PublishedDocuments

        sequels.register("synthesis", of_the_synthesis, rank=90)
        proposals.register(FollowedRecommendations())
        proposals.register(PublishedDocuments())
        standard.register_all()
        sections.register_all()
        sections.register(KEY_SECTION, rank=70)
        proposals.register(OffTarget())
        asides.register("indicators", beside_a_roadmap)
        chapters.register_all()
        proposals.register(RecurringTroubles())

from django.urls import include, path

urlpatterns = [
    path("", include("mediation.actions_done.urls")),
    path("", include("mediation.activities.urls")),
    path("", include("mediation.answers.urls")),
    path("", include("mediation.contacts.urls")),
    path("", include("mediation.day_entry.urls")),
    path("", include("mediation.effects.urls")),
    path("", include("mediation.followup.urls")),
    path("", include("mediation.frame.urls")),
    path("", include("mediation.imports.urls")),
    path("", include("mediation.inbound.urls")),
    path("", include("mediation.offline.urls")),
    path("", include("mediation.photos.urls")),
    path("", include("mediation.presets.urls")),
    path("", include("mediation.roadmaps.urls")),
    path("", include("mediation.routing.urls")),
    path("", include("mediation.saved_filters.urls")),
    path("", include("mediation.signalements.urls")),
    path("", include("mediation.situations.urls")),
    path("", include("mediation.worktime.urls")),
]

from django.urls import include, path

urlpatterns = [
    path("", include("governance.access.urls")),
    path("", include("governance.conventions.urls")),
    path("", include("governance.journal.urls")),
    path("", include("governance.meetings.urls")),
    path("", include("governance.minutes.urls")),
    path("", include("governance.decisions.urls")),
]

from django.urls import include, path

urlpatterns = [
    path("", include("governance.access.urls")),
    path("", include("governance.committees.urls")),
    path("", include("governance.conventions.urls")),
    path("", include("governance.framework.urls")),
    path("", include("governance.journal.urls")),
    path("", include("governance.meetings.urls")),
    path("", include("governance.news.urls")),
    path("", include("governance.setup.urls")),
    path("", include("governance.territory.urls")),
    path("", include("governance.minutes.urls")),
    path("", include("governance.decisions.urls")),
    path("", include("governance.news.urls")),
    path("", include("governance.meetings.urls")),
]

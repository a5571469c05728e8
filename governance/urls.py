from django.urls import include, path

urlpatterns = [
    path("", include("governance.access.urls")),
    path("", include("governance.conventions.urls")),
    path("", include("governance.journal.urls")),
    path("", include("governance.news.urls")),
    path("", include("governance.meetings.urls")),
]

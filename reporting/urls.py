from django.urls import include, path

urlpatterns = [
    path("", include("reporting.commitments.urls")),
    path("", include("reporting.dashboards.urls")),
    path("", include("reporting.indicators.urls")),
    path("", include("reporting.reviews.urls")),
    path("", include("reporting.syntheses.urls")),
    path("", include("reporting.observatory.urls")),
    path("", include("reporting.programmes.urls")),
    path("", include("reporting.recommendations.urls")),
]

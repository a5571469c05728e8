from django.urls import path

from .views import dashboards, syntheses

urlpatterns = [
    path("tableau-de-bord/", dashboards.perimeter_dashboard, name="dashboard"),
    path("pilotage/", dashboards.steering, name="steering"),
    path("syntheses/", syntheses.syntheses, name="syntheses"),
    path("syntheses/<int:pk>/<slug:month>.pdf", syntheses.synthesis_pdf, name="synthesis_pdf"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("syntheses/", views.syntheses, name="syntheses"),
    path("syntheses/<int:pk>/<slug:month>.pdf", views.synthesis_pdf, name="synthesis_pdf"),
]

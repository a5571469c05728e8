from django.urls import path

from . import views

urlpatterns = [
    path("bilans/", views.reviews, name="reviews"),
    path("bilans/<int:pk>/<int:year>/affiche.pdf", views.poster_pdf, name="poster"),
    path("bilans/audit/", views.audit_page, name="audit"),
    path("bilans/audit.pdf", views.audit_pdf, name="audit_pdf"),
]

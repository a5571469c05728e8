from django.urls import path

from . import views

urlpatterns = [
    path("decisions/actions/<int:pk>/lien/", views.link, name="action_proof"),
    path("decisions/liens/<int:pk>/retirer/", views.unlink, name="action_unlink"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("parametres/envois/", views.rules, name="routing"),
    path("parametres/envois/<int:pk>/supprimer/", views.delete, name="routing_delete"),
]

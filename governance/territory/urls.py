from django.urls import path

from . import views

urlpatterns = [
    path("parametres/lieux/", views.places, name="places"),
    path("parametres/lieux/nouveau/", views.create_place, name="place_new"),
    path("parametres/lieux/<int:pk>/reprendre/", views.restore_place, name="place_restore"),
]

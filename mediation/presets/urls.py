from django.urls import path

from . import views

urlpatterns = [
    path("modeles/", views.preset_list, name="presets"),
    path("modeles/nouveau/", views.create, name="preset_new"),
    path("modeles/<int:pk>/modifier/", views.edit, name="preset_edit"),
    path("modeles/<int:pk>/supprimer/", views.delete, name="preset_delete"),
    path("modeles/<int:pk>/deplacer/", views.move, name="preset_move"),
    path("activites/<int:pk>/pas-de-modele/", views.decline, name="preset_decline"),
]

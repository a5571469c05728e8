from django.urls import path

from . import views

urlpatterns = [
    path("parametres/cadre.toml", views.export, name="frame_file"),
    path("parametres/mise-en-place/listes/", views.lists, name="setup_framework"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("activites/<int:pk>/photos/", views.photo_add, name="photo_add"),
    path("photos/envoi/", views.photo_add_by_uid, name="photo_add_by_uid"),
    path("photos/<int:pk>/", views.photo, name="photo"),
    path("photos/<int:pk>/partager/", views.photo_share, name="photo_share"),
    path("photos/<int:pk>/supprimer/", views.photo_delete, name="photo_delete"),
]

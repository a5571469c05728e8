from django.urls import path

from . import views

urlpatterns = [
    path("activites/filtres/", views.saved_filters, name="saved_filters"),
    path("activites/filtres/nouveau/", views.create, name="saved_filter_new"),
    path("activites/filtres/<int:pk>/", views.edit, name="saved_filter_edit"),
    path("activites/filtres/<int:pk>/supprimer/", views.delete, name="saved_filter_delete"),
]

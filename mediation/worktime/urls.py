from django.urls import path

from . import views

urlpatterns = [
    path("temps/", views.week_page, name="time"),
    path("temps/annee/", views.year_page, name="time_year"),
    path("temps/nouveau/", views.create, name="time_new"),
    path("temps/<int:pk>/", views.entry_page, name="time_entry"),
    path("temps/<int:pk>/modifier/", views.edit, name="time_edit"),
    path("temps/<int:pk>/supprimer/", views.delete, name="time_delete"),
]

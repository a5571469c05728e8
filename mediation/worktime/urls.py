from django.urls import path

from . import views

urlpatterns = [
    path("temps/", views.week_page, name="worktime"),
    path("temps/annee/", views.year_page, name="worktime_year"),
    path("temps/nouveau/", views.create, name="worktime_new"),
    path("temps/<int:pk>/", views.entry_page, name="worktime_entry"),
    path("temps/<int:pk>/modifier/", views.edit, name="worktime_edit"),
    path("temps/<int:pk>/supprimer/", views.delete, name="worktime_delete"),
]

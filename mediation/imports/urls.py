from django.urls import path

from . import views

urlpatterns = [
    path("activites/importer/", views.imports, name="imports"),
    path("activites/importer/<int:pk>/", views.import_job, name="import_job"),
    path("activites/importer/<int:pk>/colonnes/", views.import_columns, name="import_columns"),
    path("activites/importer/<int:pk>/verifier/", views.import_check, name="import_check"),
    path("activites/importer/<int:pk>/valeurs/", views.import_values, name="import_values"),
    path("activites/importer/<int:pk>/enregistrer/", views.import_write, name="import_write"),
    path("activites/importer/<int:pk>/abandonner/", views.import_abandon, name="import_abandon"),
    path("activites/importer/<int:pk>/a-corriger.csv", views.import_report, name="import_report"),
]

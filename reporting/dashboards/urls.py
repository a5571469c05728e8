from django.urls import path

from . import views

urlpatterns = [
    path("tableau-de-bord/", views.perimeter_dashboard, name="dashboard"),
    path("tableau-de-bord/tableau/", views.table_file, name="dashboard_table"),
    path("pilotage/", views.steering, name="steering"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("tableau-de-bord/", views.perimeter_dashboard, name="dashboard"),
    path("pilotage/", views.steering, name="steering"),
]

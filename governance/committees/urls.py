from django.urls import path

from . import views

SEATS, COMMITTEES = "convention/sieges/", "parametres/instances/"

urlpatterns = [
    path(SEATS, views.seats, name="seats"),
    path(f"{SEATS}<int:pk>/", views.fill, name="seat_fill"),
    path(f"{SEATS}<int:pk>/fin/", views.end_seat, name="seat_end"),
    path(f"{COMMITTEES}nouvelle/", views.create, name="committee_new"),
    path(f"{COMMITTEES}<int:pk>/", views.edit, name="committee_edit"),
    path(f"{COMMITTEES}<int:pk>/monter/", views.move_up, name="committee_up"),
    path(f"{COMMITTEES}<int:pk>/descendre/", views.move_down, name="committee_down"),
    path(f"{COMMITTEES}<int:pk>/siege/", views.add_seat, name="seat_new"),
    path(f"{COMMITTEES}<int:pk>/retirer/", views.retire, name="committee_retire"),
    path(f"{COMMITTEES}<int:pk>/reprendre/", views.restore, name="committee_restore"),
]

from django.urls import path

from . import views

SETUP = "parametres/mise-en-place/"

urlpatterns = [
    path("parametres/", views.frame, name="frame"),
    path("parametres/nouveau-dispositif/", views.create_programme, name="programme_new"),
    path("parametres/parties/<int:pk>/reprendre/", views.restore_party, name="party_restore"),
    path(SETUP, views.setup, name="setup"),
    path(f"{SETUP}parties/", views.parties, name="setup_parties"),
    path(f"{SETUP}lieux/", views.places, name="setup_places"),
    path(f"{SETUP}perimetres/", views.perimeters, name="setup_perimeters"),
    path(f"{SETUP}convention/", views.convention, name="setup_convention"),
    path(f"{SETUP}instances/", views.committees, name="setup_committees"),
    path(f"{SETUP}acces/", views.access, name="setup_access"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("parametres/perimetres/", views.perimeters, name="perimeters"),
    path("parametres/perimetres/<int:pk>/", views.perimeter, name="perimeter_edit"),
    path("parametres/parties/<int:pk>/retirer/", views.retire_party_page, name="party_retire"),
    path("parametres/lieux/<int:pk>/", views.edit_place, name="place_edit"),
    path("parametres/lieux/<int:pk>/retirer/", views.retire_place, name="place_retire"),
    path("parametres/thematiques/<int:pk>/retirer/", views.retire_theme, name="theme_retire"),
    path("parametres/thematiques/<int:pk>/groupe/", views.theme_group, name="theme_group"),
    path("parametres/publics/<int:pk>/retirer/", views.retire_audience, name="audience_retire"),
    path("parametres/axes/<int:pk>/retirer/", views.retire_axis, name="axis_retire"),
    path("parametres/objectifs/<int:pk>/retirer/", views.retire_objective, name="objective_retire"),
]

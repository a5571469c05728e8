from django.urls import path

from . import views

THEMES, AUDIENCES = "parametres/thematiques/", "parametres/publics/"
AXES, OBJECTIVES = "parametres/axes/", "parametres/objectifs/"

urlpatterns = [
    path(THEMES, views.themes, name="themes"),
    path(f"{THEMES}nouvelle/", views.theme_new, name="theme_new"),
    path(f"{THEMES}<int:pk>/", views.theme_edit, name="theme_edit"),
    path(f"{THEMES}<int:pk>/reprendre/", views.theme_restore, name="theme_restore"),
    path(f"{THEMES}<int:pk>/monter/", views.theme_up, name="theme_up"),
    path(f"{THEMES}<int:pk>/descendre/", views.theme_down, name="theme_down"),
    path(f"{THEMES}<int:pk>/groupe/monter/", views.group_up, name="theme_group_up"),
    path(f"{THEMES}<int:pk>/groupe/descendre/", views.group_down, name="theme_group_down"),
    path(AUDIENCES, views.audiences, name="audiences"),
    path(f"{AUDIENCES}nouveau/", views.audience_new, name="audience_new"),
    path(f"{AUDIENCES}<int:pk>/", views.audience_edit, name="audience_edit"),
    path(f"{AUDIENCES}<int:pk>/reprendre/", views.audience_restore, name="audience_restore"),
    path(f"{AUDIENCES}<int:pk>/monter/", views.audience_up, name="audience_up"),
    path(f"{AUDIENCES}<int:pk>/descendre/", views.audience_down, name="audience_down"),
    path(AXES, views.axes, name="axes"),
    path(f"{AXES}nouveau/", views.axis_new, name="axis_new"),
    path(f"{AXES}<int:pk>/", views.axis_edit, name="axis_edit"),
    path(f"{AXES}<int:pk>/reprendre/", views.axis_restore, name="axis_restore"),
    path(f"{OBJECTIVES}nouveau/", views.objective_new, name="objective_new"),
    path(f"{OBJECTIVES}<int:pk>/", views.objective_edit, name="objective_edit"),
    path(f"{OBJECTIVES}<int:pk>/reprendre/", views.objective_restore, name="objective_restore"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("feuilles-de-route/", views.roadmaps, name="roadmaps"),
    path("feuilles-de-route/nouvelle/", views.open_roadmap, name="roadmap_new"),
    path("feuilles-de-route/<int:pk>/", views.roadmap_page, name="roadmap"),
    path("feuilles-de-route/<int:pk>/pdf/", views.roadmap_file, name="roadmap_pdf"),
    path("feuilles-de-route/<int:pk>/modifier/", views.edit_roadmap, name="roadmap_edit"),
    path("feuilles-de-route/<int:pk>/mois/", views.derive, name="roadmap_month"),
    path("feuilles-de-route/<int:pk>/actions/", views.plan, name="planned_action_new"),
    path("feuilles-de-route/actions/<int:pk>/", views.edit_action, name="planned_action_edit"),
    path("feuilles-de-route/actions/<int:pk>/suite/", views.settle, name="planned_action_settle"),
]

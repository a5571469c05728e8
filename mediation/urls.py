from django.urls import path

from .views import activities

urlpatterns = [
    path("aujourdhui/", activities.today, name="today"),
    path("activites/", activities.activity_list, name="activities"),
    path("activites/nouvelle/", activities.create, name="activity_new"),
    path("activites/<int:pk>/", activities.activity, name="activity"),
    path("activites/<int:pk>/modifier/", activities.edit, name="activity_edit"),
    path("activites/<int:pk>/supprimer/", activities.delete, name="activity_delete"),
]

from django.urls import path

from .views import entry, review, versions
from .views import list as list_view

urlpatterns = [
    path("aujourdhui/", entry.today, name="today"),
    path("activites/", list_view.activity_list, name="activities"),
    path("activites/nouvelle/", entry.create, name="activity_new"),
    path("activites/<int:pk>/", entry.activity, name="activity"),
    path("activites/<int:pk>/modifier/", entry.edit, name="activity_edit"),
    path("activites/<int:pk>/supprimer/", entry.delete, name="activity_delete"),
    path("activites/supprimees/", versions.deleted, name="activities_deleted"),
    path("activites/versions/<int:pk>/", versions.return_activity, name="activity_return"),
    path("activites/a-relire/", review.to_review, name="to_review"),
    path("activites/<int:pk>/relire/", review.review, name="activity_review"),
]

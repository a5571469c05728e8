from django.urls import path

from . import views

urlpatterns = [
    path("repondre/<str:token>/", views.signalement_answer, name="signalement_answer"),
    path(
        "repondre/<str:token>/lien/", views.signalement_answer_link, name="signalement_answer_link"
    ),
    path(
        "repondre/<str:token>/photos/<int:pk>/",
        views.signalement_answer_photo,
        name="signalement_answer_photo",
    ),
]

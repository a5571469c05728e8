from django.urls import path

from mediation.signalements.links import ANSWER

from . import views

urlpatterns = [
    path(f"{ANSWER}/<str:token>/", views.signalement_answer, name="signalement_answer"),
    path(
        f"{ANSWER}/<str:token>/lien/", views.signalement_answer_link, name="signalement_answer_link"
    ),
    path(
        f"{ANSWER}/<str:token>/photos/<int:pk>/",
        views.signalement_answer_photo,
        name="signalement_answer_photo",
    ),
]

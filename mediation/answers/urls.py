from django.urls import path

from . import views

urlpatterns = [
    path("repondre/<str:token>/", views.sheet_answer, name="sheet_answer"),
    path("repondre/<str:token>/lien/", views.sheet_answer_link, name="sheet_answer_link"),
    path(
        "repondre/<str:token>/photos/<int:pk>/", views.sheet_answer_photo, name="sheet_answer_photo"
    ),
]

from django.urls import path

from . import views

urlpatterns = [
    path("preconisations/", views.recommendations, name="recommendations"),
    path("preconisations/nouvelle/", views.create, name="recommendation_new"),
    path("preconisations/<int:pk>/modifier/", views.edit, name="recommendation_edit"),
    path("preconisations/<int:pk>/suite/", views.answer, name="recommendation_answer"),
]

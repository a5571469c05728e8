from django.urls import path

from . import views

urlpatterns = [
    path("signalements/courriels/", views.mails, name="mails"),
    path("signalements/courriels/<int:pk>/", views.mail, name="mail"),
]

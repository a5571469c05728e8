from django.urls import path

from . import views

urlpatterns = [
    path("signalements/a-appeler/", views.to_call, name="signalements_to_call"),
    path("signalements/a-appeler/<int:pk>/", views.called, name="contact_called"),
    path("signalements/comite/", views.for_committee, name="signalements_for_committee"),
    path("signalements/comite/<int:pk>/", views.list_or_not, name="signalement_for_committee"),
    path("parametres/delais/", views.answer_days, name="answer_days"),
    path("parametres/relances/", views.reminder_days, name="reminder_days"),
]

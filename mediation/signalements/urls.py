from django.urls import path

from .views import course, drafts, signalement
from .views import list as list_view

urlpatterns = [
    path("signalements/", list_view.signalements, name="signalements"),
    path("signalements/nouveau/", drafts.create, name="signalement_new"),
    path("signalements/envoi/", drafts.receive, name="signalement_receive"),
    path("signalements/destinataires/", drafts.proposals, name="signalement_proposals"),
    path("signalements/photos/<int:pk>/", signalement.photo, name="signalement_photo"),
    path("signalements/<int:pk>/", signalement.signalement, name="signalement"),
    path("signalements/<int:pk>/modifier/", drafts.edit, name="signalement_edit"),
    path("signalements/<int:pk>/envoyer/", drafts.send, name="signalement_send"),
    path("signalements/<int:pk>/supprimer/", drafts.discard, name="signalement_discard"),
    path("signalements/<int:pk>/pdf/", signalement.signalement_pdf, name="signalement_pdf"),
    path("signalements/<int:pk>/suite/", course.decide, name="signalement_decide"),
    path("signalements/<int:pk>/adresser/", course.forward, name="signalement_forward"),
    path("signalements/<int:pk>/relancer/", course.remind, name="signalement_remind"),
    path("signalements/<int:pk>/relais/", course.relay, name="signalement_relay"),
    path("signalements/<int:pk>/constat/", course.observe, name="signalement_observe"),
    path("signalements/<int:pk>/repondre/", course.reply, name="signalement_reply"),
]

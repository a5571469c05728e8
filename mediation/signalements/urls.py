from django.urls import path

from .views import course, drafts, signalement
from .views import list as list_view

urlpatterns = [
    path("signalements/", list_view.sheets, name="sheets"),
    path("signalements/nouveau/", drafts.create, name="sheet_new"),
    path("signalements/destinataires/", drafts.proposals, name="sheet_proposals"),
    path("signalements/photos/<int:pk>/", signalement.photo, name="sheet_photo"),
    path("signalements/<int:pk>/", signalement.sheet, name="sheet"),
    path("signalements/<int:pk>/modifier/", drafts.edit, name="sheet_edit"),
    path("signalements/<int:pk>/envoyer/", drafts.send, name="sheet_send"),
    path("signalements/<int:pk>/supprimer/", drafts.discard, name="sheet_discard"),
    path("signalements/<int:pk>/pdf/", signalement.sheet_pdf, name="sheet_pdf"),
    path("signalements/<int:pk>/suite/", course.decide, name="sheet_decide"),
    path("signalements/<int:pk>/adresser/", course.forward, name="sheet_forward"),
    path("signalements/<int:pk>/relancer/", course.remind, name="sheet_remind"),
    path("signalements/<int:pk>/relais/", course.relay, name="sheet_relay"),
    path("signalements/<int:pk>/constat/", course.observe, name="sheet_observe"),
    path("signalements/<int:pk>/repondre/", course.reply, name="sheet_reply"),
]

from django.urls import path

from .links import FEED, INVITED
from .views import agenda, committees, convening, feeds, guests, invited, meeting, slots

urlpatterns = [
    path("comites/", committees.committees, name="committees"),
    path("comites/proposer/", committees.accept_rhythm, name="meeting_from_rhythm"),
    path("comites/seances/nouvelle/", meeting.create, name="meeting_new"),
    path("comites/seances/<int:pk>/", meeting.meeting, name="meeting"),
    path("comites/seances/<int:pk>/modifier/", meeting.edit, name="meeting_edit"),
    path("comites/seances/<int:pk>/supprimer/", meeting.delete, name="meeting_delete"),
    path("comites/seances/<int:pk>/annuler/", convening.cancel, name="meeting_cancel"),
    path("comites/seances/<int:pk>/convoquer/", convening.convene, name="meeting_convene"),
    path("comites/seances/<int:pk>/prevenir/", convening.tell, name="meeting_tell"),
    path("comites/seances/<int:pk>/ordre-du-jour/", agenda.agenda, name="meeting_agenda"),
    path("comites/seances/<int:pk>/ordre-du-jour/pdf/", agenda.paper, name="meeting_agenda_pdf"),
    path(
        "comites/seances/<int:pk>/ordre-du-jour/propositions/", agenda.settle, name="meeting_settle"
    ),
    path("comites/points/<int:pk>/", agenda.edit_item, name="agenda_item_edit"),
    path("comites/points/<int:pk>/deplacer/", agenda.move, name="agenda_item_move"),
    path("comites/points/<int:pk>/retirer/", agenda.remove, name="agenda_item_remove"),
    path("comites/seances/<int:pk>/invites/", guests.guests, name="meeting_guests"),
    path("comites/invitations/<int:pk>/", guests.answer, name="invitation_answer"),
    path("comites/invitations/<int:pk>/retirer/", guests.remove, name="invitation_remove"),
    path("comites/invitations/<int:pk>/convoquer/", guests.convene, name="invitation_convene"),
    path("comites/seances/<int:pk>/dates/", slots.propose, name="meeting_slots"),
    path("comites/dates/<int:pk>/choisir/", slots.choose, name="slot_choose"),
    path("comites/seances/<int:pk>/calendrier/", feeds.meeting_file, name="meeting_ics"),
    path(f"{FEED}/<str:token>/", feeds.feed, name="meeting_feed"),
    path(f"{INVITED}/<str:token>/", invited.invited, name="meeting_invited"),
    path(f"{INVITED}/<str:token>/ordre-du-jour/", invited.paper, name="meeting_invited_pdf"),
    path(f"{INVITED}/<str:token>/calendrier/", invited.calendar_file, name="meeting_invited_ics"),
]

from django.urls import path

from .activities.views import entry, list, review, versions
from .answers import views as answers
from .contacts import views as contacts
from .day_entry import views as day_sheet
from .followup import views as followup
from .imports import views as imports
from .inbound import views as mails
from .offline import views as queue
from .photos import views
from .presets import views as presets
from .routing import views as routing
from .saved_filters import views as saved
from .signalements.views.course import decide, forward, observe, relay, remind, reply
from .signalements.views.drafts import create, discard, edit, proposals, send
from .signalements.views.list import sheets
from .signalements.views.signalement import photo, sheet, sheet_pdf
from .situations.views import agenda, thread
from .situations.views import versions as views_versions
from .worktime import views as time

urlpatterns = [
    path("aujourdhui/", entry.today, name="today"),
    path("activites/", list.activity_list, name="activities"),
    path("activites/filtres/", saved.saved_filters, name="saved_filters"),
    path("activites/filtres/nouveau/", saved.create, name="saved_filter_new"),
    path("activites/filtres/<int:pk>/", saved.edit, name="saved_filter_edit"),
    path("activites/filtres/<int:pk>/supprimer/", saved.delete, name="saved_filter_delete"),
    path("activites/nouvelle/", entry.create, name="activity_new"),
    path("activites/<int:pk>/", entry.activity, name="activity"),
    path("activites/<int:pk>/modifier/", entry.edit, name="activity_edit"),
    path("activites/<int:pk>/supprimer/", entry.delete, name="activity_delete"),
    path("activites/<int:pk>/situation/", thread.thread, name="activity_situation"),
    path("activites/supprimees/", versions.deleted, name="activities_deleted"),
    path("activites/versions/<int:pk>/", versions.return_activity, name="activity_return"),
    path("situations/", thread.situations, name="situations"),
    path("situations/nouvelle/", thread.create, name="situation_new"),
    path("situations/ordre-du-jour/", agenda.agenda_lines, name="agenda_lines"),
    path("situations/<int:pk>/", thread.situation, name="situation"),
    path("situations/<int:pk>/modifier/", thread.edit, name="situation_edit"),
    path("situations/<int:pk>/clore/", thread.close, name="situation_close"),
    path("situations/<int:pk>/rouvrir/", thread.reopen, name="situation_reopen"),
    path("situations/<int:pk>/ordre-du-jour/", agenda.put_on_agenda, name="situation_agenda"),
    path(
        "situations/<int:pk>/ordre-du-jour/retirer/",
        agenda.take_off_agenda,
        name="situation_agenda_off",
    ),
    path("situations/versions/<int:pk>/", views_versions.return_situation, name="situation_return"),
    path("activites/importer/", imports.imports, name="imports"),
    path("activites/importer/<int:pk>/", imports.import_job, name="import_job"),
    path("activites/importer/<int:pk>/colonnes/", imports.import_columns, name="import_columns"),
    path("activites/importer/<int:pk>/verifier/", imports.import_check, name="import_check"),
    path("activites/importer/<int:pk>/valeurs/", imports.import_values, name="import_values"),
    path("activites/importer/<int:pk>/enregistrer/", imports.import_write, name="import_write"),
    path("activites/importer/<int:pk>/abandonner/", imports.import_abandon, name="import_abandon"),
    path("activites/importer/<int:pk>/a-corriger.csv", imports.import_report, name="import_report"),
    path("activites/a-relire/", review.to_review, name="to_review"),
    path("activites/<int:pk>/relire/", review.review, name="activity_review"),
    path("activites/<int:pk>/photos/", views.photo_add, name="photo_add"),
    path("photos/envoi/", views.photo_add_by_uid, name="photo_add_by_uid"),
    path("photos/<int:pk>/", views.photo, name="photo"),
    path("photos/<int:pk>/partager/", views.photo_share, name="photo_share"),
    path("photos/<int:pk>/supprimer/", views.photo_delete, name="photo_delete"),
    path("a-envoyer/", queue.waiting, name="waiting"),
    path("a-envoyer/qui/", queue.who, name="queue_who"),
    path("a-envoyer/cle/", queue.key, name="queue_key"),
    path("a-envoyer/envoi/", queue.send, name="queue_send"),
    path("hors-ligne/", queue.offline, name="offline"),
    path("sw.js", queue.service_worker, name="service_worker"),
    path("manifest.webmanifest", queue.manifest, name="manifest"),
    path("aujourdhui/journee/", day_sheet.day_sheet, name="day_sheet"),
    path("temps/", time.week_page, name="time"),
    path("temps/annee/", time.year_page, name="time_year"),
    path("temps/nouveau/", time.create, name="time_new"),
    path("temps/<int:pk>/", time.entry_page, name="time_entry"),
    path("temps/<int:pk>/modifier/", time.edit, name="time_edit"),
    path("temps/<int:pk>/supprimer/", time.delete, name="time_delete"),
    path("repondre/<str:token>/", answers.sheet_answer, name="sheet_answer"),
    path("repondre/<str:token>/lien/", answers.sheet_answer_link, name="sheet_answer_link"),
    path(
        "repondre/<str:token>/photos/<int:pk>/",
        answers.sheet_answer_photo,
        name="sheet_answer_photo",
    ),
    path("modeles/", presets.preset_list, name="presets"),
    path("modeles/nouveau/", presets.create, name="preset_new"),
    path("modeles/<int:pk>/modifier/", presets.edit, name="preset_edit"),
    path("modeles/<int:pk>/supprimer/", presets.delete, name="preset_delete"),
    path("modeles/<int:pk>/deplacer/", presets.move, name="preset_move"),
    path("activites/<int:pk>/pas-de-modele/", presets.decline, name="preset_decline"),
    path("signalements/a-appeler/", followup.to_call, name="sheets_to_call"),
    path("signalements/a-appeler/<int:pk>/", followup.called, name="contact_called"),
    path("signalements/comite/", followup.for_committee, name="sheets_for_committee"),
    path("signalements/comite/<int:pk>/", followup.list_or_not, name="sheet_for_committee"),
    path("convention/interlocuteurs/", contacts.contacts, name="contacts"),
    path("convention/interlocuteurs/nouveau/", contacts.create, name="contact_new"),
    path("convention/interlocuteurs/<int:pk>/", contacts.contact, name="contact"),
    path("convention/interlocuteurs/<int:pk>/modifier/", contacts.edit, name="contact_edit"),
    path("convention/interlocuteurs/<int:pk>/fin/", contacts.end, name="contact_end"),
    path("convention/interlocuteurs/<int:pk>/adresse/", contacts.trust, name="contact_trust"),
    path(
        "convention/interlocuteurs/<int:pk>/renvoyer/",
        contacts.send_again,
        name="contact_send_again",
    ),
    path("signalements/courriels/", mails.mails, name="mails"),
    path("signalements/courriels/<int:pk>/", mails.mail, name="mail"),
    path("signalements/", sheets, name="sheets"),
    path("signalements/nouveau/", create, name="sheet_new"),
    path("signalements/destinataires/", proposals, name="sheet_proposals"),
    path("signalements/photos/<int:pk>/", photo, name="sheet_photo"),
    path("signalements/<int:pk>/", sheet, name="sheet"),
    path("signalements/<int:pk>/modifier/", edit, name="sheet_edit"),
    path("signalements/<int:pk>/envoyer/", send, name="sheet_send"),
    path("signalements/<int:pk>/supprimer/", discard, name="sheet_discard"),
    path("signalements/<int:pk>/pdf/", sheet_pdf, name="sheet_pdf"),
    path("signalements/<int:pk>/suite/", decide, name="sheet_decide"),
    path("signalements/<int:pk>/adresser/", forward, name="sheet_forward"),
    path("signalements/<int:pk>/relancer/", remind, name="sheet_remind"),
    path("signalements/<int:pk>/relais/", relay, name="sheet_relay"),
    path("signalements/<int:pk>/constat/", observe, name="sheet_observe"),
    path("signalements/<int:pk>/repondre/", reply, name="sheet_reply"),
    path("parametres/envois/", routing.rules, name="routing"),
    path("parametres/envois/<int:pk>/supprimer/", routing.delete, name="routing_delete"),
]

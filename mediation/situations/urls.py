from django.urls import path

from .views import agenda, thread, versions

urlpatterns = [
    path("activites/<int:pk>/situation/", thread.thread, name="activity_situation"),
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
    path("situations/versions/<int:pk>/", versions.return_situation, name="situation_return"),
]

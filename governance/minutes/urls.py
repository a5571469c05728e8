from django.urls import path

from .links import READ
from .views import by_link, reading, stages, writing

SEANCE = "comites/seances/<int:pk>/compte-rendu"

urlpatterns = [
    path(f"{SEANCE}/", writing.write, name="minutes_write"),
    path(f"{SEANCE}/presences/", writing.attendance, name="minutes_attendance"),
    path(f"{SEANCE}/present/", writing.attendant, name="minutes_attendant"),
    path(f"{SEANCE}/en-cours/", writing.under_way, name="minutes_under_way"),
    path(f"{SEANCE}/ici/", writing.here, name="minutes_here"),
    path(f"{SEANCE}/ecran/", writing.screen, name="minutes_screen"),
    path(f"{SEANCE}/soumettre/", stages.submit, name="minutes_submit"),
    path(f"{SEANCE}/approuver/", stages.approve, name="minutes_approve"),
    path(f"{SEANCE}/corriger/", stages.correct, name="minutes_correct"),
    path("comites/points/<int:pk>/compte-rendu/", writing.point, name="minutes_point"),
    path("comites/points/<int:pk>/reporter/", writing.carry, name="minutes_carry"),
    path("comites/points/<int:pk>/reprendre/", writing.copy, name="minutes_copy"),
    path("comites/observations/<int:pk>/", stages.treat, name="observation_treat"),
    path("comites/comptes-rendus/<int:pk>/", reading.minutes, name="minutes"),
    path("comites/comptes-rendus/<int:pk>/pdf/", reading.paper, name="minutes_pdf"),
    path(f"{READ}/<str:token>/", by_link.by_link, name="minutes_by_link"),
    path(f"{READ}/<str:token>/pdf/", by_link.paper, name="minutes_by_link_pdf"),
]

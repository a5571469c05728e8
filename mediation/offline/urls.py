from django.urls import path

from . import views

urlpatterns = [
    path("a-envoyer/", views.waiting, name="waiting"),
    path("a-envoyer/qui/", views.who, name="queue_who"),
    path("a-envoyer/cle/", views.key, name="queue_key"),
    path("a-envoyer/envoi/", views.send, name="queue_send"),
    path("hors-ligne/", views.offline, name="offline"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]

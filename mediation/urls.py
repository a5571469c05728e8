from django.urls import path

from .views import activities, photos, presets, queue

urlpatterns = [
    path("aujourdhui/", activities.today, name="today"),
    path("activites/", activities.activity_list, name="activities"),
    path("activites/nouvelle/", activities.create, name="activity_new"),
    path("activites/<int:pk>/", activities.activity, name="activity"),
    path("activites/<int:pk>/modifier/", activities.edit, name="activity_edit"),
    path("activites/<int:pk>/supprimer/", activities.delete, name="activity_delete"),
    path("activites/<int:pk>/photos/", photos.photo_add, name="photo_add"),
    path("photos/envoi/", photos.photo_add_by_uid, name="photo_add_by_uid"),
    path("photos/<int:pk>/", photos.photo, name="photo"),
    path("photos/<int:pk>/partager/", photos.photo_share, name="photo_share"),
    path("photos/<int:pk>/supprimer/", photos.photo_delete, name="photo_delete"),
    path("a-envoyer/", queue.waiting, name="waiting"),
    path("a-envoyer/qui/", queue.who, name="queue_who"),
    path("a-envoyer/cle/", queue.key, name="queue_key"),
    path("a-envoyer/envoi/", queue.send, name="queue_send"),
    path("hors-ligne/", queue.offline, name="offline"),
    path("sw.js", queue.service_worker, name="service_worker"),
    path("manifest.webmanifest", queue.manifest, name="manifest"),
    path("modeles/", presets.preset_list, name="presets"),
    path("modeles/nouveau/", presets.create, name="preset_new"),
    path("modeles/<int:pk>/modifier/", presets.edit, name="preset_edit"),
    path("modeles/<int:pk>/supprimer/", presets.delete, name="preset_delete"),
    path("modeles/<int:pk>/deplacer/", presets.move, name="preset_move"),
    path("activites/<int:pk>/pas-de-modele/", presets.decline, name="preset_decline"),
]

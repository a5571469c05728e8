"""Pictures of an activity: made anew by the server, served through the scope rule only."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete

from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from humanicite.lib.files import remove_file
from mediation.activities.models import Activity

MOST_PHOTOS = 3  # of one activity


def path_of(photo: "Photo", filename: str) -> str:
    """Where the file lies: nothing of the name that the phone gave it."""
    return f"photos/{photo.uid.hex[:2]}/{photo.uid.hex}.jpg"


class Photo(ScopedModel):
    """A JPEG without metadata. It stays with the operator until somebody shares it."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="photos")
    file = models.FileField("fichier", upload_to=path_of, max_length=100)
    width = models.PositiveIntegerField("largeur")
    height = models.PositiveIntegerField("hauteur")
    is_shared = models.BooleanField("partagée avec les partenaires", default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name="auteur"
    )
    created_at = models.DateTimeField("ajoutée le", auto_now_add=True)

    scope = Scope(
        programme="activity__programme",
        place="activity__place",
        dated="activity__day",
        shared="is_shared",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=("file", "width", "height"),
        confidential=("is_shared", "created_at"),
        personal=("author",),
        technical=("id", "uid", "activity"),
    )

    class Meta:
        verbose_name = "photo"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Photo {self.pk}"


post_delete.connect(remove_file, sender=Photo)

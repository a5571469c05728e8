"""Photos of a signalement and of its answers."""

import uuid

from django.db import models

from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from humanicite.lib.files import remove_file

from .recipients import Recipient
from .signalements import Signalement


def signalement_photo_path(photo: "SignalementPhoto", filename: str) -> str:
    return f"signalements/{photo.uid.hex[:2]}/{photo.uid.hex}.jpg"


class SignalementPhoto(ScopedModel):
    """A JPEG without metadata that goes with the signalement, or came with an answer."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    signalement = models.ForeignKey(Signalement, models.CASCADE, related_name="photos")
    recipient = models.ForeignKey(
        Recipient,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="photos",
        verbose_name="reçue de",
    )
    file = models.FileField("fichier", upload_to=signalement_photo_path, max_length=100)
    width = models.PositiveIntegerField("largeur")
    height = models.PositiveIntegerField("hauteur")
    created_at = models.DateTimeField("ajoutée le", auto_now_add=True)

    scope = Scope(
        programme="signalement__programme",
        place="signalement__place",
        dated="signalement__observed_on",
        shared="signalement__is_open_to_perimeter",
        addressee="signalement__recipients__party",
        concerns="recipient__party",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=("file", "width", "height", "created_at", "recipient"),
        technical=("id", "uid", "signalement"),
    )

    class Meta:
        db_table = "mediation_sheetphoto"  # as it was first named
        verbose_name = "photo d’un signalement"
        ordering = ["pk"]


models.signals.post_delete.connect(remove_file, SignalementPhoto)

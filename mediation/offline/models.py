"""The key that locks one person's waiting entries on their phone."""

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models

from governance.privacy import Privacy, Retention
from governance.scoping import Closed, ScopedModel


def new_secret() -> str:
    """256 bits, as hexadecimal digits."""
    return secrets.token_hex(32)


class QueueKey(ScopedModel):
    """Given to its owner's browser once signed in, forgotten there at sign-out.

    Stored, not derived from SECRET_KEY: changing that key must not strand what waits on a phone.
    `uid` names the owner on the phone, and tells nothing else.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="queue_key", verbose_name="compte"
    )
    secret = models.CharField("clé", max_length=64, default=new_secret)

    scope = Closed("handed to its owner by the address that says who is signed in")
    privacy = Privacy(Retention.ACCESS, personal=("secret",), technical=("id", "uid", "user"))

    class Meta:
        verbose_name = "clé de la file d’envoi"

    @classmethod
    def of(cls, user: Any) -> "QueueKey":
        row: QueueKey = cls.objects.get_or_create(user=user)[0]
        return row

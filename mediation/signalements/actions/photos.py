"""Photos of a signalement: added once each, taken along from an activity, removed from a draft."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.models import Act, Membership, record
from humanicite.lib import pictures
from mediation.activities.models import Activity
from mediation.photos.models import Photo

from ..models.photos import SignalementPhoto
from ..models.recipients import Recipient
from ..models.signalements import Signalement, SignalementState

MOST_PHOTOS = 3  # of a signalement, and of each of those who answer it
ENOUGH = f"{MOST_PHOTOS} photos au plus."
NO_ROOM = "La photo n’a pas pu être écrite sur le serveur : réessayez, ou continuez sans elle."


# Long for its signature; and what it writes and what it takes back stand side by side.
def add_signalement_photo(
    *,
    signalement: Signalement,
    upload: object,
    uid: uuid.UUID,
    recipient: Recipient | None = None,
    by: Membership | None = None,
) -> SignalementPhoto | None:
    """Keeps a picture, made anew, once however often it arrives: the second time answers None.

    `upload` is a file, or a picture made of one already. With `recipient`, it came with an answer.
    Raises ValidationError for what is no picture, one too
    many, or a disk that is full; of what fails, no file stays behind.
    """
    if SignalementPhoto.objects.filter(uid=uid).exists():
        return None
    # Made before the transaction: it takes a while.
    picture = upload if isinstance(upload, pictures.Picture) else pictures.made_anew(upload)
    photo = SignalementPhoto(
        uid=uid,
        signalement=signalement,
        recipient=recipient,
        width=picture.width,
        height=picture.height,
    )
    try:
        with transaction.atomic():
            Signalement.objects.select_for_update().get(pk=signalement.pk)
            if SignalementPhoto.objects.filter(uid=uid).exists():
                return None
            known = SignalementPhoto.objects.filter(signalement=signalement, recipient=recipient)
            if known.count() >= MOST_PHOTOS:
                raise ValidationError(ENOUGH, "enough")
            photo.file.save("", picture.content, save=False)
            photo.save()
            record(Act.CREATE, photo, by=by, programme=signalement.programme_id)
    except BaseException as error:
        if photo.file:
            photo.file.storage.delete(str(photo.file.name))
        if isinstance(error, OSError):
            raise ValidationError(NO_ROOM, "no_room") from error
        raise
    return photo


def take_photos_along(*, signalement: Signalement, activity: Activity, by: Membership) -> int:
    """Copies the activity's photos to the signalement, each once; answers how many were added."""
    added = 0
    for photo in Photo.objects.visible_to(by).filter(activity=activity).order_by("pk"):
        uid = uuid.uuid5(signalement.uid, photo.uid.hex)
        try:
            with photo.file.open("rb") as stored:
                made = add_signalement_photo(signalement=signalement, upload=stored, uid=uid, by=by)
        except FileNotFoundError:
            continue
        except ValidationError as error:
            if error.code == "enough":
                break
            raise
        added += made is not None
    return added


@transaction.atomic
def remove_signalement_photo(*, photo: SignalementPhoto, by: Membership) -> None:
    """From a draft only: what left, left with it."""
    signalement = Signalement.objects.select_for_update().get(pk=photo.signalement_id)
    if signalement.state != SignalementState.BROUILLON or not signalement.may_be_changed_by(by):
        raise PermissionDenied
    record(Act.DELETE, photo, by=by, programme=by.programme_id)
    photo.delete()

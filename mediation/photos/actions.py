"""Writes on the photos of activities: keyword-only, `by=`, atomic, journalled."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from governance.models import Act, Membership, record
from humanicite.lib import pictures
from humanicite.lib.writes import Done
from mediation.activities.actions import NOT_YOURS
from mediation.activities.models import Activity

from .models import MOST_PHOTOS, Photo

ENOUGH = f"Une activité garde {MOST_PHOTOS} photos au plus : supprimez-en une d’abord."
NO_ROOM = "La photo n’a pas pu être écrite sur le serveur. Le reste est enregistré ; réessayez."
GONE = "Cette activité n’existe plus : la photo n’a pas été gardée."


def add_photo(*, activity: Activity, upload: object, uid: uuid.UUID, by: Membership) -> Photo:
    """Keeps a picture of an activity, made anew, once however often it arrives.

    Raises Done for a `uid` that is known, PermissionDenied, and ValidationError for what is
    no picture, one too many, or a disk that is full. Of what fails, no file stays behind.
    """
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    _refuse_more_photos(uid, activity)
    picture = pictures.made_anew(upload)  # before the transaction: it takes a while
    photo = Photo(
        uid=uid,
        activity=activity,
        width=picture.width,
        height=picture.height,
        author_id=by.user_id,
    )
    try:
        with transaction.atomic():
            # One sending after the other for one activity, so that three stays three.
            if not Activity.objects.select_for_update().filter(pk=activity.pk).first():
                raise ValidationError(GONE, "gone")
            _refuse_more_photos(uid, activity)
            photo.file.save("", picture.content, save=False)
            photo.save()
            record(Act.CREATE, photo, by=by, programme=activity.programme_id)
    except BaseException as error:
        if photo.file:
            photo.file.storage.delete(str(photo.file.name))
        if isinstance(error, IntegrityError):
            _refuse_more_photos(uid, activity)  # two sendings crossed
        if isinstance(error, OSError):
            raise ValidationError(NO_ROOM, "no_room") from error
        raise
    return photo


def _refuse_more_photos(uid: uuid.UUID, activity: Activity) -> None:
    known = Photo.objects.filter(uid=uid).first()
    if known is not None:
        if known.activity_id != activity.pk:
            raise ValidationError(NOT_YOURS, "not_yours")
        raise Done(known)
    if Photo.objects.filter(activity=activity).count() >= MOST_PHOTOS:
        raise ValidationError(ENOUGH, "enough")


@transaction.atomic
def share_photo(*, photo: Photo, is_shared: bool, by: Membership) -> None:
    """Shows a photo to the partners of its place, or to the operator only."""
    if not photo.activity.may_be_changed_by(by):
        raise PermissionDenied
    if Photo.objects.filter(pk=photo.pk).exclude(is_shared=is_shared).update(is_shared=is_shared):
        record(Act.CHANGE, photo, by=by, programme=by.programme_id, fields=["is_shared"])


@transaction.atomic
def delete_photo(*, photo: Photo, by: Membership) -> None:
    """Removes a photo; its file goes with the commit."""
    if not photo.activity.may_be_changed_by(by):
        raise PermissionDenied
    record(Act.DELETE, photo, by=by, programme=by.programme_id)
    photo.delete()

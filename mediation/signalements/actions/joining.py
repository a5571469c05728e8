"""A double becomes a new observation of the open signalement."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from governance.models import Act, Membership, Place, Theme, record
from humanicite.lib.writes import Conflict
from mediation import personal
from mediation.activities.models import Activity

from ..course import add_event
from ..models.course import EventKind
from ..models.signalements import Signalement, SignalementState
from .photos import MOST_PHOTOS
from .state import lock_signalement


@transaction.atomic
def join_signalement(
    *, signalement: Signalement, activity: Activity | None, text: str, by: Membership, now: datetime
) -> bool:
    """A new observation of what is already reported: joins the signalement instead of making another.

    Once a day with the same words, however often its form arrives: False the second time.
    """
    if activity is not None and not activity.is_visible_to(by):
        raise PermissionDenied
    if found := personal.find(text):
        raise ValidationError(
            {"text": f"Ce texte semble identifier quelqu’un : {personal.said(found)}."}
        )
    locked = Signalement.objects.select_for_update().get(pk=signalement.pk)
    if not locked.may_be_changed_by(by):
        raise PermissionDenied
    if not locked.is_open:
        raise ValidationError("Ce signalement n’est plus ouvert.")
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    same = locked.events.filter(
        kind=EventKind.JOINED, user=by.user_id, text=text, activity=activity, at__gte=day
    )
    if same.exists():
        return False
    add_event(
        locked, EventKind.JOINED, now, "Constaté de nouveau", by=by, text=text, activity=activity
    )
    record(Act.CHANGE, locked, by=by, programme=locked.programme_id, fields=["events"])
    return True


@transaction.atomic
def join_draft(
    *,
    draft: Signalement,
    signalement: Signalement,
    read_version: int,
    by: Membership,
    now: datetime,
) -> int:
    """A draft becomes an observation of an open signalement, with its photos, and goes.

    Answers how many photos found no room. Raises Conflict, ValidationError for words that
    name somebody or a signalement that was closed meanwhile.
    """
    # The open one first: whoever else writes on it waits for this.
    Signalement.objects.select_for_update().get(pk=signalement.pk)
    saved = lock_signalement(draft, read_version, by)
    if saved.state != SignalementState.BROUILLON:
        raise Conflict(saved)
    join_signalement(
        signalement=signalement, activity=saved.activity, text=_as_observed(saved), by=by, now=now
    )
    pictures = list(saved.photos.order_by("pk"))
    room = max(0, MOST_PHOTOS - signalement.photos.filter(recipient__isnull=True).count())
    for photo in pictures[:room]:
        photo.signalement = signalement
        photo.save(update_fields=["signalement"])
    record(Act.DELETE, saved, by=by, programme=by.programme_id)
    saved.delete()
    return len(pictures[room:])


def _as_observed(draft: Signalement) -> str:
    """What a draft says, as one text; place and theme are the other's."""
    said = (
        draft.title,
        f"Où : {draft.where}" if draft.where else "",
        f"Depuis : {draft.since}" if draft.since else "",
        draft.description,
        f"Attendu : {draft.expected}" if draft.expected else "",
    )
    return "\n".join(text for text in said if text)


def alike(
    membership: Membership, place: Place | None, theme: Theme | None, but: int | None = None
) -> list[Signalement]:
    """Open signalements of the same place and theme: joining one spares its addressees another."""
    if place is None or theme is None:
        return []
    rows = Signalement.objects.visible_to(membership).open().filter(place=place, theme=theme)
    return list(rows.exclude(pk=but or 0).select_related("place").newest_first()[:5])

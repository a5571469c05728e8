"""Activities that were deleted and may be brought back."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from governance.models import Membership
from governance.rights import Right
from humanicite.lib.params import number_in
from mediation.frame.reference import ReferenceActivity

from .models import Activity

DELETED_DAYS = 90  # for how long what was deleted is offered back


def deleted_activities(membership: Membership, now: datetime) -> Any:
    """The last version of each activity that is gone, newest first, and who may bring it back:
    its author, and who corrects anybody's."""
    versions = Activity.history.model
    rows = versions.objects.visible_to(membership).filter(
        history_type="-", history_date__gte=now - timedelta(days=DELETED_DAYS)
    )
    if not membership.may(Right.CORRECT_ACTIVITIES):
        rows = rows.filter(author=membership.user_id)
    # It was brought back, or logged again from its form; or deleted a second time since.
    alive = Activity.objects.filter(uid=OuterRef("uid"))
    later = versions.objects.filter(
        id=OuterRef("id"), history_type="-", history_id__gt=OuterRef("history_id")
    )
    return (
        rows.exclude(Exists(alive))
        .exclude(Exists(later))
        .select_related("place", "theme", "second_theme")
        .order_by("-history_date", "-history_id")
    )


def just_deleted(key: str | None, membership: Membership, now: datetime) -> object:
    """The version named in an address with its activity's kind, while it may be brought back."""
    number = number_in(key)
    row = deleted_activities(membership, now).filter(pk=number).first() if number else None
    return {"version": row, "reference": ReferenceActivity(row.type)} if row else None

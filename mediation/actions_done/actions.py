"""Linking an action to what did it, and undoing that."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from governance.models import Act, ActionItem, Membership, record
from governance.rights import Right
from mediation.activities.models import Activity
from mediation.signalements.models.signalements import Signalement

from .models import ActionLink


@transaction.atomic
def link_action(*, action: ActionItem, what: Activity | Signalement, by: Membership) -> ActionLink:
    """Twice is once. Raises PermissionDenied, ValidationError."""
    if not by.may(Right.WRITE_MINUTES):
        raise PermissionDenied
    named = {"activity" if isinstance(what, Activity) else "signalement": what}
    known = ActionLink.objects.filter(action=action, **named).first()
    if known is not None:
        return known
    row = ActionLink(action=action, **named)
    row.full_clean()
    row.save()
    record(Act.CREATE, row, by=by, programme=by.programme_id)
    return row


@transaction.atomic
def unlink_action(*, link: ActionLink, by: Membership) -> None:
    if not by.may(Right.WRITE_MINUTES):
        raise PermissionDenied
    record(Act.DELETE, link, by=by, programme=by.programme_id)
    link.delete()

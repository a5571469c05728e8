"""Guests as the agenda requires, with or without an account (R54, R62–R66)."""

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record

from ..models import Invitation, Meeting
from .drafts import ENDED, require_convener


def member_of_that_address(meeting: Meeting, email: str) -> Invitation | None:
    """Who sits there already under an address."""
    if not email:
        return None
    rows = meeting.invitations.filter(email__iexact=email)
    found: Invitation | None = rows.select_related("party").first()
    return found


@transaction.atomic
def add_guest(*, invitation: Invitation, by: Membership) -> Invitation:
    """Raises PermissionDenied, ValidationError: of a guest who is invited already, of a meeting that
    is over."""
    require_convener(by)
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if meeting.has_ended:
        raise ValidationError(ENDED)
    known = member_of_that_address(meeting, invitation.email)
    if known is not None:
        what = "invité" if known.is_guest else "membre"
        raise ValidationError({"email": f"Déjà {what} de cette séance : {known}."})
    same = meeting.invitations.filter(function__iexact=invitation.function)
    if same.filter(party=invitation.party, organisation=invitation.organisation).exists():
        raise ValidationError({"function": "Cette fonction est déjà invitée."})
    invitation.is_guest = True
    invitation.full_clean()
    invitation.save()
    record(Act.CREATE, invitation, by=by, programme=by.programme_id)
    return invitation


@transaction.atomic
def remove_guest(*, invitation: Invitation, by: Membership) -> None:
    """Takes back a guest who had no mail yet. Raises PermissionDenied, ValidationError."""
    require_convener(by)
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not row.is_guest or row.sent_sequence is not None:
        raise ValidationError("Cette personne est déjà convoquée : appelez-la, ou annulez.")
    record(Act.DELETE, row, by=by, programme=by.programme_id)
    row.delete()

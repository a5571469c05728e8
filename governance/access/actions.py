"""Writes that touch several models: keyword-only, `by=` whom, atomic, journalled."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from governance.journal.models import Act, record
from governance.parties.models import Party
from humanicite.lib.mail.addresses import refuse_quoted

from .models import Membership, User


@transaction.atomic
def grant_access(
    *,
    email: str,
    function: str,
    party: Party,
    role: str,
    starts: date,
    ends: date | None = None,
    by: Membership | None,
) -> Membership:
    """Opens an access, making the account when the address has none (R74, R84).

    Raises ValidationError when the role does not fit the party, or the same access is open.
    """
    try:
        with transaction.atomic():
            membership = _open(email, function, party, role, starts, ends)
    except IntegrityError as error:
        # Two invitations crossed; the constraint let one through.
        raise ValidationError("Cette personne vient d’être invitée par ailleurs.") from error
    record(Act.GRANT, membership, by=by, programme=party.programme_id, fields=["role", "starts"])
    return membership


def _open(
    email: str, function: str, party: Party, role: str, starts: date, ends: date | None
) -> Membership:
    refuse_quoted(email)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, function=function)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    # What the account is elsewhere, or that there is one, is not told here: an address that is known
    # looks the same as another, and an account that is closed stays so.
    membership = Membership(
        user=user, party=party, role=role, function=function, starts=starts, ends=ends
    )
    membership.full_clean()
    membership.save()
    return membership


@transaction.atomic
def end_access(*, membership: Membership, on: date, today: date, by: Membership) -> None:
    """Closes an access from `on`; its last day is the day before, or its only day.

    Raises ValidationError when somebody would lock themselves out, or the access ended before.
    """
    if membership.pk == by.pk:
        raise ValidationError("Vous ne pouvez pas clore votre propre accès.")
    last = on - timedelta(days=1)
    if membership.ends is not None and membership.ends <= last:
        raise ValidationError("Cet accès se termine déjà avant cette date.")
    programme = membership.programme_id
    record(Act.END, membership, by=by, programme=programme, fields=["ends"])
    if membership.starts > today and membership.starts > last:
        # It never opened: nothing that it would have shown was seen.
        membership.delete()
        return
    membership.ends = max(last, membership.starts)
    membership.full_clean()
    membership.save()

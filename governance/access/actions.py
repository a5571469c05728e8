"""Writes that touch several models: keyword-only, `by=` whom, atomic, journalled."""

from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.journal.models import Act, record
from governance.parties.models import Party
from governance.rights import Role
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


def invite_again(*, membership: Membership, now: datetime, by: Membership) -> None:
    """Makes the links that left before void, for who has no password yet, and notes the new one.

    Raises ValidationError for an access that is over, or that somebody used.
    """
    if membership.last_used_on is not None:
        raise ValidationError("Cette personne est déjà venue : elle se connecte comme d’habitude.")
    if membership.ends is not None and membership.ends < timezone.localtime(now).date():
        raise ValidationError("Cet accès est clos : invitez de nouveau la personne.")
    user = membership.user
    if not user.last_login and not user.has_usable_password():
        # A link is signed over the password's hash, random here: another one, and it is void.
        user.set_unusable_password()
        user.save(update_fields=["password"])
    membership.note_invitation(now)
    record(Act.CHANGE, membership, by=by, programme=membership.programme_id, fields=["invited_at"])


@transaction.atomic
def change_access(
    *,
    membership: Membership,
    role: str,
    function: str,
    ends: date | None,
    seen: str,
    today: date,
    by: Membership,
) -> Membership:
    """Another role, function or last day, unless somebody saved others since `seen` was shown.

    Raises ValidationError for one's own access (nobody raises their own rights), a role that does
    not fit the party, a last day that is past, or a programme left without coordination.
    """
    if membership.pk == by.pk or membership.user_id == by.user_id:
        raise ValidationError("Vous ne pouvez pas changer votre propre accès.")
    coordinations = _locked_coordinations(membership.programme_id)
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if row.fingerprint != seen:
        raise ValidationError(CHANGED)
    if row.ends is not None and row.ends < today:
        raise ValidationError("Cet accès est clos : invitez de nouveau la personne.")
    if ends is not None and ends < today:
        raise ValidationError({"ends": "Un accès ne se clôt pas dans le passé."})
    before = {"role": row.role, "function": row.function, "ends": row.ends}
    after = {"role": role, "function": function, "ends": ends}
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return row
    if row.role == Role.COORDINATION:
        gone_on = today if role != Role.COORDINATION else ends and ends + timedelta(days=1)
        if gone_on:
            _keep_a_coordination(row, coordinations, gone_on)
    row.role, row.function, row.ends = role, function, ends
    row.full_clean()
    row.save()
    record(Act.CHANGE, row, by=by, programme=row.programme_id, fields=changed)
    return row


CHANGED = "Cet accès a été modifié entre-temps : relisez-le, puis enregistrez de nouveau."
LAST = (
    "Après ce changement, plus personne ne coordonnerait le dispositif à partir du {day:%d/%m/%Y} : "
    "ouvrez d’abord un autre accès de coordination."
)


def _locked_coordinations(programme: int) -> list[Membership]:
    """Of those who may come in; locked, so that two do not end each other at once."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(
        party__programme=programme, role=Role.COORDINATION, user__is_active=True
    )
    return list(rows.order_by("pk"))


def _keep_a_coordination(row: Membership, rows: list[Membership], gone_on: date) -> None:
    """The others must coordinate on each day on which this one no longer does, from `gone_on` on.

    Raises ValidationError with the first day on which nobody would.
    """
    others = [other for other in rows if other.pk != row.pk]
    day, until = max(gone_on, row.starts), row.ends
    while until is None or day <= until:
        ends = [other.ends for other in others if other.holds(day)]
        if not ends:
            raise ValidationError(LAST.format(day=day))
        if None in ends:
            return
        day = max(end for end in ends if end) + timedelta(days=1)


@transaction.atomic
def end_access(*, membership: Membership, on: date, today: date, by: Membership) -> None:
    """Closes an access from `on`; its last day is the day before, or its only day.

    Raises ValidationError when somebody would lock themselves out, or the access ended before.
    """
    if membership.pk == by.pk:
        raise ValidationError("Vous ne pouvez pas clore votre propre accès.")
    coordinations = _locked_coordinations(membership.programme_id)
    last = on - timedelta(days=1)
    if membership.ends is not None and membership.ends <= last:
        raise ValidationError("Cet accès se termine déjà avant cette date.")
    if membership.role == Role.COORDINATION:
        _keep_a_coordination(membership, coordinations, on)
    programme = membership.programme_id
    record(Act.END, membership, by=by, programme=programme, fields=["ends"])
    if membership.starts > today and membership.starts > last:
        # It never opened: nothing that it would have shown was seen.
        membership.delete()
        return
    membership.ends = max(last, membership.starts)
    membership.full_clean()
    membership.save()

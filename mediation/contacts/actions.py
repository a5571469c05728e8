"""Contacts who come, change and leave; what is open with them goes along (R84, R85)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import Act, Contact, Membership, record
from governance.rights import Right
from humanicite.lib.mail.addresses import same
from humanicite.lib.writes import Done
from mediation.signalements.actions.succession import draw_for_heir, hand_to_heir
from mediation.signalements.emails.pdf import Drawing

CHANGED = (
    "Cet interlocuteur a été modifié entre-temps. Votre saisie est conservée : relisez, puis "
    "enregistrez de nouveau pour la remplacer."
)


def may_designate(membership: Membership, contact: Contact) -> bool:
    """Each party its own contacts; the coordination all (R84)."""
    own = membership.is_operator or contact.party_id == membership.party_id
    return own and membership.may(Right.DESIGNATE_CONTACTS)


@transaction.atomic
def add_contact(*, contact: Contact, by: Membership) -> Contact:
    """Raises Done for one that is there word for word, ValidationError otherwise."""
    if not may_designate(by, contact) or contact.party.programme_id != by.programme_id:
        raise PermissionDenied
    known = Contact.objects.filter(
        party=contact.party,
        function=contact.function,
        is_backup=contact.is_backup,
        ends__isnull=True,
    ).first()
    if known is not None and (known.email, known.phone) == (contact.email, contact.phone):
        raise Done(known)
    contact.full_clean()
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError as error:
        raise ValidationError("Cet interlocuteur est déjà désigné.") from error
    record(Act.CREATE, contact, by=by, programme=by.programme_id)
    return contact


@transaction.atomic
def change_contact(*, contact: Contact, seen: str, fields: list[str], by: Membership) -> Contact:
    """Saves a changed contact. A new address is not the one that bounced: the flag goes.

    `seen` is the fingerprint of what was shown. Raises ValidationError when somebody saved another
    one meanwhile.
    """
    saved = Contact.objects.select_for_update().get(pk=contact.pk)
    if not may_designate(by, saved):
        raise PermissionDenied
    if saved.fingerprint != seen:
        if saved.fingerprint == contact.fingerprint:
            return saved  # the same form, twice
        raise ValidationError(CHANGED)
    contact.bounced_on = saved.bounced_on
    if not same(contact.email, saved.email):
        contact.bounced_on = None
    contact.full_clean()
    contact.save()
    record(Act.CHANGE, contact, by=by, programme=by.programme_id, fields=fields)
    return contact


@transaction.atomic
def trust_address(*, contact: Contact, by: Membership) -> bool:
    """Somebody knows that the address is good: the flag goes; False when it was gone already."""
    saved = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if not may_designate(by, saved):
        raise PermissionDenied
    if saved.bounced_on is None:
        return False
    saved.bounced_on = None
    saved.save(update_fields=["bounced_on"])
    record(Act.CHANGE, saved, by=by, programme=by.programme_id, fields=["bounced_on"])
    return True


def end_contact(
    *,
    contact: Contact,
    ends: date,
    heir: Contact | None,
    seen: str,
    by: Membership,
    now: datetime,
) -> int:
    """Ends a contact with its last day, and hands its open signalements to its successor.

    They move at once when the last day has come; otherwise `follow_up` moves them the day after.
    An heir who is not saved yet begins the day after. Answers how many signalements moved now.
    What they are sent is drawn before the transaction (docs/decisions/0021).
    """
    moves = ends <= timezone.localdate(now) and (heir is not None or contact.successor_id)
    drawings = draw_for_heir(contact) if moves and may_designate(by, contact) else {}
    return _end(contact, ends, heir, drawings, seen, by, now)


@transaction.atomic
def _end(
    contact: Contact,
    ends: date,
    heir: Contact | None,
    drawings: Mapping[int, Drawing | None],
    seen: str,
    by: Membership,
    now: datetime,
) -> int:
    saved = Contact.objects.select_for_update().select_related("party").get(pk=contact.pk)
    if not may_designate(by, saved):
        raise PermissionDenied
    today = timezone.localtime(now).date()
    if saved.fingerprint != seen:
        if saved.ends == ends:
            return 0  # the same form, twice
        raise ValidationError(CHANGED)
    saved.ends = ends
    if heir is not None and heir.pk is not None:
        saved.successor = heir
    saved.full_clean()
    saved.save()
    record(Act.END, saved, by=by, programme=by.programme_id, fields=["ends", "successor"])
    if heir is not None and heir.pk is None:
        heir.starts = ends + timedelta(days=1)
        heir.full_clean()
        heir.save()
        record(Act.CREATE, heir, by=by, programme=by.programme_id)
        saved.successor = heir
        saved.save()
    if saved.successor is None or ends > today:
        return 0
    return hand_to_heir(contact=saved, drawings=drawings, by=by, now=now)

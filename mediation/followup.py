"""What a silent recipient is owed, and when: the steps of the follow-up as data (R72, R85).

Days are working days after the mail was handed over, without a sign from the recipient or another
of its party. They are set by FOLLOW_UP_DAYS and FOLLOW_UP_URGENT_DAYS (humanicite/settings.py), one
number a step of `STEPS`. Nothing falls due on a Saturday, a Sunday or a public holiday. A step is
taken once; one step a day, in their order, so that a timer that stood still for a week reminds
before it accuses of silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from governance.models import Contact
from humanicite.lib.dates import is_day_off, working_days_between

from .models import Recipient, RecipientState, Reminder, Reply, SheetState, Urgency


class Step(models.TextChoices):
    """What a `Reminder` row says was done."""

    FIRST = "relance", "Relance"
    SECOND = "suppleant", "Relance, suppléant en copie"
    CALL = "appel", "À appeler"
    COMMITTEE = "comite", "Proposé au comité"
    PROMISE = "promesse", "Relance après l’échéance"


LONG_OPEN = 15  # days after the sending, from which an open sheet is told apart
STEPS = (Step.FIRST, Step.SECOND, Step.CALL, Step.COMMITTEE)  # of a silence, in order
BY_MAIL = frozenset({Step.FIRST, Step.SECOND, Step.PROMISE})
URGENT = frozenset({Urgency.IMMEDIATE, Urgency.HAUTE})
# Sheets on which somebody else's turn it is; what is declared done waits for us.
AWAITED = (SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE)


def pace(urgency: str) -> dict[Step, int]:
    """Working days to each step; raises ImproperlyConfigured for settings that make no sense."""
    days = settings.FOLLOW_UP_URGENT_DAYS if urgency in URGENT else settings.FOLLOW_UP_DAYS
    if len(days) != len(STEPS) or sorted(days) != list(days) or min(days) < 1:
        raise ImproperlyConfigured(
            f"FOLLOW_UP_DAYS and FOLLOW_UP_URGENT_DAYS: {len(STEPS)} numbers of days, rising"
        )
    return dict(zip(STEPS, days, strict=True))


def silent_since(recipient: Recipient) -> date | None:
    """The day from which an answer can be expected; None while the mail is on its way."""
    at = recipient.added_at if recipient.state == RecipientState.ECHEC else recipient.handed_at
    return timezone.localdate(at) if at else None


def is_reachable(recipient: Recipient, today: date) -> bool:
    """Whether a mail would reach somebody: the address holds, and the contact is still there."""
    ends = recipient.contact.ends
    gone = ends is not None and ends < today
    return recipient.state != RecipientState.ECHEC and not gone


def owed_on(recipient: Recipient) -> date | None:
    """The day by which who acknowledged owes an answer: the one announced, or the sheet's."""
    return recipient.promised_on or recipient.signalement.due_on


def due(recipient: Recipient, taken: Mapping[str, date], today: date) -> Step | None:
    """The step that a recipient's silence calls for on a day, if any.

    `taken` are the steps behind it, with their days. Who cannot be reached by mail is to be called
    at once.
    """
    sheet = recipient.signalement
    if is_day_off(today) or not recipient.is_current or sheet.state not in AWAITED:
        return None
    if today in taken.values():
        return None
    reachable = is_reachable(recipient, today)
    if recipient.acknowledged_at is not None:
        return _after_the_promise(recipient, taken, today) if reachable else None
    since = silent_since(recipient)
    if since is None:
        return None
    waited, days = working_days_between(since, today), pace(sheet.urgency)
    for step in STEPS:
        if step in taken or (step in BY_MAIL and not reachable):
            continue
        at_once = step == Step.CALL and not reachable
        return step if at_once or waited >= days[step] else None
    return None


def _after_the_promise(recipient: Recipient, taken: Mapping[str, date], today: date) -> Step | None:
    if recipient.reply in (Reply.RESOLU, Reply.AUTRE) or Step.PROMISE in taken:
        return None
    owed = owed_on(recipient)
    return Step.PROMISE if owed is not None and owed < today else None


# --- Who is waited for ------------------------------------------------------------------------


def followed(programme_id: int) -> Any:
    """Recipients of sheets that wait, whom nobody succeeded, with what `due` reads of them.

    One answer is a party's: where one of its recipients gave a sign the others are left alone. A
    copy is waited for only where its party was sent nothing else.
    """
    sign = Q(acknowledged_at__isnull=False)
    same_party = Recipient.objects.filter(
        signalement=OuterRef("signalement"), party=OuterRef("party"), successor__isnull=True
    ).exclude(pk=OuterRef("pk"))
    return (
        Recipient.objects.of_programme(programme_id)
        .filter(successor__isnull=True, signalement__state__in=AWAITED)
        .exclude(Q(acknowledged_at__isnull=True), Exists(same_party.filter(sign)))
        .exclude(Q(is_copy=True), Exists(same_party.filter(is_copy=False)))
        .select_related("signalement__place", "signalement__theme", "contact", "party")
        .prefetch_related(Prefetch("reminders", Reminder.objects.order_by("pk")))
        .order_by("pk")
    )


def silent(programme_id: int) -> Any:
    """Those of them who gave no sign yet."""
    return followed(programme_id).filter(acknowledged_at__isnull=True)


def steps_taken(recipient: Recipient) -> dict[str, date]:
    return {row.step: row.day for row in recipient.reminders.all()}


def to_call(programme_id: int) -> Any:
    """Recipients with a call to make, the longest silence first; an answer takes them off."""
    open_call = Reminder.objects.filter(
        recipient=OuterRef("pk"), step=Step.CALL, done_on__isnull=True
    )
    return silent(programme_id).filter(Exists(open_call)).order_by("added_at", "pk")


def for_committee(programme_id: int, *, taken_off: bool = False) -> Any:
    """Recipients whose silence is proposed to the committee; an answer takes them off.

    `taken_off`: those whom somebody took off by hand, and who are silent still.
    """
    proposed = Reminder.objects.filter(
        recipient=OuterRef("pk"), step=Step.COMMITTEE, done_on__isnull=not taken_off
    )
    return silent(programme_id).filter(Exists(proposed)).order_by("added_at", "pk")


def backups(party_ids: set[int], today: date) -> dict[int, list[str]]:
    """Addresses of the back-up contacts of parties who can be written to on a day."""
    found: dict[int, list[str]] = {}
    rows = Contact.objects.on(today).filter(
        party__in=party_ids, is_backup=True, bounced_on__isnull=True
    )
    for party, email in rows.exclude(email="").order_by("pk").values_list("party", "email"):
        found.setdefault(party, []).append(email)
    return found


@dataclass
class Call:
    """Somebody to call: which of their sheets wait, and since when."""

    contact: Contact
    recipients: list[Recipient]

    @property
    def since(self) -> date:
        return min(timezone.localdate(row.added_at) for row in self.recipients)

    @property
    def failed(self) -> bool:
        """The mail did not arrive: that is why they are called."""
        return any(row.state == RecipientState.ECHEC for row in self.recipients)


def calls(programme_id: int) -> list[Call]:
    """The call list, one entry a person, the longest silence first."""
    by_contact: dict[int, Call] = {}
    for row in to_call(programme_id):
        by_contact.setdefault(row.contact_id, Call(row.contact, [])).recipients.append(row)
    return list(by_contact.values())

"""What a silent recipient is owed, and when: the steps of the follow-up as data (R72, R85).

Days are working days after the mail was handed over, without a sign from the recipient or another
of its party: those of the programme (`ReminderDays`), otherwise those of FOLLOW_UP_DAYS and
FOLLOW_UP_URGENT_DAYS (humanicite/settings.py), one number a step of `STEPS`. Who gave a sign and lets
the day go by that they announced, or that the signalement names, is reminded the day after, then
called, then proposed to the committee. Nothing falls due on a Saturday, a Sunday or a public holiday.
A step is taken once in a round (what somebody says ends one); one step a day, in their order, so that
a timer that stood still for a week reminds before it accuses of silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from governance.models import Contact
from humanicite.lib.dates import is_day_off, working_days_between
from mediation.signalements.models.recipients import (
    Recipient,
    RecipientQuerySet,
    RecipientState,
    Reply,
)
from mediation.signalements.models.signalements import (
    AWAITED,
    Signalement,
    SignalementQuerySet,
    SignalementState,
    Urgency,
)

from .models import Reminder


class Step(models.TextChoices):
    """What a `Reminder` row says was done."""

    FIRST = "relance", "Relance"
    SECOND = "suppleant", "Relance, suppléant en copie"
    CALL = "appel", "À appeler"
    COMMITTEE = "comite", "Proposé au comité"
    PROMISE = "promesse", "Relance après l’échéance"


STEPS = (Step.FIRST, Step.SECOND, Step.CALL, Step.COMMITTEE)  # of a silence, in order
BY_MAIL = frozenset({Step.FIRST, Step.SECOND, Step.PROMISE})
URGENT = frozenset({Urgency.IMMEDIATE, Urgency.HAUTE})


def defaults(*, urgent: bool) -> list[int]:
    """The settings' days; raises ImproperlyConfigured for settings that make no sense."""
    days = settings.FOLLOW_UP_URGENT_DAYS if urgent else settings.FOLLOW_UP_DAYS
    if len(days) != len(STEPS) or sorted(days) != list(days) or min(days) < 1:
        raise ImproperlyConfigured(
            f"FOLLOW_UP_DAYS and FOLLOW_UP_URGENT_DAYS: {len(STEPS)} numbers of days, rising"
        )
    return list(days)


def pace(signalement: Signalement) -> dict[Step, int]:
    """Working days to each step: its programme's, otherwise the settings'."""
    urgent = signalement.urgency in URGENT
    rows = signalement.programme.reminder_days.all()
    own = next((row.days for row in rows if row.is_urgent == urgent), None)
    return dict(zip(STEPS, own or defaults(urgent=urgent), strict=True))


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
    """The day by which who acknowledged owes an answer: the one announced, or the signalement's."""
    return recipient.promised_on or recipient.signalement.due_on


def due(recipient: Recipient, taken: Mapping[str, date], today: date) -> Step | None:
    """The step that a recipient's silence calls for on a day, if any.

    `taken` are the steps behind it, with their days. Who cannot be reached by mail is to be called
    at once.
    """
    signalement = recipient.signalement
    if is_day_off(today) or not recipient.is_current or not signalement.is_pending:
        return None
    if today in taken.values():
        return None
    reachable = is_reachable(recipient, today)
    days = pace(signalement)
    since = waiting_since(recipient)
    if since is None:
        return None
    if not is_silent(recipient):
        days = after_a_promise(days)
    waited = working_days_between(since, today)
    for step, after in days.items():
        if step in taken or (step in BY_MAIL and not reachable):
            continue
        at_once = step == Step.CALL and not reachable and (is_silent(recipient) or since < today)
        return step if at_once or waited >= after else None
    return None


def after_a_promise(days: Mapping[Step, int]) -> dict[Step, int]:
    """Working days after the day an answer was owed: one mail the day after, then as long a wait
    as after the first mail of a silence."""
    first = days[Step.FIRST]
    later = {step: days[step] - first + 1 for step in (Step.CALL, Step.COMMITTEE)}
    return {Step.PROMISE: 1, **later}


def is_silent(recipient: Recipient) -> bool:
    """No sign at all so far, by whatever way."""
    return recipient.acknowledged_at is None


def waiting_since(recipient: Recipient) -> date | None:
    """The day from which an answer is missing, past or to come; None where none is."""
    if is_silent(recipient):
        return silent_since(recipient)
    return None if recipient.reply in (Reply.RESOLU, Reply.AUTRE) else owed_on(recipient)


# --- Who is waited for ------------------------------------------------------------------------
def followed(programme_id: int) -> RecipientQuerySet:
    """Recipients of signalements that wait, whom nobody succeeded, with what `due` reads of them.

    One answer is a party's: where one of its recipients gave a sign the others are left alone. A
    copy is waited for only where its party was sent nothing else.
    """
    sign = Q(acknowledged_at__isnull=False)
    same_party = Recipient.objects.filter(
        signalement=OuterRef("signalement"), party=OuterRef("party"), successor__isnull=True
    ).exclude(pk=OuterRef("pk"))
    rows: RecipientQuerySet = Recipient.objects.of_programme(programme_id)
    return (
        rows.filter(successor__isnull=True, signalement__state__in=AWAITED)
        .exclude(Q(acknowledged_at__isnull=True), Exists(same_party.filter(sign)))
        .exclude(Q(is_copy=True), Exists(same_party.filter(is_copy=False)))
        .select_related(
            "signalement__place",
            "signalement__theme",
            "signalement__programme",
            "contact",
            "party",
        )
        .prefetch_related(
            Prefetch("reminders", Reminder.objects.order_by("pk")),
            "signalement__programme__reminder_days",
        )
        .order_by("pk")
    )


def steps_taken(recipient: Recipient) -> dict[str, date]:
    """Steps of this round, with their days; those of former rounds under names that are no step's,
    for no more than one is taken a day."""
    return {
        f"{row.step} {row.pk}" if row.is_past else row.step: row.day
        for row in recipient.reminders.all()
    }


def _with_a_step(programme_id: int, step: Step, *, done: bool) -> RecipientQuerySet:
    steps = Reminder.objects.filter(
        recipient=OuterRef("pk"), step=step, is_past=False, done_on__isnull=not done
    )
    return followed(programme_id).filter(Exists(steps)).order_by("added_at", "pk")


def to_call(programme_id: int) -> RecipientQuerySet:
    """Recipients with a call to make, the longest silence first; an answer takes them off."""
    return _with_a_step(programme_id, Step.CALL, done=False)


def for_committee(programme_id: int, *, taken_off: bool = False) -> RecipientQuerySet:
    """Recipients whose silence is proposed to the committee; an answer takes them off.

    `taken_off`: those whom somebody took off by hand, and who owe an answer still.
    """
    return _with_a_step(programme_id, Step.COMMITTEE, done=taken_off)


def refused(programme_id: int) -> SignalementQuerySet:
    """Signalements that each of their addressees said is not theirs: somebody has to send them on."""
    rows: SignalementQuerySet = Signalement.objects.of_programme(programme_id)
    rows = rows.filter(state=SignalementState.REORIENTE)
    return rows.select_related("place").order_by("closed_on", "pk")


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
    """Somebody to call: which of their signalements wait, and since when."""

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

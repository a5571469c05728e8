"""Writes of the follow-up: keyword-only, atomic, journalled; `now` comes from outside.

`follow_up` may run as often as one likes, and twice at once: a step is a `Reminder` row, unique for
its recipient, and each group of mails waits for its turn at the programme's row.
"""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from governance.decisions import steps as action_steps
from governance.decisions.emails import queue_action_reminder
from governance.decisions.reach import addressee, reachable
from governance.models import (
    Act,
    ActionItem,
    ActionReminder,
    Contact,
    Membership,
    Programme,
    record,
    record_each,
)
from governance.rights import Right
from humanicite.lib.dates import is_day_off
from humanicite.lib.mail.addresses import plain, same
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.relays import record_relay
from mediation.signalements.actions.succession import begin_again, succeed
from mediation.signalements.course import add_event
from mediation.signalements.emails.outbox import queue_reminders, queue_signalement, withdraw_mails
from mediation.signalements.emails.pdf import Drawing, draw_if_missing
from mediation.signalements.models.course import EventKind
from mediation.signalements.models.recipients import Recipient, RecipientState, Reply
from mediation.signalements.models.relays import Channel, Relay
from mediation.signalements.models.signalements import Signalement

from .models import Reminder
from .steps import BY_MAIL, Step, backups, due, followed, is_reachable, is_silent, steps_taken

log = logging.getLogger(__name__)


@dataclass
class Group:
    """What one person owes: signalements that wait, and actions that committees decided."""

    recipients: list[Recipient] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)

    @property
    def keys(self) -> list[int]:
        return [row.pk for row in self.recipients]


@dataclass
class Followed:
    """What one run did, or would do: steps by recipient, and how many mails they make."""

    steps: list[tuple[Step, Recipient]] = field(default_factory=list)
    actions: list[tuple[action_steps.Step, ActionItem]] = field(default_factory=list)
    mails: int = 0
    put_off: int = 0  # mails that wait for another day: their reader had one today
    handed_over: int = 0  # open signalements that went to a successor
    failed: int = 0  # people whose steps could not be taken; the next run tries again


def follow_up(*, programme: Programme, now: datetime, dry_run: bool = False) -> Followed:
    """Takes every step that is due on the day of `now`; nothing on a day off."""
    today = timezone.localtime(now).date()
    done = Followed()
    if is_day_off(today):
        return done
    if not dry_run:
        done.handed_over = hand_over(programme=programme, now=now)
    groups: dict[tuple[int, str], Group] = {}
    for row in followed(programme.pk):
        if due(row, steps_taken(row), today):
            group = groups.setdefault((row.party_id, plain(row.email)), Group())
            group.recipients.append(row)
    for _, action, contact in _actions_due(programme, today):
        # Whom nobody reaches by mail has a group of their own, for what is for the committee.
        email = plain(contact.email) if contact else ""
        groups.setdefault((action.party_id, email), Group()).actions.append(action.pk)
    written: set[str] = set()  # by a run that writes nothing down
    for group in groups.values():
        one = Followed()
        try:
            drawing = None if dry_run else _drawn_before(group, today)
            with transaction.atomic():
                _one_group(programme, group, drawing, now, one, written, dry_run=dry_run)
        except Exception:
            # One person's trouble must not leave the others without their reminders.
            log.exception("follow-up of recipients %s, actions %s", group.keys, group.actions)
            done.failed += 1
            continue
        done.steps += one.steps
        done.actions += one.actions
        done.mails += one.mails
        done.put_off += one.put_off
    return done


def _drawn_before(group: Group, today: date) -> Drawing | None:
    """The PDF of a reminder that is of one signalement, where it has none yet: a drawing takes a
    second, and the programme's lock is not for that (docs/decisions/0021)."""
    if group.actions:
        return None  # a mail of several things carries none
    by_mail = [row for row in group.recipients if due(row, steps_taken(row), today) in BY_MAIL]
    return draw_if_missing(by_mail[0].signalement) if len(by_mail) == 1 else None


ActionDue = tuple[action_steps.Step, ActionItem, Contact | None]


def _actions_due(
    programme: Programme, today: date, keys: list[int] | None = None
) -> list[ActionDue]:
    """The actions that call for a step, and who is written to about each."""
    rows = list(action_steps.awaited(programme.pk))
    if keys is not None:
        rows = [row for row in rows if row.pk in keys]
    of_parties = reachable({row.party_id for row in rows}, today)
    found: list[ActionDue] = []
    for row in rows:
        contact = addressee(row, of_parties, today)
        taken = action_steps.steps_taken(row)
        step = action_steps.due_step(row, taken, today, reachable=contact is not None)
        if step is not None:
            found.append((step, row, contact))
    return found


def _one_group(
    programme: Programme,
    group: Group,
    drawing: Drawing | None,
    now: datetime,
    done: Followed,
    written: set[str],
    *,
    dry_run: bool,
) -> None:
    """The steps of one person's signalements: at most one mail, and what is for the coordination."""
    today = timezone.localtime(now).date()
    if not dry_run:
        # The turnstile: another run that comes meanwhile reads what this one has done.
        Programme.objects.select_for_update().get(pk=programme.pk)
    steps = [
        (step, row)
        for row in _rows(programme, group.keys, lock=not dry_run)
        if (step := due(row, steps_taken(row), today))
    ]
    by_mail = [(step, row) for step, row in steps if step in BY_MAIL]
    others = [(step, row) for step, row in steps if step not in BY_MAIL]
    actions = _actions_due(programme, today, group.actions) if group.actions else []
    told = [one for one in actions if one[0] in action_steps.BY_MAIL]
    _take_quietly(actions, done, today, dry_run=dry_run)
    if by_mail or told:
        to = by_mail[0][1].email if by_mail else _address(told)
        copies = _copies(by_mail, told, to, today)
        had_one = written | _written_on(programme, today)
        if had_one.isdisjoint({plain(to), *(plain(copy) for copy in copies)}):
            written |= {plain(to), *(plain(copy) for copy in copies)}
            done.mails += 1
            done.steps += by_mail
            done.actions += [(step, row) for step, row, _ in told]
            if not dry_run:
                _write_down(by_mail, programme, now)
                _write_actions_down(told, today)
                _send(by_mail, told, to, copies, now, drawing)
        else:
            done.put_off += 1
    done.steps += others
    if others and not dry_run:
        _write_down(others, programme, now)


def _address(told: list[ActionDue]) -> str:
    """Of whom these actions are told: a step by mail has a contact."""
    return next(contact.email for _, _, contact in told if contact is not None)


def _take_quietly(actions: list[ActionDue], done: Followed, today: date, *, dry_run: bool) -> None:
    """What is proposed to the committee: nobody is written to."""
    quiet = [one for one in actions if one[0] not in action_steps.BY_MAIL]
    done.actions += [(step, row) for step, row, _ in quiet]
    if not dry_run:
        _write_actions_down(quiet, today)


def _write_actions_down(actions: list[ActionDue], today: date) -> None:
    for step, row, contact in actions:
        by_mail = contact is not None and step in action_steps.BY_MAIL
        made = ActionReminder.objects.create(
            action=row,
            step=step,
            day=today,
            due_on=row.due_on,
            email=contact.email if contact and by_mail else "",
        )
        record(Act.CREATE, made, by=None, programme=row.programme_id)


def _send(
    by_mail: list[tuple[Step, Recipient]],
    told: list[ActionDue],
    to: str,
    copies: list[str],
    now: datetime,
    drawing: Drawing | None,
) -> None:
    """One mail of both, to each."""
    actions = [row for _, row, _ in told]
    if by_mail:
        rows = [row for _, row in by_mail]
        queue_reminders(rows, to=to, copies=copies, now=now, drawing=drawing, actions=actions)
        return
    contact = told[0][2]
    function = contact.function if contact else ""
    queue_action_reminder(actions, to=to, copies=copies, function=function)


def _rows(programme: Programme, keys: list[int], *, lock: bool) -> Iterable[Recipient]:
    rows = followed(programme.pk).filter(pk__in=keys)
    if not lock:
        return rows
    # Locked, the signalements first, as answers do: one that comes meanwhile is read, or waits.
    of_them = Recipient.objects.filter(pk__in=keys).values("signalement")
    list(Signalement.objects.select_for_update().filter(pk__in=of_them).order_by("pk"))
    return rows.select_for_update(of=("self",))


def _copies(
    steps: list[tuple[Step, Recipient]], told: list[ActionDue], main: str, today: date
) -> list[str]:
    """The back-up contacts of the party, where a step puts them in copy."""
    parties = {row.party_id for step, row in steps if step == Step.SECOND}
    parties |= {row.party_id for step, row, _ in told if step == action_steps.Step.SECOND}
    to = {plain(main), *(plain(row.email) for _, row in steps)}
    found = [email for emails in backups(parties, today).values() for email in emails]
    return sorted({email for email in found if plain(email) not in to})


def _written_on(programme: Programme, today: date) -> set[str]:
    """Addresses that had a reminder on a day, one sent by hand and copies included."""
    rows = Reminder.objects.of_programme(programme.pk).filter(day=today)
    sent = list(rows.exclude(step__in=(Step.CALL, Step.COMMITTEE)).select_related("recipient"))
    parties = {row.recipient.party_id for row in sent if row.step == Step.SECOND}
    copied = backups(parties, today).values()
    found = {plain(row.recipient.email) for row in sent}
    reminded = ActionReminder.objects.of_programme(programme.pk).filter(day=today)
    told = list(reminded.exclude(email="").select_related("action"))
    found |= {plain(row.email) for row in told}
    second = {row.action.party_id for row in told if row.step == action_steps.Step.SECOND}
    found |= {plain(email) for emails in backups(second, today).values() for email in emails}
    return found | {plain(email) for emails in copied for email in emails}


def _write_down(steps: list[tuple[Step, Recipient]], programme: Programme, now: datetime) -> None:
    today = timezone.localtime(now).date()
    made = [Reminder.objects.create(recipient=row, step=step, day=today) for step, row in steps]
    record_each(Act.CREATE, made, by=None, programme=programme.pk)
    for step, row in steps:
        _tell(step, row, now)


def _tell(step: Step, row: Recipient, now: datetime) -> None:
    """The step on the signalement's timeline. What the coordination has to do stays with the operator."""
    signalement, today = row.signalement, timezone.localtime(now).date()
    if step in BY_MAIL:
        add_event(signalement, EventKind.REMINDED, now, f"{step.label} : {row}", recipient=row)
    elif step == Step.CALL:
        if is_silent(row) and is_reachable(row, today):
            # Silence is an event too.
            row.state = RecipientState.SILENCIEUX
            row.save(update_fields=["state"])
            add_event(signalement, EventKind.SILENT, now, f"Sans réponse : {row}", recipient=row)
        add_event(
            signalement, EventKind.CALL, now, f"À appeler : {row}", recipient=row, internal=True
        )
    else:
        why = "sans réponse" if is_silent(row) else "sans suite"
        add_event(
            signalement,
            EventKind.COMMITTEE,
            now,
            f"Proposé au comité, {why} : {row}",
            recipient=row,
            internal=True,
        )


def hand_over(*, programme: Programme, now: datetime) -> int:
    """Moves the open signalements of contacts whose last day is past to their successors."""
    today = timezone.localtime(now).date()
    left = Contact.objects.of_programme(programme.pk).filter(
        ends__lt=today,
        successor__isnull=False,
        received_signalements__in=Recipient.objects.in_hand(),
    )
    moved = 0
    for contact in left.select_related("successor__party", "party").distinct():
        moved += succeed(contact=contact, by=None, now=now)
    return moved


# Long for its signature and the calls it hands it on to.
@transaction.atomic
def record_call(
    *,
    recipients: Iterable[Recipient],
    uid: uuid.UUID,
    note: str,
    by: Membership,
    now: datetime,
    reply: str = "",
    promised_on: date | None = None,
    redirect_to: str = "",
) -> int:
    """A call that was made: a relay by phone beside each signalement it was about, and the task is done.

    `reply` is what was answered on the phone, if anything; it counts like one by mail. The same
    form twice is one call. Answers how many tasks it closed.
    """
    if not by.may(Right.ESCALATE_SIGNALEMENTS):
        raise PermissionDenied
    today = timezone.localtime(now).date()
    closed = 0
    for row in recipients:
        Recipient.objects.held(row.pk)
        open_calls = Reminder.objects.select_for_update().filter(
            recipient=row, step=Step.CALL, is_past=False, done_on__isnull=True
        )
        task = open_calls.first()
        if task is None:
            continue
        relay = Relay(
            uid=uuid.uuid5(uid, str(row.pk)),
            signalement=row.signalement,
            party=row.party,
            contact=row.contact,
            channel=Channel.TELEPHONE,
            day=today,
            note=note,
            reply=reply,
        )
        record_relay(relay=relay, by=by, now=now)
        _close(task, today, by)
        if reply:
            answer_signalement(
                recipient=row,
                reply=reply,
                promised_on=promised_on,
                redirect_to=redirect_to,
                now=now,
                by=by,
                how="par téléphone",
            )
        closed += 1
    return closed


def _close(task: Reminder, today: date, by: Membership) -> None:
    task.done_on = today
    task.save()
    record(Act.CHANGE, task, by=by, programme=by.programme_id, fields=["done_on"])


@transaction.atomic
def list_for_committee(
    *, recipient: Recipient, listed: bool, by: Membership, now: datetime
) -> bool:
    """Takes a silence off the list proposed to the committee, or puts it back; False when it is so
    already."""
    if not by.may(Right.ESCALATE_SIGNALEMENTS):
        raise PermissionDenied
    Recipient.objects.held(recipient.pk)
    steps = Reminder.objects.select_for_update().filter(recipient=recipient, is_past=False)
    step = steps.filter(step=Step.COMMITTEE, done_on__isnull=not listed).first()
    if step is None:
        return False
    step.done_on = None if listed else timezone.localtime(now).date()
    step.save()
    done = "Remis sur" if listed else "Retiré de"
    add_event(
        recipient.signalement,
        EventKind.COMMITTEE,
        now,
        f"{done} la liste du comité : {recipient}",
        by=by,
        recipient=recipient,
        internal=True,
    )
    record(Act.CHANGE, step, by=by, programme=by.programme_id, fields=["done_on"])
    return True


def send_again(*, contact: Contact, by: Membership, now: datetime) -> int:
    """Sends a contact's open signalements that did not arrive, or went to a former address, once more.

    The recipient's row takes the new address and another link, so that the former one is void; its
    follow-up starts again. Answers how many went out.
    """
    # Before the programme's lock: a drawing takes a second (docs/decisions/0021).
    found = [row.signalement for row in to_send_again(contact)]
    drawings = {signalement.pk: draw_if_missing(signalement) for signalement in found}
    return _send_again(contact, drawings, by, now)


@transaction.atomic
def _send_again(
    contact: Contact, drawings: dict[int, Drawing | None], by: Membership, now: datetime
) -> int:
    # Two clicks at once: the second waits here, and finds nothing left to send.
    Programme.objects.select_for_update().get(pk=by.programme_id)
    contact = Contact.objects.get(pk=contact.pk)
    sent = 0
    for found in to_send_again(contact):
        row = Recipient.objects.held(found.pk)
        if row.successor_id or not _went_astray(row, contact):
            continue  # an answer, or a successor, came meanwhile
        withdraw_mails([row], now=now, why="envoyé à une autre adresse")
        begin_again(row, contact)
        add_event(
            row.signalement, EventKind.SENT, now, f"Envoyé de nouveau : {row}", by=by, recipient=row
        )
        queue_signalement([row], now=now, drawing=drawings.get(row.signalement_id))
        record(Act.CHANGE, row, by=by, programme=by.programme_id, fields=["email"])
        sent += 1
    return sent


def to_send_again(contact: Contact) -> list[Recipient]:
    """A contact's open signalements whose mail failed, or that went to another address than today's."""
    if not contact.email or contact.bounced_on:
        return []
    rows = contact.received_signalements.in_hand()
    rows = rows.select_related("signalement", "party", "contact").order_by("pk")
    return [row for row in rows if _went_astray(row, contact)]


def _went_astray(row: Recipient, contact: Contact) -> bool:
    if row.reply == Reply.RESOLU:
        return False  # nothing more is asked of them
    return row.state == RecipientState.ECHEC or not same(row.email, contact.email)

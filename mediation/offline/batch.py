"""Entries that waited on a phone: each `uid` is accepted once, each has an answer of its own (R36).

A batch makes as many queries for five new entries as for fifty. What an answer says:

- `saved`: it is on the server; `known`: it was already, word for word;
- `refused`: the reason stands beside its field; nothing was saved of it;
- `conflict`: the same entry says something else on the server, or was deleted there; the person
  chooses, and sends it again with the version it was told, or as a new one.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.http import QueryDict

from governance.models import Membership
from humanicite.lib.full import is_full
from humanicite.lib.writes import Conflict, Done
from mediation.activities import actions
from mediation.activities.entry import ActivityEntry
from mediation.activities.head_counts import HeadCounts, differences_with_counts
from mediation.activities.models import Activity
from mediation.activities.rows import said
from mediation.frame.models import Frame

MOST = 50  # entries in one request
UNREADABLE = (
    "Le serveur n’a pas su enregistrer cette saisie. Elle reste sur ce téléphone : corrigez-la, ou "
    "parlez-en à la coordination."
)
logger = logging.getLogger(__name__)


class NotABatch(ValueError):
    """What came is not a list of entries."""


@dataclass
class Answer:
    uid: str
    state: str
    said: str = ""  # the entry in words
    faults: list[dict[str, str]] = field(default_factory=list)  # {field, label, message}
    version: int | None = None  # what to send back in order to replace or to change it
    differing: list[dict[str, str]] = field(default_factory=list)  # {label, before, after}
    day: str = ""
    was_change: bool = False  # of an entry that was there before

    def as_json(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass
class _Sent:
    uid: UUID
    version: int
    data: QueryDict
    is_anew: bool  # the person was told that it was deleted, and wants it all the same


def receive(content: object, *, by: Membership, now: datetime) -> list[Answer]:
    """Saves what can be saved; one answer an entry, in their order.

    Raises NotABatch for what is no list of at most MOST entries with a `uid` and `fields`.
    """
    sent = _read(content)
    frame = Frame(by.programme_id)
    uids = {entry.uid for entry in sent}
    rows = Activity.objects.filter(uid__in=uids).for_lists()
    known = {row.uid for row in rows} | _deleted(sent)
    drafts: list[actions.Draft] = []
    answers: dict[int, Answer] = {}
    for index, entry in enumerate(sent):
        if entry.uid in known or entry.version or any(d.activity.uid == entry.uid for d in drafts):
            continue  # one by one, below
        try:
            checked = ActivityEntry(entry.data, membership=by, now=now, frame=frame, asks=False)
            if not checked.is_valid():
                answers[index] = _refused(entry, checked)
                continue
            activity = checked.form.instance
            activity.uid, activity.author = entry.uid, by.user
            drafts.append(actions.Draft(activity, checked.head_counts.cells()))
            answers[index] = _saved(entry, activity)
        except Exception:
            answers[index] = _unreadable(entry)
    if drafts:
        try:
            actions.log_activities(drafts=drafts, by=by, frame=frame)
        except (DatabaseError, UnicodeError, ValidationError, ValueError):
            # Another sending came between, a rule across tables spoke, or one of them cannot be
            # written: each for itself, so that none stands in the way of the others.
            answers = {i: answer for i, answer in answers.items() if answer.state == "refused"}
    for index, entry in enumerate(sent):
        if index not in answers:
            answers[index] = _safely(entry, by=by, now=now, frame=frame)
    return [answers[index] for index in range(len(sent))]


def _deleted(sent: list[_Sent]) -> set[UUID]:
    """Those that were saved once and removed since: they do not come back by themselves."""
    new = [entry.uid for entry in sent if not entry.version and not entry.is_anew]
    gone = Activity.history.filter(uid__in=new, history_type="-")
    return set(gone.values_list("uid", flat=True))


def _safely(entry: _Sent, *, by: Membership, now: datetime, frame: Frame) -> Answer:
    try:
        with transaction.atomic():
            return _one(entry, by=by, now=now, frame=frame)
    except Exception as error:
        if is_full(error):  # of the server, not of this entry: it is sent again
            raise
        return _unreadable(entry)


def _unreadable(entry: _Sent) -> Answer:
    """Whatever went wrong went wrong for this entry: it is kept on the phone, and told."""
    logger.exception("entry %s could not be saved", entry.uid)
    return Answer(str(entry.uid), "refused", faults=_words([UNREADABLE]))


def _read(content: Any) -> list[_Sent]:
    try:
        listed = content["entries"]
        if not isinstance(listed, list) or len(listed) > MOST:
            raise NotABatch("at most MOST entries")
        return [_read_one(entry) for entry in listed]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotABatch(str(error)) from error


def _read_one(entry: dict[str, Any]) -> _Sent:
    data = QueryDict(mutable=True)
    for name, value in entry["fields"]:
        # Half a character, which no database takes, becomes a question mark.
        data.appendlist(str(name), str(value).encode("utf-8", "replace").decode())
    uid = UUID(str(entry["uid"]))
    data["uid"] = str(uid)
    version = str(entry.get("version") or "")
    data["version"] = version
    number = int(version) if version.isdecimal() and len(version) < 10 else 0
    return _Sent(uid, number, data, bool(entry.get("anew")))


def _one(entry: _Sent, *, by: Membership, now: datetime, frame: Frame) -> Answer:
    """One that is known, or that changes what is saved, or that met another sending."""
    saved = Activity.objects.filter(uid=entry.uid).for_lists().first()
    if saved is not None and not (saved.is_visible_to(by) and saved.may_be_changed_by(by)):
        return Answer(str(entry.uid), "refused", faults=_words([actions.NOT_YOURS]))
    if saved is None and (entry.version or entry.uid in _deleted([entry])):
        return Answer(str(entry.uid), "conflict")
    shown = Activity.objects.filter(pk=saved.pk).for_lists().get() if saved else None
    checked = ActivityEntry(
        entry.data, membership=by, now=now, frame=frame, asks=False, activity=saved
    )
    if not checked.is_valid():
        return _refused(entry, checked)
    activity, cells = checked.form.instance, checked.head_counts.cells()
    try:
        if shown is None:
            activity.uid = entry.uid
            actions.log_activity(activity=activity, head_counts=cells, by=by)
        elif checked.says_the_same():
            return _saved(entry, shown, state="known")
        elif entry.version == shown.version:
            actions.change_activity(
                activity=activity,
                head_counts=cells,
                read_version=entry.version,
                by=by,
                fields=checked.changed_fields,
            )
            return replace(_saved(entry, activity), was_change=True)
        else:
            return _conflict(entry, shown, activity, cells)
    except (Done, Conflict):
        return _one(entry, by=by, now=now, frame=frame)
    except PermissionDenied:
        return Answer(str(entry.uid), "refused", faults=_words([actions.NOT_YOURS]))
    except ValidationError as error:
        return Answer(str(entry.uid), "refused", faults=_words(error.messages))
    return _saved(entry, activity)


def _saved(entry: _Sent, activity: Activity, state: str = "saved") -> Answer:
    return Answer(
        str(entry.uid),
        state,
        said=said(activity),
        day=activity.day.isoformat(),
        version=activity.version,
    )


def _refused(entry: _Sent, checked: ActivityEntry) -> Answer:
    return Answer(str(entry.uid), "refused", faults=checked.faults())


def _conflict(entry: _Sent, saved: Activity, typed: Activity, cells: HeadCounts) -> Answer:
    changes = differences_with_counts(saved, typed, cells)
    return Answer(
        str(entry.uid),
        "conflict",
        said=said(saved),
        version=saved.version,
        differing=[{"label": c.label, "before": c.before, "after": c.after} for c in changes],
    )


def _words(lines: list[str]) -> list[dict[str, str]]:
    return [{"field": "", "label": "", "message": message} for message in lines]

"""Going back to an earlier version: each writes a new one through the action that any change takes.

Nothing of the history is lost, and going back can be undone in turn. What a version pointed to may
be gone since: then what is saved now stays, and `Return.said` tells it.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from governance.base import is_current
from governance.models import Act, Audience, Committee, Membership, Party, User

from .actions import HeadCounts, change_activity, restore_activity
from .actions_situations import Involvements, change_situation, check_line
from .frame.models import Frame
from .history import Cells, State, current_state, followed, state_at
from .models import Activity, AgeBand, AgendaLine, Situation


class NothingToUndo(Exception):
    """What is saved says the same already; `subject` is it."""

    def __init__(self, subject: Any) -> None:
        super().__init__(str(subject.pk))
        self.subject = subject


class LoggedAnew(Exception):
    """A deleted activity was logged again from its form; `activity` is that one."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity.uid))
        self.activity = activity


@dataclass
class Return:
    """What going back did: the subject as saved, and what of its version could not come back."""

    subject: Any
    restored: bool = False
    said: list[str] = field(default_factory=list)


@transaction.atomic
def return_activity(*, version: Any, read_version: int, by: Membership) -> Return:
    """Brings an activity, deleted ones included, back to what a version of it said.

    A text that seems to identify somebody waits for the coordination again (R25). Raises
    NothingToUndo, LoggedAnew, ChangedMeanwhile, PermissionDenied, ValidationError.
    """
    wanted = state_at(version)
    activity = Activity.objects.select_for_update().filter(pk=version.id).first()
    if activity is None:
        return _restore(wanted, by)
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    frame = Frame(activity.programme_id)
    if wanted.row.objective_id is None:
        # An objective left to the software is the one that it chooses today.
        themes = [frame.themes[key] for key in _theme_keys(wanted.row) if key in frame.themes]
        derived = frame.objective_for(wanted.row.type, themes)
        wanted.row.objective_id = derived.pk if derived else None
    now = current_state(activity)
    if now.says_the_same(wanted):
        raise NothingToUndo(activity)
    back = Return(activity)
    fields = _take_fields(back, wanted)
    counts = _counts(back, wanted.cells[0], now.cells[0])
    if not fields and _keys(counts) == now.cells[0]:
        raise ValidationError(back.said)  # all that differs is what cannot come back
    activity.checked_against = frame
    activity._change_reason = _reason(version)  # type: ignore[attr-defined]
    change_activity(
        activity=activity,
        head_counts=counts,
        read_version=read_version,
        by=by,
        fields=[*fields, *(["head_counts"] if _keys(counts) != now.cells[0] else [])],
        act=Act.UNDO,
    )
    return back


def _restore(wanted: State, by: Membership) -> Return:
    """The activity under its own key and `uid`, as it was when it was deleted."""
    anew = Activity.objects.filter(uid=wanted.row.uid).first()
    if anew is not None:
        raise LoggedAnew(anew)
    activity = wanted.row.instance
    last = Activity.history.filter(id=activity.pk).aggregate(last=Max("version"))["last"]
    activity.version = last + 1
    back = Return(activity, restored=True)
    _drop_vanished(back)
    try:
        with transaction.atomic():
            restore_activity(
                activity=activity, head_counts=_counts(back, wanted.cells[0], {}), by=by
            )
    except IntegrityError:
        raise NothingToUndo(activity) from None
    return back


@transaction.atomic
def return_situation(*, version: Any, read_version: int, by: Membership) -> Return:
    """Brings a situation, its parties and its coming agenda lines back to what a version said.

    The lines of a session that took place are what partners were shown: they stay as they are.
    Raises NothingToUndo, SituationChanged, PermissionDenied, ValidationError.
    """
    wanted = state_at(version)
    situation = Situation.objects.select_for_update().get(pk=version.id)
    now = current_state(situation)
    if now.says_the_same(wanted):
        raise NothingToUndo(situation)
    back = Return(situation)
    fields = _take_fields(back, wanted)
    involved = _involved(back, wanted.cells[0], now.cells[0])
    lines = _lines(back, situation, wanted.cells[1], now.cells[1])
    parties = {(party.pk,): part for party, part in involved.items()}
    if not fields and not lines and parties == now.cells[0]:
        raise ValidationError(back.said)  # all that differs is what cannot come back
    situation._change_reason = _reason(version)  # type: ignore[attr-defined]
    change_situation(
        situation=situation,
        involvements=involved,
        read_version=read_version,
        by=by,
        fields=[
            *fields,
            *(["involvements"] if parties != now.cells[0] else []),
            *(["agenda_lines"] if lines else []),
        ],
        act=Act.UNDO,
    )
    for (committee, day), line in lines.items():
        row = situation.agenda_lines.filter(committee=committee, day=day).first()
        if line is None:
            if row is not None:
                row.delete()
        else:
            row = row or AgendaLine(situation=situation, committee=committee, day=day)
            row.line = line
            row.full_clean()
            row.save()
    return back


# --- What can come back, and what cannot ----------------------------------------------------------


def _reason(version: Any) -> str:
    return f"Retour à l’état du {timezone.localtime(version.history_date):%d/%m/%Y à %H:%M}"


def _theme_keys(row: Any) -> list[int]:
    return [key for key in (row.theme_id, row.second_theme_id) if key]


def _take_fields(back: Return, wanted: State) -> list[str]:
    """Sets the subject's followed fields to the version's; names those that changed."""
    subject, changed = back.subject, []
    declared = followed(subject)
    pointers = declared.pointers(type(subject))
    for name in declared.fields:
        attname = subject._meta.get_field(name).attname
        value = getattr(wanted.row, attname)
        if getattr(subject, attname) == value:
            continue
        if name in pointers and value is not None:
            row = _found(pointers[name], value, subject)
            if row is None:
                label = subject._meta.get_field(name).verbose_name
                back.said.append(f"{str(label).capitalize()} : ce choix n’existe plus.")
                continue
            if not is_current(row, timezone.localdate()):
                back.said.append(
                    f"« {row} » n’est plus proposé dans les listes ; cette saisie le retrouve."
                )
            setattr(subject, name, row)
        else:
            setattr(subject, attname, value)
        changed.append(name)
    if isinstance(subject, Activity):
        themes = list(dict.fromkeys(subject.themes))  # one that is gone must not leave a double
        subject.theme, subject.second_theme = (*themes, None, None)[:2]
    return changed


def _drop_vanished(back: Return) -> None:
    """Empties what a deleted activity pointed to and is gone; its place, its author cannot be."""
    activity = back.subject
    if not User.objects.filter(pk=activity.author_id).exists():
        raise ValidationError(
            "Cette activité ne peut pas être rétablie : le compte de son auteur n’existe plus."
        )
    for name, model in followed(activity).pointers(Activity).items():
        key = getattr(activity, f"{name}_id")
        if key is None or _found(model, key, activity) is not None:
            continue
        field_ = Activity._meta.get_field(name)
        label = str(getattr(field_, "verbose_name", name))
        if not getattr(field_, "null", False):
            raise ValidationError(
                f"Cette activité ne peut pas être rétablie : son {label} n’existe plus."
            )
        setattr(activity, name, None)
        back.said.append(f"{label.capitalize()} : ce choix n’existe plus.")
    themes = activity.themes
    activity.theme, activity.second_theme = (*themes, None, None)[:2]


def _found(model: Any, key: Any, subject: Any) -> Any:
    return model._default_manager.of_programme(subject.programme_id).filter(pk=key).first()


def _rows(model: Any, keys: set[Any]) -> dict[Any, Any]:
    return {row.pk: row for row in model._default_manager.filter(pk__in=keys)}


def _keys(counts: HeadCounts) -> Cells:
    return {(audience.pk, str(band)): count for (audience, band), count in counts.items()}


def _counts(back: Return, wanted: Cells, now: Cells) -> HeadCounts:
    known = _rows(Audience, {key for key, _ in (*wanted, *now)})
    gone = [count for (key, _), count in wanted.items() if key not in known]
    if gone:
        back.said.append(
            "Public : un choix n’existe plus, ses personnes ne sont pas comptées de nouveau."
        )
    return {
        (known[key], AgeBand(band).value): count
        for (key, band), count in wanted.items()
        if key in known
    }


def _involved(back: Return, wanted: Cells, now: Cells) -> Involvements:
    known = _rows(Party, {key for (key,) in (*wanted, *now)})
    if any(key not in known for (key,) in wanted):
        back.said.append("Partie concernée : une partie n’existe plus.")
    return {known[key]: part for (key,), part in wanted.items() if key in known}


def _lines(
    back: Return, situation: Situation, wanted: Cells, now: Cells
) -> dict[tuple[Committee, date], str | None]:
    """What to put on coming agendas, or (None) to take off them."""
    today = timezone.localdate()
    found: dict[tuple[Committee, date], str | None] = {}
    differing = [cell for cell in {**wanted, **now} if wanted.get(cell) != now.get(cell)]
    known = _rows(Committee, {key for key, _ in differing})
    for key, day in differing:
        committee, line = known.get(key), wanted.get((key, day))
        where = f"{committee or 'une instance'}, séance du {day:%d/%m/%Y}"
        if committee is None:
            back.said.append("Ordre du jour : une instance n’existe plus.")
        elif day < today:
            back.said.append(f"Ordre du jour ({where}) : la séance a eu lieu, rien n’y change.")
        elif line is None:
            found[committee, day] = None
        else:
            try:
                check_line(situation=situation, line=line, day=day, today=today)
            except ValidationError as error:
                back.said.append(f"Ordre du jour ({where}) : {' '.join(error.messages)}")
            else:
                found[committee, day] = line
    return found

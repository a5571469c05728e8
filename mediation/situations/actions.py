"""Writes on situations: keyword-only, `by=` the membership that acts, atomic, journalled (R25, R59).

Every one of them makes one version of the situation, its agenda lines included: what is saved with
it afterwards belongs to that version (see `history`).
"""

import re
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.models import (
    Act,
    Committee,
    Membership,
    Party,
    Place,
    PlaceKind,
    record,
)
from humanicite.lib.text import fold
from humanicite.lib.writes import Done, save_once, take_version
from mediation import personal
from mediation.activities.actions import change_activity
from mediation.activities.models import Activity

from .models import AgendaLine, Involvement, Situation, SituationState

NOT_YOURS = "Cette situation ne peut pas être enregistrée : rouvrez le formulaire."
FARTHEST = timedelta(days=366)  # no committee is convened further ahead
# Parties involved, and what is expected of each.
Involvements = dict[Party, str]
# An address, or a building by its letter or number: it tells the place where no name does.
_ADDRESS = re.compile(
    r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:(?:rue|avenue|allée|boulevard|chemin|impasse|quai|square)\b"
    r"|(?:place|passage|résidence) (?:de|du|des|d’|d'))"
    r"|\b(?:[Bb]âtiment|[Bb]ât\.?|[Ee]ntrée|[Ee]scalier|[Hh]all) (?:n° ?)?(?:[A-Z](?![\w’'])|\d{1,3}\b)"
)


def open_situation(
    *,
    situation: Situation,
    involvements: Involvements,
    by: Membership,
    activity: Activity | None = None,
) -> Situation:
    """Saves a new situation once, however often its form arrives; `activity` begins its thread.

    Raises Done for a `uid` that is known, PermissionDenied, ValidationError.
    """
    situation.programme_id = by.programme_id
    situation.author_id = by.user_id

    def save() -> None:
        if not situation.may_be_changed_by(by):
            raise PermissionDenied
        situation.full_clean(exclude=["uid"])  # the database tells who came first
        situation.save()
        _save_involvements(situation, involvements)
        record(Act.CREATE, situation, by=by, programme=situation.programme_id)
        if activity is not None:
            join(activity=activity, situation=situation, by=by)

    return save_once(
        situation, save, is_theirs=lambda row: row.is_visible_to(by), refusal=NOT_YOURS
    )


@transaction.atomic
def change_situation(
    *,
    situation: Situation,
    involvements: Involvements,
    read_version: int,
    by: Membership,
    fields: list[str],
    act: Act = Act.CHANGE,
) -> Situation:
    """Saves a changed situation, unless somebody else did since `read_version` was shown.

    Raises Conflict with the row as it stands, PermissionDenied, ValidationError.
    """
    _take(situation, read_version, by)
    situation.full_clean()
    situation.save()
    _save_involvements(situation, involvements)
    record(act, situation, by=by, programme=situation.programme_id, fields=fields)
    return situation


@transaction.atomic
def close_situation(
    *,
    situation: Situation,
    outcome: str,
    closing_note: str,
    closed_on: date,
    read_version: int,
    by: Membership,
) -> Situation:
    """Ends a situation. Its next step goes with it: the history keeps which it was.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    _take(situation, read_version, by)
    situation.state = SituationState.CLOSE
    situation.outcome, situation.closing_note = outcome, closing_note
    situation.closed_on = closed_on
    situation.next_step, situation.next_on = "", None
    _save_fields(situation, by, ["state", "outcome", "closing_note", "closed_on"])
    return situation


@transaction.atomic
def reopen_situation(*, situation: Situation, read_version: int, by: Membership) -> Situation:
    """Takes a closed situation up again; how it had ended stays in its history.

    Raises Conflict, PermissionDenied.
    """
    _take(situation, read_version, by)
    situation.state = SituationState.OUVERTE
    situation.outcome, situation.closing_note, situation.closed_on = "", "", None
    _save_fields(situation, by, ["state", "outcome", "closing_note", "closed_on"])
    return situation


@transaction.atomic
def put_on_agenda(
    *, situation: Situation, committee: Committee, day: date, line: str, today: date, by: Membership
) -> AgendaLine:
    """Shows a committee one anonymous line of a situation (R25, R59).

    Raises ValidationError for a line that says too much or a day that cannot be, Done
    for the same line again, PermissionDenied.
    """
    situation = _locked(situation, by)
    line = " ".join(line.split())
    same = situation.agenda_lines.filter(committee=committee, day=day).first()
    if same is not None and same.line == line:
        raise Done(same)
    check_line(situation=situation, line=line, day=day, today=today)
    put = AgendaLine(situation=situation, committee=committee, day=day, line=line)
    put.full_clean()
    _save_fields(situation, by, ["agenda_lines"])
    put.save()
    return put


@transaction.atomic
def take_off_agenda(*, situation: Situation, key: int, by: Membership) -> AgendaLine | None:
    """Hides a line again, at any time: what says too much must be able to go. None: it is gone."""
    situation = _locked(situation, by)
    line = situation.agenda_lines.select_related("committee").filter(pk=key).first()
    if line is None:
        return None
    _save_fields(situation, by, ["agenda_lines"])
    line.delete()
    return line


def check_line(*, situation: Situation, line: str, day: date, today: date) -> None:
    """What a committee's parties, whatever their perimeter, may be shown of a situation.

    Raises ValidationError by field: a closed situation, a past or far day, a text that seems to
    identify somebody or that tells the place.
    """
    errors: dict[str, list[str]] = {}
    if situation.is_closed:
        raise ValidationError("Cette situation est close : rouvrez-la pour l’inscrire.")
    if day < today:
        errors["day"] = ["Cette séance a eu lieu : choisissez une date à venir."]
    elif day > today + FARTHEST:
        errors["day"] = ["Cette date est à plus d’un an : vérifiez l’année."]
    found = personal.find(line)
    if found:
        errors["line"] = [
            f"Les partenaires liront cette ligne, et elle semble identifier quelqu’un : "
            f"{personal.said(found)}. Dites le sujet, sans la personne."
        ]
    told = _place_told(situation.place, line)
    if told:
        errors.setdefault("line", []).append(
            f"Cette ligne dit où cela se passe ({told}) : écrivez-la sans le lieu."
        )
    if errors:
        raise ValidationError(errors)


def involvements_of(situation: Situation) -> Involvements:
    return {row.party: row.part for row in situation.involvements.select_related("party")}


def _take(situation: Situation, read_version: int, by: Membership) -> None:
    """Makes this writer's version the next one, or tells who came first."""
    if not situation.may_be_changed_by(by):
        raise PermissionDenied
    take_version(situation, read_version, Situation.objects.select_related("place"))


def _locked(situation: Situation, by: Membership) -> Situation:
    """The situation as it stands, for a write that adds to it and replaces nothing."""
    if not situation.may_be_changed_by(by):
        raise PermissionDenied
    row: Situation = Situation.objects.select_for_update().get(pk=situation.pk)
    row.version += 1
    return row


def _save_fields(situation: Situation, by: Membership, fields: list[str]) -> None:
    situation.full_clean()
    situation.save()
    record(Act.CHANGE, situation, by=by, programme=situation.programme_id, fields=fields)


def _save_involvements(situation: Situation, wanted: Involvements) -> None:
    """Only the rows that changed are touched, one by one: each has its own history."""
    present = {row.party: row for row in situation.involvements.select_related("party")}
    for party, row in present.items():
        if party not in wanted:
            row.delete()
    for party, part in wanted.items():
        known = present.get(party)
        if known is not None and known.part == part:
            continue
        row = known or Involvement(situation=situation, party=party)
        row.part = part
        row.full_clean()
        row.save()


def _place_told(place: Place, line: str) -> str:
    """What in a line tells the place: its name, that of what holds it, or an address."""
    said = fold(line)
    keys = [place.pk, *place.ancestor_ids]
    near = Place.objects.filter(pk__in=keys, kind__in=[PlaceKind.SPOT, PlaceKind.BLOCK])
    for name in near.values_list("name", flat=True):
        if re.search(rf"\b{re.escape(fold(name))}\b", said):
            return str(name)
    found = _ADDRESS.search(line)
    return found[0] if found else ""


@transaction.atomic
def join(*, activity: Activity, situation: Situation | None, by: Membership) -> Activity:
    """Puts an activity into a situation's thread, or takes it out of the one it is in.

    Raises PermissionDenied for somebody else's activity, ValidationError when it is
    gone.
    """
    row = Activity.objects.select_for_update().filter(pk=activity.pk).first()
    if row is None:
        raise ValidationError("Cette activité a été supprimée entre-temps.")
    if row.situation_id == (situation.pk if situation else None):
        return row
    if situation is not None and situation.is_closed:
        raise ValidationError("Cette situation est close : rouvrez-la pour y ajouter une activité.")
    row.situation = situation
    return change_activity(
        activity=row,
        head_counts=None,
        read_version=row.version,
        by=by,
        fields=["situation"],
    )

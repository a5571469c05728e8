"""What the parties decide, plan and pass on: decisions, roadmap, news (R37, R50, R83). The roadmap stands
beside the indicators.

Each keeps to what the edition's party may read: a decision of a meeting it was asked to, nothing that
is confidential, no place and no name of elsewhere.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.text import Truncator

from governance.models import ActionItem, ActionState, Decision, QuarterNews
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import datefr, plural
from mediation.models import PlannedAction, PlannedState
from reporting.naming import covered_in, outside_names, told_outside

from . import parts, titles
from .blocks import Block, Matter, register
from .parts import Part, cell

DECISIONS, NEWS = "decisions", "informations"
MOST_ROWS = {"mois": 8, "semestre": 20, "annee": 40}
LONGEST_DECISION = 280  # characters; the minutes hold the whole


def register_all() -> None:
    followed = partial(Block, is_analysed=False, asks_for_data=False, is_followed=True)
    register(followed(DECISIONS, "Décisions", decisions), rank=85)
    register(followed(NEWS, "Informations du quartier", news), rank=90)


# --- Decisions ------------------------------------------------------------------------------------
def _read_by(matter: Matter, rows: Any) -> Any:
    """Under the points of the period's meetings that the edition's party was asked to."""
    party = matter.perimeter.party
    rows = rows.of_programme(party.programme_id).filter(
        is_internal=False,
        item__is_confidential=False,
        item__meeting__day__gte=matter.period.first,
        item__meeting__day__lte=matter.period.last,
    )
    if not party.is_operator:
        rows = rows.filter(item__meeting__invitations__party=party.pk)
    return rows.select_related("item__meeting__committee").distinct()


def decisions(matter: Matter) -> list[Part]:
    """What was decided, and who does what by when."""
    names = outside_names(matter.perimeter, matter.period)
    decided = _read_by(matter, Decision.objects.all()).filter(number__isnull=False)
    rows = [
        row
        for row in decided.order_by("item__meeting__day", "number", "pk")
        if not told_outside(row.text, names)
    ]
    asked = _read_by(matter, ActionItem.objects.all()).exclude(state=ActionState.DROPPED)
    items = [
        row
        for row in asked.select_related("party").order_by("due_on", "pk")
        if not told_outside(f"{row.text} {row.closing_note}", names)
    ]
    made: list[Part] = []
    if rows:
        cells = [
            [
                cell(Truncator(row.text).chars(LONGEST_DECISION)),
                cell(row.reference),
                cell(_where(row)),
            ]
            for row in _first(matter, rows)
        ]
        columns = [("Décision", "text"), ("Numéro", "note"), ("Séance", "note")]
        caption = f"Ce qui a été décidé {_when(matter)}, comptes rendus approuvés"
        made.append(parts.table("Décisions", caption, columns, cells, "dense"))
        made += _more(matter, rows)
    if items:
        cells = [
            [
                cell(row.text),
                cell(row.party.short_name),
                cell(datefr(row.due_on)),
                cell(_stands(row, matter)),
            ]
            for row in _first(matter, items)
        ]
        columns = [
            ("Action", "text"),
            ("Qui", "note"),
            ("Pour le", "note"),
            ("Où elle en est", "note"),
        ]
        caption = f"Qui fait quoi, et pour quand{NBSP}: les actions décidées {_when(matter)}"
        made.append(parts.table("Actions décidées", caption, columns, cells, "dense"))
        made += _more(matter, items)
    return made


def _where(row: Decision) -> str:
    meeting = row.item.meeting
    return f"{meeting.committee.name}, {datefr(meeting.day)}"


def _stands(row: ActionItem, matter: Matter) -> str:
    if row.closed_on and row.closed_on <= matter.on:
        return f"Faite le {datefr(row.closed_on)}"
    return "En retard" if row.due_on < matter.on else "À faire"


# --- Roadmap --------------------------------------------------------------------------------------
def roadmap(matter: Matter) -> list[Part]:
    """The plan of the month, or of the year, as far as it concerns the perimeter (R11). Told as it
    stands: an action that is settled since is no figure that changed."""
    covered = covered_in(matter.perimeter, matter.period)
    names = outside_names(matter.perimeter, matter.period)
    month = None if titles.is_review(matter.period) else matter.period.index
    planned = (
        PlannedAction.objects.of_programme(matter.perimeter.programme_id)
        .filter(roadmap__is_internal=False, roadmap__year=matter.period.year, roadmap__month=month)
        .filter(Q(place__isnull=True) | Q(place__in=covered))
        .filter(starts__lte=matter.period.last)
        .select_related("objective__axis", "place", "roadmap")
        .order_by("objective__axis__number", "objective__number", "rank", "pk")
    )
    rows = [
        row
        for row in planned
        if not told_outside(f"{row.title} {row.expected} {row.reason}", names)
    ]
    if not rows:
        return []
    kept = [row for row in rows if row.state in (PlannedState.PLANNED, PlannedState.DONE)]
    done = sum(row.state == PlannedState.DONE for row in kept)
    cells = [
        [
            cell(row.title), cell(f"{row.objective.axis.number}.{row.objective.number}"),
            cell(row.place.name if row.place else "Tout le quartier"), cell(_went(row)),
        ]
        for row in _first(matter, rows)
    ]  # fmt: skip
    what = "de l’année" if month is None else "du mois"
    caption = (
        f"{plural(done, 'action réalisée,actions réalisées')} sur {len(kept)}, sans les reportées ni "
        "les abandonnées"
    )
    columns = [("Action", "text"), ("Objectif", "note"), ("Lieu", "note"), ("État", "note")]
    table = parts.table("Feuille de route", caption, columns, cells, "dense")
    table["is_counted"] = False
    return [parts.heading(f"Feuille de route {what}"), table, *_more(matter, rows)]


def _went(row: PlannedAction) -> str:
    said = str(row.get_state_display())
    return f"{said}{NBSP}: {row.reason}" if row.reason else said


# --- News -----------------------------------------------------------------------------------------
def news(matter: Matter) -> list[Part]:
    """Works, arrivals, events of the period at the perimeter's places."""
    names = outside_names(matter.perimeter, matter.period)
    found = (
        QuarterNews.objects.of_programme(matter.perimeter.programme_id)
        .published()
        .filter(
            starts__lte=matter.period.last,
            ends__gte=matter.period.first,
            place__in=covered_in(matter.perimeter, matter.period),
        )
        .select_related("place", "party")
        .order_by("starts", "pk")
    )
    rows = [row for row in found if not told_outside(row.title, names)]
    entries = [
        f"{row.get_kind_display()}, {row.place.name}, {_days(row)}{NBSP}: {row.title.rstrip('.')}."
        for row in _first(matter, rows)
    ]
    return [parts.facts(entries), *_more(matter, rows)] if entries else []


def _days(row: QuarterNews) -> str:
    if row.starts == row.ends:
        return f"le {datefr(row.starts)}"
    return f"du {datefr(row.starts)} au {datefr(row.ends)}"


# --- In common ------------------------------------------------------------------------------------
def _when(matter: Matter) -> str:
    return "sur la période" if titles.is_review(matter.period) else "dans le mois"


def _first(matter: Matter, rows: list[Any]) -> list[Any]:
    return rows[: MOST_ROWS[matter.period.kind]]


def _more(matter: Matter, rows: list[Any]) -> Iterable[Part]:
    """What was left off so that the document stays short, said."""
    left = len(rows) - MOST_ROWS[matter.period.kind]
    return [parts.paragraph(f"Et {plural(left, 'autre,autres')}.", quiet=True)] if left > 0 else []

"""Files of exactly the activities that a list shows, in the columns that its reader may read."""

from collections.abc import Iterator
from typing import IO, Any

from django.db.models import Aggregate, CharField, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.text import slugify

from governance.models import Membership, Objective, Perimeter
from humanicite.lib.exports import WRITERS, Column
from mediation.frame.reference import ReferenceActivity

from .filters import ActivityFilter
from .models import (
    PARTNER_KINDS,
    ActivityQuerySet,
    ConflictForm,
    Consent,
    HeadCount,
    Outcome,
    Refusal,
    RequestOrigin,
    Review,
)

CHUNK = 2000  # rows fetched at a time

SHARED_COLUMNS = (
    Column("Date", "day", 12), Column("Activité", "label", 32), Column("Lieu", "label", 26),
    Column("Durée (min)", "whole", 12), Column("Durée (h)", "decimal", 10),
    Column("Thématique", "label", 22), Column("Seconde thématique", "label", 22),
    Column("Axe", "label", 34), Column("Objectif", "label", 40),
    Column("Suite donnée", "label", 14), Column("Forme du conflit", "label", 18),
    Column("Résumé", width=50),
)  # fmt: skip
OWN_COLUMNS = (
    Column("Note interne", width=60), Column("Relecture", "label", 12), Column("Début", "time", 8),
    Column("Origine", "label", 22), Column("Motif du refus", "label", 26),
    Column("Partenaire", "label", 22), Column("Accord recueilli", "label", 12),
    Column("Médiateur", "label", 22),
)  # fmt: skip
# By which a file that comes back is known (see `imports`).
IDENTITY = Column("Identifiant Humanicité", width=36)


def write(rows: ActivityQuerySet, found: ActivityFilter, form: str) -> IO[bytes]:
    """The file, at its beginning. `form`: csv or xlsx. Raises TooManyRows."""
    columns = [*SHARED_COLUMNS]
    cells = _shared(rows, found)
    if found.reads_all:
        audiences = found.names.audiences
        columns += [*OWN_COLUMNS, *(Column(name.name, "whole", 12) for name in audiences.values())]
        columns.append(IDENTITY)
        cells = _own(rows, found)
    return WRITERS[form](columns, cells)


def file_name(found: ActivityFilter, membership: Membership, form: str) -> str:
    """« activites-capinghem-2026-03-01-2026-03-18.csv »: whose, and of what days."""
    perimeter = perimeter_of(found, membership)
    whose = perimeter.party.slug if perimeter else membership.programme.slug
    first, last = found.bounds
    days = [day.isoformat() for day in (first, last) if day]
    if len(days) == 1:
        days.insert(0, "depuis" if first else "jusqu-au")
    return "-".join(["activites", slugify(whose), *(days or ["tout"])]) + f".{form}"


def perimeter_of(found: ActivityFilter, membership: Membership) -> Perimeter | None:
    """The perimeter that was read: the chosen one, or a partner's own."""
    chosen = found.cleaned_data.get("perimetre")
    return chosen or (None if found.reads_all else membership.perimeter)


SHARED_FIELDS = (
    "day", "type", "place_id", "minutes", "theme_id", "second_theme_id", "objective_id", "outcome",
    "conflict_form", "summary", "review",
)  # fmt: skip
OWN_FIELDS = (
    "internal_note", "starts_at", "origin", "refusal", "partner_kind", "consent", "author_id", "uid",
)  # fmt: skip
_HOURS = [round(minutes / 60, 2) for minutes in range(24 * 60 + 1)]


class _Names:
    """What keys and codes are called; asked for once a file."""

    def __init__(self, found: ActivityFilter) -> None:
        names = found.names
        objectives = Objective.objects.visible_to(names.membership).select_related("axis")
        self.types = {one.value: one.label for one in ReferenceActivity}
        self.places = {pk: place.name for pk, place in names.places.items()}
        self.themes: dict[object, str] = {pk: theme.name for pk, theme in names.themes.items()}
        self.themes[None] = ""
        self.objectives: dict[object, tuple[str, str]] = {
            row.pk: (str(row.axis), str(row)) for row in objectives
        }
        self.objectives[None] = ("", "")
        self.outcomes = {"": "", **dict(Outcome.choices)}
        self.origins = {"": "", **dict(RequestOrigin.choices)}
        self.refusals = {"": "", **dict(Refusal.choices)}
        self.conflict_forms = {"": "", **dict(ConflictForm.choices)}
        self.partners = {"": "", **dict(PARTNER_KINDS)}
        self.consents = {"": "", **dict(Consent.choices)}
        self.author = names.author
        self.reviews = {**dict(Review.choices), "": ""}


def _shared(rows: ActivityQuerySet, found: ActivityFilter) -> Iterator[list[object]]:
    names = _Names(found)
    for (
        day,
        type_,
        place,
        minutes,
        theme,
        second,
        objective,
        outcome,
        conflict_form,
        summary,
        review,
    ) in rows.values_list(*SHARED_FIELDS).iterator(chunk_size=CHUNK):
        axis, text = names.objectives[objective]
        # As the row's own rule has it: nothing while the text waits to be read again.
        shown = "" if review == Review.PENDING else summary
        yield [
            day, names.types[type_], names.places[place], minutes, _HOURS[minutes],
            names.themes[theme], names.themes[second], axis, text, names.outcomes[outcome],
            names.conflict_forms[conflict_form], shown,
        ]  # fmt: skip


def _own(rows: ActivityQuerySet, found: ActivityFilter) -> Iterator[list[Any]]:
    names, audiences = _Names(found), list(found.names.audiences)
    nobody = [None] * len(audiences)
    read = rows.annotate(met=Subquery(_people_met()))
    for (
        day,
        type_,
        place,
        minutes,
        theme,
        second,
        objective,
        outcome,
        conflict_form,
        summary,
        review,
        note,
        starts_at,
        origin,
        refusal,
        partner,
        consent,
        author,
        uid,
        met,
    ) in read.values_list(*SHARED_FIELDS, *OWN_FIELDS, "met").iterator(chunk_size=CHUNK):
        axis, text = names.objectives[objective]
        yield [
            day, names.types[type_], names.places[place], minutes, _HOURS[minutes],
            names.themes[theme], names.themes[second], axis, text, names.outcomes[outcome],
            names.conflict_forms[conflict_form], summary, note, names.reviews[review], starts_at,
            names.origins[origin], names.refusals[refusal], names.partners[partner],
            names.consents[consent], names.author(author),
            *(_counts(met, audiences) if met else nobody), str(uid),
        ]  # fmt: skip


class _InOneText(Aggregate):
    """The texts of a group, with spaces between, on either database."""

    template = "%(function)s(%(expressions)s, ' ')"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="string_agg", **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="group_concat", **extra)


def _people_met() -> Any:
    """Of a row that is read, « audience:count » for each cell: one query makes a file, however long."""
    cell = Concat(Cast("audience", CharField()), Value(":"), Cast("count", CharField()))
    cells = HeadCount.objects.filter(activity=OuterRef("pk")).order_by()
    return cells.values("activity").annotate(cells=_InOneText(cell)).values("cells")


def _counts(met: str, audiences: list[int]) -> list[int | None]:
    """People by audience, in the order of the columns; bands are added up."""
    counts: dict[int, int] = {}
    for cell in met.split():
        audience, _, count = cell.partition(":")
        counts[int(audience)] = counts.get(int(audience), 0) + int(count)
    return [counts.get(key) for key in audiences]

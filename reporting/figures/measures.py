"""The catalogue of measures: (measure, filters, perimeter, period, as of) → a value that shows what it
is made of.

What several indicators ask is read together: each table once, whatever the number of indicators and of
periods, grouped by the database. A value is None, « n/d », where a month has no data or a rate nothing
to divide by. A period that is over is told as of its last day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Any

from django.utils import timezone

from governance.models import ActionState, Perimeter
from humanicite.lib.dates import NBSP, working_days_between
from humanicite.templatetags.french import plural
from mediation.activities.models import Outcome, RequestOrigin
from mediation.frame.reference import ReferenceActivity
from mediation.models import PlannedState, SignalementState
from mediation.signalements.models.course import EventKind
from mediation.signalements.past import end_of
from mediation.worktime.hours import WorkYear
from reporting.periods import Period
from reporting.recommendations.models import RecommendationState

from .comparison import LEVEL, exact_p
from .disclosure import ROUND
from .facts import (
    BANDS,
    OF_FILTERS,
    UNKNOWN_AMOUNT,
    WITHHELD,
    Aggregation,
    Amount,
    Ask,
    Cell,
    Facts,
    Unit,
    matches,
    months_of,
)
from .signalements import SignalementFigures

CLOSED_OUTCOMES = frozenset(Outcome.values) - {Outcome.EN_COURS}
APPEASED = frozenset({Outcome.RESOLU, Outcome.AMELIORE})
REFERRED = frozenset({Outcome.ORIENTE, Outcome.RESOLU, Outcome.AMELIORE})
TAKEN_WITHIN, AND_WITHIN = 3, 5  # working days to the first answer (S11)


def _share(part: float, whole: float, **more: Any) -> Amount:
    """A percentage; unknown where there is nothing to divide by."""
    value = 100 * part / whole if whole > 0 else None
    return Amount(value, part, whole, **more)


@dataclass(frozen=True)
class Measure:
    """One entry of the catalogue. `filters`: those that it knows; `needs`: one of these is asked for.

    `of`: « des activités », what its numerator and denominator count. `by_hand`: nothing in the records
    gives it; it is entered with its source.
    """

    code: str
    label: str
    unit: Unit
    aggregations: tuple[Aggregation, ...]
    compute: Callable[["Facts", Ask], Amount] | None = None
    filters: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    made_of: tuple[str, str] = ("", "")  # what the numerator and the denominator are
    columns: frozenset[str] = frozenset()  # of activities, besides those that its filters read
    source: str = "Activités enregistrées"
    method: str = ""

    @property
    def by_hand(self) -> bool:
        return self.compute is None


# --- How each is counted --------------------------------------------------------------------------


def _of_type(type_: str) -> Callable[[Cell], bool]:
    return lambda cell: bool(cell["type"] == type_)


def _unfiltered(ask: Ask, *names: str) -> Ask:
    kept = ask.filters
    if "type" in names:
        kept = replace(kept, type="")
    if "audience" in names:
        kept = replace(kept, audience=None)
    return replace(ask, filters=kept)


def _hours(facts: Facts, ask: Ask) -> Amount:
    if not facts.has_data(ask.period):
        return UNKNOWN_AMOUNT
    found = facts.counted(ask)
    return Amount(found.hours, rows=found.n)


def _share_of_hours(facts: Facts, ask: Ask) -> Amount:
    part, whole = facts.counted(ask), facts.counted(_unfiltered(ask, "type"))
    return _share(part.hours, whole.hours, rows=part.n)


def _count(type_: str = "") -> Callable[[Facts, Ask], Amount]:
    def count(facts: Facts, ask: Ask) -> Amount:
        if not facts.has_data(ask.period):
            return UNKNOWN_AMOUNT
        narrowed = replace(ask, filters=replace(ask.filters, type=type_)) if type_ else ask
        found = facts.counted(narrowed)
        return Amount(found.n, rows=found.n)

    return count


def _contacts(type_: str = "") -> Callable[[Facts, Ask], Amount]:
    def contacts(facts: Facts, ask: Ask) -> Amount:
        if not facts.has_data(ask.period):
            return UNKNOWN_AMOUNT
        narrowed = replace(ask, filters=replace(ask.filters, type=type_)) if type_ else ask
        people = sum(
            cell["people"]
            for _, cell in facts.of_period(facts.people, ask.period)
            if matches(cell, narrowed.filters)
        )
        return Amount(people, rows=facts.counted(narrowed).n)

    return contacts


def _off_hours(facts: Facts, ask: Ask) -> Amount:
    part = facts.counted(ask, lambda cell: cell["is_off"] or cell["is_evening"])
    whole = facts.counted(ask)
    untimed = facts.counted(ask, lambda cell: not cell["is_timed"]).n
    note = f"{plural(untimed, 'activité,activités')} sans heure de début" if untimed else ""
    return _share(part.hours, whole.hours, rows=part.n, note=note)


def _requested(facts: Facts, ask: Ask) -> Amount:
    known = facts.counted(ask, lambda cell: bool(cell["origin"]))
    part = facts.counted(
        ask, lambda cell: cell["origin"] not in ("", RequestOrigin.MEDIATEUR.value)
    )
    without = facts.counted(ask).n - known.n
    note = f"{plural(without, 'activité,activités')} sans origine" if without else ""
    return _share(part.n, known.n, rows=part.n, note=note)


def _came_out(type_: str, well: frozenset[Any]) -> Callable[[Facts, Ask], Amount]:
    def came_out(facts: Facts, ask: Ask) -> Amount:
        narrowed = replace(ask, filters=replace(ask.filters, type=type_))
        closed = facts.counted(narrowed, lambda cell: cell["outcome"] in CLOSED_OUTCOMES)
        good = facts.counted(narrowed, lambda cell: cell["outcome"] in well)
        without = facts.counted(narrowed, lambda cell: not cell["outcome"]).n
        note = f"{plural(without, 'activité,activités')} sans suite renseignée" if without else ""
        return _share(good.n, closed.n, rows=good.n, note=note)

    return came_out


def _trend(facts: Facts, ask: Ask) -> Amount:
    before = ask.period.last_year
    if not (facts.has_data(ask.period) and facts.has_data(before)):
        return UNKNOWN_AMOUNT
    now, then = facts.counted(ask).n, facts.counted(ask, period=before).n
    is_chance = exact_p(now, then) >= LEVEL
    note = f"écart possible par le seul hasard (test de Poisson, 5{NBSP}%)" if is_chance else ""
    return Amount(100 * (now - then) / then if then else None, now, then, rows=now, note=note)


def _with_residents(facts: Facts, ask: Ask) -> Amount:
    project = replace(ask, filters=replace(ask.filters, type=ReferenceActivity.PROJ.value))
    part, whole = facts.counted(project), facts.counted(_unfiltered(project, "audience"))
    return _share(part.n, whole.n, rows=part.n)


def _projects(facts: Facts, ask: Ask) -> Amount:
    if not facts.has_data(ask.period):
        return UNKNOWN_AMOUNT
    months = months_of(ask.period)
    found = {action for year, month, action in facts.projects if (year, month) in months}
    return Amount(len(found))


def _week(facts: Facts, ask: Ask) -> Amount:
    months = months_of(ask.period)
    found = {(day, band) for year, month, day, band in facts.presence if (year, month) in months}
    if not found:
        return UNKNOWN_AMOUNT
    return _share(len(found), 7 * BANDS)


def _sent(facts: Facts, ask: Ask) -> Amount:
    if not facts.has_sent(ask):
        return UNKNOWN_AMOUNT
    found = facts.signalements(ask)
    note = ""
    if found.confidential:
        note = f"dont {plural(found.confidential, 'confidentiel,confidentiels')}"
    return Amount(found.sent, rows=found.sent, note=note)


def _of_sent(
    make: Callable[[SignalementFigures], Amount],
) -> Callable[[Facts, Ask], Amount]:
    return lambda facts, ask: make(facts.signalements(ask))


def _taken(facts: Facts, ask: Ask) -> Amount:
    rows = [row for row in facts.cohort(ask) if not row.is_cancelled]
    days = [
        working_days_between(row.sent_on, timezone.localdate(row.said_at))
        for row in rows
        if row.said_at is not None
    ]
    soon = sum(one <= TAKEN_WITHIN for one in days)
    later = sum(one <= AND_WITHIN for one in days)
    note = f"{later} sur {len(rows)} sous {AND_WITHIN}{NBSP}jours ouvrés" if rows else ""
    return _share(soon, len(rows), rows=soon, note=note)


def _followed(facts: Facts, ask: Ask) -> Amount:
    keys = {row.pk for row in facts.cohort(ask)}
    end = end_of(facts.until(ask.period))
    by_kind: dict[str, set[int]] = defaultdict(set)
    for key, kind, at in facts.followed:
        if key in keys and at < end:
            by_kind[kind].add(key)
    any_of = set().union(*by_kind.values()) if by_kind else set()
    said = (
        (EventKind.REMINDED, "relancé,relancés"), (EventKind.CALL, "à appeler,à appeler"),
        (EventKind.COMMITTEE, "porté au comité,portés au comité"),
    )  # fmt: skip
    note = ", ".join(plural(len(by_kind[kind]), words) for kind, words in said if by_kind[kind])
    return _share(len(any_of), len(keys), rows=len(any_of), note=note)


def _refused(facts: Facts, ask: Ask) -> Amount:
    rows = facts.cohort(ask)
    refused = sum(row.state == SignalementState.REORIENTE for row in rows)
    return _share(refused, len(rows), rows=refused)


def _roadmap(facts: Facts, ask: Ask) -> Amount:
    """As the actions stood at the end of the period: the year's roadmap, or those of its months."""
    end, filters = end_of(facts.until(ask.period)), ask.filters
    last: dict[int, Cell] = {}
    for version in facts.planned:
        if version["history_date"] < end:
            last[version["id"]] = version
    months = {month for _, month in months_of(ask.period)}
    rows = [
        row
        for row in last.values()
        if row["history_type"] != "-"
        and row["roadmap__year"] == ask.period.year
        and (row["roadmap__month"] is None if ask.period.kind == "annee"
             else row["roadmap__month"] in months)
        and (not filters.type or row["type"] == filters.type)
        and (filters.axis is None or row["objective__axis"] == filters.axis)
        and (filters.objective is None or row["objective"] == filters.objective)
    ]  # fmt: skip
    done = sum(row["state"] == PlannedState.DONE for row in rows)
    kept = done + sum(row["state"] == PlannedState.PLANNED for row in rows)
    return _share(done, kept)


def _meetings(facts: Facts, ask: Ask) -> Amount:
    count = sum(ask.period.holds(day) for day in facts.met)
    if not count and not facts.has_data(ask.period):
        return UNKNOWN_AMOUNT
    return Amount(count)


def _actions_in_time(facts: Facts, ask: Ask) -> Amount:
    until = facts.until(ask.period)
    due = [row for row in facts.owed if ask.period.holds(row[0]) and row[0] <= until]
    given_up = sum(state == ActionState.DROPPED for _, state, _ in due)
    done = sum(
        state == ActionState.DONE and closed is not None and closed <= due_on
        for due_on, state, closed in due
    )
    return _share(done, len(due) - given_up)


def _accepted(facts: Facts, ask: Ask) -> Amount:
    until = facts.until(ask.period)
    issued = [row for row in facts.advised if ask.period.holds(row[0])]
    good = (RecommendationState.ACCEPTED, RecommendationState.DONE)
    accepted = sum(
        state in good and answered is not None and answered <= until
        for _, state, answered in issued
    )
    return _share(accepted, len(issued))


def _year_of_hours(facts: Facts, ask: Ask) -> Amount:
    """Of the convention's year that holds the end of the period, by the whole programme (R27)."""
    until = facts.until(ask.period)
    year = WorkYear.holding(until, facts.terms)
    if year.term is None or not facts.has_data(ask.period):
        return UNKNOWN_AMOUNT
    target = (year.target or 0) * year.term.mediators
    worked = sum(minutes for day, minutes in facts.worked.items() if year.first <= day <= until)
    note = f"{round(100 * year.elapsed(until))}{NBSP}% de l’année écoulés"
    return _share(worked / 60, target / 60, note=note)


# --- The catalogue --------------------------------------------------------------------------------

ALL = frozenset(OF_FILTERS)
BUT_TYPE = ALL - {"type"}
OF_SENT = frozenset({"theme", "place"})
OF_PLAN = frozenset({"type", "axis", "objective"})
_SUM = (Aggregation.SUM, Aggregation.LAST)
_RATIO = (Aggregation.RATIO, Aggregation.LAST)
_MEDIAN = (Aggregation.MEDIAN, Aggregation.LAST)
_LAST = (Aggregation.LAST,)
_ANY = tuple(Aggregation)
_SIGNALEMENTS = "Signalements envoyés"
_HAND = "Saisie à la main, avec sa source"

_ALL_MEASURES = (
    Measure(
        "R1", "Heures d’activité", Unit.HOURS, _SUM, _hours, ALL,
        method="Somme des durées, en heures.",
    ),
    Measure(
        "R2", "Part des heures d’une activité de référence", Unit.PERCENT, _RATIO, _share_of_hours,
        ALL, frozenset({"type"}), ("heures de ce type", "heures d’activité"),
        method="Heures du type choisi, sur toutes les heures.",
    ),
    Measure(
        "R3", "Tournées de proximité", Unit.COUNT, _SUM, _count("PAP"), BUT_TYPE,
        method="Nombre d’activités de présence active de proximité.",
    ),
    Measure(
        "R4", "Contacts", Unit.COUNT, _SUM, _contacts(), ALL,
        method="Personnes rencontrées, additionnées d’une activité à l’autre\u00a0: jamais des personnes "
        "distinctes.",
    ),
    Measure(
        "R5", "Activités d’une thématique, d’un axe, d’un lieu ou d’un public", Unit.COUNT, _SUM,
        _count(), ALL, ALL,
        method="Nombre d’activités qui répondent aux filtres.",
    ),
    Measure(
        "R6", "Part des heures en soirée, le week-end ou un jour férié", Unit.PERCENT, _RATIO,
        _off_hours, ALL, frozenset(), ("heures décalées", "heures d’activité"),
        frozenset({"is_off", "is_evening"}),
        method="Soirée\u00a0: à partir de 19\u00a0heures. Sans heure de début, une activité en semaine "
        "n’est pas comptée comme décalée.",
    ),
    Measure(
        "R7", "Signalements envoyés", Unit.COUNT, _SUM, _sent, OF_SENT, source=_SIGNALEMENTS,
        method="Signalements partis dans la période, confidentiels compris.",
    ),
    Measure(
        "R8", "Mises en relation", Unit.COUNT, _SUM, _count("RELA"), BUT_TYPE,
        method="Nombre d’activités de mise en relation avec un partenaire.",
    ),
    Measure(
        "R9", "Activités de projets collectifs", Unit.COUNT, _SUM, _count("PROJ"), BUT_TYPE,
        method="Nombre d’activités de projets collectifs.",
    ),
    Measure(
        "R10", "Séances tenues", Unit.COUNT, _SUM, _meetings, source="Séances des instances",
        method="Séances tenues\u00a0; pour une partie, celles des instances où elle a un siège.",
    ),
    Measure(
        "R11", "Avancement de la feuille de route", Unit.PERCENT, _RATIO, _roadmap, OF_PLAN,
        frozenset(), ("actions réalisées", "actions prévues"), source="Feuilles de route",
        method="Actions réalisées sur actions prévues, sans les reportées ni les abandonnées\u00a0; de "
        "la feuille de l’année, ou de celles des mois.",
    ),
    Measure(
        "R12", "Heures consommées de l’année de convention", Unit.PERCENT, _LAST, _year_of_hours,
        frozenset(), frozenset(), ("heures travaillées", "heures de l’année"),
        source="Temps de travail de tout le dispositif",
        method="Heures travaillées depuis le début de l’année de convention, sur les heures prévues. "
        "Elles sont celles du dispositif, quel que soit le périmètre.",
    ),
    Measure(
        "R13", "Part des activités à la demande", Unit.PERCENT, _RATIO, _requested, ALL,
        frozenset(), ("activités demandées", "activités dont l’origine est connue"),
        frozenset({"origin"}),
        method="Activités demandées par d’autres que le médiateur, sur celles dont l’origine est "
        "connue.",
    ),
    Measure(
        "R14", "Conflits traités, selon leur forme", Unit.COUNT, _ANY, source=_HAND,
        method="La forme n’est pas saisie avec l’activité\u00a0: le nombre est relevé à part.",
    ),
    Measure(
        "R15", "Projets et chantiers accompagnés", Unit.COUNT, _SUM, _projects,
        source="Activités et feuilles de route",
        method="Actions de projets de la feuille de route pour lesquelles une activité au moins a été "
        "saisie.",
    ),
    Measure(
        "R16", "Personnes informées ou formées", Unit.COUNT, _SUM, _contacts("INFO"), BUT_TYPE,
        method="Contacts des activités d’information, de sensibilisation et de formation, additionnés.",
    ),
    Measure(
        "R17", "Couverture de la semaine", Unit.PERCENT, _RATIO, _week, frozenset(), frozenset(),
        ("tranches couvertes", "tranches de la semaine"),
        method="Tranches (sept jours, matin, après-midi et soirée) où une activité au moins a commencé.",
    ),
    Measure(
        "S1", "Conflits apaisés", Unit.PERCENT, _RATIO, _came_out("CONF", APPEASED), BUT_TYPE - {"audience"},
        frozenset(), ("résolus ou améliorés", "conflits clos"), frozenset({"outcome"}),
        method="Conflits résolus ou améliorés, sur ceux dont la suite est connue.",
    ),
    Measure(
        "S2", "Signalements résolus", Unit.PERCENT, _RATIO,
        _of_sent(lambda f: _share(f.resolved, f.told - f.cancelled - f.redirected, rows=f.resolved)),
        OF_SENT, frozenset(), ("résolus, vérifiés sur place", "envoyés"), source=_SIGNALEMENTS,
        method="Vérifiés sur place, sur les envoyés moins les annulés et les réorientés.",
    ),
    Measure(
        "S3", "Signalements accusés", Unit.PERCENT, _RATIO,
        _of_sent(lambda f: _share(f.acknowledged, f.told - f.cancelled, rows=f.acknowledged)),
        OF_SENT, frozenset(), ("accusés", "envoyés"), source=_SIGNALEMENTS,
        method="Reçus par un destinataire au moins, sur les envoyés moins les annulés.",
    ),
    Measure(
        "S4", "Délai médian d’accusé", Unit.WORKING_DAYS, _MEDIAN,
        _of_sent(lambda f: Amount(f.median_to_sign, rows=len(f.days_to_sign))), OF_SENT,
        source=_SIGNALEMENTS, method="Médiane, en jours ouvrés après l’envoi.",
    ),
    Measure(
        "S5", "Délai médian de clôture", Unit.DAYS, _MEDIAN,
        _of_sent(lambda f: Amount(f.median_to_closure, rows=len(f.days_to_closure))), OF_SENT,
        source=_SIGNALEMENTS, method="Médiane, en jours après l’envoi, des signalements clos.",
    ),
    Measure(
        "S6", "Part en retard des signalements ouverts", Unit.PERCENT, _RATIO,
        _of_sent(lambda f: _share(f.overdue, f.open, rows=f.overdue)), OF_SENT, frozenset(),
        ("en retard", "ouverts"), source=_SIGNALEMENTS,
        method="Parmi ceux de la période encore ouverts, ceux dont l’échéance est passée.",
    ),
    Measure(
        "S7", "Mises en relation abouties", Unit.PERCENT, _RATIO, _came_out("RELA", REFERRED),
        BUT_TYPE - {"audience"}, frozenset(), ("abouties", "mises en relation closes"),
        frozenset({"outcome"}),
        method="Orientées, résolues ou améliorées, sur celles dont la suite est connue.",
    ),
    Measure(
        "S8", "Récurrence après clôture", Unit.PERCENT, _RATIO,
        _of_sent(lambda f: _share(f.returned, f.closed, rows=f.returned)), OF_SENT, frozenset(),
        ("nouveaux signalements", "clos"), source=_SIGNALEMENTS,
        method="Nouveaux signalements au même lieu et sur la même thématique dans les 90\u00a0jours, sur "
        "les clos. Se lit sur un trimestre ou une année.",
    ),
    Measure(
        "S9", "Actions décidées faites à temps", Unit.PERCENT, _RATIO, _actions_in_time,
        frozenset(), frozenset(), ("faites à temps", "échues"), source="Plans d’actions des instances",
        method="Actions faites au plus tard à leur échéance, sur celles échues dans la période, sans "
        "les abandonnées.",
    ),
    Measure(
        "S10", "Préconisations acceptées", Unit.PERCENT, _RATIO, _accepted, frozenset(),
        frozenset(), ("acceptées ou faites", "émises"), source="Préconisations publiées",
        method="Acceptées ou faites, sur celles émises dans la période.",
    ),
    Measure(
        "S11", "Signalements pris en main sous 3\u00a0jours ouvrés", Unit.PERCENT, _RATIO, _taken,
        OF_SENT, frozenset(), ("répondus sous 3\u00a0jours", "envoyés"), source=_SIGNALEMENTS,
        method="Première réponse d’un destinataire sous trois jours ouvrés\u00a0; la part sous cinq est "
        "dite à côté.",
    ),
    Measure(
        "S12", "Signalements relancés, appelés ou portés au comité", Unit.PERCENT, _RATIO, _followed,
        OF_SENT, frozenset(), ("relancés", "envoyés"), source=_SIGNALEMENTS,
        method="Ceux qu’il a fallu relancer, appeler ou porter au comité, sur les envoyés.",
    ),
    Measure(
        "S13", "Refus et réorientations d’une thématique", Unit.PERCENT, _RATIO, _refused, OF_SENT,
        frozenset({"theme"}), ("réorientés", "envoyés"), source=_SIGNALEMENTS,
        method="Signalements que le destinataire dit n’être pas de son ressort, sur les envoyés.",
    ),
    Measure(
        "I1", "Évolution d’une thématique sur un an", Unit.PERCENT, _RATIO, _trend, ALL,
        frozenset({"theme"}), ("activités de la période", "un an plus tôt"),
        method="Activités de la thématique, comparées à la même période de l’année précédente\u00a0; "
        "l’écart n’est une tendance que s’il dépasse le hasard.",
    ),
    Measure(
        "I2", "Climat rencontré en tournée", Unit.SCORE, _ANY, source=_HAND,
        method="Moyenne des notes de 1 à 5 données au retour des tournées.",
    ),
    Measure(
        "I3", "Projets menés avec un public", Unit.PERCENT, _RATIO, _with_residents, BUT_TYPE,
        frozenset({"audience"}), ("avec ce public", "activités de projets"),
        method="Activités de projets collectifs où le public choisi a été rencontré, sur toutes.",
    ),
    Measure(
        "I4", "Habitants qui jugent la médiation utile", Unit.PERCENT, _ANY, source=_HAND,
        made_of=("réponses favorables", "réponses"),
        method="Enquête auprès des habitants\u00a0: question posée, réponses, taux de réponse, dates.",
    ),
    Measure(
        "I5", "Partenaires qui constatent un effet", Unit.PERCENT, _ANY, source=_HAND,
        made_of=("réponses favorables", "réponses"),
        method="Enquête auprès des partenaires\u00a0: question posée, réponses, taux de réponse, dates.",
    ),
)  # fmt: skip
# They count by what partners' rows do not show: people, hours of the day, who asked for it. Two sums of
# that kind, one inside the other, tell of the rows between them (docs/decisions/0033).
CLOSED = frozenset({"R4", "R6", "R13", "R16", "R17", "I3"})
CONTACTS = "R4"
ROUNDED = f"arrondi à{NBSP}{ROUND}"
MEASURES: dict[str, Measure] = {measure.code: measure for measure in _ALL_MEASURES}


def measured(
    perimeter: Perimeter, asks: Iterable[Ask], as_of: date, *, reads_rows: bool
) -> dict[Ask, Amount]:
    """The value of each ask; as many queries for a hundred asks as for one of each kind.

    `reads_rows`: for the operator alone; otherwise, and in every edition, as partners may read it.

    A period that has not begun is unknown. « Last value » is that of the period's last month. Raises
    KeyError for a code that the catalogue has not, ValueError for a measure that is entered by hand.
    """
    wanted = list(dict.fromkeys(asks))
    meant = {ask: _of_last_month(ask, as_of) for ask in wanted}
    begun = [ask for ask in meant.values() if ask.period.first <= as_of]
    columns = {code: measure.columns for code, measure in MEASURES.items()}
    of_sent = {code for code, measure in MEASURES.items() if measure.source == _SIGNALEMENTS}
    facts = Facts(perimeter, as_of, begun, columns, frozenset(of_sent))
    found: dict[Ask, Amount] = {}
    for ask, real in meant.items():
        compute = MEASURES[ask.code].compute
        if compute is None:
            raise ValueError(f"{ask.code} is entered by hand")
        if real not in begun:
            found[ask] = UNKNOWN_AMOUNT
        elif reads_rows or not _is_closed(real):
            found[ask] = compute(facts, real)
        else:
            found[ask] = _settled(facts, real)
    return found


def _is_closed(ask: Ask) -> bool:
    return ask.code in CLOSED or ask.filters.audience is not None


def _settled(facts: Facts, ask: Ask) -> Amount:
    """What partners read of a closed measure: contacts as their months were settled, and no other."""
    if not facts.has_data(ask.period):
        return UNKNOWN_AMOUNT
    if ask.code == CONTACTS and not ask.filters.names:
        contacts = facts.told_people[ask.period].contacts
        if contacts is not None:
            return Amount(contacts, rows=facts.counted(ask).n, note=ROUNDED)
    return WITHHELD


def _of_last_month(ask: Ask, as_of: date) -> Ask:
    if ask.aggregation != Aggregation.LAST or ask.period.kind == "mois":
        return ask
    return replace(
        ask, period=Period.holding("mois", min(ask.period.last, max(as_of, ask.period.first)))
    )


def median_of(values: Iterable[float]) -> float | None:
    known = list(values)
    return median(known) if known else None

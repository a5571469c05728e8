"""From figures to what a reader sees: named lines, key figures with their change, charts.

The same lines serve the dashboard, where each opens the rows behind it, and the synthesis.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from django.db.models import CharField, F, Value

from governance.models import Audience, Axis, Perimeter, Place, Theme
from humanicite.templatetags.french import UNKNOWN, hours, number, percent, plural, signed_percent
from mediation.activities.filters import ActivityFilter
from mediation.frame.reference import ReferenceActivity
from mediation.worktime.hours import Tally
from reporting import charts
from reporting.figures.activities import Figures, Report, change
from reporting.figures.comparison import FEW, Span, differs
from reporting.figures.disclosure import OTHERS, ROUND
from reporting.figures.hours import ProgrammeHours
from reporting.figures.people import People, told
from reporting.periods import Period

BLOCK_DEPTH = 2  # quartier, commune side, îlot: buildings are counted with their îlot
MAIN_THEMES = 8
STABLE = "stable"
OTHER_PEOPLE = "Autres publics, regroupés"
Link = Callable[..., str]


def rows_link(perimeter: Perimeter, period: Period) -> Link:
    """Makes addresses of the journal that list exactly the rows behind a figure."""

    def link(**filters: object) -> str:
        return ActivityFilter.address(
            perimetre=perimeter, du=period.first, au=period.last, **filters
        )

    return link


def no_link(**filters: object) -> str:
    return ""


@dataclass
class KeyFigure:
    label: str
    value: str
    note: str = ""
    previous: str = ""
    last_year: str = ""
    url: str = ""
    raw: int | None = None  # the number that the rows behind it must give
    measure: str = "count"


@dataclass
class Line:
    """One row of a table: activities, minutes, share of the hours; `url` opens its rows."""

    label: str
    count: int
    minutes: int
    share: float | None
    url: str = ""
    level: int = 0
    group: str = ""
    whole: int = 0  # activities of all lines together
    previous: int | None = None  # activities of the period before, and of the same one a year ago
    year_ago: int | None = None

    @property
    def said_share(self) -> str:
        """The share of the hours; of few activities « 2 sur 3 », for a rate would say more."""
        if 0 < self.whole < FEW:
            return f"{number(self.count)} sur {number(self.whole)}"
        return percent(self.share)

    @property
    def width(self) -> float:
        """The share as a length, 0 to 100."""
        return 100 * (self.share or 0)


class Matrix(TypedDict):
    """Activities counted by place and theme, each count with its shade, 0 to 4, and the address of its
    rows; `hidden` themes."""

    themes: list[str]
    rows: list[tuple[str, list[tuple[int, int, str]]]]
    hidden: int


@dataclass
class Names:
    """The programme's vocabulary, by key and in its order; one query, for a partner's dashboard makes
    few: rows as far as a board reads them."""

    axes: dict[int, Axis]
    themes: dict[int, Theme]
    places: dict[int, Place]
    audiences: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, programme_id: int) -> "Names":
        names = cls({}, {}, {})
        parts = (
            _words(Axis.objects.of_programme(programme_id), "axis", rank="number"),
            _words(Theme.objects.of_programme(programme_id), "theme", rank="rank", beside="group"),
            _words(Place.objects.of_programme(programme_id), "place", beside="path"),
            _words(Audience.objects.of_programme(programme_id), "audience"),
        )
        rows = parts[0].union(*parts[1:], all=True)
        for what, key, rank, name, beside, retired_on in sorted(rows, key=_in_order):
            if what == "axis":
                names.axes[key] = Axis(id=key, number=rank, name=name, retired_on=retired_on)
            elif what == "audience":
                names.audiences[key] = name
            elif what == "theme":
                names.themes[key] = Theme(id=key, name=name, group=beside, retired_on=retired_on)
            else:
                names.places[key] = Place(id=key, name=name, path=beside, retired_on=retired_on)
        return names


def _words(rows: Any, what: str, *, rank: str = "", beside: str = "") -> Any:
    """The same columns of each list, for a union."""
    named = rows.order_by().annotate(
        what=Value(what, output_field=CharField()),
        in_list=F(rank) if rank else Value(0),
        beside=F(beside) if beside else Value("", output_field=CharField()),
    )
    return named.values_list("what", "id", "in_list", "name", "beside", "retired_on")


def _in_order(row: tuple[object, ...]) -> tuple[object, ...]:
    """Axes by number, themes by rank, places by the tree."""
    what, key, rank, _, beside, _ = row
    return (what, rank, beside if what == "place" else "", key)


@dataclass
class Dashboard:
    report: Report
    names: Names
    today: date
    link: Link = no_link
    reads_rows: bool = True
    people: dict[Period, People] = field(default_factory=dict)  # for who reads no rows
    compares_year: bool = False  # with the same period a year ago, not with the one before
    figures: Figures = field(init=False)

    def __post_init__(self) -> None:
        self.figures = self.report.current

    @property
    def has_begun(self) -> bool:
        return self.report.period.first <= self.today

    @property
    def is_running(self) -> bool:
        """The period is not over: it is compared with nothing, half a month being no month."""
        return self.today <= self.report.period.last

    @property
    def told(self) -> People:
        """What is told of people met: settled and rounded, but for who reads each row."""
        return self._told(self.figures)

    def _told(self, figures: Figures) -> People:
        if not self.reads_rows:
            return self.people.get(figures.period, People())
        groups: dict[int | str, int] = {key: n for key, n in figures.by_audience.items()}  # noqa: C416  # the type of its keys
        return People(figures.contacts, groups, figures.evenings.count)

    @property
    def compared(self) -> Figures | None:
        """What the page compares with; None where the service kept no record yet."""
        return self.report.last_year if self.compares_year else self.report.previous

    @property
    def hides_people(self) -> bool:
        """Whether how many people were met stays unsaid (docs/decisions/0033)."""
        return self.told.contacts is None

    # --- Key figures ---------------------------------------------------------------------------
    @property
    def key_figures(self) -> list[KeyFigure]:
        figures = self.figures
        return [
            self._key(
                "Heures d’activité",
                hours(figures.total.minutes),
                lambda f: f.total.minutes,
                measure="minutes",
            ),
            self._key(
                "Activités",
                number(figures.total.count),
                lambda f: f.total.count,
                note=f"dont {number(figures.days_off.count)} le week-end ou un jour férié"
                if figures.days_off.count
                else "",
            ),
            self._contacts(),
            self._key(
                "Jours de présence",
                number(len(figures.days_worked)),
                lambda f: len(f.days_worked),
                measure="days",
            ),
        ]

    def _contacts(self) -> KeyFigure:
        if self.hides_people:
            return KeyFigure(
                "Contacts",
                UNKNOWN,
                note="connus quelques jours après la fin du mois",
            )
        rounded = "" if self.reads_rows else f", arrondi à {ROUND}"
        return self._key(
            "Contacts",
            number(self.told.contacts),
            lambda figures: self._told(figures).contacts,
            # A partner's rows carry no head count: its link tells no number that they would not.
            measure="people" if self.reads_rows else "",
            note=f"rencontres, et non personnes distinctes{rounded}",
        )

    def _key(
        self,
        label: str,
        value: str,
        of: Callable[[Figures], int | None],
        note: str = "",
        measure: str = "count",
    ) -> KeyFigure:
        now = of(self.figures) or 0
        return KeyFigure(
            label=label,
            value=value,
            note=note,
            previous=self._moved(of, self.report.previous),
            last_year=self._moved(of, self.report.last_year),
            url=self.link(),
            raw=now if measure else None,
            measure=measure,
        )

    @property
    def _tried(self) -> int:
        """Comparisons of the page: activities and days, with each of the periods that are known."""
        return 2 * max(
            1, len([one for one in (self.report.previous, self.report.last_year) if one])
        )

    def is_finding(self, before: Figures | None) -> bool:
        """Whether more or fewer activities than in another period are more than chance."""
        if self.is_running or before is None:
            return False
        return differs(
            _span(self.figures, self.figures.total.count),
            _span(before, before.total.count),
            self._tried,
        )

    def _moved(self, of: Callable[[Figures], int | None], before: Figures | None) -> str:
        """A change where it is a finding, « stable » where chance would explain it, « n/d » where
        there is nothing to compare with. Hours and people come by activities, several at once: they
        moved where activities did, and the same way."""
        if self.is_running:
            return ""
        now, then = of(self.figures), of(before) if before else None
        if before is None or now is None or then is None:
            return UNKNOWN
        counts = self.figures.total.count - before.total.count
        is_day = now == len(self.figures.days_worked) and then == len(before.days_worked)
        moved = (
            differs(_span(self.figures, now), _span(before, then), self._tried)
            if is_day
            else self.is_finding(before) and counts * (now - then) > 0
        )
        if not moved:
            return STABLE
        if min(now, then) < FEW:
            return f"{number(now)} contre {number(then)}"
        return signed_percent(change(now, then))

    # --- Lines ---------------------------------------------------------------------------------
    def _line(
        self, label: str, of: Callable[[Figures], Tally | None], url: str, **more: Any
    ) -> Line:
        tally = of(self.figures) or Tally()
        total = self.figures.total.minutes
        share = tally.minutes / total if total else None
        whole = self.figures.total.count
        previous, year_ago = (
            None if figures is None else (of(figures) or Tally()).count
            for figures in (self.report.previous, self.report.last_year)
        )
        return Line(
            label,
            tally.count,
            tally.minutes,
            share,
            url,
            whole=whole,
            previous=previous,
            year_ago=year_ago,
            **more,
        )

    @property
    def types(self) -> list[Line]:
        """All eight, the longest first: one that was not done is a figure too."""
        found = [
            self._line(
                reference.label, _of("by_type", reference.value), self.link(type=reference.value)
            )
            for reference in ReferenceActivity
        ]
        found.sort(key=lambda line: -line.minutes)
        return found

    @property
    def axes(self) -> list[Line]:
        found = [
            self._line(str(axis), _of("by_axis", axis.pk), self.link(axe=axis.pk))
            for axis in self.names.axes.values()
            if axis.retired_on is None or axis.pk in self.figures.by_axis
        ]
        if None in self.figures.by_axis:
            found.append(self._line("Sans axe", _of("by_axis", None), self.link(axe="sans")))
        return found

    @property
    def themes(self) -> list[Line]:
        found = [
            self._line(
                self.names.themes[key].name,
                _of("by_theme", key),
                self.link(theme=key),
                group=self.names.themes[key].group,
            )
            for key in self.figures.by_theme
            if key is not None
        ]
        found.sort(key=lambda line: (-line.count, line.label))
        if None in self.figures.by_theme:
            without = _of("by_theme", None)
            found.append(self._line("Sans thématique", without, self.link(theme="sans")))
        return found

    @property
    def main_themes(self) -> list[Line]:
        return self.themes[:MAIN_THEMES]

    @property
    def other_themes(self) -> list[Line]:
        return self.themes[MAIN_THEMES:]

    @property
    def themes_in_pairs(self) -> list[tuple[Line, ...]]:
        """Two side by side on paper, the more frequent half first; the last may be alone."""
        lines = self.themes
        half = -(-len(lines) // 2)
        return [(line, *lines[half + at : half + at + 1]) for at, line in enumerate(lines[:half])]

    @property
    def places(self) -> list[Line]:
        """In tree order: work on the whole quarter or a side alone, then each îlot with its
        buildings. The lines sum to the total."""
        by_figures = {
            id(figures): self._blocks(figures)
            for figures in (self.figures, self.report.previous, self.report.last_year)
            if figures is not None
        }

        def of(key: int) -> Callable[[Figures], Tally | None]:
            return lambda figures: by_figures[id(figures)].get(key)

        found = []
        for place in self.names.places.values():
            if place.pk in by_figures[id(self.figures)]:
                alone = {"seul": True} if place.depth < BLOCK_DEPTH else {}
                label = f"{place.name} (ensemble)" if alone else place.name
                url = self.link(lieu=place.pk, **alone)
                level = min(place.depth, BLOCK_DEPTH)
                found.append(self._line(label, of(place.pk), url, level=level))
        return found

    def _blocks(self, figures: Figures) -> dict[int, Tally]:
        blocks: dict[int, Tally] = {}
        for key, tally in figures.by_place.items():
            summed = blocks.setdefault(self._block(key), Tally())
            summed.count += tally.count
            summed.minutes += tally.minutes
        return blocks

    def _block(self, place_id: int) -> int:
        place = self.names.places[place_id]
        if place.depth <= BLOCK_DEPTH:
            return place_id
        return [*place.ancestor_ids, place_id][BLOCK_DEPTH]

    @property
    def audiences(self) -> list[charts.Bar]:
        """Who was met, by audience; none where that is masked."""
        rows, whole = [], self.told.contacts
        for key, people in (self.told.groups or {}).items():
            name = OTHER_PEOPLE if key == OTHERS else self.names.audiences[int(key)]
            url = self.link(public=key) if self.reads_rows else ""
            share = percent(people / whole) if whole else UNKNOWN
            rows.append((name, float(people), number(people), url, share))
        return charts.bars(rows, measure="people")

    @property
    def matrix(self) -> Matrix:
        """Places × themes, activities counted; the eight themes and blocks that weigh most."""
        cells: dict[tuple[int, int], int] = {}
        for (place, theme), count in self.figures.by_place_and_theme.items():
            key = (self._block(place), theme)
            cells[key] = cells.get(key, 0) + count
        weights: dict[int, int] = {}
        for (_, theme), count in cells.items():
            weights[theme] = weights.get(theme, 0) + count
        themes = sorted(weights, key=lambda key: (-weights[key], key))[:8]
        blocks = [p for p in self.names.places.values() if any(p.pk == b for b, _ in cells)]
        peak = max(cells.values(), default=0)

        def link(place: Place, theme: int) -> str:
            alone = {"seul": True} if place.depth < BLOCK_DEPTH else {}
            counted = cells.get((place.pk, theme), 0)
            return self.link(lieu=place.pk, theme=theme, **alone) if counted else ""

        return {
            "themes": [self.names.themes[key].name for key in themes],
            "rows": [
                (
                    place.name,
                    [
                        (count, -(-4 * count // peak) if count else 0, link(place, theme))
                        for theme in themes
                        for count in (cells.get((place.pk, theme), 0),)
                    ],
                )
                for place in blocks
            ],
            "hidden": max(0, len(weights) - len(themes)),
        }

    # --- Charts --------------------------------------------------------------------------------
    @property
    def type_bars(self) -> list[charts.Bar]:
        return charts.bars(
            [
                (line.label, line.minutes, hours(line.minutes), line.url, percent(line.share))
                for line in self.types
            ],
            measure="minutes",
        )

    @property
    def curve(self) -> charts.MonthChart:
        tallies = self.report.curve
        return charts.months(
            self.report.months,
            [tally.minutes / 60 if tally else None for tally in tallies],
            [hours(tally.minutes) if tally else UNKNOWN for tally in tallies],
        )

    @property
    def curve_rows(self) -> list[tuple[str, str, str]]:
        return [
            (
                month.label,
                hours(tally.minutes) if tally else UNKNOWN,
                number(tally.count) if tally else UNKNOWN,
            )
            for month, tally in zip(self.report.months, self.report.curve, strict=True)
        ]

    @property
    def axis_lines(self) -> list[charts.Line]:
        """A small chart an axis, all on one scale."""
        series = []
        for axis in self.names.axes.values():
            counts = self.report.axis_curves.get(axis.pk, [0] * len(self.report.months))
            if axis.retired_on is not None and not any(counts):
                continue
            values: list[float | None] = [
                count if tally else None
                for count, tally in zip(counts, self.report.curve, strict=True)
            ]
            series.append((f"axe-{axis.number}", str(axis), values))
        return charts.lines(series, self.report.months, number)

    @property
    def themeless(self) -> int:
        without = self.figures.by_theme.get(None)
        return without.count if without else 0

    # --- Words ---------------------------------------------------------------------------------
    @property
    def headline(self) -> str:
        """One sentence that says what follows from the figures beside it, and repeats none."""
        if not self.figures.has_data:
            return "Aucune activité enregistrée sur cette période."
        first = self.types[0].label
        themes = [line.label for line in self.themes if line.label != "Sans thématique"]
        about = f", d’abord sur « {themes[0]} »" if themes else ""
        before = self.compared
        if self.is_running or before is None or not before.has_data:
            return f"« {first} » mobilise le plus de temps{about}."
        led = max(before.by_type, key=lambda key: before.by_type[key].minutes)
        led_by = ReferenceActivity(led).label
        pace = "L’activité se maintient"
        if self.is_finding(before):
            grew = self.figures.total.count > before.total.count
            pace = "L’activité augmente" if grew else "L’activité recule"
        lead = (
            f"« {first} » reste ce qui mobilise le plus de temps"
            if led_by == first
            else f"« {first} » passe devant « {led_by} »"
        )
        return f"{pace} par rapport {self.report.period.previous.to_label} ; {lead}{about}."

    @property
    def facts(self) -> list[str]:
        """Three sentences, each from one figure."""
        figures = self.figures
        where = max(self.places, key=lambda line: line.minutes)
        said = [
            f"« {where.label} » reçoit le plus de temps : {hours(where.minutes)}, "
            f"soit {percent(where.share)}.",
            f"Le médiateur est présent {plural(len(figures.days_worked), 'jour,jours')} ; "
            f"{self._evenings}"
            f"{plural(figures.days_off.count, 'activité a,activités ont')} lieu le week-end ou un "
            "jour férié.",
        ]
        if self.audiences:
            first = self.audiences[0]
            said.append(
                f"{plural(self.told.contacts or 0, 'contact,contacts')} au total, d’abord avec le "
                f"public « {first.label} » ({first.text})."
            )
        elif self.told.contacts == 0:
            said.append("Aucun public n’a été compté.")
        return said

    @property
    def _evenings(self) -> str:
        """« 12 activités commencent à partir de 19 heures, » where the number is no row's hour,
        which a partner's rows do not show either."""
        late = self.told.evenings
        if late is None:
            return ""
        about = "" if self.reads_rows else "environ "
        return (
            f"{about}{plural(late, 'activité commence,activités commencent')} à partir de "
            "19 heures et "
        )

    @property
    def watch_point(self) -> str:
        """The theme that grew most since the period before, where that is more than chance;
        otherwise that nothing stands out."""
        before = self.report.previous
        if self.is_running or before is None:
            return "Pas de comparaison possible pour cette période."
        counts = {
            key: (tally.count, before.by_theme[key].count if key in before.by_theme else 0)
            for key, tally in self.figures.by_theme.items()
            if key is not None
        }
        grown = [
            (now - then, key)
            for key, (now, then) in counts.items()
            if now > then
            and differs(_span(self.figures, now), _span(before, then), max(1, len(counts)))
        ]
        rise, key = max(grown, default=(0, None))
        if key is None:
            return "Aucune thématique ne progresse plus que le hasard ne l’explique."
        now = self.figures.by_theme[key].count
        return (
            f"« {self.names.themes[key].name} » passe de {number(now - rise)} à "
            f"{plural(now, 'activité,activités')} : plus que le hasard n’explique. À suivre."
        )


def _of(group: str, key: object) -> Callable[[Figures], Tally | None]:
    """Reads one tally of a group of figures."""
    return lambda figures: getattr(figures, group).get(key)


def _span(figures: Figures, count: int) -> Span:
    period = figures.period
    return Span(count, (period.last - period.first).days + 1)


def hours_bullet(found: ProgrammeHours) -> charts.Bullet:
    """The year's hours against the agreement's, and where they would be by now."""
    text = (
        f"{hours(found.work)} de travail sur {hours(found.target)} ; "
        f"l’année écoulée en attend {hours(found.target * found.elapsed)} à ce jour"
    )
    return charts.bullet(found.work, found.target, found.target * found.elapsed, text)


CLOSE = 0.02  # of the agreed hours, within which the year ends as agreed
ROUNDED_TO = 600  # minutes: a projection is no count


def pace_in_words(found: ProgrammeHours) -> str:
    """Where the convention's year will end at the pace so far (R27); '' while it cannot be told."""
    if not found.projected or not found.target:
        return ""
    gap = found.projected - found.target
    if abs(gap) <= CLOSE * found.target:
        return "À ce rythme, l’année finira aux heures convenues."
    ends = round(found.projected / ROUNDED_TO) * ROUNDED_TO
    off = max(ROUNDED_TO, round(abs(gap) / ROUNDED_TO) * ROUNDED_TO)
    than = "de moins" if gap < 0 else "de plus"
    return (
        f"À ce rythme, l’année finira autour de {hours(ends)}, "
        f"environ {hours(off)} {than} que convenu."
    )


def dashboard(
    perimeter: Perimeter,
    report: Report,
    today: date,
    *,
    links: bool,
    reads_rows: bool,
    compares_year: bool = False,
) -> Dashboard:
    """A dashboard over a report. `reads_rows`: its reader sees the operator's fields of each row.

    Otherwise audiences open nothing (a partner's rows carry none, and a link would tell which do), and
    people are told as they were settled: one query more.
    """
    compared = [one for one in (report.current, report.previous, report.last_year) if one]
    return Dashboard(
        report=report,
        names=Names.of(perimeter.party.programme_id),
        today=today,
        link=rows_link(perimeter, report.period) if links else no_link,
        reads_rows=reads_rows,
        compares_year=compares_year,
        people={} if reads_rows else told(perimeter, compared),
    )

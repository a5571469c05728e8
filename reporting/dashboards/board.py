"""From figures to what a reader sees: named lines, key figures with their change, charts.

The same lines serve the dashboard, where each opens the rows behind it, and the synthesis.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from django.db.models import CharField, F, Value

from governance.models import Axis, Perimeter, Place, Theme
from humanicite.templatetags.french import UNKNOWN, hours, number, percent, plural, signed_percent
from mediation.activities.filters import ActivityFilter
from mediation.frame.reference import ReferenceActivity
from mediation.worktime.hours import Tally
from reporting import charts
from reporting.figures.activities import FEW_ROWS, Figures, Report, change
from reporting.figures.hours import ProgrammeHours
from reporting.periods import Period

BLOCK_DEPTH = 2  # quartier, commune side, îlot: buildings are counted with their îlot
MAIN_THEMES = 8
NOTABLE_RISE = 5  # activities
NOTABLE_CHANGE = 0.1  # of the hours of the period before
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

    @property
    def width(self) -> float:
        """The share as a length, 0 to 100."""
        return 100 * (self.share or 0)


class Matrix(TypedDict):
    """Activities counted by place and theme, each count with its shade, 0 to 4; `hidden` themes."""

    themes: list[str]
    rows: list[tuple[str, list[tuple[int, int]]]]
    hidden: int


@dataclass
class Names:
    """The programme's vocabulary, by key and in its order; one query, for a partner's dashboard makes
    few: rows as far as a board reads them."""

    axes: dict[int, Axis]
    themes: dict[int, Theme]
    places: dict[int, Place]

    @classmethod
    def of(cls, programme_id: int) -> "Names":
        names = cls({}, {}, {})
        parts = (
            _words(Axis.objects.of_programme(programme_id), "axis", rank="number"),
            _words(Theme.objects.of_programme(programme_id), "theme", rank="rank", beside="group"),
            _words(Place.objects.of_programme(programme_id), "place", beside="path"),
        )
        rows = parts[0].union(*parts[1:], all=True)
        for what, key, rank, name, beside, retired_on in sorted(rows, key=_in_order):
            if what == "axis":
                names.axes[key] = Axis(id=key, number=rank, name=name, retired_on=retired_on)
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


def _in_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
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
    def hides_people(self) -> bool:
        """Whether people met stay unsaid to this reader (see docs/decisions/0007).

        A partner who sees a sum before and after one activity, or the sum of a few rows, reads a
        single row's head count, which its rows do not show.
        """
        return not self.reads_rows and (self.is_running or self.figures.tells_rows)

    def _people(self, figures: Figures) -> int | None:
        """Contacts to compare with; None where they are hidden: a change would give them back."""
        return None if not self.reads_rows and figures.tells_rows else figures.contacts

    # --- Key figures ---------------------------------------------------------------------------
    @property
    def key_figures(self) -> list[KeyFigure]:
        figures = self.figures
        return [
            self._key("Heures d’activité", hours(figures.total.minutes), lambda f: f.total.minutes),
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
                "Jours de présence", number(len(figures.days_worked)), lambda f: len(f.days_worked)
            ),
        ]

    def _contacts(self) -> KeyFigure:
        if self.hides_people:
            return KeyFigure(
                "Contacts",
                UNKNOWN,
                note="connus une fois la période close, si chaque mois a cinq activités",
            )
        return self._key(
            "Contacts",
            number(self.figures.contacts),
            self._people,
            note="personnes rencontrées, une même personne pouvant l’être plusieurs fois",
        )

    def _key(
        self, label: str, value: str, of: Callable[[Figures], int | None], note: str = ""
    ) -> KeyFigure:
        before, year_ago = self.report.previous, self.report.last_year
        now = of(self.figures) or 0
        compared = not self.is_running
        return KeyFigure(
            label=label,
            value=value,
            note=note,
            previous=signed_percent(change(now, of(before) if before else None))
            if compared
            else "",
            last_year=signed_percent(change(now, of(year_ago) if year_ago else None))
            if compared
            else "",
            url=self.link(),
        )

    # --- Lines ---------------------------------------------------------------------------------
    def _line(self, label: str, tally: Tally, url: str, **more: Any) -> Line:
        total = self.figures.total.minutes
        share = tally.minutes / total if total else None
        return Line(label, tally.count, tally.minutes, share, url, **more)

    @property
    def types(self) -> list[Line]:
        """All eight, the longest first: one that was not done is a figure too."""
        found = [
            self._line(
                reference.label,
                self.figures.by_type.get(reference.value, Tally()),
                self.link(type=reference.value),
            )
            for reference in ReferenceActivity
        ]
        found.sort(key=lambda line: -line.minutes)
        return found

    @property
    def axes(self) -> list[Line]:
        found = [
            self._line(
                str(axis), self.figures.by_axis.get(axis.pk, Tally()), self.link(axe=axis.pk)
            )
            for axis in self.names.axes.values()
            if axis.retired_on is None or axis.pk in self.figures.by_axis
        ]
        without = self.figures.by_axis.get(None)
        if without:
            found.append(self._line("Sans axe", without, self.link(axe="sans")))
        return found

    @property
    def themes(self) -> list[Line]:
        found = [
            self._line(
                self.names.themes[key].name,
                tally,
                self.link(theme=key),
                group=self.names.themes[key].group,
            )
            for key, tally in self.figures.by_theme.items()
            if key is not None
        ]
        found.sort(key=lambda line: (-line.count, line.label))
        without = self.figures.by_theme.get(None)
        if without:
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
        blocks: dict[int, Tally] = {}
        for key, tally in self.figures.by_place.items():
            block = self._block(key)
            summed = blocks.setdefault(block, Tally())
            summed.count += tally.count
            summed.minutes += tally.minutes
        found = []
        for place in self.names.places.values():
            if place.pk in blocks:
                alone = {"seul": True} if place.depth < BLOCK_DEPTH else {}
                label = f"{place.name} (ensemble)" if alone else place.name
                found.append(
                    self._line(
                        label,
                        blocks[place.pk],
                        self.link(lieu=place.pk, **alone),
                        level=min(place.depth, BLOCK_DEPTH),
                    )
                )
        return found

    def _block(self, place_id: int) -> int:
        place = self.names.places[place_id]
        if place.depth <= BLOCK_DEPTH:
            return place_id
        return [*place.ancestor_ids, place_id][BLOCK_DEPTH]

    @property
    def audiences(self) -> list[charts.Bar]:
        if self.hides_people:
            return []
        rows = []
        for key, people in self.figures.by_audience.items():
            name = self.report.audience_names[key]
            url = self.link(public=key) if self.reads_rows else ""
            share = percent(people / self.figures.contacts) if self.figures.contacts else UNKNOWN
            rows.append((name, float(people), number(people), url, share))
        return charts.bars(rows)

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
        return {
            "themes": [self.names.themes[key].name for key in themes],
            "rows": [
                (
                    place.name,
                    [
                        (count, -(-4 * count // peak) if count else 0)
                        for count in (cells.get((place.pk, theme), 0) for theme in themes)
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
            ]
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
    def axis_charts(self) -> list[tuple[Axis, charts.MonthChart]]:
        """A small chart an axis, each in its colour."""
        made = []
        for rank, axis in enumerate(self.names.axes.values()):
            counts = self.report.axis_curves.get(axis.pk, [0] * len(self.report.months))
            values: list[float | None] = [
                count if tally else None
                for count, tally in zip(counts, self.report.curve, strict=True)
            ]
            texts = [UNKNOWN if value is None else number(value) for value in values]
            chart = charts.months(
                self.report.months, values, texts, width=480, height=120, top=22, bottom=22
            )
            chart.id = f"axe-{axis.number}"
            chart.colour = charts.AXIS_COLOURS[rank % len(charts.AXIS_COLOURS)]
            made.append((axis, chart))
        return made

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
        before = self.report.previous
        if self.is_running or before is None or not before.has_data:
            return f"« {first} » mobilise le plus de temps{about}."
        led = max(before.by_type, key=lambda key: before.by_type[key].minutes)
        led_by = ReferenceActivity(led).label
        moved = change(self.figures.total.minutes, before.total.minutes) or 0
        pace = "L’activité se maintient"
        if abs(moved) >= NOTABLE_CHANGE:
            pace = "L’activité augmente" if moved > 0 else "L’activité recule"
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
                f"{plural(figures.contacts, 'contact,contacts')} au total, d’abord avec le public "
                f"« {first.label} » ({first.text})."
            )
        elif not self.hides_people:
            said.append("Aucun public n’a été compté.")
        return said

    @property
    def _evenings(self) -> str:
        """« 12 activités commencent à partir de 19 heures, » where the number is no row's hour,
        which a partner's rows do not show either."""
        late, all_ = self.figures.evenings.count, self.figures.total.count
        if not self.reads_rows and (
            self.hides_people or 0 < late < FEW_ROWS or late + FEW_ROWS > all_
        ):
            return ""
        return f"{plural(late, 'activité commence,activités commencent')} à partir de 19 heures et "

    @property
    def watch_point(self) -> str:
        """The theme that grew most since the month before, where it is told apart from noise by
        at least five activities; otherwise that nothing stands out."""
        before = self.report.previous
        if self.is_running or before is None:
            return "Pas de comparaison possible pour cette période."
        grown = [
            (
                tally.count - before.by_theme[key].count if key in before.by_theme else tally.count,
                key,
            )
            for key, tally in self.figures.by_theme.items()
            if key is not None
        ]
        rise, key = max(grown, default=(0, None))
        if key is None or rise < NOTABLE_RISE:
            return "Aucune thématique ne progresse nettement par rapport au mois précédent."
        now = self.figures.by_theme[key].count
        return (
            f"« {self.names.themes[key].name} » passe de {number(now - rise)} à "
            f"{plural(now, 'activité,activités')} en un mois. Un écart d’un mois ne fait pas une "
            "tendance : à suivre."
        )


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
    perimeter: Perimeter, report: Report, today: date, *, links: bool, reads_rows: bool
) -> Dashboard:
    """A dashboard over a report. `reads_rows`: its reader sees the operator's fields of each row.

    Otherwise audiences open nothing: a partner's rows carry none, and a link would tell which do.
    """
    return Dashboard(
        report=report,
        names=Names.of(perimeter.party.programme_id),
        today=today,
        link=rows_link(perimeter, report.period) if links else no_link,
        reads_rows=reads_rows,
    )

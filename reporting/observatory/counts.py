"""What recurs, what calms down, and when: counted by the database, a few grouped rows at a time.

Figures belong to the perimeter and the months, whoever reads. Confidential signalements are left out.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Count, Exists
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncMonth

from governance.models import Place, Theme
from humanicite.lib.dates import NBSP
from mediation.models import Activity, Signalement
from reporting.figures.comparison import LEVEL, exact_p
from reporting.figures.disclosure import FEW_ROWS
from reporting.figures.people import told_of

from .window import HALF, MONTHS, Window

BLOCK_DEPTH = 2  # quartier, commune side, îlot: buildings are counted with their îlot
OFTEN = 9  # months of twelve
FEWEST_HOURS = 30  # rows with a start, under which no hours are told
BANDS = (
    (0, f"avant 9{NBSP}h"), (9, f"9 à 12{NBSP}h"), (12, f"12 à 14{NBSP}h"),
    (14, f"14 à 17{NBSP}h"), (17, f"17 à 19{NBSP}h"), (19, f"dès 19{NBSP}h"),
)  # fmt: skip
WEEKDAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
RISES, CALMS, RECURS, STABLE, UNKNOWN = "hausse", "calme", "revient", "stable", "nd"


@dataclass
class Cell:
    """One theme at one place, month by month. `alone`: the place without what lies beneath it."""

    place: Place
    theme: Theme
    by_month: list[int] = field(default_factory=lambda: [0] * MONTHS)
    signalements: int = 0
    trend: str = STABLE

    @property
    def total(self) -> int:
        return sum(self.by_month)

    @property
    def before(self) -> int:
        return sum(self.by_month[:HALF])

    @property
    def after(self) -> int:
        return sum(self.by_month[HALF:])

    @property
    def months(self) -> int:
        return sum(count > 0 for count in self.by_month)

    @property
    def alone(self) -> bool:
        return self.place.depth < BLOCK_DEPTH

    @property
    def place_name(self) -> str:
        return f"{self.place.name} (ensemble)" if self.alone else self.place.name

    @property
    def bars(self) -> list[tuple[int, int]]:
        """(x, height) of twelve small columns on this cell's own scale, 0 to 20."""
        peak = max(self.by_month)
        return [
            (8 * n, -(-20 * count // peak) if count else 0) for n, count in enumerate(self.by_month)
        ]


class Counts:
    """Activities of a window by place, theme and month; signalements sent by place and theme."""

    def __init__(self, window: Window, places: dict[int, Place], themes: dict[int, Theme]) -> None:
        self.window, self.places, self.themes = window, places, themes

    @cached_property
    def _grouped(self) -> list[tuple[int, int | None, int | None, date, bool, int]]:
        """With whether records were kept already on the first day: in the same query."""
        window = self.window
        kept = Activity.objects.within(window.perimeter).filter(day__lte=window.first)
        rows = window.activities(window.first, window.last).order_by()
        columns = ("place_id", "theme_id", "second_theme_id", "month", "kept")
        grouped = rows.annotate(month=TruncMonth("day"), kept=Exists(kept)).values(*columns)
        return list(grouped.annotate(count=Count("pk")).values_list(*columns, "count"))

    @cached_property
    def _by_month(self) -> list[tuple[int, int | None, int | None, date, int]]:
        return [(*row[:4], row[5]) for row in self._grouped]

    @property
    def is_comparable(self) -> bool:
        """Whether the service kept records all along the twelve months."""
        return any(row[4] for row in self._grouped)

    @cached_property
    def total(self) -> int:
        return sum(count for *_, count in self._by_month)

    def at(self, theme: Theme | None) -> Counter[int]:
        """Activities by the very place they lie at, of one theme or of all."""
        found: Counter[int] = Counter()
        for place, first, second, _, count in self._by_month:
            if theme is None or theme.pk in (first, second):
                found[place] += count
        return found

    def block(self, place_id: int) -> int:
        place = self.places[place_id]
        if place.depth <= BLOCK_DEPTH:
            return place_id
        return [*place.ancestor_ids, place_id][BLOCK_DEPTH]

    @cached_property
    def cells(self) -> list[Cell]:
        """What moved first, then what recurs, then the most frequent."""
        found: dict[tuple[int, int], Cell] = {}
        months = {month.first: n for n, month in enumerate(self.window.months)}
        for place, *themes, month, count in self._by_month:
            for theme in themes:
                if theme is not None:
                    self._cell(found, place, theme).by_month[months[month]] += count
        for place, theme, count in self._sent():
            self._cell(found, place, theme).signalements += count
        cells = list(found.values())
        self._judge(cells)
        order = {RISES: 0, CALMS: 1, RECURS: 2}
        rank = {key: n for n, key in enumerate(self.places)}
        cells.sort(key=lambda cell: (
            order.get(cell.trend, 3), -cell.total, -cell.signalements, rank[cell.place.pk],
            cell.theme.pk,
        ))  # fmt: skip
        return cells

    def _cell(self, found: dict[tuple[int, int], Cell], place: int, theme: int) -> Cell:
        block = self.block(place)
        if (block, theme) not in found:
            found[block, theme] = Cell(self.places[block], self.themes[theme])
        return found[block, theme]

    def _sent(self) -> list[tuple[int, int, int]]:
        rows = Signalement.objects.within(self.window.perimeter).filter(
            is_confidential=False, sent_at__date__gte=self.window.first,
            sent_at__date__lte=self.window.last, theme__isnull=False,
        )  # fmt: skip
        counted = rows.order_by().values("place_id", "theme_id").annotate(count=Count("pk"))
        return list(counted.values_list("place_id", "theme_id", "count"))

    def _judge(self, cells: list[Cell]) -> None:
        """Told only where it is more than chance; all cells are looked at together, so the level
        is divided by their number."""
        level = LEVEL / max(1, len(cells))
        for cell in cells:
            if not self.is_comparable:
                cell.trend = UNKNOWN
            elif exact_p(cell.after, cell.before) < level:
                cell.trend = RISES if cell.after > cell.before else CALMS
            elif cell.months >= OFTEN:
                cell.trend = RECURS

    @cached_property
    def evenings(self) -> int | None:
        """Activities that began in the evening, as partners read them: the sum of settled months."""
        if self.window.type:
            return None
        months = sorted({month for *_, month, _ in self._by_month})
        return told_of(self.window.perimeter, {self.window.end: months})[self.window.end].evenings

    @cached_property
    def hours(self) -> "Hours":
        """Reads the rows' starts: for the operator."""
        rows = self.window.activities(self.window.first, self.window.last).order_by()
        grouped = rows.values(weekday=ExtractIsoWeekDay("day"), hour=ExtractHour("starts_at"))
        counted = grouped.annotate(count=Count("pk")).values_list("weekday", "hour", "count")
        without, cells = 0, Counter[tuple[int, int]]()
        for weekday, hour, count in counted:
            if hour is None:
                without += count
            else:
                band = max(n for n, (starts, _) in enumerate(BANDS) if starts <= hour)
                cells[weekday - 1, band] += count
        return Hours(cells, without)


@dataclass(frozen=True)
class Hours:
    """Day × hour, for the operator alone: partners read no start of a row, and the same table of a
    perimeter inside another, or of a month later, would tell it (docs/decisions/0033)."""

    cells: Counter[tuple[int, int]]
    without: int

    @property
    def known(self) -> int:
        return sum(self.cells.values())

    @property
    def is_told(self) -> bool:
        return self.known >= FEWEST_HOURS

    @property
    def lacking(self) -> int:
        """In percent, of the rows that lack a start: to five, as the counts are."""
        whole = self.known + self.without
        return 5 * round(20 * self.without / whole) if whole else 0

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """By weekday: each band's words and shade, 0 to 4."""
        peak = max(self.cells.values(), default=0)
        return [
            (name, [self._told(self.cells[n, band], peak) for band in range(len(BANDS))])
            for n, name in enumerate(WEEKDAYS)
        ]

    @staticmethod
    def _told(count: int, peak: int) -> tuple[str, int]:
        if count < FEW_ROWS:
            return f"<{FEW_ROWS}", 0
        rounded = 5 * round(count / 5)
        return str(rounded), -(-4 * count // peak)

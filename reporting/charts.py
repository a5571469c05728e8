"""Charts as geometry; templates draw them as SVG, the same on screen and in the PDF.

No pie, no second axis, bars from zero, labels on the marks: legible in grey, and read aloud by
the text alternative that each carries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import number

from .periods import Period

# The four axes, at least 3.3:1 on white, and told apart in grey by their labels.
AXIS_COLOURS = ("#0e4d64", "#c44e17", "#be6cbd", "#489b7b")


@dataclass
class Bar:
    label: str
    value: float
    text: str
    width: float  # share of the whole that the bars divide, 0 to 100
    url: str = ""
    detail: str = ""
    measure: str = "count"  # what the value counts, for a link (templatetags/figures.py)


@dataclass
class MonthBar:
    period: Period
    value: float | None
    text: str
    x: float
    y: float
    height: float
    middle: float
    label_y: float
    current: bool
    starts_year: bool


@dataclass
class MonthChart:
    """Thirteen columns; `known` is False for a chart with nothing to draw."""

    bars: list[MonthBar]
    width: float
    height: float
    bar_width: float
    base: float
    id: str = "courbe"
    colour: str = "#0e4d64"

    @property
    def month_y(self) -> float:
        return self.base + 4

    @property
    def year_y(self) -> float:
        return self.base + 19

    @property
    def known(self) -> bool:
        return any(bar.value for bar in self.bars)


def bars(
    rows: list[tuple[str, float, str, str, str]],
    *,
    keep_order: bool = False,
    measure: str = "count",
) -> list[Bar]:
    """Bars from (label, value, text, url, detail), longest first unless an order is meant. A full
    track is their sum: the length says the same as the share beside it."""
    whole = sum(row[1] for row in rows)
    made = [
        Bar(label, value, text, 100 * value / whole if whole else 0, url, detail, measure)
        for label, value, text, url, detail in rows
    ]
    return made if keep_order else sorted(made, key=lambda bar: (-bar.value, bar.label))


@dataclass
class Line:
    """One of several small charts on one scale: a point a month, the last one named. `runs` are the
    unbroken stretches of known months as the points of a polyline; a lone month is a dot too."""

    id: str
    label: str
    colour: str
    periods: list[Period]
    values: list[float | None]
    texts: list[str]
    runs: list[str]
    dots: list[tuple[float, float]]
    end: tuple[float, float] | None
    width: float
    height: float
    base: float
    peak_text: str  # of all the charts together: what their upper rule stands for

    @property
    def end_label_y(self) -> float:
        """Above the last point, and inside the drawing."""
        return max(14.0, self.end[1] - 9) if self.end else self.base

    @property
    def months_read(self) -> list[tuple[Period, str]]:
        return list(zip(self.periods, self.texts, strict=True))


@dataclass
class Step:
    """A step of a course: how many came so far, of the first; `lost` since the step before."""

    label: str
    count: int
    text: str
    width: float  # 0 to 100, of the first step
    lost: str = ""
    url: str = ""


@dataclass
class Bullet:
    """A value against a target, with a mark of where it would be by now; 0 to 100 of the longest."""

    value: float
    target: float
    mark: float | None
    text: str


def lines(
    series: list[tuple[str, str, list[float | None]]],
    periods: list[Period],
    say: Callable[[float], str],
    *,
    width: float = 480,
    height: float = 140,
) -> list[Line]:
    """Small charts from (id, label, values), all on one scale from zero, so that they compare."""
    peak = max((value or 0 for _, _, values in series for value in values), default=0)
    top, bottom, right = 22, 24, 54
    room, step = height - top - bottom, (width - right - 6) / max(1, len(periods) - 1)
    made = []
    for rank, (key, label, values) in enumerate(series):
        points = [
            None
            if value is None
            else (round(6 + at * step, 1), round(top + room * (1 - value / (peak or 1)), 1))
            for at, value in enumerate(values)
        ]
        runs = [
            [point for point in run if point is not None]
            for is_known, run in groupby(points, key=lambda point: point is not None)
            if is_known
        ]
        made.append(
            Line(
                id=f"ligne-{key}",
                label=label,
                colour=AXIS_COLOURS[rank % len(AXIS_COLOURS)],
                periods=periods,
                values=values,
                texts=["n/d" if value is None else say(value) for value in values],
                runs=[" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1],
                dots=[run[0] for run in runs if len(run) == 1],
                end=points[-1] if points else None,
                width=width,
                height=height,
                base=top + room,
                peak_text=say(peak),
            )
        )
    return made


def course(steps: list[tuple[str, int, str]], lost: str) -> list[Step]:
    """From (label, count, url), each a part of the one before; `lost` says what it means not to be in
    the next, as « sans suite »."""
    made: list[Step] = []
    for label, count, url in steps:
        first = made[0].count if made else count
        gone = made[-1].count - count if made else 0
        said = f"{number(gone)}{NBSP}{lost}" if gone > 0 else ""
        made.append(
            Step(label, count, number(count), 100 * count / first if first else 0, said, url)
        )
    return made


def bullet(value: float, target: float, mark: float | None, text: str) -> Bullet:
    """Lengths of the longer of value and target; the mark is where the value would be by now."""
    longest = max(value, target, mark or 0) or 1
    at = None if mark is None else 100 * mark / longest
    return Bullet(100 * value / longest, 100 * target / longest, at, text)


def months(
    periods: list[Period],
    values: list[float | None],
    texts: list[str],
    *,
    width: float = 640,
    height: float = 180,
    top: float = 22,
    bottom: float = 36,
) -> MonthChart:
    """One column a month, the last one marked; a month without record has no column."""
    step = width / len(periods)
    bar_width = step * 0.72
    room = height - top - bottom
    peak = max((value or 0 for value in values), default=0)
    drawn = []
    for index, (period, value, text) in enumerate(zip(periods, values, texts, strict=True)):
        tall = room * (value or 0) / peak if peak else 0
        drawn.append(
            MonthBar(
                period=period,
                value=value,
                text=text,
                x=round(index * step + (step - bar_width) / 2, 1),
                y=round(top + room - tall, 1),
                height=round(tall, 1),
                middle=round(index * step + step / 2, 1),
                label_y=round(top + room - tall - 6, 1),
                current=index == len(periods) - 1,
                starts_year=index == 0 or period.index == 1,
            )
        )
    return MonthChart(drawn, width, height, round(bar_width, 1), top + room)

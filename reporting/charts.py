"""Charts as geometry; templates draw them as SVG, the same on screen and in the PDF.

No pie, no second axis, bars from zero, labels on the marks: legible in grey, and read aloud by
the text alternative that each carries.
"""

from dataclasses import dataclass

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

"""The line of an indicator and the steps of its target, as geometry; a template draws it."""

from collections.abc import Callable
from dataclasses import dataclass

from humanicite.templatetags.french import UNKNOWN

from .quantities import quantity
from .values import Point, Result


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    text: str
    label: str
    year: str
    is_last: bool
    shows_label: bool
    anchor: str


@dataclass(frozen=True)
class TrendChart:
    """`lines`: the value, cut where it is not known; `targets`: one stretch for each target that held.
    The scale begins at zero."""

    id: str
    width: float
    height: float
    base: float
    marks: list[Mark]
    ticks: list[Mark]
    lines: list[str]
    targets: list[str]
    target_label: str
    is_small: bool

    @property
    def known(self) -> bool:
        return bool(self.marks)


def trend_chart(
    result: Result, *, width: float = 640, height: float = 220, is_small: bool = False
) -> TrendChart:
    points = result.points
    top, bottom = (4.0, 4.0) if is_small else (48.0, 38.0)
    values = [float(p.amount.value) for p in points if p.amount.value is not None]
    aims = [float(p.target) for p in points if p.target is not None]
    highest, lowest = max([*values, *aims, 0.0]), min([*values, *aims, 0.0])
    room, span = height - top - bottom, (highest - lowest) or 1.0
    step = width / len(points)

    def y_of(value: float) -> float:
        return round(top + room * (highest - value) / span, 1)

    xs = [round(step * (at + 0.5), 1) for at in range(len(points))]
    last_target = points[-1].target
    return TrendChart(
        id=f"indicateur-{result.indicator.pk}",
        width=width,
        height=height,
        base=y_of(0),
        marks=_marks(points, xs, y_of, is_small=is_small),
        ticks=[_tick(points, xs, at, height - bottom) for at in range(len(points))],
        lines=_lines(points, xs, y_of),
        targets=_targets(points, step, y_of),
        target_label=""
        if last_target is None
        else f"Cible : {quantity(result.definition.unit, last_target)}",
        is_small=is_small,
    )


def _marks(
    points: list[Point], xs: list[float], y_of: Callable[[float], float], *, is_small: bool
) -> list[Mark]:
    made = []
    for at, point in enumerate(points):
        if point.amount.value is None:
            continue
        y = y_of(float(point.amount.value))
        is_last = at == len(points) - 1
        anchor = "end" if is_last else "start" if at == 0 else "middle"
        made.append(
            Mark(
                xs[at], y, point.text, point.period.label, "", is_last,
                not is_small and (is_last or at == 0), anchor,
            )
        )  # fmt: skip
    return made


def _tick(points: list[Point], xs: list[float], at: int, y: float) -> Mark:
    period = points[at].period
    if period.kind == "mois":
        text, year = period.short_label, str(period.year)
        starts = at == 0 or period.index == 1
    elif period.kind == "trimestre":
        text, year = f"T{period.index}", str(period.year)
        starts = at == 0 or period.index == 1
    else:
        text, year, starts = str(period.year), "", False
    is_last = at == len(points) - 1
    return Mark(
        xs[at], y, text, period.label, year if starts else "", is_last, is_last or at == 0, "middle"
    )


def _lines(points: list[Point], xs: list[float], y_of: Callable[[float], float]) -> list[str]:
    found: list[list[str]] = [[]]
    for x, point in zip(xs, points, strict=True):
        if point.amount.value is None:
            found.append([])
        else:
            found[-1].append(f"{x} {y_of(float(point.amount.value))}")
    return ["M" + "L".join(one) for one in found if len(one) > 1]


def _targets(points: list[Point], step: float, y_of: Callable[[float], float]) -> list[str]:
    found = []
    start = 0
    for at in range(1, len(points) + 1):
        if at == len(points) or points[at].target != points[start].target:
            target = points[start].target
            if target is not None:
                y = y_of(float(target))
                found.append(f"M{round(start * step, 1)} {y}H{round(at * step, 1)}")
            start = at
    return found


def twin(result: Result) -> list[tuple[str, str]]:
    """(period, value) of each point, for the text alternative."""
    return [(point.period.label, point.text or UNKNOWN) for point in result.points]

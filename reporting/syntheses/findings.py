"""What is worth saying of a month, from its figures alone: told only where it is more than chance.

A count is compared with that of the same month of the year before (`figures.comparison`). All
comparisons of a month are looked at together, so the level is divided by their number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import number, plural
from mediation.frame.reference import ReferenceActivity
from mediation.worktime.hours import Tally
from reporting.figures.activities import Figures
from reporting.figures.comparison import LEVEL, exact_p
from reporting.periods import Period

from .blocks import Matter


@dataclass(frozen=True)
class Finding:
    """A sentence with its numbers, and the test that lets it be said. `block` is where it belongs."""

    key: str
    block: str
    text: str
    test: str
    p: float


@dataclass(frozen=True)
class _Pair:
    key: str
    block: str
    name: str
    now: int
    before: int


def find(matter: Matter) -> list[Finding]:
    """The surest first; none for a month that is not over, or without the year before."""
    report = matter.board.report
    if matter.board.is_running or report.last_year is None:
        return []
    pairs = [pair for pair in _pairs(matter, report.last_year) if pair.now + pair.before > 0]
    found = []
    for pair in pairs:
        p = exact_p(pair.now, pair.before, _days(matter.period), _days(matter.period.last_year))
        if p < LEVEL / len(pairs):
            found.append(_say(pair, p, len(pairs), matter))
    return sorted(found, key=lambda one: (one.p, one.key))


def _pairs(matter: Matter, year_ago: Figures) -> Iterable[_Pair]:
    now, names = matter.board.figures, matter.board.names
    yield _Pair("total", "activites", "les activités", now.total.count, year_ago.total.count)
    for kind in ReferenceActivity:
        yield _Pair(
            f"type-{kind.value}",
            "activites",
            f"«{NBSP}{kind.label}{NBSP}»",
            _count(now.by_type, kind.value),
            _count(year_ago.by_type, kind.value),
        )
    for key in sorted(set(now.by_theme) | set(year_ago.by_theme), key=lambda one: one or 0):
        if key is not None and key in names.themes:
            yield _Pair(
                f"theme-{key}",
                "lieux",
                f"«{NBSP}{names.themes[key].name}{NBSP}»",
                _count(now.by_theme, key),
                _count(year_ago.by_theme, key),
            )
    for axis in names.axes.values():
        yield _Pair(
            f"axe-{axis.pk}",
            "axes",
            f"l’axe «{NBSP}{axis.name}{NBSP}»",
            _count(now.by_axis, axis.pk),
            _count(year_ago.by_axis, axis.pk),
        )


def _days(period: Period) -> int:
    return (period.last - period.first).days + 1


def _count(tallies: Mapping[Any, Tally], key: object) -> int:
    found = tallies.get(key)
    return found.count if found else 0


def _say(pair: _Pair, p: float, tried: int, matter: Matter) -> Finding:
    moved = "passe" if pair.key != "total" else "passent"
    subject = pair.name[0].upper() + pair.name[1:]
    text = (
        f"{subject} {moved} de {number(pair.before)} à {plural(pair.now, 'activité,activités')} par "
        f"rapport à {matter.period.last_year.label}."
    )
    shown = f"{p:.4f}".replace(".", ",") if p >= 0.0001 else "0,0001"
    sign = "=" if p >= 0.0001 else "<"
    test = (
        f"Comparaison exacte de deux comptes de Poisson{NBSP}: p{NBSP}{sign}{NBSP}{shown}, au seuil de "
        f"5{NBSP}% partagé entre {tried} comparaisons."
    )
    return Finding(pair.key, pair.block, text, test, p)

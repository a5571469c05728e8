"""Months, quarters, half-years and years: bounds, French labels, what came before."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Self

from humanicite.lib.dates import MONTHS

_SLUG = re.compile(r"(\d{4})(?:-(?:(\d{2})|T([1-4])|S([12])))?")
SHORT_MONTHS = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
]  # fmt: skip
LENGTHS = {"mois": 1, "trimestre": 3, "semestre": 6, "annee": 12}  # in months
_LETTERS = {"trimestre": "T", "semestre": "S"}  # in an address


@dataclass(frozen=True, order=True)
class Period:
    """A calendar month, quarter, half-year or year. `index` counts from 1 within the year.

    Raises ValueError for an index that its kind has not, or a year out of a calendar's sense.
    """

    kind: str
    year: int
    index: int = 1

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 2300 and 1 <= self.index <= 12 // LENGTHS[self.kind]):
            raise ValueError(self)

    @classmethod
    def parse(cls, slug: str) -> Self:
        """`2026`, `2026-S1`, `2026-T4` or `2026-11`, from 2000 to 2199; ValueError for anything else."""
        match = _SLUG.fullmatch(slug)
        if not match or not 2000 <= int(match[1]) <= 2199:
            raise ValueError(slug)
        year, month, quarter, half = match.groups()
        if month:
            return cls("mois", int(year), int(month))
        if quarter:
            return cls("trimestre", int(year), int(quarter))
        if half:
            return cls("semestre", int(year), int(half))
        return cls("annee", int(year))

    @classmethod
    def holding(cls, kind: str, day: date) -> Self:
        return cls(kind, day.year, (day.month - 1) // LENGTHS[kind] + 1)

    @property
    def slug(self) -> str:
        if self.kind == "mois":
            return f"{self.year}-{self.index:02d}"
        return (
            f"{self.year}-{_LETTERS[self.kind]}{self.index}"
            if self.kind in _LETTERS
            else str(self.year)
        )

    @cached_property
    def first(self) -> date:
        return date(self.year, (self.index - 1) * LENGTHS[self.kind] + 1, 1)

    @cached_property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Self:
        return self._shifted(1)

    @property
    def previous(self) -> Self:
        return self._shifted(-1)

    @property
    def last_year(self) -> Self:
        return type(self)(self.kind, self.year - 1, self.index)

    def _shifted(self, by: int) -> Self:
        in_year = 12 // LENGTHS[self.kind]
        count = self.year * in_year + self.index - 1 + by
        return type(self)(self.kind, count // in_year, count % in_year + 1)

    @property
    def label(self) -> str:
        """« novembre 2026 », « 4e trimestre 2026 », « 2026 »."""
        if self.kind == "mois":
            return f"{MONTHS[self.index - 1]} {self.year}"
        if self.kind in _LETTERS:
            return f"{'1er' if self.index == 1 else f'{self.index}e'} {self.kind} {self.year}"
        return f"année {self.year}"

    @property
    def short_label(self) -> str:
        """« nov. », for the axis of a chart."""
        return SHORT_MONTHS[self.index - 1]

    @property
    def of_label(self) -> str:
        """« de novembre 2026 », « d’octobre 2026 », « du 4e trimestre 2026 », « de l’année 2026 »."""
        if self.kind == "mois":
            return f"d’{self.label}" if self.label[0] in "ao" else f"de {self.label}"
        return f"du {self.label}" if self.kind in _LETTERS else f"de l’{self.label}"

    @property
    def to_label(self) -> str:
        """« à novembre 2026 », « au 4e trimestre 2026 », « à l’année 2026 »."""
        if self.kind == "mois":
            return f"à {self.label}"
        return f"au {self.label}" if self.kind in _LETTERS else f"à l’{self.label}"

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def months_until_end(self, count: int) -> list["Period"]:
        """The `count` months that end with this period's last one, oldest first."""
        month = Period.holding("mois", self.last)
        months = [month]
        while len(months) < count:
            month = month.previous
            months.append(month)
        return months[::-1]

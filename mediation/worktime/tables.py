"""Hours as tables: a week by day, a year by month, each against its sum."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from humanicite.lib.dates import MONTHS, long_day
from humanicite.lib.tables import NOTHING, Column, Table

from .hours import WORK, Day, Month, Week, Year

NONE = (None, "", 0)  # what a page leaves blank


def _time(label: str, accessor: str, kind: str, **more: Any) -> Column:
    return Column(label, accessor, kind=kind, default=NOTHING, empty_values=NONE, **more)


def _times(kind: str) -> list[tuple[str, Column]]:
    """A column for each kind of work, their sum, and what is counted apart."""
    return [
        *((name, _time(label, f"sums__by_kind__{name}", kind)) for name, label in WORK.items()),
        ("total", _time("Total", "sums__work", kind, css="total")),
        ("apart", _time("Encadrement", "sums__supervision", kind)),
    ]


class HoursTable(Table):
    css = "timetable"

    def css_of(self, record: Day | Month | Week | Year) -> str:
        return "" if record.sums.at_work else "nothing"


class WeekTable(HoursTable):
    """`opens`: the last day that leads to its page; None where they are another's."""

    caption = "Heures par jour et par nature"

    jour = Column("Jour", "sums", names_row=True)

    def __init__(self, week: Week, *, opens: date | None) -> None:
        self.opens = opens
        super().__init__(week.days, totals=week, extra_columns=_times("duration"))

    def render_jour(self, record: Day | Week) -> SafeString | str:
        if isinstance(record, Week):
            return "Semaine"
        label: SafeString | str = capfirst(long_day(record.day, with_year=False))
        if self.opens and record.day <= self.opens:
            address = f"{reverse('today')}?jour={record.day.isoformat()}"
            label = format_html('<a href="{}">{}</a>', address, label)
        tags = SafeString("")
        if record.is_holiday:
            tags += format_html(' <span class="tag tag--quiet">{}</span>', "férié")
        if record.alerts:
            tags += format_html(' <span class="tag tag--warn">{}</span>', "à noter")
        return format_html("{}{}", label, tags)


class YearTable(HoursTable):
    caption = "Heures par mois et par nature"

    mois = Column("Mois", "sums", names_row=True)

    def __init__(self, year: Year) -> None:
        columns = [
            *_times("hours"),
            ("soirees", _time("Soirées", "sums__evenings__minutes", "hours")),
            ("week_ends", _time("Week-ends, fériés", "sums__off_days", "hours")),
        ]
        super().__init__(year.months, totals=year, extra_columns=columns)

    def render_mois(self, record: Month | Year) -> str:
        if isinstance(record, Year):
            return "Année"
        return capfirst(f"{MONTHS[record.first.month - 1]} {record.first.year}")

from datetime import date
from typing import Any

import django_tables2 as tables

from humanicite.lib.dates import NBSP, WEEKDAYS, format_duration

from .models import Activity

NOTE_SHOWN = 90  # characters in a list; the page has the whole


class PartnerActivityTable(tables.Table):
    """The shareable columns of an activity, and no other."""

    day = tables.Column(verbose_name="Date", attrs={"td": {"class": "c-day nowrap"}})
    type = tables.Column(
        verbose_name="Activité",
        linkify=("activity", {"pk": tables.A("pk")}),
        attrs={"td": {"class": "c-type"}},
    )
    place = tables.Column(
        verbose_name="Lieu", order_by=("place__path",), attrs={"td": {"class": "c-place"}}
    )
    minutes = tables.Column(
        verbose_name="Durée", attrs={"td": {"class": "c-minutes num"}, "th": {"class": "num"}}
    )
    themes = tables.Column(
        verbose_name="Thématiques",
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "c-themes"}},
    )
    outcome = tables.Column(verbose_name="Suite", attrs={"td": {"class": "c-outcome"}})
    summary = tables.Column(
        verbose_name="Résumé", orderable=False, attrs={"td": {"class": "c-text"}}
    )

    day_order: tuple[str, ...] = ("day", "pk")

    class Meta:
        model = Activity
        fields: tuple[str, ...] = (
            "day", "type", "place", "minutes", "themes", "outcome", "summary",
        )  # fmt: skip
        order_by_field = "tri"
        prefixed_order_by_field = "tri"
        default = ""
        attrs = {"class": "activities"}

    def order_day(self, rows: Any, descending: bool) -> tuple[Any, bool]:
        sign = "-" if descending else ""
        return rows.order_by(*(f"{sign}{name}" for name in self.day_order)), True

    def render_day(self, value: date) -> str:
        weekday = WEEKDAYS[value.weekday()][:3]
        return f"{weekday}.{NBSP}{value:%d/%m/%Y}"

    def render_type(self, record: Activity) -> str:
        return record.reference.short

    def render_minutes(self, value: int) -> str:
        return format_duration(value)

    def render_themes(self, record: Activity) -> str:
        return ", ".join(theme.name for theme in record.themes)


class OperatorActivityTable(PartnerActivityTable):
    """Adds what stays with the operator: who, and the internal note."""

    day_order = ("day", "starts_at", "pk")
    internal_note = tables.Column(
        verbose_name="Note interne", orderable=False, attrs={"td": {"class": "c-text"}}
    )
    author = tables.Column(
        verbose_name="Par", order_by=("author__function",), attrs={"td": {"class": "c-author"}}
    )

    class Meta(PartnerActivityTable.Meta):
        fields = (
            "day", "type", "place", "minutes", "themes", "outcome", "internal_note", "author",
        )  # fmt: skip
        exclude = ("summary",)

    def render_internal_note(self, value: str) -> str:
        return value if len(value) <= NOTE_SHOWN else f"{value[: NOTE_SHOWN - 1]}…"

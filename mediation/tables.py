from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from humanicite.lib.dates import NBSP, format_duration

from .models import Activity


class PartnerActivityTable(tables.Table):
    """The shareable columns of an activity, and no other."""

    day = tables.DateColumn(verbose_name="Date", format=f"D j{NBSP}b Y")
    type = tables.Column(verbose_name="Activité", linkify=("activity", {"pk": tables.A("pk")}))
    place = tables.Column(verbose_name="Lieu", order_by=("place__path",))
    minutes = tables.Column(
        verbose_name="Durée", attrs={"td": {"class": "num"}, "th": {"class": "num"}}
    )
    themes = tables.Column(verbose_name="Thématiques", orderable=False, empty_values=())
    outcome = tables.Column(verbose_name="Suite")
    summary = tables.Column(verbose_name="Résumé", orderable=False)

    class Meta:
        model = Activity
        fields: tuple[str, ...] = (
            "day", "type", "place", "minutes", "themes", "outcome", "summary",
        )  # fmt: skip
        order_by_field = "tri"
        prefixed_order_by_field = "tri"
        default = ""

    def order_day(self, rows: Any, descending: bool) -> tuple[Any, bool]:
        sign = "-" if descending else ""
        return rows.order_by(f"{sign}day", f"{sign}starts_at", f"{sign}pk"), True

    def render_type(self, record: Activity) -> str:
        return record.reference.short

    def render_minutes(self, value: int) -> str:
        return format_duration(value)

    def render_themes(self, record: Activity) -> str:
        return ", ".join(theme.name for theme in record.themes)


class OperatorActivityTable(PartnerActivityTable):
    """Adds what stays with the operator: who, and the internal note."""

    internal_note = tables.Column(verbose_name="Note interne", orderable=False)
    author = tables.Column(verbose_name="Par", order_by=("author__function",))

    class Meta(PartnerActivityTable.Meta):
        fields = (
            "day", "type", "place", "minutes", "themes", "outcome", "internal_note", "author",
        )  # fmt: skip
        exclude = ("summary",)

    def render_internal_note(self, value: str) -> SafeString:
        short = value if len(value) <= 90 else f"{value[:89]}…"
        return format_html("{}", short)

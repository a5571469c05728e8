"""Decisions and actions as tables, and as files."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from humanicite.lib.tables import Column, Table
from humanicite.templatetags.icons import icon

from .models import ActionItem, Decision


class DecisionTable(Table):
    caption = "Décisions"
    first_order = "-numero"
    size = 50

    numero = Column(
        "Numéro", "reference", order_by=("year", "number"), width=12, css="nowrap", default="projet"
    )
    decision = Column("Décision", "text", width=60, css="c-title", order_by="text")
    point = Column("Point", "item__title", width=36)
    instance = Column("Instance", "item__meeting__committee__name", kind="label", width=26)
    seance = Column("Séance", "item__meeting__day", kind="day", width=12)

    def render_decision(self, record: Decision) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("decision", args=[record.pk]), record.text
        )


class ActionTable(Table):
    """`today`: what tells that one is late."""

    caption = "Actions"
    first_order = "echeance"
    size = 50

    action = Column("Action", "text", width=60, css="c-title", order_by="text")
    qui = Column("Qui", "party__short_name", order_by="party__name", kind="label", width=30)
    fonction = Column(
        "Interlocuteur", "contact__function", may_lack=True, order_by="contact__function", width=26
    )
    echeance = Column("Pour le", "due_on", kind="day", width=12)
    etat = Column("État", "get_state_display", order_by="state", kind="label", width=14)
    fait = Column("Ce qui a été fait", "closing_note", width=40)
    instance = Column("Instance", "item__meeting__committee__name", kind="label", width=26)
    seance = Column("Séance", "item__meeting__day", kind="day", width=12)

    def __init__(self, data: Any, *, today: date, **more: Any) -> None:
        self.today = today
        super().__init__(data, **more)

    def render_action(self, record: ActionItem) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("action", args=[record.pk]), record.text)

    def render_etat(self, record: ActionItem) -> SafeString:
        if record.is_late(self.today):
            return format_html('<span class="tag tag--warn">{}En retard</span>', icon("warn"))
        quiet = "" if record.is_open else " tag--ok" if record.state == "done" else " tag--quiet"
        return format_html('<span class="tag{}">{}</span>', quiet, record.get_state_display())

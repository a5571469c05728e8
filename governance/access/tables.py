"""Who sees what, since when, as a table."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from humanicite.lib.tables import Column, Table

from .models import Membership


class AccessTable(Table):
    """`own`: the reader's own access, which nobody changes or ends oneself."""

    caption = "Accès"
    first_order = "partie"
    size = 50

    qui = Column("Qui", "user", order_by=("function", "user__email"), css="c-title")
    role = Column("Rôle", "get_role_display", order_by="role")
    partie = Column("Partie", "party", order_by=("party__name", "role"))
    depuis = Column("Depuis", "starts", kind="day")
    jusque = Column("Jusqu’au", "ends", kind="day", may_lack=True)
    connexion = Column(
        "Dernière connexion", "last_used_on", kind="day", may_lack=True, empty_values=()
    )
    actes = Column("Gérer", "pk", orderable=False, in_file=False)

    def __init__(self, data: object, *, own: Membership, now: datetime, **more: Any) -> None:
        self.own, self.now = own, now
        self.today = timezone.localtime(now).date()
        super().__init__(data, **more)

    def render_qui(self, record: Membership) -> SafeString:
        return format_html(
            "<div><strong>{}</strong><br>{}</div>", record.function, record.user.email
        )

    def render_partie(self, record: Membership) -> SafeString:
        whole = "tout le dispositif" if record.is_operator else record.perimeter
        said = whole or "aucun périmètre"
        return format_html(
            '<div>{}<br><span class="quiet small">{}</span></div>', record.party, said
        )

    def render_connexion(self, record: Membership) -> SafeString | str:
        """The day, or what became of the invitation."""
        if record.last_used_on:
            return f"{record.last_used_on:%d/%m/%Y}"
        if record.invited_at is None:
            return format_html("<span>{}</span>", "jamais")
        over = record.invitation_is_over(self.now)
        return format_html(
            '<div><span>jamais</span><br><span class="{}">{}</span></div>',
            "tag tag--warn" if over else "quiet small",
            "invitation expirée"
            if over
            else f"invité le {timezone.localtime(record.invited_at):%d/%m/%Y}",
        )

    def render_actes(self, record: Membership) -> SafeString | str:
        is_own = record.pk == self.own.pk or record.user_id == self.own.user_id
        if is_own or (record.ends and record.ends < self.today):
            return ""
        return format_html('<span class="buttons">{}</span>', self._acts(record))

    def _acts(self, record: Membership) -> SafeString:
        """Buttons; those that write belong to the one form of the page."""
        email, acts = record.user.email, []
        if not record.last_used_on:
            acts.append(
                format_html(
                    '<button class="button button--small" type="submit" form="again" formaction="{}">'
                    'Renvoyer<span class="visually-hidden"> l’invitation à {}</span></button>',
                    reverse("access_invite_again", args=[record.pk]),
                    email,
                )
            )
        acts.append(
            format_html(
                '<a class="button button--small" href="{}">'
                'Modifier<span class="visually-hidden"> l’accès de {}</span></a>',
                reverse("access_edit", args=[record.pk]),
                email,
            )
        )
        if record.ends and record.ends <= self.today:
            return format_html_join("", "{}", ((act,) for act in acts))
        acts.append(
            format_html(
                '<a class="button button--small" href="{}">'
                'Clore<span class="visually-hidden"> l’accès de {}</span></a>',
                reverse("access_end", args=[record.pk]),
                email,
            )
        )
        return format_html_join("", "{}", ((act,) for act in acts))

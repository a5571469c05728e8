"""From the figures of signalements to named lines, each with the list of the signalements behind it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from governance.models import Perimeter
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import UNKNOWN, number, percent, plural
from mediation.models import Signalement
from mediation.signalements import filters
from mediation.signalements.models.signalements import LONG_OPEN
from reporting import charts
from reporting.figures.signalements import RECURS_WITHIN, SignalementFigures
from reporting.periods import Period

from .board import Link, no_link


def signalements_link(perimeter: Perimeter, period: Period) -> Link:
    """Makes addresses of the list of signalements that show exactly the rows behind a figure."""

    def link(**more: Any) -> str:
        asked = {
            "onglet": filters.ALL,
            "perimetre": perimeter.pk,
            "du": period.first,
            "au": period.last,
        }
        return f"{reverse('signalements')}?{urlencode(asked | more)}"

    return link


@dataclass(frozen=True)
class SignalementLine:
    """One measure: its value, what it is made of, and the address of its rows."""

    label: str
    value: str
    note: str = ""
    url: str = ""


@dataclass
class SignalementBoard:
    figures: SignalementFigures
    link: Link = no_link
    reads_all: bool = True  # the reader opens confidential signalements as well

    @property
    def has_data(self) -> bool:
        return self.figures.sent > 0

    @property
    def lines(self) -> list[SignalementLine]:
        """R7, S3, S4, S2, S5, S6 and S8, in the order of a signalement's course."""
        found = self.figures

        def link(**more: Any) -> str:
            return self.link(**more, sans_confidentiels="on")

        return [
            SignalementLine("Envoyés", number(found.sent), self.hidden, self.link()),
            SignalementLine(
                "Accusés de réception",
                percent(found.acknowledgement),
                f"{number(found.acknowledged)} sur {number(found.told - found.cancelled)}"
                f"{_left_out(found, 0)}",
                link(suite=filters.SIGNED),
            ),
            SignalementLine(
                "Délai médian d’accusé",
                _days(found.median_to_sign, "jour ouvré,jours ouvrés"),
                "entre l’envoi et le premier signe d’un destinataire",
            ),
            SignalementLine(
                "Répondus",
                number(found.answered),
                "prise en charge, solution ou réorientation annoncée",
                link(suite=filters.SAID),
            ),
            SignalementLine(
                "Résolus, vérifiés sur place",
                percent(found.resolution),
                f"{number(found.resolved)} sur "
                f"{number(found.told - found.cancelled - found.redirected)}"
                f"{_left_out(found, found.redirected)}",
                link(etat="verifie"),
            ),
            SignalementLine(
                "Délai médian de clôture",
                _days(found.median_to_closure, "jour,jours"),
                f"{plural(found.closed, 'signalement clos,signalements clos')}, résolus ou non",
                link(suite=filters.CLOSED),
            ),
            SignalementLine(
                "En retard",
                percent(found.overdue_share),
                f"{number(found.overdue)} sur {plural(found.open, 'ouvert,ouverts')}"
                if found.open
                else "aucun n’est ouvert",
                link(retard="on"),
            ),
            SignalementLine(
                f"Ouverts depuis plus de {LONG_OPEN}{NBSP}jours",
                number(found.open_long),
                "",
                link(suite=filters.LONG),
            ),
            SignalementLine(
                "Récurrence",
                percent(found.recurrence),
                f"{plural(found.returned, 'nouveau signalement,nouveaux signalements')} au même "
                f"lieu et sur la même thématique, dans les {RECURS_WITHIN}{NBSP}jours d’une "
                f"clôture, pour {plural(found.closed, 'clos,clos')}",
            ),
        ]

    @property
    def course(self) -> list[charts.Bar]:
        """Sent, acknowledged, answered, resolved: how far they came; cancelled and confidential ones
        left out."""
        found = self.figures
        left = found.told - found.cancelled
        return [
            charts.Bar(label, count, number(count), 100 * count / left if left else 0)
            for label, count in (
                ("Envoyés", left),
                ("Accusés de réception", found.acknowledged),
                ("Répondus", found.answered),
                ("Résolus, vérifiés sur place", found.resolved),
            )
        ]

    @property
    def hidden(self) -> str:
        """« dont 2 confidentiels »: that they were sent is all that figures tell of them."""
        if not self.figures.confidential:
            return ""
        said = (
            f"dont {plural(self.figures.confidential, 'confidentiel,confidentiels')}, "
            "dont la suite n’est pas comptée"
        )
        return (
            said
            if self.reads_all
            else f"{said}{NBSP}; la liste ne montre que ceux qui vous sont adressés"
        )


@dataclass(frozen=True)
class LongOpen:
    """Signalements of a perimeter that are open for long, whenever they were sent, but for the
    confidential: that one is open is its course."""

    rows: list[Signalement]
    more: int

    @property
    def count(self) -> int:
        return len(self.rows) + self.more


MOST_NAMED = 12


def long_open(perimeter: Perimeter, on: date) -> LongOpen:
    """Open for more than LONG_OPEN days on a day, the oldest first."""
    found = list(
        Signalement.objects.within(perimeter)
        .open()
        .filter(is_confidential=False, sent_at__date__lt=on - timedelta(days=LONG_OPEN))
        .select_related("place")
        .order_by("sent_at", "pk")
    )
    return LongOpen(found[:MOST_NAMED], max(0, len(found) - MOST_NAMED))


def _left_out(found: SignalementFigures, redirected: int) -> str:
    parts = []
    if found.cancelled:
        parts.append(plural(found.cancelled, "annulé,annulés"))
    if redirected:
        parts.append(plural(redirected, "réorienté,réorientés"))
    if found.confidential:
        parts.append(plural(found.confidential, "confidentiel,confidentiels"))
    return f" (sans {' ni '.join(parts)})" if parts else ""


def _days(days: float | None, words: str) -> str:
    if days is None:
        return UNKNOWN
    if days == int(days):
        return plural(int(days), words)
    return f"{number(days, 1)}{NBSP}{words.split(',')[days >= 2]}"

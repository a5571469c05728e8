"""From the figures of signalements to named lines, each with the list of the signalements behind it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import DateTimeField, Value

from governance.models import Perimeter
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import UNKNOWN, number, percent, plural
from mediation.models import Signalement
from mediation.signalements import filters
from mediation.signalements.models.signalements import (
    LONG_OPEN,
    OPEN,
    SignalementQuerySet,
    SignalementState,
)
from mediation.signalements.past import set_back, stood
from reporting import charts
from reporting.figures.comparison import FEW
from reporting.figures.signalements import (
    COLUMNS,
    RECURS_WITHIN,
    SignalementFigures,
    figures_of,
    sent_rows,
)
from reporting.periods import Period

from .board import Link, no_link


def signalements_link(perimeter: Perimeter, period: Period, then: date | None = None) -> Link:
    """Makes addresses of the list of signalements that show exactly the rows behind a figure, as they
    stood at the end of the day `then`."""

    def link(**more: object) -> str:
        return filters.SignalementFilter.address(
            onglet=filters.ALL,
            perimetre=perimeter,
            du=period.first,
            au=period.last,
            tels_au=then,
            **more,
        )

    return link


def figures_and_awaited(
    perimeter: Perimeter,
    period: Period,
    today: date,
    awaited: SignalementQuerySet,
    then: date | None = None,
) -> tuple[SignalementFigures, list[int]]:
    """The figures of a perimeter, and the keys of other signalements that its page asks for: both
    in the figures' one query, for a partner's dashboard makes few."""
    nothing = {
        "is_overdue": Value(value=False),
        "signed_at": Value(None, output_field=DateTimeField()),
        "said_at": Value(None, output_field=DateTimeField()),
    }
    sent = sent_rows(perimeter, period.first, today, then).annotate(is_counted=Value(value=True))
    others = stood(awaited.order_by(), None).annotate(**nothing, is_counted=Value(value=False))
    columns = ("is_counted", *COLUMNS)
    found = sent.values_list(*columns).union(others.values_list(*columns), all=True)
    counted: list[tuple[object, ...]] = []
    keys: list[int] = []
    for is_counted, *row in found:
        if is_counted:
            counted.append(tuple(row))
        else:
            keys.append(row[0])
    return figures_of(perimeter, period, then or today, counted), keys


@dataclass(frozen=True)
class SignalementLine:
    """One measure: its value, what it is made of, and the address of its rows."""

    label: str
    value: str
    note: str = ""
    url: str = ""
    raw: int | None = None  # how many signalements its address opens


@dataclass
class SignalementBoard:
    figures: SignalementFigures
    link: Link = no_link
    reads_all: bool = True  # the reader opens confidential signalements as well
    now_url: str = (
        ""  # the same signalements as they are today, where the figures are of a past day
    )

    @property
    def has_data(self) -> bool:
        return self.figures.sent > 0

    # Long as a table is: a measure after the other, each with its words and its address.
    @property
    def lines(self) -> list[SignalementLine]:
        """R7, S3, S4, S2, S5, S6 and S8, in the order of a signalement's course."""
        found = self.figures

        def link(**more: object) -> str:
            return self.link(**more, sans_confidentiels="on")

        return [
            SignalementLine(
                "Envoyés",
                number(found.sent),
                self.hidden,
                self.link(),
                # Who opens no confidential one has a shorter list, and reads why.
                found.sent if self.reads_all or not found.confidential else None,
            ),
            SignalementLine(
                "Accusés de réception",
                *_rate(found.acknowledged, found.told - found.cancelled, _left_out(found, 0)),
                link(suite=filters.SIGNED),
                found.acknowledged,
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
                found.answered,
            ),
            SignalementLine(
                "Résolus, vérifiés sur place",
                *_rate(
                    found.resolved,
                    found.told - found.cancelled - found.redirected,
                    _left_out(found, found.redirected),
                ),
                link(etat=SignalementState.RESOLU_VERIFIE),
                found.resolved,
            ),
            SignalementLine(
                "Délai médian de clôture",
                _days(found.median_to_closure, "jour,jours"),
                f"{plural(found.closed, 'signalement clos,signalements clos')}, résolus ou non",
                link(suite=filters.CLOSED),
                found.closed,
            ),
            SignalementLine(
                "En retard",
                *(
                    _rate(found.overdue, found.open, "des signalements ouverts")
                    if found.open
                    else (NONE, "plus aucun n’est ouvert")
                ),
                link(retard=True),
                found.overdue,
            ),
            SignalementLine(
                f"Ouverts depuis plus de {LONG_OPEN}{NBSP}jours",
                number(found.open_long) if found.open_long else NONE,
                "",
                link(suite=filters.LONG),
                found.open_long,
            ),
            SignalementLine(
                "Récurrence",
                percent(found.recurrence)
                if found.closed >= FEW or not found.closed
                else f"{number(found.returned)} pour {number(found.closed)}",
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
    def steps(self) -> list[charts.Step]:
        """The same as a course: at each step how many did not come so far."""
        found = self.figures
        left = found.told - found.cancelled

        def link(**more: object) -> str:
            return self.link(**more, sans_confidentiels="on")

        return charts.course(
            [
                ("Envoyés, hors annulés", left, ""),
                ("Accusés de réception", found.acknowledged, link(suite=filters.SIGNED)),
                ("Répondus", found.answered, link(suite=filters.SAID)),
                (
                    "Résolus, vérifiés sur place",
                    found.resolved,
                    link(etat=SignalementState.RESOLU_VERIFIE),
                ),
            ],
            "de moins qu’à l’étape précédente",
        )

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
NONE = "Aucun"


def long_open(
    perimeter: Perimeter, period: Period, today: date, then: date | None = None
) -> LongOpen:
    """Of the signalements sent in a period, those open for more than LONG_OPEN days today, or at the
    end of the day `then`, the oldest first: the same cohort as the period's figures."""
    last = min(period.last, (then or today) - timedelta(days=LONG_OPEN + 1))
    found = list(
        stood(Signalement.objects.within(perimeter), then)
        .filter(
            then_state__in=OPEN,
            is_confidential=False,
            sent_at__date__gte=period.first,
            sent_at__date__lte=last,
        )
        .select_related("place")
        .order_by("sent_at", "pk")
    )
    for row in found:
        set_back(row)
    return LongOpen(found[:MOST_NAMED], max(0, len(found) - MOST_NAMED))


def _rate(part: int, whole: int, about: str = "") -> tuple[str, str]:
    """A rate and what it is made of; under FEW the counts themselves, where a percentage would
    say more than is known."""
    made_of = f"{number(part)} sur {number(whole)}"
    if 0 < whole < FEW:
        return made_of, about
    note = " ".join(text for text in (made_of, about) if text)
    return percent(part / whole if whole else None), note


def _left_out(found: SignalementFigures, redirected: int) -> str:
    parts = []
    if found.cancelled:
        parts.append(plural(found.cancelled, "annulé,annulés"))
    if redirected:
        parts.append(plural(redirected, "réorienté,réorientés"))
    if found.confidential:
        parts.append(plural(found.confidential, "confidentiel,confidentiels"))
    return f"sans {' ni '.join(parts)}" if parts else ""


def _days(days: float | None, words: str) -> str:
    if days is None:
        return UNKNOWN
    if days == int(days):
        return plural(int(days), words)
    return f"{number(days, 1)}{NBSP}{words.split(',')[days >= 2]}"

"""The coordination's page in words and numbers: what follows, four figures, what to do first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import UNKNOWN, hours, number, percent, plural, signed_percent
from mediation.activities.filters import ActivityFilter
from mediation.activities.models import ActivityQuerySet
from mediation.models import Review
from mediation.signalements.filters import ALL, SignalementFilter
from reporting.figures.activities import change
from reporting.figures.comparison import FEW, Span, differs
from reporting.figures.hours import ProgrammeHours
from reporting.periods import Period

from .board import STABLE, KeyFigure


@dataclass(frozen=True)
class MonthSoFar:
    """Activities of the running month, of the same first days of the month before, and what lacks."""

    month: Period
    days: int
    count: int
    before: int
    without_theme: int
    without_objective: int
    without_start: int
    to_review: int

    @property
    def moved(self) -> str:
        """Against as many days of the month before; « stable » where chance would explain it."""
        then = min(self.days, (self.month.previous.last - self.month.previous.first).days + 1)
        if not differs(Span(self.count, self.days), Span(self.before, then)):
            said = STABLE
        elif min(self.count, self.before) < FEW:
            said = f"{number(self.count)} contre {number(self.before)}"
        else:
            said = signed_percent(change(self.count, self.before))
        return f"{said} sur les mêmes jours du mois d’avant"

    @property
    def lines(self) -> list[tuple[str, int, str]]:
        bounds = {"du": self.month.first, "au": self.month.last}
        return [
            ("Thématique", self.without_theme, ActivityFilter.address(theme="sans", **bounds)),
            (
                "Axe et objectif",
                self.without_objective,
                ActivityFilter.address(axe="sans", **bounds),
            ),
            ("Heure de début", self.without_start, ""),
            ("Relecture du texte", self.to_review, ""),
        ]


def month_so_far(activities: ActivityQuerySet, month: Period, today: date) -> MonthSoFar:
    """One query."""
    days = (today - month.first).days + 1
    last_of_before = min(
        month.previous.first.replace(day=1) + (today - month.first), month.previous.last
    )
    running = Q(day__gte=month.first, day__lte=today)
    found = activities.filter(day__gte=month.previous.first, day__lte=today).aggregate(
        count=Count("pk", running),
        before=Count("pk", Q(day__lte=last_of_before)),
        without_theme=Count("pk", running & Q(theme=None)),
        without_objective=Count("pk", running & Q(objective=None)),
        without_start=Count("pk", running & Q(starts_at=None)),
        to_review=Count("pk", running & Q(review=Review.PENDING)),
    )
    return MonthSoFar(month=month, days=days, **found)


def steering_words(waiting: Mapping[str, int], missing: Iterable[date], pace: str) -> str:
    """One sentence: what stands still, then where the year leads."""
    parts = []
    if waiting["overdue"]:
        words = "signalement est en retard,signalements sont en retard"
        parts.append(plural(waiting["overdue"], words))
    days = len(list(missing))
    if days:
        parts.append(plural(days, "jour est sans saisie,jours sont sans saisie"))
    if waiting["to_review"]:
        words = "texte est à relire,textes sont à relire"
        parts.append(plural(waiting["to_review"], words))
    if not parts:
        said = "Rien n’est en retard ni sans saisie"
    elif len(parts) == 1:
        said = parts[0]
    else:
        said = f"{', '.join(parts[:-1])} et {parts[-1]}"
    if not pace:
        return f"{said}."
    return f"{said}{NBSP}; {pace[0].lower()}{pace[1:]}"


def steering_figures(
    waiting: Mapping[str, int],
    missing: list[date],
    year: ProgrammeHours | None,
    month: MonthSoFar,
) -> list[KeyFigure]:
    bounds = {"du": month.month.first, "au": month.month.last}
    return [
        KeyFigure(
            "Heures de l’année",
            hours(year.work) if year else UNKNOWN,
            note=f"{percent(year.used)} de {hours(year.target)}{NBSP}; année écoulée à "
            f"{percent(year.elapsed)}"
            if year
            else "aucune convention en vigueur",
        ),
        KeyFigure(
            "Activités du mois",
            number(month.count),
            previous=month.moved,
            url=ActivityFilter.address(**bounds),
            raw=month.count,
        ),
        KeyFigure(
            "Signalements en retard",
            number(waiting["overdue"]),
            note=plural(waiting["to_call"], "à appeler,à appeler"),
            url=SignalementFilter.address(onglet=ALL, retard=True),
            raw=waiting["overdue"],
        ),
        KeyFigure(
            "Jours sans saisie", number(len(missing)), note=f"ouvrés, en {month.month.label}"
        ),
    ]


def steering_to_do(waiting: Mapping[str, int], missing: list[date]) -> list[tuple[str, str, str]]:
    """What waits, in the order of doing it: (what, address, what the button says)."""
    committees, calls = reverse("committees"), reverse("signalements_to_call")
    ordered = (
        ("to_review", "activité à relire,activités à relire", reverse("to_review"), "Relire"),
        ("to_call", "signalement à appeler,signalements à appeler", calls, "Appeler"),
        (
            "refused",
            "signalement à réorienter,signalements à réorienter",
            SignalementFilter.address(etat="reoriente"),
            "Réorienter",
        ),
        ("missing_monthly", "comité du mois à convoquer,comités à convoquer", committees, "Convoquer"),
        ("to_convene", "séance à convoquer,séances à convoquer", committees, "Convoquer"),
        ("to_approve", "compte rendu à approuver,comptes rendus à approuver", committees, "Voir"),
        ("late_actions", "action à rappeler,actions à rappeler", reverse("actions"), "Rappeler"),
        ("to_attach", "courriel à rattacher,courriels à rattacher", reverse("mails"), "Rattacher"),
        (
            "overdue",
            "signalement en retard,signalements en retard",
            SignalementFilter.address(onglet=ALL, retard=True),
            "Voir",
        ),
    )  # fmt: skip
    found = [
        (plural(waiting[key], words), url, act) for key, words, url, act in ordered if waiting[key]
    ]
    if missing:
        text = plural(len(missing), "jour sans saisie,jours sans saisie")
        found.append((text, "#jours", "Voir"))
    return found

"""The sections of a perimeter's dashboard, closed until somebody opens them. Each subject registers its
own, so that the page knows none of them; a line beside the title says what it found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from governance.models import Perimeter
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import hours, number, percent, plural
from reporting.figures.hours import ProgrammeHours
from reporting.periods import Period

from .board import Dashboard
from .signalements import SignalementBoard


@dataclass
class Page:
    """What the sections of a page are made of: one perimeter and one period."""

    perimeter: Perimeter
    period: Period
    today: date
    board: Dashboard
    signalements: SignalementBoard
    hours: ProgrammeHours | None = None
    pace: str = ""


@dataclass(frozen=True)
class Section:
    """`template` is drawn with the page's context; `finds` says in a line what is inside, None for a
    section that has nothing to show. `asks_for_data`: left out of a period without activities."""

    key: str
    title: str
    template: str
    finds: Callable[[Page], str | None]
    asks_for_data: bool = True

    @property
    def page_template(self) -> str:
        """A bare name is a template of the dashboard's own."""
        return (
            self.template if "/" in self.template else f"dashboards/sections/{self.template}.html"
        )


@dataclass(frozen=True)
class Shown:
    section: Section
    finding: str


_SECTIONS: list[tuple[int, Section]] = []


def register(section: Section, *, rank: int) -> None:
    """Adds a section; `rank` says where it stands. A second of a key replaces the first."""
    _SECTIONS[:] = [(at, known) for at, known in _SECTIONS if known.key != section.key]
    _SECTIONS.append((rank, section))
    _SECTIONS.sort(key=lambda entry: (entry[0], entry[1].key))


def shown(page: Page) -> list[Shown]:
    found = []
    for _, section in _SECTIONS:
        if section.asks_for_data and not page.board.figures.has_data:
            continue
        finding = section.finds(page)
        if finding is not None:
            found.append(Shown(section, finding))
    return found


def _evolution(page: Page) -> str:
    known = [
        (tally.minutes, month)
        for month, tally in zip(page.board.report.months, page.board.report.curve, strict=True)
        if tally
    ]
    most, when = max(known, key=lambda one: one[0])
    return f"le plus haut{NBSP}: {hours(most)} en {when.label}"


def _activities(page: Page) -> str:
    first = page.board.types[0]
    return f"d’abord «{NBSP}{first.label}{NBSP}», {first.said_share} des heures"


def _places(page: Page) -> str:
    named = [line for line in page.board.themes if line.label != "Sans thématique"]
    if not named:
        return "aucune thématique notée"
    first = named[0]
    return f"d’abord «{NBSP}{first.label}{NBSP}», {plural(first.count, 'activité,activités')}"


def _people(page: Page) -> str:
    contacts = page.board.told.contacts
    if contacts is None:
        return "non connus sur cette période"
    return plural(contacts, "contact,contacts") if contacts else "aucun compté"


def _signalements(page: Page) -> str:
    found = page.signalements.figures
    if not found.sent:
        return "aucun envoyé"
    return (
        f"{plural(found.sent, 'envoyé,envoyés')}, {number(found.resolved)} "
        f"{'résolu et vérifié' if found.resolved < 2 else 'résolus et vérifiés'}"
    )


def _hours(page: Page) -> str | None:
    found = page.hours
    if found is None:
        return None
    return f"{percent(found.used)} des heures de l’année, écoulée à {percent(found.elapsed)}"


def register_all() -> None:
    for rank, section in (
        (20, Section("evolution", "Évolution sur treize mois", "evolution", _evolution)),
        (30, Section("activites", "Activités et axes", "activities", _activities)),
        (40, Section("lieux", "Thématiques et lieux", "places", _places)),
        (50, Section("publics", "Publics rencontrés", "people", _people)),
        (
            60,
            Section(
                "signalements", "Signalements", "signalements", _signalements, asks_for_data=False
            ),
        ),
        (80, Section("heures", "Heures du dispositif", "hours", _hours, asks_for_data=False)),
    ):
        register(section, rank=rank)

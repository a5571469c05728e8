"""The year on one page, for the entrance halls: round figures that can single nobody out (R81).

Each count is rounded down to tens; one under TOO_FEW is not told at all. Nobody's encounters are
counted, no place and no situation is named.
"""

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string

from governance.models import Convention, Perimeter
from humanicite.lib import pdf
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import number
from mediation.frame.reference import ReferenceActivity
from mediation.signalements.emails.letters import service_phone
from reporting.figures.activities import report
from reporting.figures.signalements import evening_of, signalement_figures
from reporting.periods import Period

TOO_FEW = 20  # under which a count is left off
ROUND = 10
MOST_TYPES = 4


@dataclass(frozen=True)
class Poster:
    perimeter: Perimeter
    year: Period
    figures: list[tuple[str, str]]  # how many, of what
    kinds: list[tuple[str, float]]  # what the service did most, and its bar, 0 to 100
    convention: str
    phone: str

    @property
    def filename(self) -> str:
        return f"affiche-{self.perimeter.party.slug}-{self.year.slug}.pdf"


def about(count: float) -> str:
    """« plus de 230 »; '' for what is too few to be told."""
    return f"plus de {number(int(count) // ROUND * ROUND)}" if count >= TOO_FEW else ""


def poster(perimeter: Perimeter, year: Period, today: date) -> Poster:
    figures = report(perimeter, year).current
    sent = signalement_figures(perimeter, year, today, evening_of(year, today))
    counted = (
        (figures.total.count, "activités de médiation"),
        (figures.total.minutes / 60, "heures de présence"),
        (len(figures.days_worked), "jours sur le terrain"),
        (sent.resolved, f"signalements dont la suite a été vérifiée{NBSP}sur place"),
    )
    told = [(about(count), what) for count, what in counted]
    kinds = sorted(figures.by_type.items(), key=lambda entry: (-entry[1].minutes, entry[0]))
    kept = [(kind, tally) for kind, tally in kinds if tally.count >= TOO_FEW][:MOST_TYPES]
    peak = max((tally.minutes for _, tally in kept), default=0)
    convention = Convention.objects.of_programme(perimeter.party.programme_id).in_force(
        min(year.last, today)
    )
    return Poster(
        perimeter=perimeter,
        year=year,
        figures=[(count, what) for count, what in told if count],
        # The bar to the nearest tenth: no length that could be measured back.
        kinds=[
            (ReferenceActivity(kind).label, 10.0 * max(1, round(10 * tally.minutes / peak)))
            for kind, tally in kept
            if peak
        ],
        convention=convention.name if convention else "",
        phone=service_phone(perimeter.programme_id, today),
    )


def to_pdf(made: Poster) -> bytes:
    """Raises PdfUnavailable."""
    return pdf.render(render_to_string("reviews/poster.html", {"poster": made}))

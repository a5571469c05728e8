"""The monthly synthesis of one perimeter: the same figures as its dashboard, on paper (R76)."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone

from governance.models import Convention, Perimeter
from humanicite.lib import pdf
from humanicite.lib.exports import safe_cell
from reporting.dashboards.board import Dashboard, dashboard
from reporting.dashboards.signalements import LongOpen, SignalementBoard, long_open
from reporting.figures.activities import report
from reporting.figures.signalements import signalement_figures
from reporting.periods import Period


@dataclass
class Synthesis:
    """An edition not published yet: figures as they stand at `at`."""

    perimeter: Perimeter
    period: Period
    convention: Convention | None
    dashboard: Dashboard
    signalements: SignalementBoard
    long_open: LongOpen
    at: datetime

    @property
    def title(self) -> str:
        return f"Synthèse mensuelle {self.period.of_label} – {self.perimeter}"

    @property
    def filename(self) -> str:
        return f"synthese-{self.perimeter.party.slug}-{self.period.slug}.pdf"


def prepare(perimeter: Perimeter, period: Period, at: datetime) -> Synthesis:
    programme_id = perimeter.party.programme_id
    conventions = Convention.objects.of_programme(programme_id)
    today = timezone.localdate(at)
    return Synthesis(
        perimeter=perimeter,
        period=period,
        convention=conventions.in_force(period.last),
        dashboard=dashboard(
            perimeter, report(perimeter, period), today, links=False, reads_rows=False
        ),
        signalements=SignalementBoard(signalement_figures(perimeter, period, today)),
        long_open=long_open(perimeter, period, today),
        at=at,
    )


def to_html(synthesis: Synthesis) -> str:
    return render_to_string(
        "syntheses/synthesis.html",
        {
            "synthesis": synthesis,
            "board": synthesis.dashboard,
            "signalement_board": synthesis.signalements,
        },
    )


def to_pdf(synthesis: Synthesis) -> bytes:
    return pdf.render(to_html(synthesis), attached=(data_of(synthesis),))


def data_of(synthesis: Synthesis) -> pdf.Attached:
    """The tables of the edition as CSV: section, line, activities, minutes, people."""
    board = synthesis.dashboard
    rows: list[tuple[object, ...]] = [("section", "ligne", "activités", "minutes", "personnes")]
    for section, lines in (
        ("type", board.types),
        ("axe", board.axes),
        ("thématique", board.themes),
        ("lieu", board.places),
    ):
        rows += [(section, line.label, line.count, line.minutes, "") for line in lines]
    rows += [
        ("signalement", bar.label, int(bar.value), "", "") for bar in synthesis.signalements.course
    ]
    rows += [("public", bar.label, "", "", int(bar.value)) for bar in board.audiences]
    for month, tally in zip(board.report.months, board.report.curve, strict=True):
        known = (tally.count, tally.minutes) if tally else ("n/d", "n/d")
        rows.append(("mois", month.label, *known, ""))
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(
        [safe_cell(cell) for cell in row] for row in rows
    )
    return pdf.Attached(
        name=synthesis.filename.replace(".pdf", ".csv"),
        description=f"Données de la synthèse {synthesis.period.of_label}",
        content=text.getvalue().encode("utf-8-sig"),
    )

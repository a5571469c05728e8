"""What an auditor of the norm XP X60-600 asks to see of a period: the charter and who accepted it, the
work by its eight activities, supervision and training, refusals, evaluation, what was improved (R20–R31).

For the coordination alone. Of people it tells functions and sums of the whole service, of signalements
counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.template.loader import render_to_string

from governance.models import Acceptance, ActionItem, ActionState, Convention, Programme
from humanicite.lib import pdf
from humanicite.lib.dates import MONTHS, NBSP
from humanicite.templatetags.french import datefr, hours, number, percent
from mediation.frame.reference import ReferenceActivity
from mediation.models import Activity, EventKind, SignalementEvent, TimeEntry, TimeKind
from reporting.recommendations.models import Recommendation, RecommendationState
from reporting.syntheses import parts, titles
from reporting.syntheses.models import Edition
from reporting.syntheses.parts import Part, cell

Section = tuple[str, list[Part]]


@dataclass(frozen=True)
class Dossier:
    programme: Programme
    first: date
    last: date
    sections: list[Section]

    @property
    def filename(self) -> str:
        return f"dossier-audit-{self.programme.slug}-{self.first:%Y%m%d}-{self.last:%Y%m%d}.pdf"


@dataclass(frozen=True)
class _Span:
    programme: Programme
    first: date
    last: date

    def of(self, name: str) -> Q:
        return Q(**{f"{name}__gte": self.first, f"{name}__lte": self.last})


def dossier(programme: Programme, first: date, last: date) -> Dossier:
    """A dozen queries, whatever the period."""
    span = _Span(programme, first, last)
    sections = [
        ("La norme et la charte", _charter(span)),
        ("Les huit activités de référence", _activities(span)),
        ("Encadrement, analyse des pratiques et formation", _supervision(span)),
        ("Refus et réorientations", _refusals(span)),
        ("Évaluation de l’utilité", _evaluation(span)),
        ("Actions d’amélioration", _improvements(span)),
    ]
    return Dossier(programme, first, last, sections)


def to_pdf(made: Dossier, at: datetime) -> bytes:
    """Raises PdfUnavailable."""
    context = {"dossier": made, "at": at, "paper": True}
    return pdf.render(render_to_string("reviews/audit_pdf.html", context))


def _charter(span: _Span) -> list[Part]:
    convention = Convention.objects.of_programme(span.programme.pk).in_force(span.last)
    if convention is None:
        return [parts.paragraph("Aucune convention n’est en vigueur à la fin de la période.")]
    made = [
        parts.definitions(
            (term, said)
            for term, said in (
                ("Convention", convention.name),
                ("Norme", convention.norm),
                ("Charte déontologique", convention.charter),
                ("Encadrement convenu", convention.supervision),
                ("Ce que la médiation ne remplace pas", convention.not_replaced),
            )
            if said
        )
    ]
    accepted = Acceptance.objects.filter(convention=convention, accepted_on__lte=span.last)
    rows = [[cell(row.function), cell(datefr(row.accepted_on))] for row in accepted]
    if not rows:
        return [*made, parts.paragraph("Aucune acceptation de la charte n’est enregistrée.")]
    columns = [("Fonction", "text"), ("Acceptée le", "note")]
    caption = "Acceptations de la norme, de la charte et de la discrétion"
    return [*made, parts.table("Acceptations", caption, columns, rows)]


def _activities(span: _Span) -> list[Part]:
    counted = {
        kind: (count, minutes or 0)
        for kind, count, minutes in Activity.objects.of_programme(span.programme.pk)
        .between(span.first, span.last)
        .order_by()
        .values_list("type")
        .annotate(n=Count("pk"), total=Sum("minutes"))
    }
    whole = sum(minutes for _, minutes in counted.values())
    rows = []
    for kind in ReferenceActivity:
        count, minutes = counted.get(kind.value, (0, 0))
        share = minutes / whole if whole else None
        rows.append(
            [
                cell(kind.label), parts.bar(100 * (share or 0)), cell(percent(share)),
                cell(hours(minutes), minutes / 60), cell(number(count), count),
            ]
        )  # fmt: skip
    columns = [
        ("Activité", "text"), ("Part des heures, sur 100", "bar"), ("Part", "num"),
        ("Heures", "num"), ("Activités", "num"),
    ]  # fmt: skip
    caption = f"Tout le service{NBSP}; parts calculées sur {hours(whole)}"
    return [parts.table("Activités", caption, columns, rows)]


def _supervision(span: _Span) -> list[Part]:
    kept = {TimeKind.ENCADREMENT.value: 0, TimeKind.FORMATION.value: 1}
    found = (
        TimeEntry.objects.of_programme(span.programme.pk)
        .between(span.first, span.last)
        .filter(kind__in=kept)
        .values_list("day", "kind", "minutes")
    )
    by_month: dict[tuple[int, int], list[int]] = {}
    for day, kind, minutes in found:
        by_month.setdefault((day.year, day.month), [0, 0])[kept[kind]] += minutes
    if not by_month:
        return [parts.paragraph("Aucune heure d’encadrement ni de formation n’est enregistrée.")]
    rows = [
        [cell(f"{MONTHS[month - 1]} {year}"), *(cell(hours(one), one / 60) for one in sums)]
        for (year, month), sums in sorted(by_month.items())
    ]
    totals = [sum(sums[at] for sums in by_month.values()) for at in (0, 1)]
    rows.append([cell("Ensemble"), *(cell(hours(one), one / 60) for one in totals)])
    columns = [
        ("Mois", "text"), ("Encadrement et analyse des pratiques", "num"), ("Formation", "num"),
    ]  # fmt: skip
    caption = "Heures de tout le service, sans nommer personne"
    return [parts.table("Encadrement", caption, columns, rows)]


def _refusals(span: _Span) -> list[Part]:
    rows = (
        SignalementEvent.objects.of_programme(span.programme.pk)
        .filter(span.of("at__date"), kind=EventKind.REDIRECTED)
        .order_by()
        .values_list("signalement__theme__name")
        .annotate(n=Count("signalement", distinct=True))
    )
    counted = sorted(
        ((name or "Sans thématique", n) for name, n in rows), key=lambda r: (-r[1], r[0])
    )
    if not counted:
        return [parts.paragraph("Aucun signalement n’a été refusé ni réorienté.")]
    columns = [("Thématique", "text"), ("Signalements", "num")]
    caption = "Signalements qu’un destinataire a dits hors de son ressort, par thématique"
    cells = [[cell(name), cell(number(n), n)] for name, n in counted]
    return [parts.table("Refus", caption, columns, cells)]


def _evaluation(span: _Span) -> list[Part]:
    """The documents that evaluate the service, and who may read them."""
    rows = (
        Edition.objects.of_programme(span.programme.pk)
        .filter(span.of("published_at__date"))
        .light()
        .select_related("synthesis", "perimeter__party")
        .annotate(readers=Count("readings__party", Q(readings__isnull=False), distinct=True))
        .order_by("synthesis__month", "synthesis__kind", "perimeter__party__name", "number")
    )
    documents: dict[int, list[Any]] = {}  # editions, with their number of `readers`
    for row in rows:
        documents.setdefault(row.synthesis_id, []).append(row)
    if not documents:
        return [parts.paragraph("Aucune synthèse ni aucun bilan n’a été publié.")]
    cells = [
        [
            cell(f"{titles.heading(one.period)}, {one.period.label}"),
            cell(datefr(one.published_on)),
            cell(number(len(editions)), len(editions)),
            cell(f"{sum(bool(e.readers) for e in editions)} sur {len(editions)}"),
        ]
        for editions in documents.values()
        for one in editions[:1]
    ]  # fmt: skip
    columns = [
        ("Document", "text"), ("Publié le", "note"), ("Éditions", "num"), ("Ouvertes", "num"),
    ]  # fmt: skip
    caption = "Synthèses et bilans publiés, et éditions qu’une partie a ouvertes"
    return [parts.table("Évaluation", caption, columns, cells)]


def _improvements(span: _Span) -> list[Part]:
    return [*_advice(span), *_decided(span)]


def _advice(span: _Span) -> Iterable[Part]:
    rows = (
        Recommendation.objects.of_programme(span.programme.pk)
        .filter(span.of("issued_on"), is_draft=False)
        .select_related("party")
        .order_by("issued_on", "pk")
    )
    cells = [
        [
            cell(row.title), cell(row.party.short_name), cell(datefr(row.issued_on)),
            cell(row.get_state_display()),
        ]
        for row in rows
    ]  # fmt: skip
    if not cells:
        return [parts.paragraph("Aucune préconisation n’a été émise.")]
    done = sum(row.state == RecommendationState.DONE for row in rows)
    columns = [
        ("Préconisation", "text"), ("À qui", "note"), ("Émise le", "note"), ("Suite", "note"),
    ]  # fmt: skip
    caption = f"Préconisations émises{NBSP}: {done} faites sur {len(cells)}"
    return [parts.table("Préconisations", caption, columns, cells)]


def _decided(span: _Span) -> Iterable[Part]:
    """Actions of the bodies, counted: their texts are in the minutes."""
    rows = ActionItem.objects.of_programme(span.programme.pk).filter(is_internal=False)
    of_span = rows.filter(span.of("item__meeting__day"))
    counted = dict(of_span.order_by().values_list("state").annotate(n=Count("pk")))
    if not counted:
        return [parts.paragraph("Aucune action n’a été décidée en séance.")]
    cells = [
        [cell(state.label), cell(number(counted.get(state.value, 0)), counted.get(state.value, 0))]
        for state in ActionState
    ]
    columns = [("Actions décidées en séance", "text"), ("Nombre", "num")]
    return [parts.table("Actions", "Où en sont les actions décidées", columns, cells)]

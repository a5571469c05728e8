"""A synthesis, or a bilan, as the operator follows it: what lacks, what is published, who read it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings.actions.agenda import accept_proposal
from governance.models import Membership, Programme
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import add_errors, target
from humanicite.lib.http import reads, writes
from humanicite.templatetags.french import plural
from mediation.models import Activity
from reporting.periods import Period

from .. import actions, calendar, checks, proposers, texts, titles
from ..forms import VersionForm
from ..models import Comment, Edition, EditionRead, MonthlySynthesis, SynthesisKind

MOST_LATE = 20


def period_in(slug: str) -> Period:
    """Raises Http404 for what has no document: a synthesis is of a month, a bilan of what is longer."""
    try:
        period = Period.parse(slug)
    except ValueError as error:
        raise Http404 from error
    if period.kind not in SynthesisKind.values:
        raise Http404
    return period


def synthesis_of(request: Request, month: str) -> MonthlySynthesis:
    """Raises Http404 where the period has none."""
    rows = MonthlySynthesis.objects.visible_to(request.membership).select_related("programme")
    found: MonthlySynthesis | None = rows.of_period(period_in(month)).first()
    if found is None:
        raise Http404
    return found


def list_of(period: Period) -> str:
    """The route of the list that a document stands in."""
    return "reviews" if titles.is_review(period) else "syntheses"


@reads(Right.READ_SYNTHESES)
def synthesis(request: Request, month: str) -> HttpResponse:
    """The operator's page of a period; a party is led to its own edition."""
    period = period_in(month)
    if not request.membership.is_operator:
        read = Edition.objects.visible_to(request.membership).latest_versions().light()
        own = (
            read.filter(synthesis__kind=period.kind, synthesis__month=period.first)
            .order_by("pk")
            .first()
        )
        return redirect("edition", own.pk) if own else redirect(list_of(period))
    rows = MonthlySynthesis.objects.visible_to(request.membership).select_related("programme")
    row = rows.of_period(period).first()
    if row is None:
        context = {"period": period, "today": timezone.localdate()}
        return render(request, "syntheses/none.html", context)
    context = _followed(row, timezone.localdate())
    context["may_publish"] = request.membership.may(Right.PUBLISH_SYNTHESES)
    context |= _presented(row, request.membership)
    return render(request, "syntheses/month.html", context)


def _followed(row: MonthlySynthesis, today: date) -> dict[str, Any]:
    written = texts.Texts.of(row)
    drafts = checks.drafts_of(row, written, today)
    found = checks.run(row, drafts, written, today)
    editions = list(
        Edition.objects.filter(synthesis=row)
        .light()
        .select_related("perimeter__party", "synthesis")
        .order_by("perimeter__party__name", "-number")
    )
    readings: dict[int, list[EditionRead]] = {}
    read = EditionRead.objects.filter(edition__synthesis=row)
    for reading in read.select_related("party", "membership", "contact"):
        readings.setdefault(reading.edition_id, []).append(reading)
    current = {edition.perimeter_id for edition in editions if edition.replaced_at is None}
    return {
        "synthesis": row,
        "period": row.period,
        "due_on": None if row.is_review else calendar.due_on(row.period),
        "errors": checks.errors_in(found) if not row.is_published else [],
        "warnings": [check for check in found if not check.is_error],
        "editions": [(edition, readings.get(edition.pk, [])) for edition in editions],
        "lacking": [d.perimeter for d in drafts if d.perimeter.pk not in current]
        if row.is_published
        else [],
        "drafts": drafts,
        "comments": Comment.objects.filter(consultation__synthesis=row).select_related(
            "consultation__perimeter__party"
        ),
        "consultations": row.consultations.select_related("perimeter__party").filter(
            is_closed=False
        ),
        **_came_late(row, editions, drafts, today),
    }


def _presented(row: MonthlySynthesis, reader: Membership) -> dict[str, Any]:
    """The séance at which what is published is to be presented."""
    if not row.is_published or not reader.may(Right.CONVENE):
        return {}
    meeting = proposers.next_meeting(row, reader, timezone.localdate())
    if meeting is None:
        return {}
    return {"next_meeting": meeting, "is_on_agenda": proposers.is_on_agenda(row, meeting)}


def _came_late(
    row: MonthlySynthesis, editions: list[Edition], drafts: list[checks.Draft], today: date
) -> dict[str, Any]:
    """What was entered or changed in the month after it was published."""
    current = [edition for edition in editions if edition.replaced_at is None]
    if not current:
        return {"late": [], "late_more": 0, "differing": []}
    since = min(edition.published_at for edition in current)
    rows = Activity.objects.of_programme(row.programme_id).between(
        row.period.first, row.period.last
    )
    late = list(rows.filter(updated_at__gt=since).for_lists().newest_first()[: MOST_LATE + 1])
    frozen = {edition.perimeter_id: edition.figures for edition in current}
    return {
        "late": late[:MOST_LATE],
        "late_more": max(0, len(late) - MOST_LATE),
        "differing": [
            draft.perimeter
            for draft in drafts
            if row.is_published and frozen.get(draft.perimeter.pk, draft.figures) != draft.figures
        ],
    }


# --- Steps ----------------------------------------------------------------------------------------
@writes(Right.PRODUCE_SYNTHESES, confirm=False)
def prepare(request: Request, month: str) -> HttpResponse:
    """Begins the synthesis of a month, the bilan of a year."""
    period = period_in(month)
    try:
        actions.prepare(
            programme=Programme.objects.get(pk=request.membership.programme_id),
            period=period,
            by=request.membership,
            today=timezone.localdate(),
        )
    except ValidationError as error:
        _say(request, error)
        return redirect(list_of(period))
    return redirect("synthesis_writing", period.slug)


@writes(Right.PUBLISH_SYNTHESES, confirm=False)
def open_to_parties(request: Request, month: str) -> HttpResponse:
    row = synthesis_of(request, month)
    try:
        made = actions.open_to_parties(synthesis=row, by=request.membership, now=timezone.now())
    except ValidationError as error:
        _say(request, error)
    else:
        said = plural(len(made), "projet ouvert,projets ouverts")
        messages.success(request, f"{said} aux observations des parties.")
    return redirect("synthesis", row.period.slug)


@writes(Right.PRODUCE_SYNTHESES, of=Comment, confirm=False)
def deal_with(request: Request, comment: Comment) -> HttpResponse:
    actions.deal_with(comment=comment, by=request.membership)
    messages.success(request, "Observation traitée.")
    return redirect("synthesis", comment.consultation.synthesis.period.slug)


@writes(Right.PUBLISH_SYNTHESES, confirm=False)
def validate(request: Request, month: str) -> HttpResponse:
    row = synthesis_of(request, month)
    try:
        actions.validate(synthesis=row, by=request.membership, now=timezone.now())
    except ValidationError as error:
        _say(request, error)
    else:
        messages.success(request, "Validation faite. La publication reste à faire.")
    return redirect("synthesis", row.period.slug)


@writes(Right.PUBLISH_SYNTHESES, confirm=False)
def take_up_again(request: Request, month: str) -> HttpResponse:
    row = synthesis_of(request, month)
    try:
        actions.take_up_again(synthesis=row, by=request.membership)
    except ValidationError as error:
        _say(request, error)
        return redirect("synthesis", row.period.slug)
    return redirect("synthesis_writing", row.period.slug)


@writes(Right.PUBLISH_SYNTHESES, confirm=False)
def publish(request: Request, month: str) -> HttpResponse:
    row = synthesis_of(request, month)
    try:
        outcome = actions.publish(synthesis=row, by=request.membership, now=timezone.now())
    except ValidationError as error:
        _say(request, error)
        return redirect("synthesis", row.period.slug)
    if outcome.published:
        said = plural(len(outcome.published), "édition publiée,éditions publiées")
        messages.success(request, f"{said}, envoyées aux interlocuteurs.")
    for perimeter, reason in outcome.failed:
        messages.error(
            request,
            f"L’édition de {perimeter.party} n’a pas pu être dessinée ({reason[:200]}). Les autres "
            "sont publiées\u00a0; publiez de nouveau pour la reprendre.",
        )
    if not outcome.published and not outcome.failed:
        messages.info(request, "Rien n’a changé\u00a0: toutes les éditions sont déjà publiées.")
    return redirect("synthesis", row.period.slug)


@writes(Right.CONVENE, confirm=False)
def put_on_agenda(request: Request, month: str) -> HttpResponse:
    """One tap: what is published becomes a point of the next séance of its body."""
    row, today = synthesis_of(request, month), timezone.localdate()
    meeting = proposers.next_meeting(row, request.membership, today)
    if meeting is None:
        messages.info(request, "Aucune séance n’est prévue\u00a0: convoquez-la d’abord.")
        return redirect("synthesis", row.period.slug)
    try:
        item = accept_proposal(
            meeting=meeting, source=proposers.source_of(row), by=request.membership, today=today
        )
    except ValidationError as error:
        _say(request, error)
        return redirect("synthesis", row.period.slug)
    said = (
        f"À l’ordre du jour\u00a0: «\u00a0{item.title}\u00a0»."
        if item
        else "Déjà traité pour cette séance."
    )
    messages.success(request, said) if item else messages.info(request, said)
    return redirect("meeting_agenda", meeting.pk)


@writes(Right.PUBLISH_SYNTHESES)
def new_version(request: Request, month: str) -> HttpResponse:
    """Asks what a next version changes, then takes the text up again."""
    row = synthesis_of(request, month)
    form = VersionForm(resume.data_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.begin_version(synthesis=row, by=request.membership, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "La version publiée reste lisible jusqu’à la suivante.")
            return redirect("synthesis_writing", row.period.slug)
    faults = [
        (target(form[name]) if name != "__all__" else "", text)
        for name, errors in form.errors.items()
        for text in errors
    ]
    context = {"synthesis": row, "period": row.period, "form": form, "faults": faults}
    status = 422 if request.method == "POST" else 200
    return render(request, "syntheses/version.html", context, status=status)


def _say(request: Request, error: ValidationError) -> None:
    for text in error.messages[:6]:
        messages.error(request, text)
    if len(error.messages) > 6:
        messages.error(request, f"Et {len(error.messages) - 6} autres points, listés ci-dessous.")

"""Writes on syntheses: keyword-only, `by=` the membership that acts, atomic, journalled (R76–R80)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import Act, Membership, Perimeter, Programme, record
from governance.rights import Right
from humanicite.lib.dates import NBSP
from humanicite.lib.text import printable
from humanicite.lib.writes import Conflict, save_once, take_version
from reporting.periods import Period
from reporting.recommendations.blocks import of_an_edition
from reporting.recommendations.models import Recommendation

from . import checks, edition, emails, texts
from .document import content_checksum
from .models import (
    Comment,
    Consultation,
    Edition,
    EditionKind,
    MonthlySynthesis,
    Omission,
    Passage,
    Suggestion,
    SynthesisState,
)

Draw = Callable[[Sequence[edition.Synthesis]], Iterator[bytes | Exception]]
NOT_A_DRAFT = f"Cette synthèse est validée{NBSP}: reprenez-en la rédaction d’abord."
NOT_VALIDATED = "Validez la synthèse avant de la publier."


def prepare(
    *, programme: Programme, period: Period, by: Membership | None, today: date
) -> tuple[MonthlySynthesis, bool]:
    """The draft of a period, and whether it is new; made once. `by` is None for the timer.

    Raises ValidationError for a period to come, PermissionDenied.
    """
    if by is not None and not by.may(Right.PRODUCE_SYNTHESES):
        raise PermissionDenied
    if period.first > today:
        raise ValidationError("Cette période n’a pas commencé.")
    with transaction.atomic():
        row, is_new = MonthlySynthesis.objects.get_or_create(
            programme=programme, kind=period.kind, month=period.first
        )
        if is_new:
            record(Act.CREATE, row, by=by, programme=programme.pk)
    return row, is_new


# --- Writing --------------------------------------------------------------------------------------
@transaction.atomic
def write_passage(
    *,
    synthesis: MonthlySynthesis,
    key: str,
    perimeter: Perimeter | None,
    text: str,
    read_version: int,
    by: Membership,
) -> Passage | None:
    """Saves a text over the version that was read; 0 where there was none. None: nothing to save.

    Raises Conflict with the text as it stands, ValidationError, PermissionDenied.
    """
    _locked_draft(synthesis, by)
    if key not in texts.slots_by_key(synthesis.period):
        raise ValidationError("Cette rubrique n’existe pas.")
    text = printable(text.replace("\r\n", "\n")).strip()
    if len(text) > texts.MOST_TYPED:
        raise ValidationError(f"Ce texte dépasse {texts.MOST_TYPED} caractères.")
    rows = Passage.objects.select_related("author").filter(
        synthesis=synthesis, key=key, perimeter=perimeter
    )
    passage = rows.first()
    if passage is None and not text:
        return None
    if passage is not None and passage.text == text:
        return passage
    if passage is None and read_version:
        raise Conflict(None)
    if passage is None:
        passage = Passage(synthesis=synthesis, key=key, perimeter=perimeter)
    else:
        take_version(passage, read_version, rows)
    passage.text, passage.author = text, by
    passage.full_clean()
    try:
        with transaction.atomic():
            passage.save()
    except IntegrityError:
        raise Conflict(rows.first()) from None  # another writer made it meanwhile
    record(Act.CHANGE, synthesis, by=by, programme=synthesis.programme_id, fields=[key])
    return passage


@transaction.atomic
def keep_from_edition(
    *, synthesis: MonthlySynthesis, perimeter: Perimeter, key: str, what: str, by: Membership
) -> None:
    """Keeps the common text (`texte`) or a whole block (`tout`) from an edition; '' lets it in.

    Raises ValidationError, PermissionDenied.
    """
    _locked_draft(synthesis, by)
    if key not in texts.slots_by_key(synthesis.period) or what not in ("", "texte", "tout"):
        raise ValidationError("Cette rubrique n’existe pas.")
    Omission.objects.filter(synthesis=synthesis, perimeter=perimeter, key=key).delete()
    if what:
        row = Omission(synthesis=synthesis, perimeter=perimeter, key=key, is_whole=what == "tout")
        row.full_clean()
        row.save()
    record(Act.CHANGE, synthesis, by=by, programme=synthesis.programme_id, fields=[key])


@transaction.atomic
def decide_suggestion(
    *,
    synthesis: MonthlySynthesis,
    perimeter: Perimeter,
    finding: str,
    is_taken: bool,
    key: str,
    text: str,
    by: Membership,
) -> None:
    """Adds a finding's sentence to the edition's own text, or leaves it; told once."""
    _locked_draft(synthesis, by)
    _, is_new = Suggestion.objects.get_or_create(
        synthesis=synthesis, perimeter=perimeter, finding=finding, defaults={"is_taken": is_taken}
    )
    if not is_new or not is_taken:
        return
    passage = Passage.objects.filter(synthesis=synthesis, key=key, perimeter=perimeter).first()
    before = passage.text if passage else ""
    write_passage(
        synthesis=synthesis,
        key=key,
        perimeter=perimeter,
        text=f"{before}\n{text}".strip(),
        read_version=passage.version if passage else 0,
        by=by,
    )


# --- The parties ----------------------------------------------------------------------------------
@transaction.atomic
def open_to_parties(
    *, synthesis: MonthlySynthesis, by: Membership, now: datetime
) -> list[Consultation]:
    """Lets each party read and comment on the draft of its edition, and tells it by mail (R80).
    Those that may already are left.

    Raises ValidationError, PermissionDenied.
    """
    _locked_draft(synthesis, by, Right.PUBLISH_SYNTHESES)
    opened = Consultation.objects.filter(synthesis=synthesis, is_closed=False)
    known = set(opened.values_list("perimeter_id", flat=True))
    made = []
    for perimeter in checks.perimeters_of(synthesis.programme_id):
        if perimeter.pk in known or perimeter.party.is_operator:
            continue
        row = Consultation(synthesis=synthesis, perimeter=perimeter, opened_at=now)
        row.full_clean()
        row.save()
        made.append(row)
    if made:
        record(
            Act.CHANGE, synthesis, by=by, programme=synthesis.programme_id, fields=["consultations"]
        )
        emails.send_drafts(made, timezone.localdate(now))
    return made


def add_comment(*, comment: Comment, by: Membership) -> Comment:
    """A party's word on its draft edition, once however often its form arrives (R80).

    Raises Done, PermissionDenied, ValidationError.
    """
    comment.author, comment.function = by, by.called

    def save() -> None:
        if not by.may(Right.COMMENT_SYNTHESES) or not comment.consultation.is_visible_to(by):
            raise PermissionDenied
        comment.text = printable(comment.text).strip()
        comment.full_clean(exclude=["uid"])
        comment.save()
        programme = comment.consultation.synthesis.programme_id
        record(Act.CREATE, comment, by=by, programme=programme)

    return save_once(
        comment,
        save,
        is_theirs=lambda row: row.is_visible_to(by),
        refusal=f"Cette observation ne peut pas être enregistrée{NBSP}: rouvrez la page.",
    )


@transaction.atomic
def deal_with(*, comment: Comment, by: Membership) -> None:
    """Says that the text answers a comment, or that nothing is to be changed for it."""
    if not by.may(Right.PRODUCE_SYNTHESES):
        raise PermissionDenied
    if Comment.objects.filter(pk=comment.pk, is_dealt_with=False).update(is_dealt_with=True):
        programme = comment.consultation.synthesis.programme_id
        record(Act.CHANGE, comment, by=by, programme=programme, fields=["is_dealt_with"])


# --- Validating and publishing --------------------------------------------------------------------
def validate(*, synthesis: MonthlySynthesis, by: Membership, now: datetime) -> None:
    """Says that figures and texts are right, as they stand: no text changes afterwards.

    Raises ValidationError with all that stands against it, PermissionDenied.
    """
    with transaction.atomic():
        _locked_draft(synthesis, by, Right.PUBLISH_SYNTHESES)
        today = timezone.localdate(now)
        written = texts.Texts.of(synthesis)
        drafts = checks.drafts_of(synthesis, written, today)
        if errors := checks.errors_in(checks.run(synthesis, drafts, written, today)):
            raise ValidationError([check.text for check in errors])
        synthesis.state, synthesis.validated_at = SynthesisState.VALIDATED, now
        synthesis.validated_by = by
        synthesis.validated_figures = {str(d.perimeter.pk): d.figures for d in drafts}
        _save(synthesis, by, ["state"])
        Consultation.objects.filter(synthesis=synthesis).update(is_closed=True)


@transaction.atomic
def take_up_again(*, synthesis: MonthlySynthesis, by: Membership) -> None:
    """Lets the texts of a validated synthesis be changed again."""
    _locked(synthesis, by, Right.PUBLISH_SYNTHESES)
    if synthesis.state != SynthesisState.VALIDATED:
        raise ValidationError("Seule une synthèse validée se reprend.")
    _back_to_draft(synthesis, by)


@transaction.atomic
def begin_version(
    *, synthesis: MonthlySynthesis, kind: str, reason: str, is_substantial: bool, by: Membership
) -> None:
    """Takes a published synthesis up for a next version: a revision (data came later) or a correction
    (an error is mended). What is published stays until then.

    Raises ValidationError by field, PermissionDenied.
    """
    _locked(synthesis, by, Right.PUBLISH_SYNTHESES)
    if not synthesis.is_published:
        raise ValidationError("Seule une synthèse publiée a une nouvelle version.")
    synthesis.next_kind, synthesis.next_reason = kind, " ".join(reason.split())
    synthesis.next_is_substantial = is_substantial
    if kind not in (EditionKind.REVISION, EditionKind.CORRECTION) or not synthesis.next_reason:
        raise ValidationError({"reason": "Dites en une phrase ce qui change."})
    _back_to_draft(synthesis, by)


@dataclass
class Outcome:
    """What became of a publication: editions, and those that could not be drawn, with the reason."""

    published: list[Edition] = field(default_factory=list)
    failed: list[tuple[Perimeter, str]] = field(default_factory=list)
    unchanged: list[Perimeter] = field(default_factory=list)


def publish(
    *,
    synthesis: MonthlySynthesis,
    by: Membership,
    now: datetime,
    is_sent: bool = True,
    draw: Draw = edition.one_by_one,
    lot: int | None = None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Freezes figures, text and file of each perimeter, all at once; then the mails leave (R76).

    Files are drawn before the transaction. An edition that cannot be drawn is told and the others go
    on: publishing again makes those that lack. `is_sent` is False for invented data: no mail leaves.
    A batch brings its own `draw`, and has every `lot` editions written as they come, so that what a
    crash leaves undone is little; `told` hears of each lot.

    Raises ValidationError where something stands against it, PermissionDenied.
    """
    if not by.may(Right.PUBLISH_SYNTHESES):
        raise PermissionDenied
    if synthesis.is_draft:
        raise ValidationError(NOT_VALIDATED)
    written, today = texts.Texts.of(synthesis), timezone.localdate(now)
    outcome = Outcome()
    drafts = _lacking(synthesis, written, today, outcome)
    if errors := checks.errors_in(checks.run(synthesis, drafts, written, today)):
        raise ValidationError([check.text for check in errors])
    found = _drawn(synthesis, drafts, now, draw, outcome)
    for drawn in iter(lambda: list(islice(found, lot or max(1, len(drafts)))), []):
        with transaction.atomic():
            _publish_lot(synthesis, drawn, by, now, outcome, is_sent=is_sent)
        told(outcome)
    return outcome


def _publish_lot(
    synthesis: MonthlySynthesis,
    drawn: Sequence[tuple[checks.Draft, bytes]],
    by: Membership,
    now: datetime,
    outcome: Outcome,
    *,
    is_sent: bool,
) -> None:
    current = MonthlySynthesis.objects.select_for_update().get(pk=synthesis.pk)
    if current.version != synthesis.version:
        raise ValidationError(f"Ce document a changé entre-temps{NBSP}: le voici.")
    made = [_freeze(synthesis, draft, content, by, now) for draft, content in drawn]
    synthesis.state = SynthesisState.PUBLISHED
    _save(synthesis, by, ["state"])
    if is_sent:
        emails.send_editions(made, timezone.localdate(now))
    outcome.published += made


def _lacking(
    synthesis: MonthlySynthesis, written: texts.Texts, today: date, outcome: Outcome
) -> list[checks.Draft]:
    """What this round has not published yet, and what differs from the version that is read now."""
    rows = Edition.objects.filter(synthesis=synthesis, replaced_at__isnull=True).defer("pdf")
    current = {row.perimeter_id: row for row in rows}
    left = []
    for draft in checks.drafts_of(synthesis, written, today):
        known = current.get(draft.perimeter.pk)
        if known is None:
            left.append(draft)
        elif synthesis.validated_at and known.published_at >= synthesis.validated_at:
            continue
        elif content_checksum(known.document) == content_checksum(draft.document):
            outcome.unchanged.append(draft.perimeter)
        else:
            left.append(draft)
    return left


def _drawn(
    synthesis: MonthlySynthesis,
    drafts: Sequence[checks.Draft],
    now: datetime,
    draw: Draw,
    outcome: Outcome,
) -> Iterator[tuple[checks.Draft, bytes]]:
    """What could be drawn, as it comes; the rest is noted."""
    numbers = {
        row.perimeter_id: row.number
        for row in Edition.objects.filter(synthesis=synthesis).light().order_by("number")
    }
    made = [
        edition.Synthesis(draft.document, now, numbers.get(draft.perimeter.pk, 0) + 1)
        for draft in drafts
    ]
    for draft, content in zip(drafts, draw(made), strict=True):
        if isinstance(content, Exception):
            said = str(content) or type(content).__name__
            outcome.failed.append((draft.perimeter, said))
        else:
            yield draft, content


def _freeze(
    synthesis: MonthlySynthesis,
    draft: checks.Draft,
    content: bytes,
    by: Membership,
    now: datetime,
) -> Edition:
    before = (
        Edition.objects.filter(synthesis=synthesis, perimeter=draft.perimeter)
        .light()
        .order_by("-number")
        .first()
    )
    if before:
        Edition.objects.filter(pk=before.pk).update(replaced_at=now)
    row = Edition(
        synthesis=synthesis,
        perimeter=draft.perimeter,
        number=before.number + 1 if before else 1,
        kind=synthesis.next_kind if before else EditionKind.FIRST,
        reason=synthesis.next_reason if before else "",
        is_substantial=synthesis.next_is_substantial if before else False,
        published_at=now,
        published_by=by,
        title=draft.document["title"],
        document=draft.document,
        figures=draft.figures,
        pdf=content,
        sha256=edition.checksum(content),
        engine=edition.engine(),
    )
    row.full_clean(exclude=["document", "pdf"])
    row.save()
    told = [block["key"] for block in draft.document["blocks"]]
    if "preconisations" in told:
        rows = of_an_edition(draft.perimeter, synthesis.period)
        row.recommendations.set(rows)
        Recommendation.objects.filter(pk__in=[one.pk for one in rows]).update(is_draft=False)
    record(Act.PRODUCE, row, by=by, programme=synthesis.programme_id)
    return row


# --- In common ------------------------------------------------------------------------------------
def _locked(synthesis: MonthlySynthesis, by: Membership, right: Right) -> None:
    """The row as it stands, locked until the end of the transaction."""
    if not by.may(right):
        raise PermissionDenied
    row = MonthlySynthesis.objects.select_for_update().get(pk=synthesis.pk)
    for name in (
        "state", "version", "validated_at", "validated_by_id", "validated_figures", "next_kind",
        "next_reason", "next_is_substantial",
    ):  # fmt: skip
        setattr(synthesis, name, getattr(row, name))


def _locked_draft(
    synthesis: MonthlySynthesis, by: Membership, right: Right = Right.PRODUCE_SYNTHESES
) -> None:
    _locked(synthesis, by, right)
    if not synthesis.is_draft:
        raise ValidationError(NOT_A_DRAFT)


def _back_to_draft(synthesis: MonthlySynthesis, by: Membership) -> None:
    synthesis.state, synthesis.validated_at = SynthesisState.DRAFT, None
    synthesis.validated_by, synthesis.validated_figures = None, {}
    _save(synthesis, by, ["state"])


def _save(synthesis: MonthlySynthesis, by: Membership, fields: list[str]) -> None:
    synthesis.version += 1
    synthesis.full_clean()
    synthesis.save()
    record(Act.CHANGE, synthesis, by=by, programme=synthesis.programme_id, fields=fields)

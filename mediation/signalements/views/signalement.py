"""The page of one signalement, its photos and its PDF."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib.http import reads
from humanicite.lib.pdf import PdfUnavailable
from mediation.followup import by_hand
from mediation.photos.views import picture

from .. import page as sheet_page
from ..emails.pdf import sheet_filename
from ..emails.pdf import sheet_pdf as pdf_of
from ..filters import tab_of
from ..forms.decisions import DECISIONS, GOES_BACK
from ..models.photos import SheetPhoto
from ..models.recipients import Recipient, Reply
from ..models.signalements import SheetState, Signalement


@reads(Right.READ_SHEETS, of=Signalement)
def sheet(request: Request, sheet: Signalement) -> HttpResponse:
    """What it says, where each recipient stands, and its course; by reader."""
    membership: Membership = request.membership
    today = timezone.localdate()
    is_team, is_draft = membership.may(Right.WRITE_SHEETS), sheet.state == SheetState.BROUILLON
    sheet = Signalement.objects.select_related(
        "place", "theme", "author", "activity", "situation"
    ).get(pk=sheet.pk)
    seen = Recipient.objects.visible_to(membership).filter(signalement=sheet)
    rows = list(seen.select_related("party", "successor__party"))
    pictures = list(
        SheetPhoto.objects.visible_to(membership).filter(signalement=sheet)
        .select_related("recipient__party")
    )  # fmt: skip
    moments, has_older = sheet_page.course(
        sheet, membership, is_team=is_team, whole=request.GET.get("fil") == "tout"
    )
    mine = own_row(rows, membership) if membership.may(Right.ANSWER_SHEETS) else None
    waited = by_hand.waited_for(sheet) if is_team and sheet.sent_at else []
    context = {
        "sheet": sheet,
        "tag": sheet_page.tag_of(sheet),
        "tab": tab_of(sheet.state),
        "is_team": is_team,
        "is_draft": is_draft,
        "is_declared": sheet.state == SheetState.RESOLU_DECLARE,
        "is_overdue": sheet.is_overdue(today),
        "rows": [
            (row, sheet_page.standing(row), sheet_page.dates_of(row), row.party_id == membership.party_id)
            for row in rows
        ],
        "refused": [row for row in rows if row.reply == Reply.AUTRE and row.is_current],
        "chosen": sheet.chosen.select_related("party") if is_draft and is_team else [],
        "photos": pictures,
        "moments": moments,
        "has_older": has_older,
        "mine": mine,
        "may_answer": mine is not None and not sheet.has_ended,
        "is_awaited": mine is not None and _is_awaited(rows, membership, sheet),
        "waited": waited,
        "decisions": decisions_of(sheet) if is_team else [],
        "may_redirect": is_team and sheet.sent_at is not None and not sheet.has_ended,
    }  # fmt: skip
    return render(request, "signalements/signalement.html", context)


def own_row(rows: list[Recipient], membership: Membership) -> Recipient | None:
    """The row by which a party answers: the reader's own address, or the first of the party's."""
    own = [row for row in rows if row.party_id == membership.party_id and row.is_current]
    own.sort(key=lambda row: (row.email.lower() != membership.user.email.lower(), row.is_copy))
    return own[0] if own else None


def _is_awaited(rows: list[Recipient], membership: Membership, sheet: Signalement) -> bool:
    own = [row for row in rows if row.party_id == membership.party_id]
    waits = sheet.state in (SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE)
    return waits and not any(row.reply for row in own)


def decisions_of(sheet: Signalement) -> list[tuple[str, str]]:
    """What the team may decide from where the sheet stands."""
    if sheet.sent_at is None:
        return []
    back = (SheetState.RESOLU_DECLARE, SheetState.RESOLU_VERIFIE, SheetState.NON_RESOLU)
    return [
        (str(value), label)
        for value, label, _ in DECISIONS
        if (sheet.state in back if value == GOES_BACK else sheet.may_become(value))
    ]


@reads(Right.READ_SHEETS, of=SheetPhoto)
def photo(request: Request, photo: SheetPhoto) -> HttpResponse:
    return picture(request, photo)


@reads(Right.READ_SHEETS, of=Signalement)
def sheet_pdf(request: Request, sheet: Signalement) -> HttpResponse:
    try:
        content = pdf_of(sheet)
    except PdfUnavailable as error:
        context = {"reason": str(error)}
        return render(request, "pdf_unavailable.html", context, status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{sheet_filename(sheet)}"'
    answer["Cache-Control"] = "private, no-store"
    return answer

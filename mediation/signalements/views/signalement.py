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

from .. import page as signalement_page
from ..emails.pdf import signalement_filename
from ..emails.pdf import signalement_pdf as pdf_of
from ..filters import tab_of
from ..forms.decisions import DECISIONS, GOES_BACK
from ..models.photos import SignalementPhoto
from ..models.recipients import Recipient, Reply
from ..models.signalements import Signalement, SignalementState


@reads(Right.READ_SIGNALEMENTS, of=Signalement)
def signalement(request: Request, signalement: Signalement) -> HttpResponse:
    """What it says, where each recipient stands, and its course; by reader."""
    membership: Membership = request.membership
    today = timezone.localdate()
    is_team = membership.may(Right.WRITE_SIGNALEMENTS)
    is_draft = signalement.state == SignalementState.BROUILLON
    seen = Recipient.objects.visible_to(membership).filter(signalement=signalement)
    rows = list(seen.select_related("party", "successor__party"))
    pictures = SignalementPhoto.objects.visible_to(membership).filter(signalement=signalement)
    moments, has_older = signalement_page.course(
        signalement, membership, is_team=is_team, whole=request.GET.get("fil") == "tout"
    )
    mine = own_row(rows, membership) if membership.may(Right.ANSWER_SIGNALEMENTS) else None
    waited = by_hand.waited_for(signalement) if is_team and signalement.sent_at else []
    context = {
        "signalement": signalement,
        "tag": signalement_page.tag_of(signalement),
        "tab": tab_of(signalement.state),
        "is_team": is_team,
        "is_draft": is_draft,
        "is_declared": signalement.state == SignalementState.RESOLU_DECLARE,
        "is_overdue": signalement.is_overdue(today),
        "rows": [signalement_page.line_of(row, membership) for row in rows],
        "refused": [row for row in rows if row.reply == Reply.AUTRE and row.is_current],
        "chosen": signalement.chosen.select_related("party") if is_draft and is_team else [],
        "photos": list(pictures.select_related("recipient__party")),
        "moments": moments,
        "has_older": has_older,
        "mine": mine,
        "may_answer": mine is not None and not signalement.has_ended,
        "is_awaited": mine is not None and signalement.awaits(membership.party_id, rows),
        "waited": waited,
        "decisions": decisions_of(signalement) if is_team else [],
        "may_redirect": is_team and signalement.sent_at is not None and not signalement.has_ended,
    }
    return render(request, "signalements/signalement.html", context)


def own_row(rows: list[Recipient], membership: Membership) -> Recipient | None:
    """The row by which a party answers: the reader's own address, or the first of the party's."""
    own = [row for row in rows if row.party_id == membership.party_id and row.is_current]
    own.sort(key=lambda row: (row.email.lower() != membership.user.email.lower(), row.is_copy))
    return own[0] if own else None


def decisions_of(signalement: Signalement) -> list[tuple[str, str]]:
    """What the team may decide from where the signalement stands."""
    if signalement.sent_at is None:
        return []
    back = (
        SignalementState.RESOLU_DECLARE,
        SignalementState.RESOLU_VERIFIE,
        SignalementState.NON_RESOLU,
    )
    return [
        (str(value), label)
        for value, label, _ in DECISIONS
        if (signalement.state in back if value == GOES_BACK else signalement.may_become(value))
    ]


@reads(Right.READ_SIGNALEMENTS, of=SignalementPhoto)
def photo(request: Request, photo: SignalementPhoto) -> HttpResponse:
    return picture(request, photo)


@reads(Right.READ_SIGNALEMENTS, of=Signalement)
def signalement_pdf(request: Request, signalement: Signalement) -> HttpResponse:
    try:
        content = pdf_of(signalement)
    except PdfUnavailable as error:
        return render(request, "pdf_unavailable.html", {"reason": str(error)}, status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{signalement_filename(signalement)}"'
    answer["Cache-Control"] = "private, no-store"
    return answer

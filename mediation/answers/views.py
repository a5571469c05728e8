"""The answer without an account: one page that whoever holds the link of a mail may open (R72)."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from humanicite.lib import human, uploads
from humanicite.lib.by_link import CONFIRM, LONGEST_TOKEN, busy, by_link, unknown
from humanicite.lib.forms import target
from humanicite.lib.http import no_writes
from humanicite.lib.limits import Limit
from mediation.photos.views import picture
from mediation.signalements.actions.answers import answer_with_photo
from mediation.signalements.emails.letters import service_phone
from mediation.signalements.forms.reply import LONGEST_COMMENT, AnswerForm
from mediation.signalements.links import recipient_of
from mediation.signalements.models.course import EventKind
from mediation.signalements.models.recipients import Recipient, Reply
from mediation.signalements.page import for_answer, photos_for_answer

from .actions import ask_for_a_link

# A whole town may answer from one address, and links are too long to be guessed: a good link is
# never held up by wrong ones, nor its answers by what a scanner sends.
WRONG_LINKS = Limit("wrong links", 30, 60)  # from one address
SENDINGS = Limit("forms of a link", 60, 60)  # whatever is in them
ANSWERS = Limit("answers by a link", 30, 3600)  # that a person gave
TOO_OFTEN = "Trop de réponses par ce lien : réessayez dans une heure. Votre saisie est conservée."
TOO_HEAVY = "Cet envoi est trop lourd : une photo de 10 Mo au plus."


def _answer(
    view: Callable[..., HttpResponse], request: HttpRequest, token: str, **kwargs: object
) -> HttpResponse:
    recipient, holds = None, False
    if len(token) <= LONGEST_TOKEN:
        recipient, holds = recipient_of(token, timezone.localdate())
    if recipient is None:
        return unknown(request, WRONG_LINKS)
    if request.method == "POST":
        if not SENDINGS.take(str(recipient.pk)):
            return busy(request, SENDINGS, _typed(request))
        return view(request, token, recipient, holds, **kwargs)
    with no_writes():
        return view(request, token, recipient, holds, **kwargs)


def _typed(request: HttpRequest) -> str:
    """What somebody wrote, for a page that cannot save it: to be read, and copied."""
    return str(request.POST.get("comment", "")).strip()[:LONGEST_COMMENT]


_by_link = partial(by_link, "the signed link of a mail says who asks, for one signalement", _answer)


# Long: each way an answer may be refused, in the order in which it is.
@_by_link("GET", "HEAD", "POST")
def signalement_answer(
    request: HttpRequest, token: str, recipient: Recipient, holds: bool
) -> HttpResponse:
    """The signalement and the four answers; `?choix=` ticks one."""
    if not holds:
        return _void(request, token, recipient)
    today = timezone.localdate()
    signalement = recipient.signalement
    if signalement.has_ended or request.method != "POST":
        choice = request.GET.get("choix", "")
        initial = {"reply": choice} if choice in Reply.values else {}
        form = AnswerForm(today=today, recipient=recipient, initial=initial)
        return _page(
            request, token, recipient, form, status=409 if request.method == "POST" else 200
        )
    form = AnswerForm(request.POST, request.FILES, today=today, recipient=recipient)
    is_human = human.pressed(request, _subject(recipient), timezone.now())
    if uploads.dropped(request):
        form.add_error("photo", TOO_HEAVY)
    if not form.is_valid():
        return _page(request, token, recipient, form, status=422)
    if not is_human:
        return _page(request, token, recipient, form, ask=CONFIRM, status=422)
    if not ANSWERS.take(str(recipient.pk)):
        form.add_error(None, TOO_OFTEN)
        response = _page(request, token, recipient, form, status=429)
        response["Retry-After"] = str(ANSWERS.retry_after)
        return response
    said = form.cleaned_data
    try:
        answer_with_photo(
            recipient=recipient,
            uid=said["uid"],
            now=timezone.now(),
            reply=said["reply"],
            promised_on=said["promised_on"],
            redirect_to=said["redirect_to"],
            comment=said["comment"],
            photo=said["photo"],
            by=None,
        )
    except ValidationError as error:
        form.add_error("photo" if error.code in ("enough", "no_room") else None, error)
        return _page(request, token, recipient, form, status=422)
    return redirect("signalement_answer", token=token)


@_by_link("GET", "HEAD", "POST")
def signalement_answer_link(
    request: HttpRequest, token: str, recipient: Recipient, holds: bool
) -> HttpResponse:
    """« Recevoir un nouveau lien »: by mail, to the address of the signalement, and nowhere else."""
    if holds or request.method != "POST":
        return redirect("signalement_answer", token=token)
    if recipient.successor_id:
        return _void(request, token, recipient)
    if not human.pressed(request, _subject(recipient), timezone.now()):
        return _void(request, token, recipient, ask=CONFIRM)
    ask_for_a_link(recipient=recipient, now=timezone.now())
    context = {"recipient": recipient, "masked": _masked(recipient.email)}
    return render(request, "answers/sent.html", context)


@_by_link("GET", "HEAD")
def signalement_answer_photo(
    request: HttpRequest, token: str, recipient: Recipient, holds: bool, pk: int
) -> HttpResponse:
    """A photo of the signalement, or of this recipient's own answer; small with `?taille=vignette`."""
    photo = photos_for_answer(recipient).filter(pk=pk).first() if holds else None
    if photo is None:
        return render(request, "components/link_unknown.html", status=404)
    return picture(request, photo)


# --- Within ---------------------------------------------------------------------------------------


def _photo_address(token: str, pk: int) -> str:
    return reverse("signalement_answer_photo", args=[token, pk])


# Long as a list is: what the page shows, a line each.
def _page(
    request: HttpRequest,
    token: str,
    recipient: Recipient,
    form: AnswerForm,
    *,
    ask: str = "",
    status: int = 200,
) -> HttpResponse:
    signalement = recipient.signalement
    told = recipient.events.filter(is_internal=False)
    last = told.filter(kind=EventKind.REPLIED).first() if recipient.reply else None
    answered_at = last.at if last else recipient.acknowledged_at if recipient.reply else None
    context = {
        "token": token,
        "recipient": recipient,
        "signalement": signalement,
        "ended": signalement.has_ended,
        **for_answer(recipient, timezone.localdate(), lambda pk: _photo_address(token, pk)),
        "answered_at": answered_at,
        "comment": last.text if last else "",
        # Of the team, what a mail says; to its reader, that it counted, and what was shared of it.
        "by_mail": _counted_by_mail(recipient),
        "mails": told.filter(kind=EventKind.MAIL),
        "reopened": signalement.events.filter(is_internal=False, kind=EventKind.REOPENED).first(),
        "phone": service_phone(signalement.programme_id, timezone.localdate()),
        # Nothing is left to press for who has just answered.
        "folded": answered_at and not form.is_bound and "choix" not in request.GET,
        "form": form,
        "chosen": form["reply"].value() or "",
        "faults": _faults(form),
        "ask": ask,
        "lost_file": bool(form.files) if form.is_bound else False,
        "unsaved": "" if form.is_bound else _typed(request),
        **_guard(request, recipient),
    }
    return render(request, "answers/answer.html", context, status=status)


def _counted_by_mail(recipient: Recipient) -> bool:
    """Whether it was a mail that acknowledged; one from another address may only wait for that."""
    at = recipient.acknowledged_at
    return at is not None and recipient.events.filter(kind=EventKind.MAIL, at=at).exists()


def _faults(form: AnswerForm) -> list[tuple[str, str]]:
    if not form.is_bound:
        return []
    found = [("", str(message)) for message in form.non_field_errors()]
    for bound in form.visible_fields():
        found += [(target(bound), str(message)) for message in bound.errors]
    return found


def _void(request: HttpRequest, token: str, recipient: Recipient, *, ask: str = "") -> HttpResponse:
    """A link that was ours: it is over, replaced, or of somebody who left."""
    context = {
        "token": token,
        "recipient": recipient,
        "masked": _masked(recipient.email),
        "phone": service_phone(recipient.signalement.programme_id, timezone.localdate()),
        "takes_replies": bool(settings.REPLY_ADDRESS),
        "ask": ask,
        "unsaved": _typed(request),
        **_guard(request, recipient),
    }
    return render(request, "answers/void.html", context, status=410)


def _subject(recipient: Recipient) -> str:
    return f"recipient:{recipient.pk}"


def _guard(request: HttpRequest, recipient: Recipient) -> dict[str, object]:
    return human.parts(request, _subject(recipient), timezone.now())


def _masked(address: str) -> str:
    """« v…@example.org »: enough for its owner to know it, and not to write to it."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}…@{host}"

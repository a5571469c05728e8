"""Signalements: the list, writing and sending one, its page, its course, its answer (R70–R72)."""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib import pictures as photos
from humanicite.lib import resume, uploads
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.params import number_in, version_in
from humanicite.lib.writes import Conflict, Done
from humanicite.templatetags.french import plural
from mediation.activities.models import Activity
from mediation.frame.models import Frame
from mediation.routing.rules import Routing
from mediation.situations.models import Situation

from .. import page as signalement_page
from ..actions.drafts import change_draft, discard_draft, write_signalement
from ..actions.joining import alike, join_draft
from ..actions.photos import (
    MOST_PHOTOS,
    add_signalement_photo,
    remove_signalement_photo,
    take_photos_along,
)
from ..actions.sending import as_it_leaves, send_signalement
from ..actions.state import contacts_today
from ..filters import DRAFTS, SignalementFilter
from ..forms.signalement import SignalementForm
from ..models.signalements import Signalement, SignalementState, retired_of
from ..origin import activity_of, situation_of, started_from


@writes(Right.WRITE_SIGNALEMENTS)
def create(request: Request) -> HttpResponse:
    """A draft, from an activity or alone; then it is checked, then sent."""
    membership: Membership = request.membership
    data = resume.data_of(request)
    given = request.GET if data is None else data
    activity = activity_of(given, membership)
    situation = activity.situation if activity else situation_of(given, membership)
    form = SignalementForm(
        data,
        membership=membership,
        today=timezone.localdate(),
        activity=activity,
        routing=Routing(membership, timezone.localdate()),
        initial=started_from(activity, situation) if data is None else {},
        has_photos=bool(request.FILES.getlist("photos")),
    )
    if request.method == "POST" and form.is_valid():
        new = form.instance
        new.uid, new.activity, new.situation = form.cleaned_data["uid"], activity, situation
        try:
            write_signalement(signalement=new, contacts=form.recipients, by=membership)
        except Done as already:
            return _written_already(request, form, already.row)
        except ValidationError as error:
            add_errors(form, error)
        else:
            _take_photos(request, new, form.photos_from)
            return redirect(_after(request, new))
    return _form(request, form, situation=situation)


@writes(Right.WRITE_SIGNALEMENTS, confirm=False)
def receive(request: Request) -> HttpResponse:
    """A draft that waited on a phone, with its photos: written once however often it arrives (R36).

    Answers `saved`, `known`, or `refused` with the faults; it is to be checked, and sends nothing.
    """
    membership: Membership = request.membership
    activity = activity_of(request.POST, membership)
    form = SignalementForm(
        request.POST,
        membership=membership,
        today=timezone.localdate(),
        activity=activity,
        routing=Routing(membership, timezone.localdate()),
        has_photos=bool(request.FILES.getlist("photos")),
    )
    if not form.is_valid():
        return _refused(form)
    draft, state = form.instance, "saved"
    draft.uid, draft.activity = form.cleaned_data["uid"], activity
    draft.situation = activity.situation if activity else situation_of(request.POST, membership)
    try:
        write_signalement(signalement=draft, contacts=form.recipients, by=membership)
    except Done as already:
        draft, state = already.row, "known"
        if not _kept_as_change(request, form, draft):
            return _refused(form)
    except ValidationError as error:
        add_errors(form, error)
        return _refused(form)
    if draft.state == SignalementState.BROUILLON:
        _take_photos(request, draft, form.photos_from)
        address = reverse("signalement_send", args=[draft.pk])
        said = 'Signalement enregistré en brouillon : {}. <a href="{}">Vérifier et envoyer</a>'
        messages.success(request, format_html(said, form.cleaned_data["title"], address))
    return JsonResponse({"state": state})


def _kept_as_change(request: Request, form: SignalementForm, known: Signalement) -> bool:
    """Its answer was lost on the way, then somebody wrote on: the later words are the draft's. False,
    with the reason among the form's errors, where it left or changed meanwhile."""
    if known.state != SignalementState.BROUILLON:
        if all(getattr(known, name) == form.cleaned_data[name] for name in WORDS):
            return True
        form.add_error(None, LEFT_ALREADY.format(known))
        return False
    if _says_the_same(form, known, form.recipients):
        return True
    again = _over(request, known)
    try:
        if again.is_valid():
            change_draft(
                signalement=again.instance,
                contacts=again.recipients,
                read_version=known.version,
                by=request.membership,
                fields=again.changed_fields,
            )
    except Conflict as now:
        form.add_error(None, CHANGED_MEANWHILE.format(now.row))
    except ValidationError as error:
        add_errors(form, error)
    return form.is_valid()


WORDS = ("title", "where", "since", "description", "expected")  # that somebody typed
LEFT_ALREADY = (
    "{} est déjà enregistré et parti, avec d’autres mots : ce que vous avez écrit ensuite reste "
    "ici."
)
CHANGED_MEANWHILE = "{} a changé entre-temps : ce que vous avez écrit reste ici."


def _over(request: Request, known: Signalement) -> SignalementForm:
    """What is typed, over a draft that is saved."""
    return SignalementForm(
        request.POST,
        instance=known,
        membership=request.membership,
        today=timezone.localdate(),
        activity=known.activity,
        routing=Routing(request.membership, timezone.localdate()),
        has_photos=known.photos.exists() or bool(request.FILES.getlist("photos")),
    )


def _refused(form: SignalementForm) -> JsonResponse:
    faults = [
        {
            "field": name,
            "label": str(form[name].label) if name in form.fields else "",
            "message": one,
        }
        for name, found in form.errors.items()
        for one in found
    ]
    return JsonResponse({"state": "refused", "faults": faults})


# Long for the layout of its calls: access, form, action, redirect.
@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def edit(request: Request, signalement: Signalement) -> HttpResponse:
    """A draft again; what was sent stays as it was sent."""
    membership: Membership = request.membership
    if signalement.state != SignalementState.BROUILLON:
        return _left(request, signalement)
    typed = resume.typed_over(request, signalement)
    version, changed = typed.version, False
    form = SignalementForm(
        typed.data,
        instance=signalement,
        membership=membership,
        today=timezone.localdate(),
        activity=signalement.activity,
        routing=Routing(membership, timezone.localdate()),
        has_photos=_keeps_photos(request, signalement),
    )
    if request.method == "POST" and form.is_valid():
        contacts = form.recipients
        try:
            change_draft(
                signalement=form.instance,
                contacts=contacts,
                read_version=version,
                by=membership,
                fields=form.changed_fields,
            )
        except Conflict as now:
            if now.row.state != SignalementState.BROUILLON:
                return _left(request, now.row)
            if _says_the_same(form, now.row, contacts):
                return redirect(_after(request, now.row))
            version, changed = now.row.version, True
        except ValidationError as error:
            add_errors(form, error)
        else:
            _drop_photos(request, form.instance)
            _take_photos(request, form.instance, form.photos_from)
            return redirect(_after(request, form.instance))
    elif typed.is_overtaken:
        version, changed = signalement.version, True
    return _form(request, form, signalement=signalement, version=version, changed=changed)


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def send(request: Request, signalement: Signalement) -> HttpResponse:
    """Shows exactly what will leave, to whom and by when; then it leaves, or joins an open signalement
    that tells of the same."""
    membership: Membership = request.membership
    if signalement.state != SignalementState.BROUILLON:
        return _left(request, signalement)
    now = timezone.now()
    faults: list[str] = []
    version, changed = signalement.version, False
    if request.method == "POST":
        version = version_in(request.POST.get("version"))
        if "joindre" in request.POST:
            return _joined(request, signalement, version)
        try:
            sent = send_signalement(
                signalement=signalement, read_version=version, by=membership, now=now
            )
        except Conflict as now_is:
            signalement = now_is.row
            if signalement.state != SignalementState.BROUILLON:
                return _left(request, signalement)
            version, changed = signalement.version, True
        except ValidationError as error:
            faults = error.messages
        else:
            count = sent.recipients.count()
            messages.success(
                request,
                f"Signalement {sent.reference} envoyé à "
                f"{count} destinataire{'s' if count > 1 else ''}.",
            )
            return redirect("signalement", pk=sent.pk)
    context = _as_checked(signalement, membership, now) | {
        "faults": [("", message) for message in faults],
        "version": version,
        "changed": changed,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "signalements/check.html", context, status=status)


def _as_checked(signalement: Signalement, reader: Membership, now: datetime) -> dict[str, object]:
    """A draft as it would leave: its mail, its addressees, who reads it, and what it repeats."""
    today = timezone.localtime(now).date()
    chosen = list(signalement.chosen.select_related("party"))
    contacts = contacts_today(chosen, today)
    shown = as_it_leaves(signalement, now)
    return {
        "signalement": signalement,
        "shown": shown,
        "contacts": contacts,
        "lost": [row for row in chosen if row not in contacts],
        "preview": signalement_page.preview(shown, contacts[0], now) if contacts else None,
        "readers": signalement_page.readers(signalement, [row.party.name for row in contacts]),
        "photos": signalement.photos.all(),
        "doubles": alike(reader, signalement.place, signalement.theme, but=signalement.pk),
        "retired": list(retired_of(signalement.place, signalement.theme, today).values()),
        "is_past": shown.due_on is not None and shown.due_on < today,
    }


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def discard(request: Request, signalement: Signalement) -> HttpResponse:
    """A draft that is not needed; nobody had it."""
    if signalement.state != SignalementState.BROUILLON:
        return _left(request, signalement)
    changed = False
    if request.method == "POST":
        try:
            discard_draft(
                signalement=signalement,
                read_version=version_in(request.POST.get("version")),
                by=request.membership,
            )
        except Conflict as now:
            signalement, changed = now.row, True
            if signalement.state != SignalementState.BROUILLON:
                return _left(request, signalement)
        else:
            messages.success(request, f"Brouillon supprimé : {signalement.title}.")
            return redirect(SignalementFilter.address(onglet=DRAFTS))
    context = {"signalement": signalement, "changed": changed}
    status = 422 if changed else 200
    return render(request, "signalements/discard.html", context, status=status)


@reads(Right.WRITE_SIGNALEMENTS)
def proposals(request: Request) -> HttpResponse:
    """For the form: whom the rules propose for a place and a theme, and open signalements alike."""
    membership: Membership = request.membership
    frame = Frame(membership.programme_id)
    place = frame.places.get(number_in(request.GET.get("lieu")))
    theme = frame.themes.get(number_in(request.GET.get("theme")))
    proposal = Routing(membership, timezone.localdate()).proposed(place, theme)
    but = number_in(request.GET.get("sauf")) or None
    return JsonResponse(
        {
            "main": [row.pk for row in proposal.main],
            "backups": [row.pk for row in proposal.backups],
            "undesignated": proposal.undesignated,
            "alike": [
                {"title": str(row), "url": reverse("signalement", args=[row.pk])}
                for row in alike(membership, place, theme, but=but)
            ],
        }
    )


def _form(
    request: Request,
    form: SignalementForm,
    *,
    signalement: Signalement | None = None,
    version: int | None = None,
    changed: bool = False,
    situation: Situation | None = None,
    photos_kept: bool = False,
) -> HttpResponse:
    known = list(signalement.photos.all()) if signalement else []
    taken = form.activity.photos.count() if form.activity and not known else 0
    context = {
        "form": form,
        "offered": form.offered(),
        "undesignated": form.proposal.undesignated,
        "signalement": signalement,
        "version": version,
        "changed": changed,
        # A browser keeps what was typed in a page that comes back, but not the files.
        "lost_files": request.method == "POST" and bool(request.FILES) and not photos_kept,
        "activity": form.activity,
        "situation": situation,
        "photos": known,
        "photo_room": max(0, MOST_PHOTOS - len(known)),
        "activity_photos": taken,
        "accept": photos.ACCEPT,
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "signalements/form.html", context, status=status)


def _left(request: Request, signalement: Signalement) -> HttpResponse:
    """For a page of drafts: this one left, perhaps by the same form a moment ago."""
    if request.method == "POST":
        messages.info(request, f"Ce signalement est déjà parti : {signalement.reference}.")
        return redirect("signalement", pk=signalement.pk)
    return render(request, "signalements/left.html", {"signalement": signalement})


def _written_already(request: Request, form: SignalementForm, known: Signalement) -> HttpResponse:
    """The second arrival of one form. The same words: go on. Others: they become a change of the draft."""
    if known.state != SignalementState.BROUILLON:
        return _left(request, known)
    _take_photos(request, known, form.photos_from)
    if _says_the_same(form, known, form.recipients):
        return redirect(_after(request, known))
    again = _over(request, known)
    messages.warning(
        request,
        "La première tentative était bien arrivée : ce signalement est enregistré en brouillon, rien n’est "
        "parti. Ce que vous venez de saisir est ci-dessous : enregistrez pour le modifier.",
    )
    return _form(request, again, signalement=known, version=known.version, photos_kept=True)


def _after(request: Request, signalement: Signalement) -> str:
    if "garder" in request.POST:
        messages.success(request, "Brouillon enregistré : rien n’est parti.")
        return reverse("signalement", args=[signalement.pk])
    return reverse("signalement_send", args=[signalement.pk])


def _joined(request: Request, draft: Signalement, version: int) -> HttpResponse:
    rows = Signalement.objects.visible_to(request.membership).open()
    known = rows.filter(pk=number_in(request.POST.get("joindre"))).first()
    if known is None:
        messages.warning(request, "Ce signalement n’est plus ouvert : envoyez le vôtre.")
        return redirect("signalement_send", pk=draft.pk)
    try:
        left_out = join_draft(
            draft=draft,
            signalement=known,
            read_version=version,
            by=request.membership,
            now=timezone.now(),
        )
    except Conflict:
        messages.warning(request, "Ce brouillon a été modifié entre-temps : relisez-le.")
        return redirect("signalement_send", pk=draft.pk)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return redirect("signalement_send", pk=draft.pk)
    messages.success(request, f"Constat ajouté à {known.reference}.")
    if left_out:
        said = plural(left_out, "photo n’a,photos n’ont")
        messages.warning(request, f"{said} pas trouvé place : trois par signalement au plus.")
    return redirect("signalement", pk=known.pk)


def _says_the_same(form: SignalementForm, saved: Signalement, contacts: list[Any]) -> bool:
    chosen = set(saved.chosen.values_list("pk", flat=True))
    return chosen == {row.pk for row in contacts} and all(
        getattr(saved, name) == form.cleaned_data[name] for name in SignalementForm.Meta.fields
    )


def _take_photos(request: Request, signalement: Signalement, activity: Activity | None) -> None:
    """Pictures sent with the form, and the activity's, each once; a refused one is told, the rest
    stays."""
    by: Membership = request.membership
    if uploads.dropped(request):
        messages.error(request, "Cet envoi est trop lourd : trois photos de 10 Mo au plus.")
    for upload in request.FILES.getlist("photos")[: MOST_PHOTOS + 1]:
        uid = uuid.uuid5(signalement.uid, hashlib.sha256(upload.read()).hexdigest())
        try:
            add_signalement_photo(signalement=signalement, upload=upload, uid=uid, by=by)
        except ValidationError as error:
            messages.warning(request, f"{str(upload.name)[:40]} : {' '.join(error.messages)}")
    if activity is not None:
        take_photos_along(signalement=signalement, activity=activity, by=by)


def _keeps_photos(request: Request, signalement: Signalement) -> bool:
    """Whether a photo is left once those ticked are removed, or comes with the form."""
    dropped = [number_in(key) for key in request.POST.getlist("retirer")]
    kept = signalement.photos.exclude(pk__in=dropped)
    return bool(request.FILES.getlist("photos")) or kept.exists()


def _drop_photos(request: Request, signalement: Signalement) -> None:
    keys = [number_in(key) for key in request.POST.getlist("retirer")]
    for photo in signalement.photos.filter(pk__in=keys):
        remove_signalement_photo(photo=photo, by=request.membership)

"""Pictures of an activity: adding, sharing, removing, and the only way to read one (R25, R75)."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib import pictures, uploads
from humanicite.lib.http import reads, writes
from humanicite.lib.writes import Done
from mediation.activities.models import Activity
from mediation.signalements.models.photos import SignalementPhoto

from . import actions
from .models import MOST_PHOTOS, Photo

NO_FILE = "Choisissez une photo à ajouter."
TOO_MUCH = "Cet envoi est trop lourd : trois photos de 10 Mo au plus."
REFUSED = "Cette activité n’est pas enregistrée, ou n’est pas la vôtre : la photo est refusée."


def gallery(activity: Activity, membership: Membership) -> dict[str, object]:
    """What `components/photos.html` needs: those that this reader sees; one query."""
    rows = list(Photo.objects.visible_to(membership).filter(activity=activity))
    return {
        "photos": rows,
        "photo_room": max(0, MOST_PHOTOS - len(rows)),
        "photo_uid": uuid.uuid4(),
        "photo_accept": pictures.ACCEPT,
    }


def picture(request: HttpRequest, photo: Photo | SignalementPhoto) -> HttpResponse:
    """The picture; small with `?taille=vignette`. No cache keeps it, and its name says nothing."""
    try:
        stored = photo.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer: Any
    if request.GET.get("taille") == "vignette":
        with stored:
            answer = HttpResponse(pictures.made_small(stored), content_type="image/jpeg")
    else:
        answer = FileResponse(stored, content_type="image/jpeg")
    answer["Content-Disposition"] = f'inline; filename="photo-{photo.pk}.jpg"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@reads(Right.READ_ACTIVITIES, of=Photo)
def photo(request: Request, photo: Photo) -> HttpResponse:
    return picture(request, photo)


@writes(Right.LOG_ACTIVITIES, of=Activity, confirm=False)
def photo_add(request: Request, activity: Activity) -> HttpResponse:
    """From the activity's page. Each file that is refused is told; the others stay."""
    if not activity.may_be_changed_by(request.membership):
        raise PermissionDenied
    if not request.FILES and not uploads.dropped(request):
        messages.error(request, NO_FILE)
    added = take_photos(request, activity, _uid(request.POST.get("uid")) or uuid.uuid4())
    if added:
        messages.success(request, "Photo ajoutée." if added == 1 else f"{added} photos ajoutées.")
    return redirect(_page(activity.pk))


def take_photos(request: Request, activity: Activity, form_uid: uuid.UUID) -> int:
    """Keeps the pictures that a form carries, and tells of each that is refused; how many stay."""
    membership = request.membership
    added = 0
    if uploads.dropped(request):
        messages.error(request, TOO_MUCH)
    for number, upload in enumerate(request.FILES.getlist("photos")):
        name = str(upload.name)[:60]
        # The same form sent twice brings the same photos.
        uid = uuid.uuid5(form_uid, str(number))
        try:
            actions.add_photo(activity=activity, upload=upload, uid=uid, by=membership)
        except Done:
            messages.info(request, f"« {name} » est déjà ajoutée.")
        except ValidationError as error:
            messages.error(request, f"« {name} » : {' '.join(error.messages)}")
            if error.code == "enough":
                break  # those that follow are too many as well
        else:
            added += 1
    return added


@writes(Right.LOG_ACTIVITIES, confirm=False)
def photo_add_by_uid(request: Request) -> HttpResponse:
    """From a phone's queue: one photo of an activity that it knows by its own key."""
    membership = request.membership
    uid, upload = _uid(request.POST.get("uid")), request.FILES.get("file")
    if uploads.dropped(request):
        return _answer("refused", pictures.TOO_HEAVY)
    if uid is None or upload is None:
        return _answer("refused", NO_FILE)
    rows = Activity.objects.visible_to(membership)
    key = _uid(request.POST.get("activity"))
    activity = rows.filter(uid=key).first() if key else None
    if activity is None or not activity.may_be_changed_by(membership):
        return _answer("refused", REFUSED)
    try:
        actions.add_photo(activity=activity, upload=upload, uid=uid, by=membership)
    except Done:
        return _answer("known", "Photo déjà enregistrée.")
    except ValidationError as error:
        # A full disk is no fault of the picture: it waits on the phone for another day.
        state = "later" if error.code == "no_room" else "refused"
        return _answer(state, " ".join(error.messages))
    return _answer("saved", "Photo enregistrée.")


@writes(Right.LOG_ACTIVITIES, of=Photo, confirm=False)
def photo_share(request: Request, photo: Photo) -> HttpResponse:
    """`partagee` says what is wanted, so that a second press changes nothing."""
    is_shared = request.POST.get("partagee") == "oui"
    actions.share_photo(photo=photo, is_shared=is_shared, by=request.membership)
    messages.success(
        request,
        "Photo partagée : les partenaires de ce lieu la voient."
        if is_shared
        else "Photo retirée du partage : seul l’opérateur la voit.",
    )
    return redirect(_page(photo.activity_id))


@writes(Right.LOG_ACTIVITIES, of=Photo)
def photo_delete(request: Request, photo: Photo) -> HttpResponse:
    membership = request.membership
    if not photo.activity.may_be_changed_by(membership):
        raise PermissionDenied
    if request.method == "POST":
        actions.delete_photo(photo=photo, by=membership)
        messages.success(request, "Photo supprimée.")
        return redirect(_page(photo.activity_id))
    return render(request, "photos/delete.html", {"photo": photo})


def _answer(state: str, message: str) -> JsonResponse:
    return JsonResponse({"state": state, "message": message})


def _page(activity: int) -> str:
    return f"{reverse('activity', kwargs={'pk': activity})}#photos"


def _uid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None

"""What a phone without network needs of the server: who is signed in, the key, the sending, the
page of what waits; and the files by which a browser keeps the application."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib.http import public, reads, writes
from humanicite.lib.scripts import source_of, with_imports
from mediation.activities.models import Activity
from mediation.activities.undo import undo_address

from . import batch
from .models import QueueKey

# What the application needs to open without network; its modules with all that they import.
MODULES = (
    "js/lib/page.js",
    "js/offline/queue.js",
    "js/offline/waiting.js",
    "js/activities/form.js",
    "js/photos/picker.js",
    "js/signalements/form.js",
)
ASSETS = (
    "css/app.css",
    "fonts/inter-latin-400-normal.woff2",
    "fonts/inter-latin-600-normal.woff2",
    "img/icon.svg",
    "img/down.svg",
    "img/icon-192.png",
)
PAGES = ("today", "activity_new", "signalement_new", "waiting")


@reads(Right.LOG_ACTIVITIES)
def waiting(request: Request) -> HttpResponse:
    """The queue is on the phone: the page is empty of it until its script opens it."""
    return render(request, "offline/waiting.html")


@public("tells a browser who is signed in there, by a name that says nothing else")
def who(request: Request) -> HttpResponse:
    """Asked before each sending: the owner's name on the phone, and a fresh token."""
    membership = request.membership
    owner = ""
    if membership is not None and membership.may(Right.LOG_ACTIVITIES):
        key = QueueKey.objects.filter(user=membership.user_id).first()
        owner = str(key.uid) if key else "new"
    answer = {"signed_in": request.user.is_authenticated, "owner": owner}
    if owner:
        # The phone's own clock may be a day off.
        now = timezone.localtime().isoformat(timespec="seconds")
        answer |= {"token": get_token(request), "now": now}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@writes(Right.LOG_ACTIVITIES, confirm=False)
def key(request: Request) -> HttpResponse:
    """The key of one's own queue; the browser forgets it at sign-out."""
    own = QueueKey.of(request.user)
    return JsonResponse({"owner": str(own.uid), "secret": own.secret})


@writes(Right.LOG_ACTIVITIES, confirm=False)
def send(request: Request) -> HttpResponse:
    """A batch of entries; 400 for what is no batch, otherwise an answer for each."""
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):  # the second: nested a thousand deep
        return JsonResponse({"error": "no JSON"}, status=400)
    try:
        answers = batch.receive(
            content,
            by=request.membership,
            now=timezone.localtime(),
        )
    except batch.NotABatch as error:
        return JsonResponse({"error": str(error)[:200]}, status=400)
    for answer in answers:
        # The page that comes next says what was done, as after a form sent without a script.
        if answer.uid == content.get("announce") and answer.state in ("saved", "known"):
            done = "Modifié" if answer.was_change else "Enregistré"
            done = "Déjà enregistré" if answer.state == "known" else done
            is_new = answer.state == "saved" and not answer.was_change
            row = Activity.objects.visible_to(request.membership).filter(uid=answer.uid).first()
            undo = undo_address(row.pk) if row and is_new else ""
            messages.success(request, f"{done} : {answer.said}.", extra_tags=undo)
    return JsonResponse({"answers": [answer.as_json() for answer in answers]})


@public("the same few words for everybody, shown when there is no network")
def offline(request: Request) -> HttpResponse:
    return render(request, "offline/offline.html")


@public("the script by which a browser keeps the application; no data")
def service_worker(request: Request) -> HttpResponse:
    """At the root, so that it may answer for every page; never cached itself."""
    return HttpResponse(
        _service_worker(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@public("the application's name and icons")
def manifest(request: Request) -> HttpResponse:
    content = {
        "name": "Humanicité",
        "short_name": "Humanicité",
        "description": "Médiation sociale : saisir, suivre, rendre compte.",
        "lang": "fr",
        "dir": "ltr",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f5f0",
        "theme_color": "#0e4d64",
        "icons": [
            {
                "src": staticfiles_storage.url(f"img/icon-{name}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in (
                ("192", 192, "any"),
                ("512", 512, "any"),
                ("maskable-512", 512, "maskable"),
            )
        ],
        "shortcuts": [
            {"name": "Saisir une activité", "url": reverse("activity_new")},
            {"name": "Aujourd’hui", "url": reverse("today")},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@cache
def _service_worker() -> str:
    """The script with its list of files, and a version that changes when one of them does."""
    digest = hashlib.sha256()
    assets = (*ASSETS, *with_imports(*MODULES))
    for name in (*assets, "sw.js"):
        digest.update(source_of(name))
    for template in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html")):
        digest.update(template.read_bytes())
    script = source_of("sw.js").decode()
    return (
        script.replace('"__VERSION__"', json.dumps(digest.hexdigest()[:12]))
        .replace('"__ASSETS__"', json.dumps([staticfiles_storage.url(name) for name in assets]))
        .replace('"__PAGES__"', json.dumps([reverse(name) for name in PAGES]))
        .replace('"__OFFLINE__"', json.dumps(reverse("offline")))
    )

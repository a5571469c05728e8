"""What somebody typed outlives a session that ended, or a token that changed, meanwhile.

Every form carries `_owner`, a signature of who was typing. A POST that arrives signed out is kept
in the (new, anonymous) server-side session; after sign-in, the same person coming back to the same
address finds it in the form. Anybody else who signs in there does not: it is dropped.

Signed out, the server keeps what anybody sends who has such a signature. So it serves for three days
only, what is kept is bounded in size and number, and it goes with its hour.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core import signing
from django.http import HttpRequest, QueryDict

from .limits import Limit, caller
from .params import version_in

KEY = "resume"
OWNER = "_owner"
SALT = "humanicite.resume"
LIMIT = 100_000  # characters; more than any form of ours
MOST = 5  # pages kept at a time, of one session
AGE = 3 * 24 * 3600  # seconds that an open form's signature serves: over a weekend
KEEPINGS = Limit("what was typed, of an owner from one caller", 12, 3600)
KEEPINGS_OF_AN_OWNER = Limit("what was typed, of an owner", 60, 3600)
LIFETIME = 3600  # seconds in which to sign in again


def owner_token(user: AbstractBaseUser | AnonymousUser) -> str:
    return signing.dumps(user.pk, salt=SALT) if user.pk else ""


def keep(request: HttpRequest) -> bool:
    """Keeps the posted fields for their owner; True when there is something to come back to."""
    if request.method != "POST" or not request.POST.get(OWNER):
        return False
    try:
        owner = signing.loads(request.POST[OWNER], salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return False
    data = request.POST.copy()
    for name in (OWNER, "csrfmiddlewaretoken"):
        data.pop(name, None)
    encoded = data.urlencode()
    if len(encoded) > LIMIT:
        return False
    if not KEEPINGS.take(f"{owner} {caller(request)}") or not KEEPINGS_OF_AN_OWNER.take(str(owner)):
        return False
    # The row goes with its hour: from the disk as the next one is kept, or by `clearsessions`.
    request.session.clear_expired()
    if not request.user.is_authenticated:
        request.session.set_expiry(LIFETIME)
    now = time.time()
    kept = {
        path: entry
        for path, entry in request.session.get(KEY, {}).items()
        if entry["until"] >= now and path != request.path
    }
    kept = dict(list(kept.items())[-MOST + 1 :])
    kept[request.path] = {"owner": owner, "data": encoded, "until": now + LIFETIME}
    request.session[KEY] = kept
    return True


def restore(request: HttpRequest) -> None:
    """Sets `request.resumed` to the kept fields when this is their owner and their page.

    They stay until the page is sent, the hour is over, or an empty form is asked for (`?vide`).
    """
    kept: dict[str, dict[str, Any]] | None = request.session.get(KEY)
    if kept is None:
        return
    if request.session.get("_session_expiry") == LIFETIME:
        request.session.set_expiry(None)  # signed in again: the hour was for waiting
    now = time.time()
    valid = {
        path: entry
        for path, entry in kept.items()
        if entry["owner"] == request.user.pk and entry["until"] >= now
    }
    if "vide" in request.GET:
        valid.pop(request.path, None)
    if valid != kept:
        request.session[KEY] = valid
    if request.path in valid:
        request.resumed = QueryDict(valid[request.path]["data"])  # type: ignore[attr-defined]  # carried by the request


def drop(request: HttpRequest) -> None:
    """The page is being sent: what was kept for it has served."""
    kept = request.session.get(KEY, {})
    if request.path in kept:
        request.session[KEY] = {path: entry for path, entry in kept.items() if path != request.path}


def data_of(request: HttpRequest) -> QueryDict | None:
    """What a form is to be bound to: what was posted, what was kept, or nothing."""
    if request.method == "POST":
        return request.POST
    return getattr(request, "resumed", None)


@dataclass(frozen=True)
class Typed:
    """What was typed into the form of a row, if anything, and over which version of the row."""

    data: QueryDict | None
    version: int
    is_overtaken: bool  # typed before the session ended, and somebody else saved since


def typed_over(request: HttpRequest, row: Any) -> Typed:
    """For a page that changes a row which has a version."""
    data = data_of(request)
    if data is None:
        return Typed(None, row.version, is_overtaken=False)
    version = version_in(data.get("version"))
    return Typed(data, version, is_overtaken=request.method != "POST" and version != row.version)

"""Whether a person pressed the button of a form that stands open to whoever holds its address.

Scanners of mail open every link, and some post every form. Nothing here costs a person with a
browser of these years a click or a character, and nothing locks one out: what is in doubt is shown
again, to be confirmed once more, with a box to tick where the browser tells nothing of its own
(docs/decisions/0019).
"""

import re
from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest

SALT = "humanicite.human"
# Names of the form's parts.
STAMP, BUTTON, TICK = "moment", "confirmer", "je_confirme"
TRAPS = ("complement", "accord")  # a text and a box that no person sees
YES = "oui"
SOONEST = timedelta(seconds=2)  # from reading the page to pressing the button
LATEST = timedelta(hours=12)  # for which a page may stay open
# Those that send `Sec-Fetch-User` when, and only when, a person's press led to the request
# (Fetch Metadata Request Headers, W3C); Safari sends the others.
_TELLS_OF_PRESSES = re.compile(r"(Chrome|Firefox)/\d")


def parts(request: HttpRequest, subject: str, now: datetime) -> dict[str, object]:
    """What `components/stamp.html`, and the button beside it, are made of.

    The stamp says when a form was shown, and what of; it is signed, so that nobody makes one.
    """
    return {
        "stamp": signing.dumps([subject, now.timestamp()], salt=SALT),
        "stamp_field": STAMP,
        "button_field": BUTTON,
        "tick_field": TICK,
        "traps": TRAPS,
        "yes": YES,
        "needs_tick": needs_tick(request),
    }


def needs_tick(request: HttpRequest) -> bool:
    """Whether the client does not tell by itself that a person is there: an old browser, or none."""
    if "Sec-Fetch-Mode" not in request.headers:
        return True
    if request.method == "POST" and _TELLS_OF_PRESSES.search(request.headers.get("User-Agent", "")):
        return bool(request.headers.get("Sec-Fetch-User") != "?1")
    return False


def pressed(request: HttpRequest, subject: str, now: datetime) -> bool:
    """Whether a POST has what a person's press of the button has.

    The button's own value, which sending a form without pressing it leaves out; nothing in the
    fields that no person sees; time enough to have read; a page of ours that was left for another;
    and a tick, from a client that tells nothing of its own.
    """
    if request.POST.get(BUTTON) != YES or any(request.POST.get(trap) for trap in TRAPS):
        return False
    try:
        shown_of, shown_at = signing.loads(request.POST.get(STAMP, ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    took = timedelta(seconds=now.timestamp() - shown_at)
    if shown_of != subject or not SOONEST <= took <= LATEST:
        return False
    if needs_tick(request) and request.POST.get(TICK) != YES:
        return False
    return (
        request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )

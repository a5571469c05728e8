"""Whether a person pressed the button of a form that stands open to whoever holds its address.

Scanners of mail open every link, and some post every form. Nothing here costs a person a click or
a character, and nothing here locks one out: what is in doubt is shown again, to be confirmed once
more (docs/decisions/0018).
"""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing

SALT = "humanicite.human"
STAMP, TRAP, BUTTON = "moment", "complement", "confirmer"  # names of the form's parts
PRESSED = "oui"
SOONEST = timedelta(seconds=2)  # from reading the page to pressing the button
LATEST = timedelta(hours=12)  # for which a page may stay open


def stamp(subject: str, now: datetime) -> str:
    """When a form was shown, and what of; signed, so that it is neither made nor moved."""
    return signing.dumps([subject, now.timestamp()], salt=SALT)


def pressed(request: Any, subject: str, now: datetime) -> bool:
    """Whether a POST has what a person's press of the button has.

    The button's own value, which filling a form without pressing it leaves out; nothing in the
    field that no person sees; time enough to have read; and, from browsers that tell, a page of
    ours that was left for another.
    """
    if request.POST.get(BUTTON) != PRESSED or request.POST.get(TRAP):
        return False
    try:
        shown_of, shown_at = signing.loads(request.POST.get(STAMP, ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    took = timedelta(seconds=now.timestamp() - shown_at)
    if shown_of != subject or not SOONEST <= took <= LATEST:
        return False
    return (
        request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )

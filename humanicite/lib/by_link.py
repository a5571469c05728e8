"""Pages that whoever holds the signed link of a mail may open, without an account.

The address is the only authority, so that no session, cookie or CSRF token has a part in it: a page
that names no referrer posts with `Origin: null`, and browsers within mail programs may refuse cookies.
What a POST needs instead is a person (`human`). Reading changes nothing.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from .http import public
from .limits import Limit, caller

LONGEST_TOKEN = 400  # characters
HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
CONFIRM = "Confirmez, s’il vous plaît."
View = Callable[..., HttpResponse]


def by_link(
    reason: str, opened: Callable[..., HttpResponse], *methods: str
) -> Callable[[View], View]:
    """A view of whoever holds a link: nobody's session, and kept by no cache.

    `opened(view, request, token)` finds what the link is for, and answers where it opens nothing.
    """

    def wrap(view: View) -> View:
        @csrf_exempt
        @public(reason)
        @wraps(view)
        def inner(request: HttpRequest, token: str, **parts: object) -> HttpResponse:
            if request.method not in methods:
                response: HttpResponse = HttpResponseNotAllowed(methods)
            else:
                # Signed in or not, the page is that of the link.
                request.user = AnonymousUser()
                request.membership = None  # type: ignore[attr-defined]  # the middleware’s, undone
                response = opened(view, request, token, **parts)
            for name, value in HEADERS.items():
                response[name] = value
            return response

        return inner

    return wrap


def unknown(request: HttpRequest, wrong: Limit) -> HttpResponse:
    """Of what is no link of ours, or opens nothing any more; `wrong`: how often from one address."""
    if not wrong.take(caller(request)):
        return busy(request, wrong)
    return render(request, "components/link_unknown.html", status=404)


def busy(request: HttpRequest, limit: Limit, unsaved: str = "") -> HttpResponse:
    """Asked too often; `unsaved`: what somebody wrote that is not kept, to be read and copied."""
    response = render(request, "components/link_busy.html", {"unsaved": unsaved}, status=429)
    response["Retry-After"] = str(limit.retry_after)
    return response

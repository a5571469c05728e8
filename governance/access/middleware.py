"""Which membership a request acts under, chosen once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .models import Membership

SESSION_KEY = "membership"


def available(request: HttpRequest) -> list[Membership]:
    """The memberships under which the signed-in user may come in today; asked for once."""
    if not request.user.is_authenticated:
        return []
    if not hasattr(request, "_memberships"):
        rows = Membership.open_for(request.user, timezone.localdate())
        request._memberships = list(rows)  # type: ignore[attr-defined]
    return request._memberships  # type: ignore[attr-defined]


def choose(request: HttpRequest) -> Membership | None:
    """The chosen one, or the only one; None when there is a choice to make or nothing to enter.

    A choice that ended meanwhile is made again, also where a single one is left: an open page
    must not go on under another party without a word.
    """
    memberships = available(request)
    if not memberships:
        return None
    chosen = request.session.get(SESSION_KEY)
    if chosen is None and len(memberships) == 1:
        return memberships[0]
    return next((row for row in memberships if row.pk == chosen), None)


class MembershipMiddleware:
    """Sets `request.membership`; pages read under one are never stored by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = choose(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

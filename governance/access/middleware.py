"""Which membership a request acts under, chosen once."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from humanicite.lib import resume

from .models import Membership

SESSION_KEY = "membership"


def available(request: HttpRequest) -> list[Membership]:
    """The memberships under which the signed-in user may come in today; asked for once."""
    if not request.user.is_authenticated:
        return []
    if not hasattr(request, "_memberships"):
        rows = Membership.open_for(request.user, timezone.localdate())
        request._memberships = list(rows)  # type: ignore[attr-defined]  # carried by the request
    return request._memberships  # type: ignore[attr-defined]  # carried by the request


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
        request.membership = choose(request)  # type: ignore[attr-defined]  # carried by the request
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SecondFactorMiddleware:
    """Where the setting asks for it, the operator's people set up a second factor before anything.

    What needs no membership stays open: signing in and out, and one's own account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if not settings.REQUIRE_SECOND_FACTOR:
            return None
        membership: Membership | None = request.membership  # type: ignore[attr-defined]  # carried by the request
        access = getattr(view, "access", None)
        if membership is None or not membership.is_operator or access is None:
            return None
        if access.kind not in ("reads", "writes"):
            return None
        if is_mfa_enabled(membership.user, types=[Authenticator.Type.TOTP]):
            return None
        resume.keep(request)
        messages.warning(
            request,
            "L’opérateur demande un second facteur : activez une application de codes pour continuer.",
        )
        return redirect("mfa_activate_totp")

"""Who may come to a view, declared on the view itself; a route that declares nothing is closed.

`@reads(right)` refuses every write to the database while the view runs, rendering included.
`@writes(right)` lets a POST through. Both take `of=Model`: the view then receives the row instead
of its key, and a row outside the reader's scope is a 404, before any right is looked at.
`public(reason)` and `signed_in(reason)` open a view further, and say why.

The reader is `request.membership` (set by the project's middleware): it answers `may(right)` and
scopes querysets through `visible_to(membership)`.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from . import resume

View = Callable[..., HttpResponse]

# What a reading view may write: who is signed in, what is cached, what was looked at.
_BOOKKEEPING = re.compile(
    r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?'
    r"(?:django_session|humanicite_cache|governance_journalentry|reporting_editionread)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
# What else it may send; anything not named here is refused, so that no clever write slips by.
_HARMLESS = re.compile(
    r"[\s(]*(?:(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SHOW|DECLARE|FETCH|CLOSE)\b"
    r"|PRAGMA \w+(?:\([^=]*\))?\s*$)",
    re.IGNORECASE,
)
_SELECT_INTO = re.compile(r"\bSELECT\b[^']*\bINTO\b", re.IGNORECASE)
_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)
_CHANGE = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_SECOND = re.compile(r";\s*\S")


class WriteWhileReading(RuntimeError):
    """A view declared as reading tried to change the database."""


@dataclass(frozen=True)
class Access:
    """What a view declares; the tests that walk the URLconf read it."""

    kind: str  # reads, writes, signed_in, public
    right: str | None = None
    model: type[Model] | None = None
    reason: str = ""
    confirm: bool = True  # GET shows something; otherwise the address only takes a POST


def no_writes() -> AbstractContextManager[None]:
    """Refuses every statement that is not plainly a read; functions that write are not seen."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not _only_reads(sql) and not _BOOKKEEPING.match(sql):
            raise WriteWhileReading(sql[:200])
        return execute(sql, params, many, context)

    return connection.execute_wrapper(refuse)


def _only_reads(sql: str) -> bool:
    bare = _COMMENT.sub(" ", sql) if "--" in sql or "/*" in sql else sql
    if _SECOND.search(bare):
        return False
    if _WITH.match(bare):
        return not _CHANGE.search(bare)
    return bool(_HARMLESS.match(bare)) and not _SELECT_INTO.match(bare.lstrip("( \t\n"))


def reads(right: str, *, of: type[Model] | None = None) -> Callable[[View], View]:
    """A page or file that `right` opens; GET and HEAD only."""
    return _gate(Access("reads", right, of), methods=("GET", "HEAD"))


def writes(
    right: str, *, of: type[Model] | None = None, confirm: bool = True
) -> Callable[[View], View]:
    """A change that `right` allows. With `confirm`, GET shows the form; otherwise POST only."""
    return _gate(
        Access("writes", right, of, confirm=confirm),
        methods=("GET", "HEAD", "POST") if confirm else ("POST",),
    )


def public(reason: str) -> Callable[[View], View]:
    return _declare(Access("public", reason=reason))


def signed_in(reason: str) -> Callable[[View], View]:
    """Needs an account, not a membership."""

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            return view(request, *args, **kwargs)

        return _declare(Access("signed_in", reason=reason))(inner)

    return wrap


def _declare(access: Access) -> Callable[[View], View]:
    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            return view(request, *args, **kwargs)

        inner.access = access  # type: ignore[attr-defined]  # a view carries it
        return inner

    return wrap


def _sign_in(request: HttpRequest) -> HttpResponse:
    return _elsewhere(request, "account_login")


def _elsewhere(request: HttpRequest, route: str, *, back: bool = True) -> HttpResponse:
    """To a page that must come first, with what was typed kept and the way back noted."""
    resume.keep(request)
    target = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    return redirect(f"{reverse(route)}?{urlencode({'next': target if back else '/'})}")


def _gate(access: Access, methods: tuple[str, ...]) -> Callable[[View], View]:
    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            membership = request.membership  # type: ignore[attr-defined]  # carried by the request
            if membership is None:
                known = request.user.is_authenticated
                first = "choose_membership" if known else "account_login"
                return _elsewhere(request, first, back=access.confirm)
            if request.method == "POST":
                resume.drop(request)
                return enter(request, membership, *args, **kwargs)
            resume.restore(request)
            with no_writes():
                response = enter(request, membership, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response = response.render()
                return response

        def enter(
            request: HttpRequest, membership: Any, *args: object, **kwargs: object
        ) -> HttpResponse:
            if access.model:
                # Each model of ours has such a manager; the library knows none of them.
                rows = access.model._default_manager.visible_to(membership)  # type: ignore[attr-defined]
                # What every page of such a row shows of others comes with it.
                if shown_with := getattr(access.model, "shown_with", ()):
                    rows = rows.select_related(*shown_with)
                args = (get_object_or_404(rows, pk=kwargs.pop("pk")), *args)
            if not membership.may(access.right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        inner.access = access  # type: ignore[attr-defined]  # a view carries it
        return inner

    return wrap

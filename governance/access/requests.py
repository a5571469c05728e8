"""The request as views receive it."""

from django.http import HttpRequest

from .models import Membership


class Request(HttpRequest):
    """A request under the membership that the middleware chose: whoever `@reads` or `@writes` lets
    in has one. Only where nobody need be signed in may there be none."""

    membership: Membership

"""What the server says when it cannot: each page is whole by itself and reads nothing that failed."""

import sys
from collections.abc import Callable

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string

from humanicite.lib.full import is_full

SAFE = ("GET", "HEAD")
RETRY_AFTER = "120"  # seconds


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; where nothing can be written, 503 and what to do."""
    if not is_full(sys.exc_info()[1]):
        return HttpResponse(render_to_string("500.html"), status=500)
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
    if request.content_type == "application/json":
        return JsonResponse({"error": "nothing can be written"}, status=503, headers=headers)
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


class Sessions(SessionMiddleware):
    """A page that only reads still reads where its session cannot be written."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except Exception as error:
            if request.method in SAFE and is_full(error):
                return response
            raise


class OnlyUtf8:
    """A request in another charset than ours is refused before anything reads it: with some, each
    look at a parameter is a fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.strip("'\" ").lower() not in ("utf-8", "utf8"):
            return bad_request(request)
        return self.get_response(request)

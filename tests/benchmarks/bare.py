"""What a list costs without anything around it: one query, the bare template, the same middleware."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from governance.rights import Right
from humanicite.lib.http import reads
from mediation.activities.views.list import OPERATOR_ORDER, PAGE
from mediation.models import Activity

TEMPLATE = """<!doctype html><title>Activités</title><ul>{% for row in rows %}<li>
<a href="/activites/{{ row.pk }}/">{{ row.get_type_display }}</a> {{ row.day }} {{ row.starts_at }}
{{ row.minutes }} {{ row.place }} {{ row.theme }} {{ row.second_theme }} {{ row.get_outcome_display }}
{{ row.internal_note }} {{ row.author }}</li>{% endfor %}</ul>"""


@reads(Right.READ_ACTIVITIES)
def bare(request: HttpRequest) -> HttpResponse:
    rows = Activity.objects.visible_to(request.membership).for_lists()
    return HttpResponse(_template().render({"rows": OPERATOR_ORDER.order(rows)[:PAGE]}))


@cache
def _template() -> Any:
    return engines["django"].from_string(TEMPLATE)


@reads(Right.READ_ACTIVITIES)
def hello(request: HttpRequest) -> HttpResponse:
    """Django's hello, with the session, the account and the access that every page has."""
    return HttpResponse("Bonjour")


urlpatterns = [path("bare/", bare), path("bonjour/", hello), path("", include("humanicite.urls"))]

"""What every page's frame shows: who reads, what they may open, whose data it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from governance.middleware import available
from governance.rights import Right
from humanicite.lib.resume import OWNER, owner_token

# (route, label, icon, right, address prefixes that make it the current one). The first three are
# on the phone's bar; the rest unfold under « Plus ».
MENU = (
    ("today", "Aujourd’hui", "day", Right.LOG_ACTIVITIES),
    ("activity_new", "Saisir", "plus", Right.LOG_ACTIVITIES),
    ("steering", "Pilotage", "compass", Right.STEER),
    ("dashboard", "Tableau de bord", "chart", Right.READ_FIGURES),
    ("activities", "Activités", "list", Right.READ_ACTIVITIES),
    ("syntheses", "Synthèses", "paper", Right.PRODUCE_SYNTHESES),
    ("convention", "Convention", "seal", Right.READ_FRAME),
    ("access", "Accès", "people", Right.MANAGE_ACCESS),
    ("journal", "Journal", "clock", Right.READ_JOURNAL),
)
# The coordination steers; it logs only now and then, from the list.
HIDDEN = {"coordination": {"today", "activity_new"}}
ON_THE_BAR = 3


def page(request: HttpRequest) -> dict[str, Any]:
    membership = getattr(request, "membership", None)
    context: dict[str, Any] = {"membership": membership, "demo": settings.DEMO, "owner_field": OWNER}
    if membership is None:
        return context
    match = request.resolver_match
    menu = [
        {"route": route, "label": label, "icon": icon, "current": match and match.url_name == route}
        for route, label, icon, right in MENU
        if membership.may(right) and route not in HIDDEN.get(membership.role, ())
    ]
    return context | {
        "menu": menu,
        "bar": menu[:ON_THE_BAR],
        "more": menu[ON_THE_BAR:],
        "owner_token": owner_token(request.user),
        "has_choice": len(available(request)) > 1,
    }

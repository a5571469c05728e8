"""What every page's frame shows: who reads, what they may open, whose data it is."""

from django.conf import settings
from django.http import HttpRequest

from governance.access.middleware import available
from governance.rights import Right, Role
from humanicite.lib.resume import OWNER, owner_token

# route → (label, icon, the right that opens it)
ITEMS = {
    "home": ("Accueil", "compass", Right.ENTER),
    "today": ("Aujourd’hui", "day", Right.LOG_ACTIVITIES),
    "activity_new": ("Saisir", "plus", Right.LOG_ACTIVITIES),
    "worktime": ("Temps de travail", "hourglass", Right.LOG_ACTIVITIES),
    "activities": ("Activités", "list", Right.READ_ACTIVITIES),
    "signalements": ("Signalements", "flag", Right.READ_SIGNALEMENTS),
    "to_review": ("Relecture", "edit", Right.REVIEW_NOTES),
    "situations": ("Situations", "thread", Right.HANDLE_SITUATIONS),
    "agenda_lines": ("Situations", "thread", Right.READ_AGENDA_LINES),
    "roadmaps": ("Feuilles de route", "route", Right.READ_FRAME),
    "dashboard": ("Tableau de bord", "chart", Right.READ_FIGURES),
    "indicators": ("Indicateurs", "table", Right.READ_FIGURES),
    "observatory": ("Observatoire", "pin", Right.READ_FIGURES),
    "steering": ("Pilotage", "compass", Right.STEER),
    "decisions": ("Décisions", "ok", Right.READ_MEETINGS),
    "committees": ("Comités", "people", Right.READ_MEETINGS),
    "syntheses": ("Synthèses", "paper", Right.READ_SYNTHESES),
    "news": ("Informations", "INFO", Right.READ_NEWS),
    "convention": ("Convention", "seal", Right.READ_FRAME),
    "access": ("Accès", "people", Right.MANAGE_ACCESS),
    "frame": ("Paramètres", "sliders", Right.EDIT_FRAME),
    "journal": ("Traçabilité", "clock", Right.READ_JOURNAL),
}
# What each role reaches for, in its order; the first three are under the thumb on a phone.
MENUS: dict[str, tuple[str, ...]] = {
    Role.MEDIATEUR: (
        "today", "activity_new", "signalements", "activities", "situations", "roadmaps", "news",
        "committees", "decisions", "worktime", "dashboard", "indicators", "observatory", "syntheses",
        "convention",
    ),
    Role.COORDINATION: (
        "steering", "dashboard", "activities", "signalements", "syntheses", "committees",
        "decisions", "roadmaps", "indicators", "observatory", "situations", "to_review", "news",
        "worktime", "convention", "frame", "access", "journal",
    ),
    Role.PARTENAIRE: (
        "dashboard", "signalements", "syntheses", "committees", "news", "decisions", "activities",
        "agenda_lines", "roadmaps", "indicators", "observatory", "convention",
    ),
    Role.INVITE: (
        "home", "signalements", "committees", "decisions",
    ),
}  # fmt: skip
ON_THE_BAR = 3
BAR_LABELS = {"dashboard": "Tableau"}  # where a thumb has 90 pixels
NAV_LABELS = {"worktime": "Temps", "dashboard": "Tableau"}  # where many stand in one line
IN_THE_LINE = 8  # of a laptop 1,200 pixels wide; the others wait behind « Plus »


def page(request: HttpRequest) -> dict[str, object]:
    membership = getattr(request, "membership", None)
    context: dict[str, object] = {
        "membership": membership,
        "demo": settings.DEMO,
        "owner_field": OWNER,
        # Fetched by the browser to be kept for later: what is said once waits for a reader.
        "is_kept": "X-Keep" in request.headers,
    }
    if membership is None:
        return context
    match = request.resolver_match
    menu = [
        {
            "route": route,
            "label": ITEMS[route][0],
            "short": BAR_LABELS.get(route, ITEMS[route][0]),
            "across": NAV_LABELS.get(route, ITEMS[route][0]),
            "icon": ITEMS[route][1],
            "current": match and match.url_name == route,
        }
        for route in MENUS[membership.role]
    ]
    return context | {
        "menu": menu,
        "line": menu if len(menu) <= IN_THE_LINE else menu[:IN_THE_LINE],
        "beyond": [] if len(menu) <= IN_THE_LINE else menu[IN_THE_LINE:],
        "may_log": membership.may(Right.LOG_ACTIVITIES),
        "bar": menu[:ON_THE_BAR],
        "more": menu[ON_THE_BAR:],
        "owner_token": owner_token(request.user),
        "has_choice": len(available(request)) > 1,
    }

"""What the application says of itself, to everybody: accessibility, personal data, help."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.privacy import Retention
from governance.rights import Role
from humanicite.lib.http import public

# Each retention once: what lies under it, and how long, in words.
KEPT = {
    Retention.FRAME: (
        "la convention, les parties, les lieux, les comités et leurs interlocuteurs",
        "la vie du dispositif",
    ),
    Retention.RECORDS: (
        "les activités, les signalements et leurs réponses, les situations, les photos, le temps de "
        "travail, et leur historique",
        "trois ans après le terme de la convention",
    ),
    Retention.ACCESS: (
        "les comptes, les accès, les modèles et les filtres enregistrés",
        "un an après la fin de l’accès",
    ),
    Retention.JOURNAL: ("la traçabilité : qui a fait quoi, et quand", "un an"),
}


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    return render(request, f"about/{template}.html", context)


@public("whoever is asked for data, or for an answer, may read how they are kept")
@require_safe
def personal_data(request: HttpRequest) -> HttpResponse:
    return _page(request, "personal_data", kept=[KEPT[each] for each in Retention])


@public("the state of accessibility is for everybody")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return _page(request, "accessibility")


@public("how figures are read is for whoever reads one, a PDF without account too")
@require_safe
def figures_help(request: HttpRequest) -> HttpResponse:
    return _page(request, "figures")


@public("help, for those too who cannot come in")
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    membership = getattr(request, "membership", None)
    return _page(request, "help", role=membership and membership.role, roles=Role)

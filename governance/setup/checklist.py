"""What a programme needs before work begins, what it has of it, and the page of each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from governance.access.models import Membership
from governance.base import current, in_force
from governance.committees.models import Committee, Seat
from governance.conventions.models import Convention
from governance.framework.models import Axis, Theme
from governance.parties.models import Party, PartyKind, Programme
from governance.rights import Role
from governance.scoping import ScopedModel
from governance.territory.models import Perimeter, Place

# The pages of the steps, in the order of doing them.
ROUTES = (
    "setup_parties", "setup_places", "setup_perimeters", "setup_framework", "setup_convention",
    "setup_committees", "setup_access",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing to set up, and the page where it is done."""

    label: str
    help: str
    url: str
    is_done: bool
    said: str = ""  # what there is, in words
    missing: str = ""  # what is left, in words, although it is done


def _count(rows: QuerySet) -> Coalesce:
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(count=Count("pk", distinct=True)).values("count")), 0)


def counts(membership: Membership, today: date) -> dict[str, int]:
    """How much of the frame there is today; one query."""

    def seen(model: type[ScopedModel]) -> QuerySet:
        return model.objects.visible_to(membership)

    partners = seen(Party).filter(current(today)).exclude(kind=PartyKind.OPERATOR)
    accesses = seen(Membership).filter(in_force(today))
    seats = seen(Seat).filter(in_force(today)).exclude(committee__retired_on__lte=today)
    asked = {
        "parties": partners,
        "places": seen(Place).filter(current(today)),
        "perimeters": seen(Perimeter).filter(places__isnull=False),
        "blind": partners.filter(perimeter=None),
        "axes": seen(Axis).filter(current(today)),
        "themes": seen(Theme).filter(current(today)),
        "conventions": seen(Convention).filter(ends__gte=today),
        "committees": seen(Committee).filter(current(today)),
        "vacant": seats.filter(function="", on_agenda=False),
        "mediators": accesses.filter(role=Role.MEDIATEUR),
        "partners": accesses.filter(role=Role.PARTENAIRE),
    }
    names = {f"n_{name}": _count(rows) for name, rows in asked.items()}
    programme = Programme.objects.filter(pk=membership.programme_id)
    row: dict[str, int] = programme.annotate(**names).values(*names).get()
    return {name.removeprefix("n_"): count for name, count in row.items()}


def checklist(found: Mapping[str, int]) -> list[Step]:
    """The steps, with what is there and what is missing; `found` is what `counts` answers."""
    steps = (
        ("Parties", "qui signe ou siège, à côté de l’opérateur", found["parties"],
         _said(found["parties"], "partie,parties"), ""),
        ("Lieux", "du quartier aux halls", found["places"], _said(found["places"], "lieu,lieux"),
         ""),
        ("Périmètres", "ce que chaque partie voit", found["perimeters"],
         _said(found["perimeters"], "périmètre,périmètres"),
         _said(found["blind"], "partie ne voit rien,parties ne voient rien")),
        ("Axes et thématiques", "à quoi le travail sert, de quoi il parle",
         found["axes"] and found["themes"], _said(found["themes"], "thématique,thématiques"), ""),
        ("Convention", "dates, coût, heures", found["conventions"],
         _said(found["conventions"], "convention,conventions"), ""),
        ("Instances et sièges", "qui décide, qui suit", found["committees"],
         _said(found["committees"], "instance,instances"),
         _said(found["vacant"], "siège à désigner,sièges à désigner")),
        ("Accès", "les médiateurs pour saisir, les partenaires pour lire et répondre",
         found["mediators"] and found["partners"],
         _said(found["mediators"] + found["partners"], "accès,accès"),
         "" if found["mediators"] else "aucun médiateur"),
    )  # fmt: skip
    return [
        Step(label, about, reverse(route), bool(done), said, missing)
        for route, (label, about, done, said, missing) in zip(ROUTES, steps, strict=True)
    ]


def _said(count: int, words: str) -> str:
    singular, several = words.split(",")
    return f"{count}\u00a0{several if count >= 2 else singular}" if count else ""


def next_to(route: str) -> str:
    """The address of the step after one; after the last, of the whole list."""
    at = ROUTES.index(route) + 1
    return reverse(ROUTES[at]) if at < len(ROUTES) else reverse("setup")

"""A programme's first days: what is still to be set up, and since when there is something to tell."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from governance.models import Contact, Convention, Membership, Perimeter, Place
from governance.rights import Role
from mediation.models import Activity, RoutingRule


@dataclass(frozen=True)
class Step:
    """One thing to set up, and the page where it is done or read."""

    label: str
    help: str
    url: str
    is_done: bool


def to_set_up(membership: Membership, today: date) -> list[Step]:
    """All the steps, in the order of doing them; none once each is done."""
    roles = set(Membership.objects.visible_to(membership).on(today).values_list("role", flat=True))
    convention, access = reverse("convention"), reverse("access_invite")
    steps = [
        Step(
            "Convention",
            "un texte en vigueur aujourd’hui",
            convention,
            Convention.objects.visible_to(membership).in_force(today) is not None,
        ),
        Step(
            "Lieux",
            "où l’on travaille",
            convention,
            Place.objects.visible_to(membership).filter(parent__isnull=False).exists(),
        ),
        Step(
            "Périmètres",
            "ce que chaque partenaire voit",
            convention,
            Perimeter.objects.visible_to(membership).filter(places__isnull=False).exists(),
        ),
        Step(
            "Interlocuteurs",
            "à qui l’on écrit, avec une adresse",
            reverse("contacts"),
            Contact.objects.visible_to(membership).on(today).exclude(email="").exists(),
        ),
        Step(
            "Règles d’envoi",
            "à qui un signalement est proposé",
            reverse("routing"),
            RoutingRule.objects.visible_to(membership).exists(),
        ),
        Step("Accès des médiateurs", "pour saisir", access, Role.MEDIATEUR in roles),
        Step("Accès des partenaires", "pour lire et répondre", access, Role.PARTENAIRE in roles),
    ]
    return [] if all(step.is_done for step in steps) else steps


def first_working_day(membership: Membership) -> date | None:
    """Of the first entry, or since when a médiateur could sign in; none before either."""
    first = _first_record(membership)
    accesses = Membership.objects.visible_to(membership).filter(role=Role.MEDIATEUR)
    opened = [
        max(starts, timezone.localdate(joined))
        for starts, joined in accesses.values_list("starts", "user__joined_at")
    ]
    days = [day for day in (first, *opened) if day is not None]
    return min(days, default=None)


def _first_record(membership: Membership) -> date | None:
    rows = Activity.objects.visible_to(membership)
    found: date | None = rows.aggregate(first=Min("day"))["first"]
    return found

"""A programme's first days: what is still to be set up, and since when there is something to tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Subquery
from django.urls import reverse
from django.utils import timezone

from governance.base import in_force
from governance.models import Contact, Convention, Membership, Perimeter, Place, Programme
from governance.rights import Role
from governance.scoping import ScopedModel
from governance.setup.checklist import Step
from mediation.models import Activity, RoutingRule


@dataclass(frozen=True)
class Beginnings:
    """`steps`: all of them in the order of doing them, none once each is done. `first_day`: of the
    first entry, or since when a médiateur could sign in; None before either."""

    steps: list[Step]
    first_day: date | None


def beginnings(membership: Membership, today: date) -> Beginnings:
    """Two queries: what there is, and who may come in since when."""

    def there(model: type[ScopedModel], *conditions: object, **more: object) -> Exists:
        rows = model.objects.visible_to(membership)
        return Exists(rows.filter(*conditions, **more))

    records = Activity.objects.visible_to(membership).order_by("day").values("day")[:1]
    found = (
        Programme.objects.filter(pk=membership.programme_id)
        .annotate(
            has_convention=there(Convention, in_force(today)),
            has_places=there(Place, parent__isnull=False),
            has_perimeters=there(Perimeter, places__isnull=False),
            has_contacts=there(Contact, in_force(today), email__gt=""),
            has_rules=there(RoutingRule),
            first_record=Subquery(records),
        )
        .values()
        .get()
    )
    accesses = list(
        Membership.objects.visible_to(membership).values_list(
            "role", "starts", "ends", "user__joined_at"
        )
    )
    roles = {
        role
        for role, starts, ends, _ in accesses
        if starts <= today and (ends is None or ends >= today)
    }
    opened = [
        max(starts, timezone.localdate(joined))
        for role, starts, _, joined in accesses
        if role == Role.MEDIATEUR
    ]
    days = [day for day in (found["first_record"], *opened) if day is not None]
    steps = _steps(found, roles)
    return Beginnings([] if all(step.is_done for step in steps) else steps, min(days, default=None))


def _steps(found: Mapping[str, object], roles: set[str]) -> list[Step]:
    convention, places = reverse("setup_convention"), reverse("setup_places")
    perimeters, access = reverse("setup_perimeters"), reverse("access_invite")
    contacts, rules = reverse("contacts"), reverse("routing")
    return [
        Step(label, about, url, bool(is_done))
        for label, about, url, is_done in (
            ("Convention", "un texte en vigueur aujourd’hui", convention, found["has_convention"]),
            ("Lieux", "où l’on travaille", places, found["has_places"]),
            ("Périmètres", "ce que chaque partenaire voit", perimeters, found["has_perimeters"]),
            (
                "Interlocuteurs",
                "à qui l’on écrit, avec une adresse",
                contacts,
                found["has_contacts"],
            ),
            ("Règles d’envoi", "à qui un signalement est proposé", rules, found["has_rules"]),
            ("Accès des médiateurs", "pour saisir", access, Role.MEDIATEUR in roles),
            ("Accès des partenaires", "pour lire et répondre", access, Role.PARTENAIRE in roles),
        )
    ]

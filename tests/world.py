"""A small quarter on two communes, with everybody who recurs in the tests.

    Quartier ─┬─ Côté A ── Îlot A ── Hall A
              └─ Côté B ── Îlot B ── Hall B

The operator and the owners see the whole quarter; town A and town B each their side.
"""

import hashlib
import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from governance.models import (
    Audience,
    Axis,
    Committee,
    CommitteeKind,
    Contact,
    Contribution,
    Convention,
    Membership,
    Objective,
    Party,
    PartyKind,
    Perimeter,
    Place,
    PlaceKind,
    Programme,
    Seat,
    Signatory,
    Theme,
    User,
)  # fmt: skip
from governance.rights import Role
from mediation.models import (
    Activity,
    ActivityImport,
    AgendaLine,
    DefaultObjective,
    HeadCount,
    InboundMail,
    Photo,
    Preset,
    Recipient,
    RoutingRule,
    SavedFilter,
    Signalement,
    SignalementPhoto,
    Situation,
    TimeEntry,
)

TODAY = date(2026, 3, 18)  # a Wednesday; tests that need a clock freeze it here


@dataclass
class World:
    slug: str
    programme: Programme
    places: dict[str, Place] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    perimeters: dict[str, Perimeter] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    axes: list[Axis] = field(default_factory=list)
    objectives: list[Objective] = field(default_factory=list)
    themes: list[Theme] = field(default_factory=list)
    audiences: list[Audience] = field(default_factory=list)
    committee: Any = None  # the comité de suivi, in which the owners and town A sit
    other_committee: Any = None  # the cellule de veille, in which town B sits

    def user(self, who: str) -> User:
        return self.memberships[who].user

    def reader(self, who: str) -> Membership:
        """The membership, read anew as a request reads it."""
        rows = Membership.objects.select_related("party__programme", "party__perimeter", "user")
        return rows.get(pk=self.memberships[who].pk)

    def activity(self, place: str = "hall-a", **values: Any) -> Activity:
        given = {
            "uid": uuid.uuid4(), "programme": self.programme, "place": self.places[place],
            "type": "PAP", "day": date(2026, 3, 10), "minutes": 30,
            "author": self.user("mediateur"),
        }  # fmt: skip
        return Activity.objects.create(**(given | values))

    def counted(self, activity: Activity, audience: int = 0, count: int = 3) -> HeadCount:
        return HeadCount.objects.create(
            activity=activity, audience=self.audiences[audience], count=count
        )

    def situation(self, place: str = "hall-a", **values: Any) -> Situation:
        given = {
            "programme": self.programme, "place": self.places[place], "title": "Deux voisins",
            "opened_on": date(2026, 3, 2), "author": self.user("mediateur"),
        }  # fmt: skip
        return Situation.objects.create(**(given | values))

    def agenda_line(self, situation: Situation, **values: Any) -> AgendaLine:
        given = {
            "situation": situation, "committee": self.committee, "day": date(2026, 3, 20),
            "line": "Un conflit de voisinage",
        }  # fmt: skip
        return AgendaLine.objects.create(**(given | values))

    def contact(self, party: str = "town-a") -> Contact:
        return Contact.objects.filter(party=self.parties[party]).order_by("pk").first()

    def signalement(self, place: str = "hall-a", **values: Any) -> Signalement:
        """A draft, unless `state` and what goes with it say otherwise."""
        given = {
            "programme": self.programme, "place": self.places[place], "title": "Éclairage éteint",
            "observed_on": date(2026, 3, 16), "author": self.user("mediateur"),
            "theme": self.themes[0], "description": "Le second en partant du hall.",
        }  # fmt: skip
        return Signalement.objects.create(**(given | values))

    def sent(self, place: str = "hall-a", to: str = "town-a", **values: Any) -> Signalement:
        """A signalement as it stands after its sending, without a mail."""
        last = Signalement.objects.filter(programme=self.programme).count()
        is_open = not values.get("is_confidential", False)
        given = {
            "state": "envoye", "year": 2026, "number": last + 1, "due_on": date(2026, 3, 30),
            "sent_at": datetime(2026, 3, 16, 9, tzinfo=UTC), "is_open_to_perimeter": is_open,
        }  # fmt: skip
        signalement = self.signalement(place, **(given | values))
        contact = self.contact(to)
        Recipient.objects.create(
            signalement=signalement, party=contact.party, contact=contact, function=contact.function,
            email=contact.email, state="remis",
        )  # fmt: skip
        return signalement

    def signalement_photo(self, signalement: Signalement, **values: Any) -> SignalementPhoto:
        picture = io.BytesIO()
        Image.new("RGB", (64, 48), "goldenrod").save(picture, "JPEG")
        photo = SignalementPhoto(
            **({"signalement": signalement, "width": 64, "height": 48} | values)
        )
        photo.file.save("", ContentFile(picture.getvalue()))
        return photo

    def routing_rule(self, place: str = "quartier", to: str = "town-a", **values: Any) -> Any:
        given = {
            "programme": self.programme, "place": self.places[place], "party": self.parties[to],
        }  # fmt: skip
        return RoutingRule.objects.create(**(given | values))

    def inbound_mail(self, **values: Any) -> InboundMail:
        """One that matched no signalement."""
        given = {
            "programme": self.programme, "message_id": f"<{uuid.uuid4().hex}@example.org>",
            "received_at": datetime(2026, 3, 17, 9, tzinfo=UTC), "sender": "service@example.org",
            "subject": "Éclairage", "text": "C’est réparé.", "state": "unmatched",
        }  # fmt: skip
        return InboundMail.objects.create(**(given | values))

    def convention(self, year: int = 2026) -> Convention:
        return Convention.objects.get(programme=self.programme, starts__year=year)

    def preset(self, who: str = "mediateur", **values: Any) -> Preset:
        given = {
            "programme": self.programme, "author": self.user(who), "name": "Tournée du matin",
            "type": "PAP", "place": self.places["hall-a"], "minutes": 45,
        }  # fmt: skip
        return Preset.objects.create(**(given | values))

    def photo(self, activity: Activity, **values: Any) -> Photo:
        picture = io.BytesIO()
        Image.new("RGB", (64, 48), "seagreen").save(picture, "JPEG")
        given = {"activity": activity, "author": activity.author, "width": 64, "height": 48}
        photo = Photo(**(given | values))
        photo.file.save("", ContentFile(picture.getvalue()))
        return photo

    def saved_filter(self, who: str = "mediateur", **values: Any) -> SavedFilter:
        given = {"membership": self.memberships[who], "name": "Conflits", "query": "type=CONF"}
        return SavedFilter.objects.create(**(given | values))

    def activity_import(self, **values: Any) -> ActivityImport:
        """One row, which is wrong; checked already."""
        content = f"Date;Type;Lieu;Durée\n10/03/2026;PAP;hall-a;{self.slug}\n"
        given = {
            "programme": self.programme, "author": self.user("coordination"),
            "worker": self.user("mediateur"), "filename": "suivi.csv", "state": "refused",
            "columns": {"day": "Date", "type": "Type", "place": "Lieu", "minutes": "Durée"},
            "rows": 1, "checked": 1, "bad_rows": 1, "fault_count": 1,
            "faults": [[2, "Durée", self.slug, "une durée", False]],
            "checksum": hashlib.sha256(content.encode()).hexdigest(),
        }  # fmt: skip
        job = ActivityImport(**(given | values))
        job.file.save("suivi.csv", ContentFile(content.encode()))
        return job

    def time_entry(self, who: str = "mediateur", **values: Any) -> TimeEntry:
        given = {
            "programme": self.programme, "user": self.user(who), "kind": "reunion",
            "day": date(2026, 3, 10), "minutes": 60,
        }  # fmt: skip
        return TimeEntry.objects.create(**(given | values))


def make_world(slug: str = "essai") -> World:
    programme = Programme.objects.create(slug=slug, name=f"Dispositif {slug}")
    world = World(slug, programme)
    for key, kind in (
        ("operator", PartyKind.OPERATOR), ("owners", PartyKind.OWNERS), ("town-a", PartyKind.TOWN),
        ("town-b", PartyKind.TOWN), ("ateliers", PartyKind.ATELIERS),
    ):  # fmt: skip
        world.parties[key] = Party.objects.create(
            programme=programme, slug=key, name=f"Partie {key} {slug}", short_name=key, kind=kind
        )
    tree = (
        ("quartier", None, PlaceKind.QUARTER), ("cote-a", "quartier", PlaceKind.SIDE),
        ("cote-b", "quartier", PlaceKind.SIDE), ("ilot-a", "cote-a", PlaceKind.BLOCK),
        ("ilot-b", "cote-b", PlaceKind.BLOCK), ("hall-a", "ilot-a", PlaceKind.SPOT),
        ("hall-b", "ilot-b", PlaceKind.SPOT),
    )  # fmt: skip
    for key, parent, kind in tree:
        world.places[key] = Place.objects.create(
            programme=programme, slug=key, name=f"Lieu {key} {slug}", kind=kind,
            parent=world.places.get(parent or ""),
        )  # fmt: skip
    for year in (2024, 2025, 2026):
        convention = Convention.objects.create(
            programme=programme, slug=str(year), name=f"Convention {year}", cost=60600,
            operator=world.parties["operator"], starts=date(year, 1, 1), ends=date(year, 12, 31),
        )  # fmt: skip
    Contribution.objects.create(
        convention=convention, payer=world.parties["owners"], payee=world.parties["operator"],
        amount=40600,
    )  # fmt: skip
    Signatory.objects.create(
        convention=convention, party=world.parties["owners"], represented_by="Président"
    )
    for key, place in (
        ("operator", "quartier"), ("owners", "quartier"), ("town-a", "cote-a"), ("town-b", "cote-b"),
    ):  # fmt: skip
        perimeter = Perimeter.objects.create(
            party=world.parties[key], name=f"Périmètre {key} {slug}"
        )
        perimeter.places.add(world.places[place])
        perimeter.refresh_coverage(since=date(2024, 1, 1))
        world.perimeters[key] = perimeter
    for number in (1, 2):
        axis = Axis.objects.create(programme=programme, number=number, name=f"Axe {number} {slug}")
        world.axes.append(axis)
        world.objectives.append(
            Objective.objects.create(axis=axis, number=1, text=f"Objectif {number}.1 {slug}")
        )
    for rank, name in enumerate(("Éclairage", "Voirie", "Isolement")):
        world.themes.append(
            Theme.objects.create(
                programme=programme, group="Groupe", name=f"{name} {slug}", rank=rank,
                objective=world.objectives[0] if rank == 0 else None,
            )
        )  # fmt: skip
    for rank, name in enumerate(("Habitants", "Étudiants")):
        world.audiences.append(
            Audience.objects.create(programme=programme, name=f"{name} {slug}", rank=rank)
        )
    DefaultObjective.objects.create(programme=programme, type="CONC", objective=world.objectives[1])
    for key in ("town-a", "town-b"):
        Contact.objects.create(
            party=world.parties[key], function=f"Interlocuteur {key} {slug}",
            email=f"contact-{key}-{slug}@example.org", starts=date(2024, 1, 1),
        )  # fmt: skip
    world.committee = Committee.objects.create(
        programme=programme, slug="suivi", name=f"Comité de suivi {slug}",
        kind=CommitteeKind.FOLLOW_UP,
    )  # fmt: skip
    for key in ("owners", "town-a"):
        Seat.objects.create(
            committee=world.committee, party=world.parties[key], function="Représentant",
            starts=date(2024, 1, 1),
        )  # fmt: skip
    world.other_committee = Committee.objects.create(
        programme=programme, slug="veille", name=f"Cellule de veille {slug}",
        kind=CommitteeKind.WATCH, rank=1,
    )  # fmt: skip
    Seat.objects.create(
        committee=world.other_committee, party=world.parties["town-b"], function="Représentant",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    for who, party, role in (
        ("mediateur", "operator", Role.MEDIATEUR), ("autre-mediateur", "operator", Role.MEDIATEUR),
        ("coordination", "operator", Role.COORDINATION), ("owners", "owners", Role.PARTENAIRE),
        ("town-a", "town-a", Role.PARTENAIRE), ("town-b", "town-b", Role.PARTENAIRE),
        ("invite", "ateliers", Role.INVITE),
    ):  # fmt: skip
        user = User(email=f"{who}-{slug}@example.org", function=f"Fonction {who} {slug}")
        user.set_unusable_password()
        user.save()
        world.memberships[who] = Membership.objects.create(
            user=user, party=world.parties[party], role=role, starts=date(2024, 1, 1),
            function=user.function,
        )  # fmt: skip
    return world

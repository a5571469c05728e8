"""A small quarter on two communes, with everybody who recurs in the tests.

    Quartier ─┬─ Côté A ── Îlot A ── Hall A
              └─ Côté B ── Îlot B ── Hall B

The operator and the owners see the whole quarter; town A and town B each their side.
"""

import hashlib
import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from governance.models import (
    ActionItem,
    AgendaItem,
    Audience,
    Axis,
    Committee,
    CommitteeKind,
    Contact,
    Contribution,
    Convention,
    Decision,
    Invitation,
    Meeting,
    Membership,
    NewsFile,
    Objective,
    Party,
    PartyKind,
    Perimeter,
    Place,
    PlaceKind,
    Programme,
    QuarterNews,
    Seat,
    Signatory,
    Theme,
    User,
)  # fmt: skip
from governance.rights import Role
from mediation.models import (
    ActionLink,
    Activity,
    ActivityImport,
    AgendaLine,
    DefaultObjective,
    HeadCount,
    InboundMail,
    Photo,
    PlannedAction,
    Preset,
    Recipient,
    Roadmap,
    RoutingRule,
    SavedFilter,
    Signalement,
    SignalementPhoto,
    Situation,
    TimeEntry,
)
from reporting.models import (
    Consultation,
    Definition,
    Edition,
    Explanation,
    HandValue,
    Indicator,
    MonthlySynthesis,
    Recommendation,
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

    def meeting(self, state: str = "draft", **values: Any) -> Meeting:
        """In twelve days, of the comité de suivi; an invitation each for the owners and town A."""
        given = {
            "committee": self.committee, "day": date(2026, 3, 30), "starts_at": time(14),
            "ends_at": time(16), "venue": "Salle des Ateliers", "state": state,
        }  # fmt: skip
        if state == "convened":
            given["convened_at"] = datetime(2026, 3, 16, 9, tzinfo=UTC)
        meeting = Meeting.objects.create(**(given | values))
        for seat in meeting.committee.seats.select_related("party"):
            contact = Contact.objects.filter(party=seat.party).first()
            Invitation.objects.create(
                meeting=meeting, seat=seat, party=seat.party, function=seat.function,
                contact=contact, email=contact.email if contact else "",
            )  # fmt: skip
        return meeting

    def item(self, meeting: Meeting, **values: Any) -> AgendaItem:
        given = {"meeting": meeting, "title": "Bilan du mois", "minutes": 20, "rank": 1}
        return AgendaItem.objects.create(**(given | values))

    def guest(self, meeting: Meeting, **values: Any) -> Invitation:
        given = {
            "meeting": meeting, "party": self.parties["ateliers"], "function": "Directeur",
            "email": f"ateliers-{self.slug}@example.org", "is_guest": True,
        }  # fmt: skip
        return Invitation.objects.create(**(given | values))

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

    def news(self, place: str = "hall-a", party: str = "owners", **values: Any) -> QuarterNews:
        given = {
            "programme": self.programme, "party": self.parties[party], "place": self.places[place],
            "kind": "works", "title": f"Travaux {place}", "text": "La rue est barrée.",
            "starts": date(2026, 3, 16), "ends": date(2026, 3, 27),
        }  # fmt: skip
        return QuarterNews.objects.create(**(given | values))

    def news_file(self, news: QuarterNews, kind: str = "picture") -> NewsFile:
        content = io.BytesIO(b"%PDF-1.7 essai")
        if kind == "picture":
            Image.new("RGB", (64, 48), "slateblue").save(content, "JPEG")
        row = NewsFile(news=news, kind=kind, name="Plan.pdf", size=len(content.getvalue()))
        row.file.save("", ContentFile(content.getvalue()))
        return row

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

    def roadmap(self, **values: Any) -> Roadmap:
        """The year's, put to the parties."""
        given = {"programme": self.programme, "year": 2026, "state": "proposed"}
        return Roadmap.objects.create(**(given | values))

    def planned_action(self, roadmap: Roadmap, **values: Any) -> PlannedAction:
        given = {
            "roadmap": roadmap, "objective": self.objectives[0], "title": "Café des voisins",
            "starts": roadmap.first, "ends": roadmap.last, "quantity": 12,
        }  # fmt: skip
        return PlannedAction.objects.create(**(given | values))

    def time_entry(self, who: str = "mediateur", **values: Any) -> TimeEntry:
        given = {
            "programme": self.programme, "user": self.user(who), "kind": "reunion",
            "day": date(2026, 3, 10), "minutes": 60,
        }  # fmt: skip
        return TimeEntry.objects.create(**(given | values))

    def synthesis(self, **values: Any) -> MonthlySynthesis:
        """February's draft, unless the values say otherwise."""
        given = {"programme": self.programme, "month": date(2026, 2, 1)}
        return MonthlySynthesis.objects.get_or_create(**(given | values))[0]

    def edition(self, of: str = "town-a", **values: Any) -> Edition:
        """A published edition with little in it; its file is none that opens."""
        document = {
            "month": "2026-02", "title": f"Titre {of}", "message": "Message", "blocks": [],
            "perimeter": str(self.perimeters[of]), "party": self.parties[of].name, "slug": of,
            "convention": "", "operator": "", "is_demo": False, "on": "2026-03-10", "data": [],
        }  # fmt: skip
        given = {
            "synthesis": self.synthesis(), "perimeter": self.perimeters[of], "number": 1,
            "kind": "premiere", "published_at": datetime(2026, 3, 10, 9, tzinfo=UTC),
            "title": f"Titre {of}", "document": document, "figures": "f" * 64,
            "pdf": f"%PDF {of}".encode(), "sha256": "a" * 64, "engine": "aucun",
        }  # fmt: skip
        return Edition.objects.create(**(given | values))

    def consultation(self, of: str = "town-a", **values: Any) -> Consultation:
        given = {
            "synthesis": self.synthesis(), "perimeter": self.perimeters[of],
            "opened_at": datetime(2026, 3, 12, 9, tzinfo=UTC),
        }  # fmt: skip
        return Consultation.objects.create(**(given | values))

    def comment(self, consultation: Consultation, who: str = "town-a", **values: Any) -> Any:
        given = {
            "uid": uuid.uuid4(), "text": "Le parc manque.", "author": self.memberships[who],
            "function": "Fonction de la partie",
        }  # fmt: skip
        return consultation.comments.create(**(given | values))

    def recommendation(self, to: str = "town-a", **values: Any) -> Recommendation:
        """Published already."""
        given = {
            "programme": self.programme, "kind": "ajustement", "title": f"Éclairer, pour {to}",
            "party": self.parties[to], "issued_on": date(2026, 3, 10), "is_draft": False,
        }  # fmt: skip
        return Recommendation.objects.create(**(given | values))

    def indicator(self, place: str = "quartier", **values: Any) -> Indicator:
        """Rounds of proximity a month, at least two, validated in January; `values` of its definition."""
        row = Indicator.objects.create(
            uid=uuid.uuid4(), programme=self.programme, place=self.places[place]
        )
        row.current = self.definition(row, place=self.places[place], **values)
        row.save()
        return row

    def definition(self, indicator: Indicator, **values: Any) -> Definition:
        given = {
            "indicator": indicator, "number": 1, "state": "validee", "proposed_by": "Coordination",
            "proposed_on": date(2026, 1, 5), "settled_on": date(2026, 1, 20), "name": "Tournées",
            "kind": "realisation", "measure": "R3", "place": self.places["quartier"],
            "unit": "nombre", "direction": "hausse", "period": "mois", "aggregation": "somme",
            "target": 2, "source": "Activités enregistrées", "is_key": True,
        }  # fmt: skip
        if (given | values)["state"] == "proposee":
            given["settled_on"] = None
        return Definition.objects.create(**(given | values))

    def hand_value(self, indicator: Indicator, of: str = "town-a", **values: Any) -> HandValue:
        given = {
            "indicator": indicator, "perimeter": self.perimeters[of], "period": "2026-02",
            "value": 4, "source": "Relevé de la coordination",
        }  # fmt: skip
        return HandValue.objects.create(**(given | values))

    def explanation(self, indicator: Indicator, of: str = "town-a", **values: Any) -> Explanation:
        given = {
            "indicator": indicator, "perimeter": self.perimeters[of], "period": "2026-02",
            "text": f"Congés, {of}", "said_by": "Coordination", "said_on": date(2026, 3, 3),
        }  # fmt: skip
        return Explanation.objects.create(**(given | values))

    def held(self, **values: Any) -> Meeting:
        """A séance of the comité de suivi, convened for TODAY unless told, and nobody asked yet."""
        given = {
            "committee": self.committee, "day": TODAY, "starts_at": time(14), "ends_at": time(16),
            "venue": "Maison de quartier", "state": "convened",
        }  # fmt: skip
        return Meeting.objects.create(**(given | values))

    def invitation(self, meeting: Meeting, to: str = "town-a", **values: Any) -> Invitation:
        given = {
            "meeting": meeting, "party": self.parties[to], "function": f"Fonction {to} {self.slug}",
            "email": f"siege-{to}-{self.slug}@example.org",
        }  # fmt: skip
        return Invitation.objects.create(**(given | values))

    def decision(self, item: AgendaItem, **values: Any) -> Decision:
        given = {"item": item, "text": "Remplacer les lampes de l’allée nord."}
        return Decision.objects.create(**(given | values))

    def action(self, item: AgendaItem, to: str = "town-a", **values: Any) -> ActionItem:
        """One that those concerned see already, unless told."""
        given = {
            "item": item, "text": "Chiffrer le remplacement", "party": self.parties[to],
            "due_on": date(2026, 4, 1), "is_internal": False,
        }  # fmt: skip
        return ActionItem.objects.create(**(given | values))

    def action_link(self, action: ActionItem, activity: Activity) -> ActionLink:
        return ActionLink.objects.create(action=action, activity=activity)


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

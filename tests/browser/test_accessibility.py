"""axe finds nothing on any page, in any state, at either size; nothing is cut at 320 px."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from governance.models import Act, AgendaItem, Invitation, Meeting, record
from mediation.models import Recipient

from ..test_walk_routes import PAGES
from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check

ABOUT = ("/aide/", "/accessibilite/", "/donnees-personnelles/")
NARROW = {"width": 320, "height": 640}


def fill(world: World) -> None:
    today = timezone.localdate()
    for n in range(40):
        activity = world.activity(
            list(world.places)[n % 7], type=("PAP", "CONF", "VEIL")[n % 3], minutes=45,
            day=today - timedelta(days=n), theme=world.themes[n % 3] if n % 4 else None,
            objective=world.objectives[n % 2], internal_note="Une note un peu longue " * 6,
            outcome=("", "resolu")[n % 2],
        )  # fmt: skip
        world.counted(activity, n % 2, 4)
        if n % 7 == 1:
            world.photo(activity, is_shared=True)
    for who in ("mediateur", "town-a"):
        world.saved_filter(who)
        world.saved_filter(who, name="Un nom qui prend de la place", query="lieu=999999&q=hall")
    situation = world.situation(
        next_step="Rencontre avec le syndic", next_on=today - timedelta(days=2), state="attente"
    )
    situation.involvements.create(party=world.parties["owners"], part="Relayer au syndic")
    for days in (-30, 6):
        world.agenda_line(situation, day=today + timedelta(days=days))
    world.programme.activities.filter(day__gt=today - timedelta(days=3)).update(situation=situation)
    world.activity("hall-a", type="INFO").delete()
    world.activity(internal_note="Vu Mme Durand.", summary="Mme Durand", review="pending")
    world.activity_import()
    for n in range(9):
        world.time_entry(
            day=today - timedelta(days=n), kind=("preparation", "encadrement")[n % 2],
            note="Un objet un peu long " * 7,
        )  # fmt: skip
    world.routing_rule(theme=world.themes[0])
    world.routing_rule("hall-a", group="Groupe")
    for place in ("hall-a", "quartier"):
        signalement = world.sent(place, due_on=today - timedelta(days=2), urgency="haute")
        world.signalement_photo(signalement)
        signalement.events.create(at=timezone.now(), kind="sent", title="Envoyé")
    world.sent(state="declare")
    for recipient in Recipient.objects.filter(acknowledged_at=None)[:6]:
        for step in ("appel", "comite"):
            recipient.reminders.create(step=step, day=today)
    world.parties["town-a"].contacts.update(bounced_on=today)
    world.signalement()
    for state in ("unmatched", "auto"):
        world.inbound_mail(state=state, subject="Un objet un peu long " * 6, note="Une remarque")
    meeting = world.meeting("convened", day=today + timedelta(days=6), message="Un mot " * 30)
    world.item(meeting, owner=world.parties["town-a"], is_confidential=True)
    world.guest(meeting)
    polled = world.meeting("poll", day=today + timedelta(days=20))
    for days in (20, 21, 22):
        polled.slots.create(day=today + timedelta(days=days), starts_at="14:00", ends_at="16:00")
    record(Act.CREATE, activity, by=None, programme=world.programme.pk, fields=["day"])


def addresses(world: World, who: str, page: Page) -> list[str]:
    """Every page this reader can open: those of the URLconf, and one row of each kind; no file, and
    no address that leads elsewhere."""
    from ..test_walk_routes import address

    reader = world.reader(who)
    found = []
    for route in PAGES:
        access = route.callback.access
        if not reader.may(access.right):
            continue
        row = access.model._default_manager.visible_to(reader).first() if access.model else None
        if access.model and row is None:
            continue
        path = address(route, row.pk if row else None)
        answer = page.request.get(path, max_redirects=0)
        if answer.ok and answer.headers["content-type"].startswith("text/html"):
            found.append(path)
    assert len(found) > 5
    return found


def open_folds(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("who", ["mediateur", "coordination", "town-a", "invite"])
def test_every_page_of_every_role(visit, world: World, who: str, size) -> None:
    fill(world)
    page = visit(who, size)
    forms = {
        "mediateur": [
            "/activites/nouvelle/", "/situations/nouvelle/", "/situations/?etat=suivie",
            *(f"/situations/{row.pk}/{end}/" for row in world.programme.situations.all()
              for end in ("modifier", "clore", "ordre-du-jour")),
            *(f"/activites/{row.pk}/situation/" for row in world.programme.activities.all()[:1]),
            f"/signalements/nouveau/?activite={world.programme.activities.first().pk}",
            *(f"/signalements/{world.programme.signalements.first().pk}/{end}/"
              for end in ("suite", "adresser", "relais", "constat", "modifier")),
            *(f"/signalements/{world.programme.signalements.last().pk}/{end}/"
              for end in ("modifier", "envoyer", "supprimer")),
        ],
        "coordination": [
            "/convention/interlocuteurs/nouveau/",
            *(f"/convention/interlocuteurs/{world.contact().pk}/{end}/"
              for end in ("modifier", "fin")),
            f"/signalements/a-appeler/{world.contact().pk}/",
            "/activites/importer/", "/journal/?acte=change&tri=qui", "/acces/?etat=tous&role=roi",
            "/comites/seances/nouvelle/",
            *(f"/comites/seances/{row.pk}/{end}/" for row in Meeting.objects.all()
              for end in ("modifier", "annuler", "convoquer", "ordre-du-jour", "invites", "dates")),
            *(f"/comites/points/{row.pk}/" for row in AgendaItem.objects.all()),
            *(f"/comites/invitations/{row.pk}/" for row in Invitation.objects.all()[:1]),
            "/acces/inviter/", f"/acces/{world.memberships['town-a'].pk}/clore/",
            f"/convention/parties/{world.parties['town-a'].pk}/", "/parametres/envois/",
            f"/parametres/envois/?lieu={world.places['hall-a'].pk}",
        ],
        "town-a": [f"/signalements/{world.programme.signalements.first().pk}/repondre/"],
    }.get(who, ["/"])  # fmt: skip
    for path in [
        *addresses(world, who, page),
        *forms,
        *ABOUT,
        "/compte/",
        "/nulle-part/",
    ]:
        page.goto(path)
        check(page)
    if who == "mediateur":
        row = world.programme.activities.filter(author=world.user(who)).first()
        for path in (f"/activites/{row.pk}/modifier/", f"/activites/{row.pk}/supprimer/"):
            page.goto(path)
            open_folds(page)
            check(page)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_states(visit, world: World, size) -> None:
    """Empty, wrong, unfolded, filtered to nothing."""
    page = visit(None, size)
    for path in (
        "/connexion/",
        "/connexion/code/",
        "/mot-de-passe/oublie/",
        "/acces-sur-invitation/",
        *ABOUT,
    ):
        page.goto(path)
        check(page)
    page.goto("/connexion/")
    page.get_by_label("Mot de passe").fill("x")
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    check(page)
    page = visit("mediateur", size)
    for path in ("/aujourdhui/", "/activites/", "/tableau-de-bord/", "/activites/?q=rien&type=PAP"):
        page.goto(path)
        open_folds(page)
        check(page)
    page.goto("/activites/nouvelle/")
    page.get_by_label("Autre durée").fill("25h")
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Personnes").first.fill("3")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("alert").wait_for()
    open_folds(page)
    check(page)
    page.goto("/activites/?du=31/02/2026")
    check(page)
    page = visit("coordination", size)
    page.goto("/acces/inviter/")
    page.get_by_role("button", name="Envoyer").click()
    check(page)
    page.goto("/journal/")
    check(page)


OVER = "document.documentElement.scrollWidth - window.innerWidth"
TWICE = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.parametrize("who", ["mediateur", "coordination", "town-a"])
def test_narrow_and_zoomed(visit, world: World, who: str) -> None:
    """320 px wide is also what 400 % of a laptop shows; and text twice as large on a phone of 360."""
    fill(world)
    page = visit(who, NARROW)
    wide = []
    for path in [*addresses(world, who, page), *ABOUT, "/connexion/"]:
        page.set_viewport_size(NARROW)
        page.goto(path)
        open_folds(page)
        if (over := page.evaluate(OVER)) > 0:
            wide.append(f"{path} by {over} px")
        page.set_viewport_size(PHONE)
        page.evaluate(TWICE)
        if (over := page.evaluate(OVER)) > 0:
            wide.append(f"{path} with large text by {over} px")
    assert not wide

"""The list of signalements: tabs, filters, pages, queries, files."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import JournalEntry
from mediation.models import (
    Recipient,
    Signalement,
)
from mediation.signalements.actions.answers import answer_signalement

from ...pages import text_of
from ...world import TODAY, World
from .writing import NEW, contact, listed, queries, typed, words


def test_tabs_hold_every_signalement_once_with_its_count(world: World, sign_in) -> None:
    world.signalement(title="brouillon")
    closed = {"verifie", "non_resolu", "annule", "reoriente"}
    for state in ("envoye", "accuse", "pris", "declare", *sorted(closed)):
        world.sent(
            state=state, title=state, closed_on=TODAY if state in closed else None, reason="motif"
        )
    client = sign_in(world, "mediateur")
    page = client.get("/signalements/")
    counts = {value: count for value, _, count in page.context["tabs"]}
    assert counts == {"sans-reponse": 1, "en-cours": 4, "resolus": 3, "brouillons": 1, "tous": 9}
    assert listed(client) == ["envoye"]
    assert set(listed(client, "?onglet=en-cours")) == {"accuse", "pris", "declare", "reoriente"}
    assert set(listed(client, "?onglet=resolus")) == {"verifie", "non_resolu", "annule"}
    assert listed(client, "?onglet=brouillons") == ["brouillon"]
    partner = sign_in(world, "town-a").get("/signalements/?onglet=brouillons")
    assert partner.context["tab"] == "sans-reponse"
    assert all(value != "brouillons" for value, _, _ in partner.context["tabs"])


def test_the_longest_wait_comes_first_and_what_is_late_is_said(world: World, sign_in) -> None:
    world.sent(title="à temps", due_on=TODAY + timedelta(days=3))
    world.sent(title="en retard", due_on=TODAY - timedelta(days=5))
    client = sign_in(world, "mediateur")
    assert listed(client) == ["en retard", "à temps"]
    assert "En retard de 5 jours" in words(client.get("/signalements/"))
    assert listed(client, "?retard=on") == ["en retard"]


def test_what_waits_for_a_party_comes_first_for_it(world: World, sign_in) -> None:
    world.sent("quartier", to="town-b", title="pour l’autre", due_on=TODAY - timedelta(days=9))
    world.sent("hall-a", title="pour nous", due_on=TODAY + timedelta(days=9))
    client = sign_in(world, "town-a")
    assert listed(client) == ["pour nous", "pour l’autre"]
    page = client.get("/signalements/")
    assert words(page).count("Votre réponse est attendue") == 1
    assert "/repondre/" in text_of(page)
    Recipient.objects.filter(party=world.parties["town-a"]).update(
        reply="recu", acknowledged_at=timezone.now()
    )
    assert "Votre réponse est attendue" not in words(client.get("/signalements/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=eclairage", {"Éclairage éteint"}), ("q=BANC", {"Banc cassé"}), ("q=2026-2", {"Banc cassé"}),
        ("q=introuvable", set()), ("urgence=haute", {"Banc cassé"}),
        ("etat=pris", {"Banc cassé"}), ("du=2026-03-17", set()),
        ("du=2026-03-16&au=2026-03-16", {"Éclairage éteint", "Banc cassé"}),
        ("periode=mois", {"Éclairage éteint", "Banc cassé"}), ("periode=mois-dernier", set()),
    ],
)  # fmt: skip
def test_filters_in_the_address(world: World, sign_in, query: str, found: set[str]) -> None:
    world.sent("hall-a")
    world.sent("hall-a", title="Banc cassé", urgency="haute", state="pris")
    assert set(listed(sign_in(world, "mediateur"), f"?onglet=tous&{query}")) == found


def test_filters_by_place_theme_and_party(world: World, sign_in) -> None:
    world.sent("hall-a", title="A")
    world.sent("hall-b", to="town-b", title="B", theme=None)
    client = sign_in(world, "mediateur")
    assert listed(client, f"?lieu={world.places['cote-a'].pk}") == ["A"]
    assert listed(client, f"?theme={world.themes[0].pk}") == ["A"]
    assert listed(client, "?theme=sans") == ["B"]
    assert listed(client, f"?partie={world.parties['town-b'].pk}") == ["B"]


@pytest.mark.parametrize(
    "query", ["lieu=999999", "etat=perdu", "du=31/02/2026", "du=2026-03-02&au=2026-03-01", "q=?!"]
)
def test_a_filter_that_is_wrong_is_said_and_shows_nothing(world: World, sign_in, query) -> None:
    world.sent()
    page = sign_in(world, "mediateur").get(f"/signalements/?{query}")
    assert page.context["filter"].faults
    assert page.context["lines"] == []


def test_an_empty_list_says_so(world: World, sign_in) -> None:
    for who in ("mediateur", "town-a", "invite"):
        page = words(sign_in(world, who).get("/signalements/"))
        assert "Aucun signalement en attente." in page


def test_pages_go_on_and_stop(world: World, sign_in) -> None:
    for n in range(27):
        world.sent(title=f"fiche {n}")
    client = sign_in(world, "mediateur")
    assert len(listed(client)) == 25
    assert len(listed(client, "?page=2")) == 2
    assert len(listed(client, "?page=99999999")) == 2


def test_lists_and_pages_ask_as_much_for_one_as_for_fifty(world: World, sign_in) -> None:
    contacts = [contact(world, "owners") for _ in range(3)]
    first = world.sent()

    def more(count: int) -> None:
        for n in range(count):
            signalement = world.sent(title=f"fiche {n}")
            for one in contacts:
                signalement.recipients.create(
                    party=one.party, contact=one, function=one.function, email=one.email
                )
            first.events.create(at=timezone.now(), kind="comment", title=f"{n}")

    for who in ("mediateur", "town-a"):
        client = sign_in(world, who)
        paths = ("/signalements/", f"/signalements/{first.pk}/", "/signalements/?_export=csv")
        more(2)
        few = [queries(client, path) for path in paths]
        more(20)
        assert [queries(client, path) for path in paths] == few
        assert max(few) <= 15, few


def test_consent_stays_with_the_team(world: World, sign_in) -> None:
    team, town = sign_in(world, "mediateur"), sign_in(world, "town-a")
    team.post(NEW, typed(world, consent="oui"))
    assert Signalement.objects.get().consent == "oui"
    one, _ = world.sent("hall-a", title="Du hall", consent="so"), world.sent("hall-a", title="B")
    page = f"/signalements/{one.pk}/"
    assert "Accord recueilli Sans objet" in words(team.get(page))
    assert "Accord recueilli" not in words(town.get(page))
    for client, count in ((team, 1), (town, 2)):
        answer = client.get("/signalements/?accord=so&_export=csv")
        head, *lines = b"".join(answer.streaming_content).decode("utf-8-sig").strip().split("\r\n")
        assert len(lines) == count
        assert ("Accord recueilli" in head) is (client is team)


def test_files_hold_exactly_what_is_shown(world: World, sign_in) -> None:
    world.sent("hall-a", title="=1+1", description="Un constat")
    world.sent("hall-b", to="town-b", title="B")
    world.sent("hall-a", title="C", state="pris")
    for who, own in (("mediateur", True), ("town-a", False)):
        client = sign_in(world, who)
        answer = client.get("/signalements/?q=constat&_export=csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        head, *lines = text.strip().split("\r\n")
        assert len(lines) == 1
        assert "'=1+1" in lines[0]
        assert ("Auteur" in head) is own
        assert ("Fonction mediateur" in text) is own
        assert "example.org" not in text
        assert "signalements-" in answer["Content-Disposition"]
    answer = sign_in(world, "town-a").get("/signalements/?onglet=tous&_export=xlsx")
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.read("xl/worksheets/sheet1.xml").decode()
    assert "Éclairage essai" in rows
    assert rows.count("<row ") == 3, "its header, and the two of its side"
    assert JournalEntry.objects.filter(act="produce").count() == 3


def test_a_number_finds_its_signalement_in_whatever_tab(world, sign_in) -> None:
    world.sent(state="pris", title="Banc cassé")
    page = sign_in(world, "mediateur").get("/signalements/?q=2026-1&onglet=sans-reponse")
    assert "Voir 1\xa0signalement dans les autres onglets" in text_of(page)


def test_a_refused_signalement_is_not_closed_in_the_file(world, sign_in) -> None:
    """It is in the list of those that go on, and somebody has to send it on."""
    signalement = world.sent()
    answer_signalement(
        recipient=signalement.recipients.get(), reply="autre", redirect_to="La Métropole",
        now=timezone.now(),
    )  # fmt: skip
    world.sent(state="verifie", closed_on=TODAY)
    answer = sign_in(world, "coordination").get("/signalements/?onglet=tous&_export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    at = lines[0].split(";").index("Clos le")
    closed = {line.split(";")[at - 1]: line.split(";")[at] for line in lines[1:]}
    assert closed == {"Réorienté": "", "Résolu (vérifié)": "18/03/2026"}

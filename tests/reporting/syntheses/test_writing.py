"""The editor: what was typed is kept, two writers see each other, findings are taken or left."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from post_office.models import Email

from reporting.models import Passage, Suggestion
from reporting.syntheses import actions, findings
from reporting.syntheses.document import gather
from reporting.syntheses.views.writing import digest

from ...conftest import NOW
from ...pages import plain
from ...world import TODAY, World
from .conftest import write

PATH = "/syntheses/2026-02/redaction/"


def typed(text: str, version: int = 0, read: str = "", key: str = "activites") -> dict[str, str]:
    return {
        f"texte-{key}": text, f"version-{key}": str(version), f"lu-{key}": digest(read),
    }  # fmt: skip


@pytest.fixture
def month(worked: World) -> World:
    worked.synthesis()
    return worked


def test_a_month_is_prepared_once_and_never_by_a_get(worked: World, sign_in) -> None:
    client = sign_in(worked, "mediateur")
    assert "Préparer la synthèse de février 2026" in plain(client.get("/syntheses/2026-02/"))
    assert not worked.programme.syntheses.exists()
    for _ in range(2):
        answer = client.post("/syntheses/2026-02/preparer/")
        assert answer["Location"] == PATH
    assert worked.programme.syntheses.count() == 1
    client.post("/syntheses/2026-05/preparer/")
    assert worked.programme.syntheses.count() == 1, "a month to come"


def test_texts_are_saved_without_a_script(month: World, sign_in) -> None:
    client = sign_in(month, "mediateur")
    assert "16" in plain(client.get(f"{PATH}?edition={month.perimeters['town-a'].pk}"))
    assert client.post(PATH, typed("Un mois calme.")).status_code == 302
    passage = Passage.objects.get()
    assert (passage.key, passage.text, passage.version) == ("activites", "Un mois calme.", 1)
    assert passage.author == month.memberships["mediateur"]
    assert "Un mois calme." in plain(client.get(PATH))


def test_two_writers_see_each_other_and_nothing_is_overwritten(month: World, sign_in) -> None:
    first, second = sign_in(month, "mediateur"), sign_in(month, "coordination")
    first.post(PATH, typed("Départ."))
    assert second.post(PATH, typed("De la coordination.", 1, "Départ.")).status_code == 302
    answer = first.post(PATH, typed("Du médiateur.", 1, "Départ."))
    assert answer.status_code == 409
    page = plain(answer)
    assert "De la coordination." in page
    assert "Du médiateur.</textarea>" in page
    assert "Fonction coordination essai" in page
    assert Passage.objects.get().text == "De la coordination."
    version = re.search(r'name="version-activites" value="(\d+)"', page)
    assert version
    assert version[1] == "2"
    assert first.post(PATH, typed("Les deux.", 2, "Départ.")).status_code == 302
    assert Passage.objects.get().text == "Les deux."


def test_a_text_left_as_it_was_read_overwrites_nothing(month: World, sign_in) -> None:
    first, second = sign_in(month, "mediateur"), sign_in(month, "coordination")
    first.post(PATH, typed("Départ."))
    second.post(PATH, typed("Plus tard.", 1, "Départ."))
    data = typed("Départ.", 1, "Départ.") | typed("Ailleurs.", key="axes")
    assert first.post(PATH, data).status_code == 302
    assert Passage.objects.get(key="activites").text == "Plus tard."
    assert Passage.objects.get(key="axes").text == "Ailleurs."


def test_what_saves_by_itself_is_told_what_others_wrote(month: World, sign_in) -> None:
    first, second = sign_in(month, "mediateur"), sign_in(month, "coordination")
    told = first.post(PATH, typed("Départ."), headers={"X-Autosave": "1"}).json()
    assert told["texts"]["activites"]["version"] == 1
    second.post(PATH, typed("Autre.", 1, "Départ."))
    answer = first.post(PATH, typed("Mien.", 1, "Départ."), headers={"X-Autosave": "1"})
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == ["activites"]
    assert answer.json()["texts"]["activites"]["text"] == "Autre."


def test_a_text_of_one_edition_stands_in_that_one_alone(month: World, sign_in) -> None:
    key = month.perimeters["town-a"].pk
    data = typed("Pour la seule ville A.") | {"edition": str(key)}
    assert sign_in(month, "coordination").post(PATH, data).status_code == 302
    assert Passage.objects.get().perimeter_id == key
    pages = {
        of: plain(sign_in(month, "coordination").get(f"/syntheses/{one.pk}/2026-02/"))
        for of, one in month.perimeters.items()
    }
    assert [of for of, page in pages.items() if "Pour la seule ville A." in page] == ["town-a"]


def test_a_validated_text_does_not_change(month: World) -> None:
    synthesis, by = month.synthesis(), month.reader("coordination")
    write(month, synthesis)
    actions.validate(synthesis=synthesis, by=by, now=NOW)
    with pytest.raises(ValidationError, match="validée"):
        actions.write_passage(
            synthesis=synthesis, key="axes", perimeter=None, text="x", read_version=1, by=by
        )
    actions.take_up_again(synthesis=synthesis, by=by)
    assert actions.write_passage(
        synthesis=synthesis, key="axes", perimeter=None, text="x", read_version=1, by=by
    )


def test_a_text_of_another_programme_is_not_reached(
    month: World, elsewhere: World, sign_in
) -> None:
    key = elsewhere.perimeters["town-a"].pk
    client = sign_in(month, "coordination")
    assert client.get(f"{PATH}?edition={key}").status_code == 404
    assert client.post(PATH, typed("x") | {"edition": str(key)}).status_code == 404
    assert sign_in(elsewhere, "coordination").get(PATH).status_code == 404
    assert sign_in(month, "town-a").get(PATH).status_code == 403


# --- Findings -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "before", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 2 / 32), (10, 2, 2 * (1 + 12 + 66) / 4096), (1, 0, 1.0)],
)
def test_the_exact_test(now: int, before: int, p: float) -> None:
    assert findings.exact_p(now, before) == pytest.approx(p)


def rising(world: World) -> None:
    for n in range(2):
        world.activity("hall-a", day=date(2025, 2, 3 + n), theme=world.themes[1])
    for n in range(20):
        world.activity("hall-a", day=date(2026, 2, 2 + n), theme=world.themes[1])


def test_a_finding_is_told_with_its_numbers_and_taken_once(month: World, sign_in) -> None:
    rising(month)
    perimeter = month.perimeters["town-a"]
    found = findings.find(gather(perimeter, month.synthesis().period, TODAY))
    theme = next(one for one in found if one.key == f"theme-{month.themes[1].pk}")
    assert "de 2 à 24 activités" in theme.text.replace("\u00a0", " ")
    client = sign_in(month, "coordination")
    assert "Constats proposés" in plain(client.get(f"{PATH}?edition={perimeter.pk}"))
    for _ in range(2):
        client.post(
            "/syntheses/2026-02/constat/",
            {"edition": perimeter.pk, "constat": theme.key, "reprendre": "oui"},
        )
    passage = Passage.objects.get()
    assert passage.perimeter == perimeter
    assert passage.text == theme.text
    client.post(
        "/syntheses/2026-02/constat/",
        {"edition": perimeter.pk, "constat": "total", "laisser": "oui"},
    )
    assert Passage.objects.count() == 1
    assert Suggestion.objects.filter(is_taken=False).count() == 1


def test_chance_is_no_finding(month: World) -> None:
    for n in range(14):
        month.activity(
            "hall-a", day=date(2025, 2, 3 + n), theme=month.themes[n % 3],
            type=("PAP", "CONF")[n % 2], objective=month.objectives[0],
        )  # fmt: skip
    assert not findings.find(gather(month.perimeters["town-a"], month.synthesis().period, TODAY))


# --- The parties (R80) ----------------------------------------------------------------------------
def test_a_party_comments_on_its_draft_while_it_is_open(month: World, sign_in) -> None:
    synthesis, by = month.synthesis(), month.reader("coordination")
    write(month, synthesis)
    town = sign_in(month, "town-a")
    assert "se prépare" not in plain(town.get("/syntheses/"))
    made = actions.open_to_parties(synthesis=synthesis, by=by, now=NOW)
    assert {row.perimeter.party.slug for row in made} == {"owners", "town-a", "town-b"}
    assert {mail.to[0] for mail in Email.objects.all()} == {
        f"{who}-essai@example.org" for who in ("owners", "town-a", "town-b")
    }
    own = next(row for row in made if row.perimeter.party.slug == "town-a")
    other = next(row for row in made if row.perimeter.party.slug == "town-b")
    assert f"/syntheses/projets/{own.pk}/" in plain(town.get("/syntheses/"))
    page = plain(town.get(f"/syntheses/projets/{own.pk}/"))
    assert "Texte activites." in page
    assert town.get(f"/syntheses/projets/{other.pk}/").status_code == 404
    uid = re.search(r'name="uid" value="([^"]+)"', page)
    assert uid
    for _ in range(2):
        answer = town.post(
            f"/syntheses/projets/{own.pk}/", {"uid": uid[1], "key": "lieux", "text": "Et le parc ?"}
        )
        assert answer.status_code == 302
    assert own.comments.count() == 1
    assert (
        town.post(f"/syntheses/projets/{own.pk}/", {"uid": uid[1], "text": ""}).status_code == 422
    )
    assert "Et le parc" in plain(sign_in(month, "coordination").get("/syntheses/2026-02/"))
    actions.deal_with(comment=own.comments.get(), by=by)
    actions.validate(synthesis=synthesis, by=by, now=NOW)
    assert town.get(f"/syntheses/projets/{own.pk}/").status_code == 404, "closed"

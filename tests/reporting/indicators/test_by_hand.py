"""Values by hand and explained gaps; what leaves as files; what other subjects show of indicators."""

import io
import uuid
from datetime import date

import pytest
from openpyxl import load_workbook

from governance.meetings.proposals import proposals_for
from governance.models import CommitteeKind
from reporting.indicators.blocks import indicator_parts
from reporting.indicators.values import key_indicators
from reporting.models import Explanation, HandValue
from reporting.periods import Period

from ...pages import plain
from ...world import TODAY, World

FEBRUARY = Period("mois", 2026, 2)


def survey(world: World, **more: object):
    given = {
        "measure": "I4", "unit": "%", "aggregation": "rapport", "period": "annee", "target": 75,
        "name": "Habitants satisfaits", "kind": "impact",
    }  # fmt: skip
    return world.indicator(**(given | more))


def typed(world: World, **more: object) -> dict[str, object]:
    return {
        "uid": str(uuid.uuid4()), "period": "2025", "perimeters": [world.perimeters["town-a"].pk],
        "numerator": "60", "denominator": "90", "asked": "300", "wording": "Est-elle utile ?",
        "first_day": "2025-10-01", "last_day": "2025-10-31", "source": "Enquête en porte-à-porte",
    } | more  # fmt: skip


def test_a_survey_is_entered_once_and_told_with_all_that_makes_it(world: World, sign_in) -> None:
    row, client = survey(world), sign_in(world, "coordination")
    both = [world.perimeters[of].pk for of in ("town-a", "town-b")]
    data = typed(world, perimeters=both)
    for _ in range(2):
        assert client.post(f"/indicateurs/{row.pk}/valeur/", data).status_code == 302
    assert HandValue.objects.count() == 2
    page = plain(sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/"))
    assert "Année 2025 : 67 %" in page
    assert "60 sur 90" in page
    assert "Taux de réponse : 30 % (90 sur 300)" in page
    assert "« Est-elle utile ? »" in page
    assert "Sous la cible" in page
    for who in ("mediateur", "town-a"):
        answer = sign_in(world, who).post(f"/indicateurs/{row.pk}/valeur/", data)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"source": ""}, "Dites d’où vient cette valeur."),
        ({"wording": ""}, "Dites quelle question a été posée."),
        ({"asked": ""}, "Dites combien de personnes ont été interrogées."),
        ({"asked": "50"}, "Il y a plus de réponses que de personnes interrogées."),
        ({"numerator": "95"}, "La part dépasse le total."),
        ({"denominator": ""}, "Un pourcentage se donne par ses deux nombres."),
        ({"perimeters": []}, "Dites quels périmètres cette valeur décrit."),
        ({"period": "2019"}, "Aucune convention n’était en vigueur (année 2019)"),
        ({"period": "2027"}, "Année 2027 n’a pas commencé."),
        ({"period": "2026-02"}, "Choix non valide|Sélectionnez un choix"),
        ({"last_day": "2025-09-01"}, "La fin précède le début."),
        ({"source": "Mme Durand"}, "semble identifier quelqu’un"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(world: World, sign_in, more, said) -> None:
    row = survey(world)
    page = f"/indicateurs/{row.pk}/valeur/"
    answer = sign_in(world, "coordination").post(page, typed(world, **more))
    assert answer.status_code == 422
    assert any(part in plain(answer) for part in said.split("|")), plain(answer)[:3000]
    assert not HandValue.objects.exists()


def test_two_values_for_one_period_are_refused_and_one_is_corrected(world: World, sign_in) -> None:
    row, client = survey(world), sign_in(world, "coordination")
    page = f"/indicateurs/{row.pk}/valeur/"
    assert client.post(page, typed(world)).status_code == 302
    answer = client.post(page, typed(world, numerator="61"))
    assert "Année 2025 a déjà sa valeur (Périmètre town-a essai) : corrigez-la." in plain(answer)
    value = HandValue.objects.get()
    edit = f"/indicateurs/valeurs/{value.pk}/"
    data = typed(world, numerator="81", version="1", uid=str(value.uid))
    assert client.post(edit, data).status_code == 302
    value.refresh_from_db()
    assert (value.value, value.version) == (90, 2)
    assert value.history.count() == 2
    assert "a été modifiée" in plain(client.post(edit, data))
    assert sign_in(world, "town-b").get(edit).status_code == 404


def test_a_value_of_a_place_describes_who_holds_it(world: World, sign_in) -> None:
    row = world.indicator("hall-b", measure="R14", name="Conflits au parc")
    data = typed(world, period="2026-02", value="3")
    answer = sign_in(world, "coordination").post(f"/indicateurs/{row.pk}/valeur/", data)
    assert "Ce choix n’existe pas dans ce dispositif." in plain(answer)
    assert not HandValue.objects.exists()


def test_what_is_counted_is_not_typed(world: World, sign_in) -> None:
    row = world.indicator()
    assert sign_in(world, "coordination").get(f"/indicateurs/{row.pk}/valeur/").status_code == 403


@pytest.mark.parametrize(
    ("aggregation", "said"), [("somme", "10"), ("derniere", "6"), ("mediane", "5")]
)
def test_a_year_follows_as_the_definition_says(world: World, sign_in, aggregation, said) -> None:
    row = world.indicator(measure="R14", aggregation=aggregation, name="Conflits par forme")
    world.hand_value(row, period="2026-01", value=4)
    world.hand_value(row, period="2026-02", value=6)
    page = sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/")
    assert page.context["result"].year.text == said


def test_a_gap_is_explained_beside_its_value(world: World, sign_in) -> None:
    row, client = world.indicator(target=9), sign_in(world, "coordination")
    world.activity(day=date(2026, 2, 3))
    of = world.perimeters["town-a"].pk
    page = f"/indicateurs/{row.pk}/ecart/?periode=2026-02&perimetre={of}"
    assert "Dites ce qui explique" in plain(client.post(page, {"text": "", "version": "0"}))
    named = {"text": f"Absent de {world.places['hall-b'].name}.", "version": "0"}
    assert "hors de ce périmètre" in plain(client.post(page, named))
    assert client.post(page, {"text": "Congés.", "version": "0"}).status_code == 302
    assert "Congés." in plain(sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/"))
    assert "Congés" not in plain(sign_in(world, "town-b").get(f"/indicateurs/{row.pk}/"))
    assert client.post(page, {"text": "Congés longs.", "version": "1"}).status_code == 302
    assert Explanation.objects.get().text == "Congés longs."
    wrong = f"/indicateurs/{row.pk}/ecart/?periode=2026&perimetre={of}"
    assert client.get(wrong).status_code == 404


def test_files_carry_numerators_the_period_before_and_the_year_before(world, sign_in) -> None:
    row_of = world.indicator(
        measure="S1", unit="%", aggregation="rapport", target=70, name="=Conflits"
    )
    for day, outcome in (
        (date(2026, 2, 3), "resolu"), (date(2026, 2, 4), "echec"), (date(2026, 1, 5), "resolu"),
        (date(2025, 2, 5), "echec"),
    ):  # fmt: skip
        world.activity(day=day, type="CONF", outcome=outcome)
    client = sign_in(world, "town-a")
    book = load_workbook(
        io.BytesIO(b"".join(client.get("/indicateurs/?_export=xlsx").streaming_content))
    )
    assert book.sheetnames == ["Indicateurs", "Aide à la lecture"]
    head, row = ([cell.value for cell in line] for line in book["Indicateurs"].iter_rows())
    found = dict(zip(head, row, strict=True))
    assert (found["Valeur"], found["Numérateur"], found["Dénominateur"]) == (50, 1, 2)
    assert found["Numérateur, période précédente"] == 1
    assert found["Valeur, un an plus tôt"] == 0
    assert found["Indicateur"] == "=Conflits"
    text = b"".join(client.get("/indicateurs/?_export=csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("'=Conflits;oui;Réalisation")
    one = b"".join(client.get(f"/indicateurs/{row_of.pk}/?_export=csv").streaming_content).decode()
    assert "février 2026" in one


# --- Elsewhere ------------------------------------------------------------------------------------


def test_the_synthesis_tells_key_ones_and_freezes_their_definition(world: World) -> None:
    row = world.indicator(target=9)
    world.indicator(is_key=False, name="À côté")
    world.activity(day=date(2026, 2, 3))
    table = indicator_parts(world.perimeters["town-a"], FEBRUARY, TODAY)[0]
    assert [one["text"] for one in table["rows"][0]][:2] == ["Tournées (février 2026)", "1"]
    assert len(table["rows"]) == 1
    frozen = table["made_with"][0]
    assert (frozen["indicator"], frozen["version"], frozen["measure"]) == (row.pk, 1, "R3")
    row.current.name = "Autre"
    row.current.save()
    assert frozen["name"] == "Tournées"


def test_off_target_ones_and_waiting_versions_propose_themselves(world: World) -> None:
    row = world.indicator(target=9)
    world.indicator(target=1, name="Atteint")
    world.indicator(target=9, is_key=False, name="Pas une clé")
    world.indicator(state="proposee", name="Nouveau")
    world.activity(day=date(2026, 2, 3))
    meeting, reader = world.meeting(), world.reader("coordination")

    def told() -> list[str]:
        found = proposals_for(meeting, reader, TODAY)
        return [one.title for by, rows in found if by.label == "Indicateurs" for one in rows]

    assert told() == ["Indicateur\u00a0: Tournées"]
    world.item(meeting, source=f"indicator:{row.pk}:2026-02")
    assert told() == []
    world.committee.kind = CommitteeKind.STEERING
    world.committee.save()
    meeting.committee.refresh_from_db()
    assert told() == ["Valider un indicateur\u00a0: Nouveau"]


def test_a_roadmap_shows_the_indicators_of_its_objectives(world: World, sign_in) -> None:
    world.indicator(serves=world.objectives[0], name="Éclaire")
    world.indicator(serves=world.objectives[1], name="Ailleurs")
    world.activity(day=date(2026, 2, 3))
    roadmap = world.roadmap()
    world.planned_action(roadmap)
    page = plain(sign_in(world, "town-a").get(f"/feuilles-de-route/{roadmap.pk}/"))
    assert "Objectif 1.1 · février 2026 : 1, cible au moins 2" in page
    assert "Ailleurs" not in page


def test_key_indicators_belong_to_a_perimeter_a_period_and_a_day(world: World) -> None:
    world.indicator()
    world.activity(day=date(2026, 2, 3))
    world.activity(day=date(2026, 3, 3))
    of = world.perimeters["town-a"]
    for period, on, value in (
        (FEBRUARY, TODAY, 1), (Period("annee", 2026), TODAY, 1),
        (Period("mois", 2026, 3), date(2026, 4, 2), 1), (Period("mois", 2026, 1), TODAY, None),
    ):  # fmt: skip
        assert key_indicators(of, period, on)[0].now.amount.value == value, period
    assert key_indicators(world.perimeters["town-b"], FEBRUARY, TODAY)[0].now.text == "n/d"

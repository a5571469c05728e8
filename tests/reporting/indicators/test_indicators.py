"""Indicators: who reads and defines them, their versions, what a value is made of, wrong input."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from governance.models import CommitteeKind
from humanicite.lib.writes import Conflict
from reporting.indicators import actions
from reporting.indicators.catalogue import READY
from reporting.indicators.values import key_indicators, shown_period
from reporting.models import Definition, DefinitionState, HandValue, Indicator
from reporting.periods import Period

from ...pages import plain
from ...world import TODAY, World

FEBRUARY = Period("mois", 2026, 2)


def typed(**more: object) -> dict[str, object]:
    return {
        "uid": str(uuid.uuid4()), "version": "", "name": "Tournées du soir", "kind": "realisation",
        "register": "tranquillite", "measure": "R3", "period": "mois", "direction": "hausse",
        "target": "40", "proposed_by": "Coordination",
    } | more  # fmt: skip


def steering(world: World):
    world.committee.kind = CommitteeKind.STEERING
    world.committee.save()
    return world.held(day=date(2026, 3, 16), state="held")


def test_the_coordination_defines_and_it_is_saved_once(world: World, sign_in) -> None:
    client, data = sign_in(world, "coordination"), typed(is_key="on")
    for _ in range(2):
        assert client.post("/indicateurs/nouveau/", data).status_code == 302
    row = Indicator.objects.get()
    assert row.current.state == DefinitionState.PROPOSED
    assert (row.current.unit, row.current.aggregation) == ("nombre", "somme")
    assert (row.current.target, row.current.frequency) == (40, "Mensuelle")
    assert row.current.source == "Activités enregistrées"
    for who in ("mediateur", "town-a"):
        assert sign_in(world, who).get("/indicateurs/nouveau/").status_code == 403
        assert sign_in(world, who).get("/indicateurs/").status_code == 200
    assert sign_in(world, "invite").get("/indicateurs/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.retire(
            indicator=row, on=TODAY, reason="Non", read_version=1, by=world.reader("mediateur")
        )


@pytest.mark.parametrize("ready", READY, ids=lambda one: one.key)
def test_a_ready_indicator_is_saved_in_two_clicks_or_asks_for_its_filter(
    world: World, sign_in, ready
) -> None:
    client = sign_in(world, "coordination")
    assert ready.name.replace("\u00a0", " ") in plain(client.get("/indicateurs/catalogue/"))
    form = client.get(f"/indicateurs/nouveau/?modele={ready.key}").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data = {name: "" if value is False else value for name, value in data.items()}
    answer = client.post("/indicateurs/nouveau/", data)
    if ready.measure in ("I1", "S13"):
        assert "Ce filtre est vide : la mesure porte sur thématique." in plain(answer)
    else:
        assert answer.status_code == 302, answer.context["form"].errors


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"target": "70 %"}, "cette valeur est en « % »"),
        ({"target": "beaucoup"}, "« beaucoup » n’est pas un nombre"),
        ({"target": "-3"}, "ne peut pas être négative"),
        ({"target": ""}, "Donnez la cible, ou choisissez « À suivre »."),
        ({"direction": "suivi"}, "Un indicateur « à suivre » n’a pas de cible."),
        (
            {"measure": "R2", "target": "30"},
            "Ce filtre est vide : la mesure porte sur activité de réf",
        ),
        ({"measure": "R6", "target": "0,3"}, "Écrivez un pourcentage : 30 % plutôt que 0.3."),
        ({"measure": "R6", "target": "130"}, "Un pourcentage va de 0 à 100"),
        (
            {"measure": "R6", "target": "30", "aggregation": "somme"},
            "rapport de sommes ou dernière val",
        ),
        (
            {"measure": "R7", "type": "PAP"},
            "Cette mesure ne se filtre pas ainsi (Activité de référence)",
        ),
        ({"measure": "R3", "unit": "heures"}, "Cette mesure se compte en « nombre »."),
        ({"measure": ""}, "Choisissez ce qui est compté."),
        ({"measure": "main"}, "Choisissez l’unité des valeurs qui seront saisies."),
        ({"measure": "main", "unit": "nombre"}, "Dites d’où viendront les valeurs."),
        ({"has_baseline": "on"}, "Donnez la valeur de départ, ou décochez la case."),
        ({"justification": "Vu avec Mme Durand."}, "semble identifier quelqu’un"),
        ({"name": ""}, "Donnez un intitulé"),
    ],
)
def test_a_wrong_definition_is_told_beside_its_field(world, sign_in, more, said: str) -> None:
    answer = sign_in(world, "coordination").post("/indicateurs/nouveau/", typed(**more))
    assert answer.status_code == 422
    assert said in plain(answer)
    assert not Indicator.objects.exists()


def test_a_retired_theme_is_refused_and_told_where_it_was_retired_since(world, sign_in) -> None:
    theme = world.themes[0]
    row = world.indicator(measure="R5", theme=theme)
    theme.retired_on = date(2026, 3, 1)
    theme.save()
    data = typed(measure="R5", theme=theme.pk)
    answer = sign_in(world, "coordination").post("/indicateurs/nouveau/", data)
    assert "est retiré depuis le 01/03/2026" in plain(answer)
    page = plain(sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/"))
    assert "est retirée depuis le 1er mars 2026" in page


def test_a_validated_version_stays_and_another_waits_for_a_meeting(world: World, sign_in) -> None:
    row, client, meeting = (
        world.indicator(target=2),
        sign_in(world, "coordination"),
        steering(world),
    )
    page = f"/indicateurs/{row.pk}/modifier/"
    data = typed(name="Tournées", target="5", version="1", is_key="on")
    assert "Dites ce qui change" in plain(client.post(page, data))
    data |= {"change": "La cible était trop basse."}
    assert client.post(page, data).status_code == 302
    row.refresh_from_db()
    assert row.current.target == 2
    assert "La version 2 attend sa validation" in plain(client.get(f"/indicateurs/{row.pk}/"))
    # Changed while it waits: still version 2.
    assert client.post(page, data | {"target": "4", "version": row.version}).status_code == 302
    assert [one.number for one in row.definitions.all()] == [1, 2]
    row.refresh_from_db()
    decided = {"version": row.version, "state": "validee"}
    answer = client.post(f"/indicateurs/{row.pk}/decision/", decided)
    assert "Dites quelle séance du comité de pilotage l’a validée." in plain(answer)
    early = decided | {"meeting": meeting.pk}
    answer = client.post(f"/indicateurs/{row.pk}/decision/", early)
    assert "Cette version a été proposée le 18/03/2026." in plain(answer)
    answer = client.post(f"/indicateurs/{row.pk}/decision/", early | {"on": "2026-03-18"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.current.number, row.current.target, row.current.meeting) == (2, 4, meeting)
    said = plain(client.get(f"/indicateurs/{row.pk}/"))
    assert "Au moins 2, jusqu’au 18 mars 2026. La cible était trop basse." in said
    # February keeps the target that it had.
    found = key_indicators(world.perimeters["town-a"], FEBRUARY, TODAY)
    assert [point.target for point in found[0].points[-2:]] == [2, 2]


def test_two_writers_do_not_overwrite_each_other(world: World, sign_in) -> None:
    row, client = world.indicator(), sign_in(world, "coordination")
    data = typed(change="Autre intitulé.", version="1")
    assert client.post(f"/indicateurs/{row.pk}/modifier/", data).status_code == 302
    answer = client.post(f"/indicateurs/{row.pk}/modifier/", data | {"name": "Le second"})
    assert answer.status_code == 422
    assert "a été modifié" in plain(answer)
    with pytest.raises(Conflict):
        actions.retire(
            indicator=row, on=TODAY, reason="Non", read_version=1, by=world.reader("coordination")
        )


def test_a_first_version_set_aside_takes_its_indicator_with_it(world: World, sign_in) -> None:
    row, client = (
        world.indicator(state="proposee", proposed_on=TODAY),
        sign_in(world, "coordination"),
    )
    client.post(f"/indicateurs/{row.pk}/decision/", {"version": "1", "state": "ecartee"})
    row.refresh_from_db()
    assert row.is_retired
    assert key_indicators(world.perimeters["town-a"], FEBRUARY, TODAY) == []


def test_it_is_retired_with_a_reason_and_taken_up_again(world: World, sign_in) -> None:
    row, client = world.indicator(), sign_in(world, "coordination")
    page = f"/indicateurs/{row.pk}/retirer/"
    assert "Dites pourquoi" in plain(client.post(page, {"version": "1", "reason": ""}))
    client.post(page, {"version": "1", "reason": "Remplacé"})
    client.get("/indicateurs/")  # which says that it is done
    assert "Tournées" not in plain(client.get("/indicateurs/"))
    assert "Tournées" in plain(client.get("/indicateurs/?etat=retires"))
    client.post(f"/indicateurs/{row.pk}/reprendre/")
    assert "Tournées" in plain(client.get("/indicateurs/"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.objects.update(retired_on=TODAY)


def test_an_indicator_of_one_place_is_not_told_elsewhere(world: World, sign_in) -> None:
    row = world.indicator("hall-b", name="Tournées du parc")
    assert sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/").status_code == 404
    assert sign_in(world, "town-b").get(f"/indicateurs/{row.pk}/").status_code == 200
    assert key_indicators(world.perimeters["town-a"], FEBRUARY, TODAY) == []


# --- Values ---------------------------------------------------------------------------------------


def test_the_page_tells_value_target_trend_and_opens_its_rows(world: World, sign_in) -> None:
    row = world.indicator()
    for day in (3, 10, 17):
        world.activity(day=date(2026, 2, day))
    world.activity(day=date(2026, 1, 6))
    world.activity("hall-b", day=date(2026, 2, 3))
    answer = sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/")
    page = plain(answer)
    assert "Février 2026 : 3" in page
    assert "Cible atteinte" in page
    assert "Stable : 3, contre 1 (janvier 2026)" in page
    (_, links), *_ = answer.context["points"]
    rows = sign_in(world, "town-a").get(links[0][1])
    assert rows.context["total"] == 3
    # No record in December: that is not zero.
    assert answer.context["points"][2][0].text == "n/d"
    assert "Au-dessus" not in page
    assert "Périmètre town-b" not in page
    asked = f"/indicateurs/{row.pk}/?perimetre={world.perimeters['town-b'].pk}"
    assert "n’est pas de ceux que vous voyez" in plain(sign_in(world, "town-a").get(asked))


def test_a_share_of_few_cases_is_told_as_its_two_numbers(world: World, sign_in) -> None:
    row = world.indicator(
        measure="S1", unit="%", aggregation="rapport", target=70, name="Conflits apaisés"
    )
    for outcome in ("resolu", "ameliore", "echec"):
        world.activity(day=date(2026, 2, 3), type="CONF", outcome=outcome)
    page = plain(sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/"))
    assert "Février 2026 : 2 sur 3" in page
    assert "Trop peu de cas pour conclure" in page
    for _ in range(8):
        world.activity(day=date(2026, 2, 4), type="CONF", outcome="echec")
    page = plain(sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/"))
    assert "Février 2026 : 18 %" in page
    assert "2 sur 11" in page
    assert "Sous la cible" in page


def test_few_rows_are_not_told_to_a_partner(world: World, sign_in) -> None:
    row = world.indicator(measure="R4", name="Contacts", target=2)
    world.counted(world.activity(day=date(2026, 2, 3)), count=7)
    assert "Février 2026 : 7" in plain(sign_in(world, "coordination").get(
        f"/indicateurs/{row.pk}/?perimetre={world.perimeters['town-a'].pk}"))  # fmt: skip
    page = plain(sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/"))
    assert "Février 2026 : n/d" in page
    assert "désignerait des activités" in page
    file = sign_in(world, "town-a").get(f"/indicateurs/{row.pk}/?_export=csv")
    assert ";7;" not in b"".join(file.streaming_content).decode()


def test_the_period_shown_is_the_last_that_is_over() -> None:
    march = Period("mois", 2026, 3)
    assert shown_period("mois", march, TODAY) == FEBRUARY
    assert shown_period("trimestre", march, TODAY) == Period("trimestre", 2025, 4)
    assert shown_period("annee", march, TODAY) == Period("annee", 2025)
    assert shown_period("trimestre", march, date(2026, 4, 1)) == Period("trimestre", 2026, 1)


def test_a_list_of_thirty_makes_as_many_queries_as_one_of_two(
    world: World, sign_in, django_assert_max_num_queries
) -> None:
    world.activity(day=date(2026, 2, 3))
    for number in range(30):
        world.indicator(
            name=f"Tournées {number}", measure=("R1", "R3", "R4", "R7", "R6")[number % 5]
        )
    client = sign_in(world, "coordination")
    with django_assert_max_num_queries(15):
        assert client.get("/indicateurs/").status_code == 200


def test_no_number_is_both_a_target_and_none(world: World) -> None:
    row = world.indicator()
    for values in ({"target": None}, {"direction": "suivi"}, {"state": "proposee"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Definition.objects.filter(indicator=row).update(**values)
    value = HandValue(indicator=row, perimeter=world.perimeters["town-a"], period="2026-02",
                      value=Decimal(4), source="Relevé", denominator=3, asked=2)  # fmt: skip
    with pytest.raises(ValidationError, match="plus de réponses"):
        value.clean()

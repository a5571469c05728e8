"""The poster for inhabitants and the dossier d'audit."""

import io
from datetime import date

import pypdf
import pytest

from reporting.periods import Period
from reporting.reviews import poster
from reporting.reviews.audit import dossier

from ...pages import plain
from ...world import TODAY, World

YEAR = Period("annee", 2026)


def busy(world: World) -> None:
    for n in range(60):
        activity = world.activity(
            "hall-a", day=date(2026, 1, 5 + n % 20), type=("PAP", "CONF")[n % 2], minutes=45
        )
        world.counted(activity, 0, 1)


def test_a_poster_tells_round_figures_and_nothing_of_a_few(world: World) -> None:
    busy(world)
    world.activity("hall-a", day=date(2026, 1, 9), type="PROJ")
    made = poster.poster(world.perimeters["town-a"], YEAR, TODAY)
    said = {what: count for count, what in made.figures}
    assert said["activités de médiation"].replace("\u202f", " ") == "plus de 60"
    assert not any("signalement" in what for what in said), "too few to be told"
    assert {label.split()[0] for label, _ in made.kinds} == {"Assurer", "Prévenir"}
    assert all(width % 10 == 0 for _, width in made.kinds)


@pytest.mark.parametrize("count", [0, 1, 4, 19])
def test_what_is_few_is_not_told(count: int) -> None:
    assert not poster.about(count)


def test_a_poster_is_one_page_for_a_rich_and_an_empty_year(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    address = f"/bilans/{world.perimeters['town-a'].pk}/2026/affiche.pdf"
    for fill in (lambda: None, lambda: busy(world)):
        fill()
        reader = pypdf.PdfReader(io.BytesIO(client.get(address).content))
        assert len(reader.pages) == 1
    assert client.get(address.replace("2026", "2026-S1")).status_code == 404
    assert client.get(address.replace("2026", "rien")).status_code == 404
    assert client.get(address.replace("2026", "2031")).status_code == 404


def test_the_dossier_tells_what_an_auditor_asks(world: World, sign_in) -> None:
    busy(world)
    world.time_entry(kind="encadrement", day=date(2026, 2, 3), minutes=210)
    world.time_entry(kind="formation", day=date(2026, 2, 4), minutes=120)
    world.recommendation("town-a")
    client = sign_in(world, "coordination")
    page = plain(client.get("/bilans/audit/?du=2026-01-01&au=2026-03-31"))
    for said in (
        "La norme et la charte", "Assurer une présence active de proximité", "février 2026",
        "Refus et réorientations", "Éclairer, pour town-a", "Évaluation de l’utilité",
    ):  # fmt: skip
        assert said in page
    assert "3,5 h" in page
    assert client.get("/bilans/audit.pdf?du=2026-01-01&au=2026-03-31").content[:5] == b"%PDF-"
    assert sign_in(world, "town-a").get("/bilans/audit/").status_code == 403


def test_a_wrong_period_is_told_beside_its_field(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    answer = client.get("/bilans/audit/?du=2026-03-01&au=2026-02-01")
    assert answer.status_code == 422
    assert "Le dernier jour précède le premier" in plain(answer)
    assert "trois ans au plus" in plain(client.get("/bilans/audit/?du=2016-03-01&au=2026-02-01"))
    assert client.get("/bilans/audit.pdf?du=x&au=y").status_code == 302
    assert client.get("/bilans/audit/").status_code == 200


def test_a_dossier_of_nothing_says_so(world: World) -> None:
    made = dossier(world.programme, date(2020, 1, 1), date(2020, 12, 31))
    said = [part.get("text", "") for _, parts in made.sections for part in parts]
    assert "Aucun signalement n’a été refusé ni réorienté." in said
    assert "Aucune convention n’est en vigueur à la fin de la période." in said

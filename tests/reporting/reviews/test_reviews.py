"""The bilan: a synthesis over a longer period, with chapters of its own (R48, R49, R81, R82)."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from reporting.models import Edition, MonthlySynthesis
from reporting.periods import Period
from reporting.syntheses import actions, checks, texts
from reporting.syntheses.document import compose, gather

from ...conftest import NOW
from ...pages import plain
from ...world import TODAY, World
from ..syntheses.conftest import plain_paper, worked, write  # noqa: F401

YEAR = Period("annee", 2025)
CHAPTERS = {
    "cadre", "moyens", "activites", "axes", "lieux", "signalements", "partenariat", "projets",
    "impacts", "annees", "engagements", "instances", "financement", "couts", "utilite",
    "perspectives", "methode",
}  # fmt: skip


@pytest.fixture
def lived(worked: World) -> World:  # noqa: F811
    """Two years with records, the last of them over."""
    for year in (2024, 2025):
        for month in range(1, 13):
            for n in range(6):
                worked.activity(
                    ("hall-a", "cote-a")[n % 2], day=date(year, month, 2 + n),
                    type=("PAP", "CONF", "PROJ")[n % 3], theme=worked.themes[n % 3],
                    objective=worked.objectives[n % 2], minutes=60,
                )  # fmt: skip
    return worked


@pytest.fixture
def review(lived: World) -> MonthlySynthesis:
    row, _ = actions.prepare(
        programme=lived.programme, period=YEAR, by=lived.reader("coordination"), today=TODAY
    )
    write(lived, row, logements="1 240")
    return row


def published(world: World, row: MonthlySynthesis) -> list[Edition]:
    by = world.reader("coordination")
    actions.validate(synthesis=row, by=by, now=NOW)
    return actions.publish(synthesis=row, by=by, now=NOW).published


def test_a_bilan_has_the_chapters_that_were_designed(lived: World, review) -> None:
    matter = gather(lived.perimeters["town-a"], YEAR, TODAY, review)
    document = compose(matter, texts.Texts.of(review))
    keys = {block["key"] for block in document["blocks"]}
    assert keys >= CHAPTERS
    assert document["month"] == "2025"
    said = json.dumps(document, ensure_ascii=False)
    assert "1 240" in said.replace("\u00a0", " ").replace("\u202f", " ")
    by_key = {block["key"]: block for block in document["blocks"]}
    years = by_key["annees"]["parts"][0]
    assert [column["title"] for column in years["columns"]] == [
        "Mesure", "2023", "2024", "2025", "Sur un an",
    ]  # fmt: skip
    assert [cell["text"] for cell in years["rows"][0]][:4] == ["Activités", "n/d", "72", "72"]


def test_a_month_has_none_of_them(lived: World) -> None:
    synthesis = lived.synthesis()
    matter = gather(lived.perimeters["town-a"], synthesis.period, TODAY, synthesis)
    keys = {block["key"] for block in compose(matter)["blocks"]}
    assert not keys & {"cadre", "annees", "couts", "utilite", "perspectives"}


@pytest.mark.usefixtures("plain_paper")
def test_the_same_steps_publish_it_and_each_party_reads_its_own(
    lived: World, review, sign_in
) -> None:
    assert len(published(lived, review)) == 4
    own = Edition.objects.get(perimeter=lived.perimeters["town-a"])
    assert own.filename == "bilan-town-a-2025"
    client = sign_in(lived, "town-a")
    page = plain(client.get("/bilans/"))
    assert "Année 2025" in page
    assert client.get("/bilans/2025/").url == f"/syntheses/editions/{own.pk}/"
    read = plain(client.get(f"/syntheses/editions/{own.pk}/"))
    assert "Bilan annuel, année 2025" in read
    assert "Tous les bilans" in read
    other = Edition.objects.get(perimeter=lived.perimeters["town-b"])
    assert client.get(f"/syntheses/editions/{other.pk}/").status_code == 404
    assert "Aucune synthèse n’est encore publiée" in plain(client.get("/syntheses/"))


def test_it_is_written_in_the_same_editor(lived: World, review, sign_in) -> None:
    client = sign_in(lived, "coordination")
    page = plain(client.get("/bilans/2025/redaction/"))
    for said in (
        "Analyse : Les perspectives",
        "Analyse : L’utilité sociale",
        "Nombre de logements",
    ):
        assert said in page
    assert client.get("/bilans/2025/").status_code == 200
    assert client.get(f"/bilans/{lived.perimeters['town-a'].pk}/2025/").status_code == 200
    assert client.get("/bilans/2025-S1/").status_code == 200
    for wrong in ("/bilans/2025-T1/", "/bilans/2025-11/", "/syntheses/2025/", "/bilans/1800/"):
        assert client.get(wrong).status_code == 404


def test_a_number_that_is_none_stands_against_publishing(lived: World, review) -> None:
    row = review.passages.get(key="logements")
    row.text = "beaucoup"
    row.save()
    written = texts.Texts.of(review)
    drafts = checks.drafts_of(review, written, TODAY)
    said = [check.text for check in checks.errors_in(checks.run(review, drafts, written, TODAY))]
    assert any("Nombre de logements" in text and "entier" in text for text in said)


def test_a_period_that_is_not_over_is_not_published(lived: World) -> None:
    by = lived.reader("coordination")
    row, _ = actions.prepare(
        programme=lived.programme, period=Period("annee", 2026), by=by, today=TODAY
    )
    write(lived, row)
    with pytest.raises(ValidationError) as refused:
        actions.validate(synthesis=row, by=by, now=NOW)
    assert any("n’est pas terminée" in text for text in refused.value.messages)


def test_a_period_has_one_bilan_and_a_january_its_synthesis_too(lived: World) -> None:
    january = {"programme": lived.programme, "month": date(2026, 1, 1)}
    for kind in ("mois", "semestre", "annee"):
        MonthlySynthesis.objects.create(kind=kind, **january)
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthlySynthesis.objects.create(kind="annee", **january)
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthlySynthesis.objects.create(
            programme=lived.programme, kind="annee", month=date(2026, 4, 1)
        )

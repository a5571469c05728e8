"""The synthesis as a real PDF: valid, tagged, in French, and of its perimeter only."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import page as pdf_checker
import pypdf
import pytest

from governance.models import JournalEntry
from humanicite.lib import pdf
from reporting.figures.people import settle_month
from reporting.periods import Period

from ...conftest import LONG
from ...pages import text_of
from ...world import TODAY, World

PROFILES = (pdf_checker.ValidationProfile.PDF_A_3A, pdf_checker.ValidationProfile.PDF_UA_1)


def made(world: World, sign_in, party: str = "town-a", month: str = "2026-02") -> bytes:
    client = sign_in(world, "coordination")
    answer = client.get(f"/syntheses/{world.perimeters[party].pk}/{month}.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="synthese-{party}-{month}.pdf"'
    return answer.content


def printed_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(page.extract_text() for page in pages).replace("\u00a0", " ")


# A packed stream can go wrong by chance: the long run tries many contents.
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)] if LONG else []


@pytest.mark.parametrize("month", ["2026-02", "2025-11", "2026-03", *MONTHS])
def test_it_is_archivable_and_accessible(worked: World, sign_in, month: str) -> None:
    content = made(worked, sign_in, month=month)
    for profile in PROFILES:
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]


def test_it_is_french_titled_and_bookmarked(worked: World, sign_in) -> None:
    reader = pypdf.PdfReader(io.BytesIO(made(worked, sign_in)))
    assert reader.metadata.title == "Synthèse mensuelle de février 2026 – Périmètre town-a essai"
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    titles = [str(item.title) for item in _flat(reader.outline)]
    assert [t for t in titles if t in ("L’essentiel", "Activités", "Axes et publics",
            "Lieux et thématiques", "Signalements", "Méthode")] == [
        "L’essentiel", "Activités", "Axes et publics", "Lieux et thématiques", "Signalements",
        "Méthode",
    ]  # fmt: skip


def _flat(outline) -> list:
    return [x for item in outline for x in (_flat(item) if isinstance(item, list) else [item])]


def test_its_figures_are_those_of_the_dashboard(worked: World, sign_in) -> None:
    settle_month(programme=worked.programme, month=Period.parse("2026-02"), today=TODAY)
    text = printed_of(made(worked, sign_in))
    text = " ".join(text.split())
    assert "Heures d’activité Activités Contacts Jours de présence 8 h 16 65" in text
    page = text_of(sign_in(worked, "town-a").get("/tableau-de-bord/?periode=2026-02"))
    headline = re.search(r'<p class="lead">(.*?)</p>', page)
    assert headline
    assert html.unescape(headline[1]).replace("\u00a0", " ") in text
    assert not re.search(r"\d", headline[1].replace("2026", "")), "the figures say the numbers"


def test_it_holds_its_perimeter_and_no_note(worked: World, sign_in) -> None:
    content = made(worked, sign_in)
    text = printed_of(content) + _attached(content)
    assert "ilot-a" in text
    for word in ("hall-b", "ilot-b", "note-secrete", "Fonction mediateur"):
        assert word not in text


def _attached(content: bytes) -> str:
    files = pypdf.PdfReader(io.BytesIO(content)).attachments
    assert sorted(files) == ["synthese-town-a-2026-02.csv", "synthese-town-a-2026-02.json"]
    return files["synthese-town-a-2026-02.csv"][0].decode("utf-8-sig")


def test_the_data_attached_is_what_is_printed(worked: World, sign_in) -> None:
    rows = list(csv.DictReader(io.StringIO(_attached(made(worked, sign_in))), delimiter=";"))
    types = [row for row in rows if row["section"] == "type"]
    assert len(types) == 8
    assert sum(int(row["activités"]) for row in types) == 16
    assert sum(int(row["minutes"]) for row in types) == 480


def test_a_name_that_looks_like_a_formula_stays_text(worked: World, sign_in) -> None:
    theme = worked.themes[0]
    theme.name = '=HYPERLINK("http://x")'
    theme.save()
    assert "'=HYPERLINK" in _attached(made(worked, sign_in))


def test_it_tells_what_became_of_signalements_and_names_no_confidential_one(
    worked: World, sign_in
) -> None:
    sent = {"sent_at": datetime(2026, 2, 9, 9, tzinfo=UTC), "due_on": date(2026, 2, 23)}
    world = worked
    world.sent("hall-a", title="Banc cassé", **sent)
    world.sent("hall-a", title="Affaire délicate", is_confidential=True, **sent)
    world.sent("hall-b", title="Chez les voisins", to="town-b", **sent)
    done = {"state": "verifie", "closed_on": date(2026, 2, 20)}
    world.sent("hall-a", title="Lampe changée", **sent, **done)
    content = made(world, sign_in)
    text = " ".join(printed_of(content).split())
    # A table may go on overleaf: foot and headings of the page stand between its rows.
    between = r"(?: Périmètre .{0,80} Page \d sur \d Étape .{0,60})? "
    steps = ("Envoyés 2", "Accusés de réception 0", "Répondus 0", "Résolus, vérifiés sur place 1")
    assert re.search(between.join(steps), text)
    assert "Envoyés 3 dont 1 confidentiel" in text
    assert "Résolus, vérifiés sur place 1 sur 2 sans 1 confidentiel" in text
    assert "Banc cassé" in text
    assert "sans les confidentiels" in text
    for word in ("Affaire délicate", "Chez les voisins", "Lampe changée"):
        assert word not in text
    assert "signalement;Envoyés;2;;" in _attached(content)
    for profile in PROFILES:
        assert pdf_checker.validate_pdf_bytes(content, profile=profile).is_compliant


def test_making_one_is_journalled(worked: World, sign_in) -> None:
    made(worked, sign_in)
    entry = JournalEntry.objects.get(act="produce")
    assert entry.actor == "coordination-essai@example.org"


def test_a_month_without_data_has_an_edition_that_says_so(world: World, sign_in) -> None:
    assert "Aucune activité enregistrée" in printed_of(made(world, sign_in))


@pytest.mark.parametrize("month", ["2026", "2026-T1", "2026-13", "x"])
def test_what_is_no_month_is_404(worked: World, sign_in, month: str) -> None:
    client = sign_in(worked, "coordination")
    path = f"/syntheses/{worked.perimeters['town-a'].pk}/{month}.pdf"
    assert client.get(path).status_code == 404


def test_a_partner_does_not_make_its_own(worked: World, sign_in) -> None:
    path = f"/syntheses/{worked.perimeters['town-a'].pk}/2026-02.pdf"
    assert sign_in(worked, "town-a").get(path).status_code == 403
    path = f"/syntheses/{worked.perimeters['town-b'].pk}/2026-02.pdf"
    assert sign_in(worked, "town-a").get(path).status_code == 404


def test_a_document_fetches_our_own_files_only() -> None:
    fetch = pdf._fetcher().fetch
    assert fetch(f"{pdf.STATIC}css/print.css")
    for url in (
        "http://example.org/x.css", "file:///etc/passwd", f"{pdf.STATIC}../humanicite/settings.py",
        f"{pdf.STATIC}%2e%2e/manage.py", "//example.org/x.css",
    ):  # fmt: skip
        with pytest.raises((ValueError, OSError, KeyError)):
            fetch(url)


def test_without_pango_the_page_says_the_command(worked: World, sign_in, monkeypatch) -> None:
    def missing() -> None:
        raise pdf.PdfUnavailable(pdf.MISSING)

    monkeypatch.setattr(pdf, "_weasyprint", missing)
    answer = sign_in(worked, "coordination").get(
        f"/syntheses/{worked.perimeters['town-a'].pk}/2026-02.pdf"
    )
    assert answer.status_code == 503
    assert "apt install libpango" in text_of(answer)


def test_no_month_is_offered_before_the_first_record(world: World, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    months = client.get("/syntheses/").context["months"]
    assert [month.slug for month, *_ in months] == ["2026-03"]
    world.activity(day=date(2026, 1, 31))
    months = client.get("/syntheses/").context["months"]
    assert [month.slug for month, *_ in months] == ["2026-03", "2026-02", "2026-01"]

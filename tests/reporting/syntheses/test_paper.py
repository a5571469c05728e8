"""An edition on paper, rich, poor, empty and first of all: archivable, full pages, what the page says."""

import io
import json
import zipfile
from datetime import date
from xml.etree import ElementTree

import pypdf
import pytest

from governance.models import Theme
from reporting.models import Edition
from reporting.periods import Period
from reporting.syntheses import edition, exports, words
from reporting.syntheses.document import compose, gather
from reporting.syntheses.texts import Texts

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World
from .conftest import write
from .paper import assert_archivable, assert_says_the_same

FEBRUARY = Period("mois", 2026, 2)
HEIGHT, TOP, BOTTOM = 842, 62, 62  # of a page and its margins, in points
LONG = "Anticonstitutionnellement" * 6
ANALYSIS = "Le mois a été soutenu, et les suites avancent. " * 9


def rich(world: World) -> None:
    themes = [
        Theme.objects.create(
            programme=world.programme, group="Groupe", name=f"Thème numéro {n}", rank=10 + n
        )
        for n in range(18)
    ]
    for n in range(150):
        activity = world.activity(
            ("hall-a", "ilot-a", "cote-a", "quartier")[n % 4], day=date(2026, 2, 1 + n % 28),
            type=("PAP", "CONF", "INCO", "VEIL", "RELA", "CONC", "PROJ", "INFO")[n % 8],
            theme=themes[n % 18], objective=world.objectives[n % 2], minutes=15 + n,
        )  # fmt: skip
        world.counted(activity, n % 2, 4)
    for n in range(14):
        world.sent("hall-a", title=f"Panne {n}", sent_at=f"2026-02-{1 + n:02d} 09:00+00:00")
    for n in range(4):
        world.recommendation("town-a", title=f"Réparer plus tôt {n}")
    roadmap = world.roadmap(month=2, is_internal=False)
    for n in range(6):
        world.planned_action(roadmap, title=f"Action prévue {n}", state=("done", "planned")[n % 2])
    meeting = world.held(day=date(2026, 2, 10), state="held")
    world.invitation(meeting, "town-a")
    item = world.item(meeting)
    for n in range(6):
        world.decision(
            item, text=f"Ce qui fut décidé {n}", is_internal=False, year=2026, number=n + 1
        )
        world.action(item, "town-a", text=f"Ce qui est à faire {n}", due_on=date(2026, 3, 1))


def poor(world: World) -> None:
    for n in range(3):
        world.activity("hall-a", day=date(2026, 2, 3 + n), theme=world.themes[0])


def first(world: World) -> None:
    """The first month of all: nothing to compare with."""
    for n in range(30):
        world.activity("hall-a", day=date(2026, 2, 3 + n % 20), theme=world.themes[n % 3])


KINDS = {"rich": rich, "poor": poor, "empty": lambda world: None, "first": first}
DRAWN: dict[str, tuple[dict, bytes]] = {}  # drawing takes a second: once for all that look


@pytest.fixture
def drawn(world: World):
    def draw(kind: str) -> tuple[dict, bytes]:
        if kind not in DRAWN:
            KINDS[kind](world)
            synthesis = world.synthesis()
            write(
                world, synthesis, activites=ANALYSIS + LONG, axes=ANALYSIS, lieux=ANALYSIS,
                signalements=f"Le 🔥 est éteint. {ANALYSIS}", titre="Un titre qui dit le message",
            )  # fmt: skip
            own = gather(world.perimeters["town-a"], FEBRUARY, TODAY, synthesis)
            document = compose(own, Texts.of(synthesis))
            made = edition.Synthesis(document, NOW, 1)
            DRAWN[kind] = document, edition.to_pdf(made)
        return DRAWN[kind]

    return draw


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_archivable_and_accessible(drawn, kind: str) -> None:
    assert_archivable(drawn(kind)[1])


def lowest(sheet: pypdf.PageObject) -> float:
    """How far down the page its text goes, in points from its foot; the footer left out."""
    ends = [float(HEIGHT)]

    def note(text: str, cm: list[float], tm: list[float], *more: object) -> None:
        y = cm[5] + cm[3] * tm[5]
        is_in_a_chart = cm[0] == 1  # whose own scale is not told here
        if text.strip() and not is_in_a_chart and BOTTOM - 8 < y < HEIGHT:
            ends.append(y)

    sheet.extract_text(visitor_text=note)
    return min(ends)


@pytest.mark.parametrize("kind", KINDS)
def test_its_pages_are_few_and_full(drawn, kind: str) -> None:
    pages = pypdf.PdfReader(io.BytesIO(drawn(kind)[1])).pages
    assert len(pages) <= 8
    usable = HEIGHT - TOP - BOTTOM
    for number, sheet in enumerate(pages[:-1], 1):
        filled = (HEIGHT - TOP - lowest(sheet)) / usable
        assert filled > 2 / 3, f"page {number} of {len(pages)} is {filled:.0%} full"


def test_the_page_says_what_the_paper_says_in_the_same_order(drawn, world: World, sign_in) -> None:
    document, content = drawn("rich")
    row = world.edition(document=document, pdf=content)
    page = text_of(sign_in(world, "town-a").get(f"/syntheses/editions/{row.pk}/"))
    assert_says_the_same(
        page, content, "Périmètre town-a essai – Partie town-a essai · Février 2026"
    )


def test_its_data_is_attached_and_headings_are_bookmarks(drawn) -> None:
    document, content = drawn("rich")
    reader = pypdf.PdfReader(io.BytesIO(content))
    files = reader.attachments
    whole = json.loads(files["synthese-town-a-2026-02.json"][0])
    assert whole == document
    assert b"150" in files["synthese-town-a-2026-02.csv"][0]
    titles = [str(one.title) for one in _flat(reader.outline)]
    blocks = [block["title"] for block in document["blocks"]]
    assert [title for title in titles if title in blocks] == blocks
    assert "Préconisations" in blocks


def _flat(outline: list) -> list:
    return [x for item in outline for x in (_flat(item) if isinstance(item, list) else [item])]


def test_no_table_of_it_spans_rows(drawn) -> None:
    """The engine would tie cells to the wrong headings."""
    document = drawn("rich")[0]
    said = edition.to_html(edition.Synthesis(document, NOW))
    assert "rowspan" not in said
    assert "colspan" not in said


def test_its_tables_are_a_workbook_without_formulas(drawn, tmp_path) -> None:
    from python_calamine import CalamineWorkbook

    document = json.loads(json.dumps(drawn("rich")[0]))
    document["blocks"][1]["parts"][0]["rows"][0][0]["text"] = '=HYPERLINK("http://x")'
    path = tmp_path / "tables.xlsx"
    path.write_bytes(exports.to_workbook(document).read())
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names[:3] == [
        "Aide à la lecture",
        "Heures d’activité",
        "Activités",
    ]
    rows = book.get_sheet_by_name("Activités").to_python()
    assert rows[1] == ["Activité", "Part", "Heures", "Activités"]
    assert rows[2][0] == '=HYPERLINK("http://x")'
    assert sum(row[3] for row in rows[2:]) == 150
    assert b"<f>" not in path.read_bytes()


def test_an_edition_is_as_old_as_its_month(drawn, world: World) -> None:
    """Years later, another day, another name of the party: the same bytes."""
    document, content = drawn("poor")
    row = world.edition(document=document, pdf=content, sha256=edition.checksum(content))
    again = Edition.objects.get(pk=row.pk)
    assert edition.checksum(again.pdf) == row.sha256
    assert bytes(again.pdf) == content


def test_its_text_is_a_word_file_in_the_same_order(drawn) -> None:
    document = json.loads(json.dumps(drawn("rich")[0]))
    document["blocks"][1]["text"].insert(0, "A < B & C\x0b")
    content = words.to_docx(document)
    assert words.to_docx(document) == content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        roots = {
            name: ElementTree.fromstring(packed.read(name))  # noqa: S314  # of our own making
            for name in packed.namelist()
        }
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    paragraphs = [
        "".join(run.text or "" for run in one.iter(f"{name}t"))
        for one in roots["word/document.xml"].iter(f"{name}p")
    ]
    assert paragraphs[0] == "Synthèse mensuelle de février 2026"
    assert "A < B & C" in paragraphs
    asked = next(at for at, text in enumerate(paragraphs) if text.startswith("Ce qui vous est"))
    assert paragraphs.index("Activités") > asked
    styles = {one.get(f"{name}styleId") for one in roots["word/styles.xml"].iter(f"{name}style")}
    used = {one.get(f"{name}val") for one in roots["word/document.xml"].iter(f"{name}pStyle")}
    assert used <= styles

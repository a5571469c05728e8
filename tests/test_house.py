"""Rules of the house that a reader would otherwise have to remember."""

import hashlib
import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from governance.rights import Role
from humanicite.context import ITEMS, MENUS
from humanicite.lib import http, scripts

ROOT = Path(__file__).resolve().parent.parent
PACKED = (".woff2", ".png", ".lock", ".xlsx", ".xls")  # no text to look into
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = [
    path for folder in ("humanicite", "governance", "mediation", "reporting")
    for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
]  # fmt: skip


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        ["lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": f"{ROOT / '.venv/bin'}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_french_typography(path: Path) -> None:
    """A space before high punctuation, and inside quotation marks, never breaks."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|<style.*?</style>", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(r"« | »|(?<=[\w)}%]) [;:!?](?=\s|<|$)", text)
    assert not re.findall(r"\b[ldcjnsmt]'[a-zéèêhâî]", text), "a straight apostrophe"


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_french_typography_in_code(path: Path) -> None:
    if "commands" in path.parts:
        return  # what they print is English
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        text = token.string
        if token.type != tokenize.STRING or '"""' in text or not re.search("[éèàçê’«]|} :", text):
            continue
        assert not re.findall(r"« | »|(?<=[\w)}%]) [;:!?](?=\s|\"|$)", text), text


def test_lines_of_templates_are_short() -> None:
    """A page is read and reviewed line by line."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            assert len(line) <= 140, f"{path.relative_to(ROOT)}:{number} has {len(line)} characters"


@pytest.mark.parametrize(
    "path", [p for p in TEMPLATES if p.parent.name == "components"], ids=lambda p: p.name
)
def test_a_component_says_what_it_needs(path: Path) -> None:
    assert path.read_text().startswith("{# ")


def test_every_form_of_ours_keeps_what_was_typed() -> None:
    for path in TEMPLATES:
        if path.parent.name in ("account", "mfa", "elements"):
            continue
        for form in re.findall(r'<form method="post".*?</form>', path.read_text(), re.DOTALL):
            # The link of a mail is opened without a session: there is none to come back from.
            by_link = "components/stamp.html" in form
            assert by_link or "components/guard.html" in form or "account_logout" in form, path.name


def test_menus_offer_only_what_the_role_may_open() -> None:
    from governance.rights import RIGHTS

    assert set(MENUS) == set(Role)
    for role, routes in MENUS.items():
        for route in routes:
            assert ITEMS[route][2] in RIGHTS[role]


def test_templates_print_no_raw_html() -> None:
    for path in TEMPLATES:
        raw = re.findall(r"\{\{[^}]*\|safe[^}]*\}\}|autoescape off", path.read_text())
        assert not [r for r in raw if "help_text" not in r], path.name


def test_no_inline_style_or_script_outside_pdf_and_mail() -> None:
    """The content security policy would block them."""
    for path in TEMPLATES:
        if path.name in ("print_bar.html", "synthesis.html") or path.parent.name == "emails":
            continue
        text = path.read_text()
        assert " style=" not in text, path.name
        text = re.sub(r"\{%.*?%\}", "", text)  # the arguments of a tag are no attributes
        assert not re.findall(r"<script(?![^>]*src=)|\son\w+=", text), path.name


def test_the_project_names_no_machine_and_no_person() -> None:
    paths = [path for path in tracked() if path.suffix not in PACKED]
    folders = {str(ROOT), str(Path.home())} - {"/"}
    here = "|".join(f"{re.escape(folder)}/" for folder in sorted(folders))
    for path in paths:
        if path == Path(__file__):
            continue
        text = path.read_text(errors="ignore")
        assert not re.search(rf"/home/\w+/|{here}", text), path
        addresses = set(re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text))
        real = {
            a for a in addresses
            if not a.lower().endswith(("example.org", "127.0.0.1")) and "@media" not in a
        }  # fmt: skip
        assert not real, (path, real)


def test_assets_of_others_are_listed_with_their_checksum() -> None:
    listed = (ROOT / "static" / "vendored.md").read_text()
    for path in sorted((ROOT / "static" / "fonts").glob("*.woff2")):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in listed, path.name


# --- The tests themselves -------------------------------------------------------------------------

FLOORS = {
    "governance": "governance", "mediation": "mediation", "reporting": "reporting",
    "lib": "humanicite/lib",
}  # fmt: skip


def test_no_file_of_tests_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines for path in (ROOT / "tests").rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 500
    }  # fmt: skip
    assert not long


@pytest.mark.parametrize("floor", FLOORS)
def test_a_folder_of_tests_stands_where_its_package_does(floor: str) -> None:
    folders = {path.parent for path in (ROOT / "tests" / floor).rglob("*.py")}
    assert folders
    for folder in folders:
        package = ROOT / FLOORS[floor] / folder.relative_to(ROOT / "tests" / floor)
        assert (package / "__init__.py").is_file(), folder.relative_to(ROOT)


# --- The browser's modules ------------------------------------------------------------------------

MODULES = sorted(
    str(path.relative_to(ROOT / "static")) for path in (ROOT / "static/js").rglob("*.js")
)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_promises_and_imports_in_the_one_way_that_is_hashed(
    name: str,
) -> None:
    text = scripts.source_of(name).decode()
    assert text.startswith("// ")
    statements = re.findall(r"^(?:import\b.*|export\b[^=({]*\bfrom\b.*)", text, re.MULTILINE)
    assert len(statements) == len(scripts.imports(name)), (
        "a relative path, double quotes, a semicolon"
    )
    for needed in scripts.imports(name):
        assert needed in MODULES
    assert name not in {other for needed in scripts.imports(name) for other in reached(needed)}
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("name", MODULES)
def test_french_typography_in_modules(name: str) -> None:
    text = re.sub(
        r"^\s*//.*$|(?<=;) // .*$", "", scripts.source_of(name).decode(), flags=re.MULTILINE
    )
    text = re.sub(r"\$\{[^{}]*\}", "…", text)
    for said in re.findall(r'"[^"\n]*"|`[^`]*`', text):
        assert not re.findall(r"« | »|(?<=[\w)…]) [;:!?](?=\s|[\"`]|$)", said), said


def reached(name: str) -> set[str]:
    """A module and all beneath it; a cycle ends where it began."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        if (one := todo.pop()) not in seen:
            seen.add(one)
            todo += scripts.imports(one)
    return seen


def test_every_module_is_on_a_page_and_every_page_asks_for_one_that_is_there() -> None:
    asked = {
        name for path in TEMPLATES
        for tag in re.findall(r"\{% module ([^%]+) %\}", path.read_text())
        for name in re.findall(r'"([^"]+)"', tag)
    }  # fmt: skip
    assert set(scripts.with_imports(*sorted(asked))) == set(MODULES)


# --- The agreement --------------------------------------------------------------------------------

CLAUSE = re.compile(r"^\| R(\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_the_agreements_table_is_whole_and_true() -> None:
    rows = CLAUSE.findall((ROOT / "docs" / "agreement.md").read_text())
    assert [int(number) for number, _, _ in rows] == list(range(1, 94))
    for number, _, where in rows:
        if where == "not yet":
            continue
        places = re.findall(r"`([^`]+)`", where)
        assert places, f"R{number} says nothing of where"
        for place in places:
            path, _, name = place.partition("::")
            assert (ROOT / path).exists(), f"R{number}: {path}"
            if name:
                text = (ROOT / path).read_text()
                found = re.search(rf"(class|def) {name}\b|^\s*{name}\s*[:=]", text, re.MULTILINE)
                assert found, f"R{number}: {name} is not in {path}"


def test_clauses_cited_in_code_exist() -> None:
    for path in CODE:
        for number in re.findall(r"\(R(\d+)[,;)–]", path.read_text()):
            assert 1 <= int(number) <= 93, path


# --- A reading view cannot write ------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE governance_party SET name = name", "insert into governance_party (id) values (1)",
        "DELETE FROM mediation_activity", "/* x */ UPDATE governance_party SET name = name",
        "WITH gone AS (SELECT 1) DELETE FROM mediation_activity", "DROP TABLE mediation_activity",
        "CREATE TABLE x (id int)", "-- x\nUPDATE governance_party SET name = name",
        "UPDATE mediation_activity SET summary = '' WHERE 1 IN (SELECT 1 FROM governance_journalentry)",
        "EXPLAIN ANALYZE DELETE FROM mediation_activity", "SELECT 1; DELETE FROM mediation_activity",
        "PRAGMA user_version = 3", "SET ROLE postgres",
        "(SELECT 1 INTO x) UNION ALL (SELECT 2)", "(DELETE FROM mediation_activity)",
    ],
)  # fmt: skip
def test_writing_while_reading_is_refused(sql: str) -> None:
    from django.db import connection

    with http.no_writes(), pytest.raises(http.WriteWhileReading), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_bookkeeping_is_let_through() -> None:
    from django.db import connection

    with http.no_writes(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_session SET session_data = session_data")
        cursor.execute("SELECT 'UPDATE of nothing'")

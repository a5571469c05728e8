"""The papers tell the truth: links resolve, paths and names exist, what is drawn is not stale."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from humanicite.management.commands import draw_models

from .test_house import CODE, ROOT, TEMPLATES, tracked

PAPERS = [path for path in tracked() if path.suffix == ".md"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
# Names of other software that a paper speaks of.
OF_OTHERS = {"HttpOnly", "max_connections", "post_office_log"}
MADE = {"var/", "staticfiles/", ".venv/"}  # not in the repository
SUFFIXES = "py|js|html|md|toml|json|css|sql|lock|yaml"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def names() -> list[str]:
    """Every file and folder of the project, from its root; a folder ends in a slash."""
    files = [path.relative_to(ROOT) for path in tracked()]
    folders = {parent for path in files for parent in path.parents} - {Path(".")}
    return [f"/{path}" for path in files] + [f"/{path}/" for path in folders]


@cache
def words() -> frozenset[str]:
    """Every word of the code, tests and settings included."""
    suffixes = (".py", ".js", ".html", ".css", ".toml", ".json")
    read = [path.read_text() for path in tracked() if path.suffix in suffixes]
    return frozenset(re.findall(r"\w+", " ".join([*read, (ROOT / "Makefile").read_text()])))


def is_there(path: str) -> bool:
    """Whether a file or folder is, or ends, as a paper names it; `*` stands for anything."""
    pattern = re.compile(f"/{re.escape(path).replace(chr(92) + '*', '[^/]*')}$")
    return any(pattern.search(name) for name in names())


def is_defined(name: str, path: Path) -> bool:
    """Whether a class, a function or an attribute of this name stands in a file."""
    defined = rf"^\s*(?:class|def) {name}\b|^\s*{name}(?:: [^=\n]+)? = |^\s*{name}: "
    return bool(re.search(defined, path.read_text(), re.MULTILINE))


def quoted(path: Path) -> list[str]:
    """What stands in backticks, blocks of code left out."""
    text = re.sub(r"^ *```.*?```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_relative_links_resolve(path: Path) -> None:
    for text, to in re.findall(r"\[([^\]]*)\]\(([^)\s]+)\)", path.read_text()):
        if re.match(r"https?:|mailto:", to):
            continue
        file, _, anchor = to.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"[{text}]({to})"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in [_anchor(title) for title in titles], f"[{text}]({to})"


def _anchor(title: str) -> str:
    """As GitHub makes it: small letters, hyphens for spaces, no punctuation."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_paths_and_names_in_backticks_exist(path: Path) -> None:
    for said in quoted(path):
        file, _, inside = said.partition("::")
        if re.fullmatch(rf"[\w.*-][\w./*-]*(?:\.(?:{SUFFIXES})|/)", file):
            assert file in MADE or is_there(file), f"no such file: {said}"
            assert not inside or is_defined(inside, ROOT / file), f"no such name: {said}"
            said = inside
        if re.fullmatch(r"\w+(\.\w+)*(\([\w=, ]*\))?", said):
            for word in re.findall(r"\w+", said):
                if re.search(r"\w_\w|[a-z][A-Z]", word):
                    known = word in words() or word in get_commands() or word in OF_OTHERS
                    assert known, f"no such name: {said}"


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_commands_exist(path: Path) -> None:
    text = path.read_text()
    blocks = re.findall(r"^ *```sh\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    said = "\n".join([*quoted(path), *blocks])
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(r"^ *make ([a-z][\w-]*)", said, re.MULTILINE):
        assert target in targets, f"make {target}"
    for command in re.findall(r"manage\.py ([a-z_]+)", said):
        assert command in get_commands(), f"manage.py {command}"


# --- Decisions ------------------------------------------------------------------------------------


def test_every_decision_is_listed_once_with_its_title() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \|", index, re.MULTILINE)
    assert listed == [
        (path.name[:4], path.name, path.read_text().splitlines()[0].removeprefix("# "))
        for path in DECISIONS
    ]
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_decisions_that_are_cited_exist() -> None:
    known = {path.name[:4] for path in DECISIONS}
    for path in [*PAPERS, *CODE]:
        for number in re.findall(r"decisions?[ /](\d{4})\b", path.read_text()):
            assert number in known, f"{name_of(path)}: {number}"


# --- The glossary ---------------------------------------------------------------------------------


def test_the_glossarys_code_words_are_defined() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| (`[^|]+`) \| [^|]+ \|$", text, re.MULTILINE)
    assert len(rows) > 40
    code = "\n".join(path.read_text() for path in CODE)
    for french, cell in rows:
        for said in re.findall(r"`([^`]+)`", cell):
            for word in said.split("."):
                defined = rf"^\s*(?:class|def) {word}\b|^\s*{word}(?:: [^=\n]+)? = "
                found = said.endswith("/") or re.search(defined, code, re.MULTILINE)
                assert found, f"{french}: {said}"


def test_the_glossarys_french_words_are_on_screens_and_nothing_is_named_twice() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    assert len(found := re.findall(r"^\| [^|]+ \| (`[^|]+`) \|", text, re.MULTILINE)) == len(
        {*found}
    )
    screens, _ = text.split("## In code alone")
    shown = (
        " ".join(path.read_text() for path in [*CODE, *TEMPLATES]).replace("\u00a0", " ").lower()
    )
    for cell in re.findall(r"^\| ([^|]+) \| `", screens, re.MULTILINE):
        for word in cell.split(", "):
            assert word in shown or word == "–", word


# --- The data model -------------------------------------------------------------------------------


def test_the_drawn_model_is_the_one_in_the_code() -> None:
    page = draw_models.PAGE.read_text()
    assert page == draw_models.page(), "manage.py draw_models draws it again"


def test_the_drawn_model_shows_every_model_and_no_historical_copy() -> None:
    boxes = re.findall(r"^    (\w+) \{$", draw_models.page(), re.MULTILINE)
    assert {"Programme", "Activity", "Signalement"} <= set(boxes)
    assert len(boxes) == len(set(boxes))
    assert not [box for box in boxes if box.startswith("Historical")]


# --- The rooms ------------------------------------------------------------------------------------


def subjects(*floors: str) -> list[str]:
    found = [
        name_of(path.parent) for floor in floors for path in (ROOT / floor).glob("*/__init__.py")
    ]
    return sorted(name for name in found if not name.endswith(("/management", "/migrations")))


def test_every_subject_is_in_the_architecture_once() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    listed = re.findall(r"^\| `([a-z_]+/[a-z_]+)/` \|", text, re.MULTILINE)
    assert sorted(listed) == subjects(*draw_models.FLOORS)


def test_every_subject_has_its_place_in_the_contracts() -> None:
    """What a contract does not name, it lets do anything."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    layered = {
        name.strip()
        for contract in contracts.values()
        for layer in contract.get("layers", [])
        for name in layer.split("|")
    }
    faceless = contracts["The faces are for Django and for the floors above"]["source_modules"]
    for name in subjects("governance", "mediation"):
        assert name.replace("/", ".") in layered, name
    assert sorted(faceless) == [name.replace("/", ".") for name in subjects("mediation")]

"""Earlier imports as a table, and the faults of one: the page and its report have the same columns."""

from typing import Any

from humanicite.lib.exports import Column
from mediation.imports.listing import FaultTable
from mediation.imports.rows import Fault

from ...pages import text_of
from ...world import World

LIST = "/activites/importer/"


def shown(client: Any, query: str = "") -> list[str]:
    return [row.filename for row in client.get(f"{LIST}{query}").context["table"].shown.rows]


def test_imports_are_narrowed_and_sorted(world: World, sign_in: Any) -> None:
    for name, state, rows in (("b.csv", "refused", 3), ("a.csv", "done", 12), ("c.csv", "done", 7)):
        world.activity_import(filename=name, state=state, rows=rows, checksum=f"{rows}" * 32)
    client = sign_in(world, "coordination")
    assert shown(client) == ["c.csv", "a.csv", "b.csv"], "newest first"
    assert shown(client, "?tri=fichier") == ["a.csv", "b.csv", "c.csv"]
    assert shown(client, "?tri=-lignes") == ["a.csv", "c.csv", "b.csv"]
    assert shown(client, "?etat=done&tri=lignes") == ["c.csv", "a.csv"]
    assert shown(client, "?etat=perdu") == []
    assert "Aucun import sur ces filtres." in text_of(client.get(f"{LIST}?etat=checking"))


def test_the_page_and_the_report_have_the_same_columns() -> None:
    fault = Fault(1042, "Durée", "", "une durée")
    page = FaultTable([fault])
    [line] = page.lines
    assert [(cell.label, str(cell.text)) for cell in line.cells] == [
        ("Ligne", "1042"), ("Colonne", "Durée"), ("Valeur", "(vide)"),
        ("Attendu", "Une durée"),
    ]  # fmt: skip
    assert not any("blank" in cell.css for cell in line.cells), "what is told stays on a phone"
    assert not page.headers[0].address, "in the order of the file"
    report = FaultTable.file([fault], "csv").read().decode("utf-8-sig").split("\r\n")
    assert report == ["Ligne;Colonne;Valeur;Attendu", "1042;Durée;;une durée", ""]
    assert page.base_columns["line"].in_files == Column("Ligne", "whole", 8)

"""Tables: what a kind of column shows, writes and totals; what is misspelt fails."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.template.loader import render_to_string

from humanicite.lib.tables import NOTHING, SHOWN, Column, Table


@dataclass
class Row:
    name: str = "Hall <A>"
    day: date | None = date(2026, 3, 1)
    at: datetime | None = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    clock: time | None = time(9, 5)
    count: int | None = 1234
    share: float | None = 0.625
    minutes: int | None = 90


class Everything(Table):
    caption = "Tout"

    name = Column("Nom", names_row=True)
    day = Column("Jour", kind="day")
    at = Column("Moment", kind="moment")
    clock = Column("Heure", kind="time")
    count = Column("Nombre", kind="whole")
    share = Column("Part", kind="decimal")
    minutes = Column("Durée", kind="duration", default=NOTHING)
    long = Column("Heures", "minutes", kind="hours")
    secret = Column("Lien", "name", in_file=False)


def cells(table: Table) -> list[tuple[str, str]]:
    [line] = table.lines
    return [(str(cell.text), cell.css) for cell in line.cells]


def test_each_kind_on_a_page() -> None:
    assert cells(Everything([Row()])) == [
        ("Hall <A>", ""), ("01/03/2026", "nowrap"), ("02/03/2026 00:30", "nowrap"),
        ("09:05", "nowrap"), ("1\u00a0234", "num"), ("0,63", "num"), ("1\u00a0h\u00a030", "num"),
        ("1,5\u00a0h", "num"), ("Hall <A>", ""),
    ]  # fmt: skip


def test_what_is_lacking_is_blank() -> None:
    row = Row(day=None, at=None, clock=None, count=None, share=None, minutes=None)
    shown = cells(Everything([row]))
    assert [text for text, _ in shown[1:8]] == ["", "", "", "", "", NOTHING, ""]
    assert all("blank" in css for _, css in shown[1:8])
    assert cells(Everything([Row(count=0)]))[4] == ("0", "num"), "nought is a number"


def test_files_have_the_same_columns() -> None:
    lines = Everything.file([Row(), Row(at=None)], "csv").read().decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Nom;Jour;Moment;Heure;Nombre;Part;Durée;Heures"
    assert lines[1] == "Hall <A>;01/03/2026;02/03/2026 00:30;09:05;1234;0,625;90;90"
    assert lines[2] == "Hall <A>;01/03/2026;;09:05;1234;0,625;90;90"
    assert Everything.file([Row()], "xlsx").read(2) == b"PK"


def drawn(table: Table) -> str:
    return render_to_string("components/table.html", {"table": table})


def test_the_template() -> None:
    text = drawn(Everything([Row()], totals=Row("Total", minutes=300)))
    assert '<caption class="visually-hidden">Tout</caption>' in text
    assert re.search(r'<th scope="col"\s*>\s*Nom', text)
    assert '<th scope="row">Hall &lt;A&gt;</th>' in text
    assert '<td data-label="Durée" class="num">1\u00a0h\u00a030</td>' in text
    foot = text.split("<tfoot>")[1]
    assert '<th scope="row">Total</th>' in foot
    assert "5\u00a0h" in foot
    assert "aria-sort" not in text
    assert "sorts" not in text, "a list in one order"
    assert "<tfoot>" not in drawn(Everything([Row()]))


def test_a_column_that_reads_nothing_fails() -> None:
    class Misspelt(Table):
        nom = Column("Nom", "nam")

    with pytest.raises(ValueError, match="nam"):
        list(Misspelt([Row()]).lines)


def test_a_kind_is_one_of_those_known() -> None:
    class Odd(Table):
        name = Column("Nom", kind="txt")

    with pytest.raises(KeyError):
        list(Odd([Row()]).lines)


def test_no_cell_is_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template for each cell takes twice as long; ours is drawn in Python."""
    from django.template.backends.django import Template

    rendered: list[Any] = []
    render = Template.render
    monkeypatch.setattr(
        Template, "render", lambda self, *a, **k: rendered.append(self) or render(self, *a, **k)
    )
    drawn(Everything([Row()] * 20))
    assert len(rendered) == 1
    assert set(SHOWN) >= {"text", "day", "moment"}

"""What a block of a synthesis is made of, as plain JSON: what is frozen with an edition.

The page, the PDF, the workbook and the attached files are all made from these, so that none of
them can say another number than the others.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from humanicite.templatetags.french import number
from reporting import charts
from reporting.periods import Period

Part = dict[str, Any]


class Cell(TypedDict, total=False):
    """`text` as it is read; `value` where it is a number; how it is drawn."""

    text: str
    value: float | None
    width: float  # a bar's length, 0 to 100
    level: int  # how far it is indented
    shade: int  # 0 to 4


def cell(text: str, value: float | None = None, **drawn: object) -> Cell:
    made: Cell = {"text": text}
    if value is not None:
        made["value"] = value
    made.update(drawn)  # type: ignore[typeddict-item]  # width, level, shade: as the keywords are
    return made


def bar(width: float) -> Cell:
    return {"text": "", "width": round(width, 1)}


def heading(text: str) -> Part:
    return {"kind": "heading", "text": text}


def paragraph(text: str, *, quiet: bool = False) -> Part:
    return {"kind": "paragraph", "text": text, "quiet": quiet}


def key_figures(caption: str, figures: Iterable[Any], *, compared: bool) -> Part:
    """From `dashboards.board.KeyFigure`."""
    entries = [
        {
            "label": figure.label,
            "value": figure.value,
            "note": figure.note,
            "previous": figure.previous,
            "last_year": figure.last_year,
        }
        for figure in figures
    ]
    return {"kind": "figures", "caption": caption, "entries": entries, "compared": compared}


def table(
    name: str,
    caption: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Cell]],
    style: str = "",
) -> Part:
    """`columns`: (title, how: text, num, bar, value, note or cell). The first cell of a row is its
    heading. `name` is short: of a sheet in a workbook."""
    return {
        "kind": "table",
        "name": name,
        "caption": caption,
        "columns": [{"title": title, "how": how} for title, how in columns],
        "rows": [list(row) for row in rows],
        "style": style,
    }


def month_chart(title: str, chart: charts.MonthChart, source: str = "", **more: object) -> Part:
    """The values of a chart; how it is drawn is no part of what is frozen."""
    return {
        "kind": "chart",
        "title": title,
        "months": [one.period.slug for one in chart.bars],
        "values": [one.value for one in chart.bars],
        "texts": [one.text for one in chart.bars],
        "id": chart.id,
        "colour": chart.colour,
        "source": source,
        "small": chart.height < 150,
        **more,
    }


def lines(title: str, drawn_lines: Sequence[charts.Line], source: str = "") -> Part:
    """Small charts on one scale: their values; how they are drawn is no part of what is frozen."""
    return {
        "kind": "lines",
        "title": title,
        "months": [one.slug for one in drawn_lines[0].periods] if drawn_lines else [],
        "series": [
            {"id": one.id.removeprefix("ligne-"), "label": one.label, "values": one.values}
            for one in drawn_lines
        ],
        "source": source,
    }


def drawn_lines(part: Part) -> list[charts.Line]:
    periods = [Period.parse(slug) for slug in part["months"]]
    series = [(one["id"], one["label"], one["values"]) for one in part["series"]]
    return charts.lines(series, periods, number)


def drawn(part: Part) -> charts.MonthChart:
    """The chart of a part, to be drawn."""
    periods = [Period.parse(slug) for slug in part["months"]]
    sizes = {"width": 480, "height": 120, "top": 22, "bottom": 22} if part["small"] else {}
    chart = charts.months(periods, part["values"], part["texts"], **sizes)
    chart.id, chart.colour = part["id"], part["colour"]
    return chart


def facts(entries: Sequence[str]) -> Part:
    return {"kind": "facts", "entries": list(entries)}


def definitions(entries: Iterable[tuple[str, str]]) -> Part:
    return {"kind": "definitions", "entries": [list(pair) for pair in entries]}


def callout(kind: str, label: str, text: str) -> Part:
    """A point that stands out; `kind`: watch or asked."""
    return {"kind": kind, "label": label, "text": text}


def tables_of(document: dict[str, Any]) -> list[Part]:
    """All tables of an edition, in its order; charts as the tables of their months."""
    found = []
    for block in document["blocks"]:
        for part in block["parts"]:
            if part["kind"] == "table":
                found.append(part)
            elif part["kind"] == "chart":
                found.append(_chart_table(part))
            elif part["kind"] == "lines":
                found.append(_lines_table(part))
    return found


def _lines_table(part: Part) -> Part:
    columns = [("Mois", "text"), *((one["label"], "num") for one in part["series"])]
    rows = [
        [
            cell(Period.parse(slug).label),
            *(cell(number(one["values"][at]), one["values"][at]) for one in part["series"]),
        ]
        for at, slug in enumerate(part["months"])
    ]
    return table(part["title"].split(",")[0], part["title"], columns, rows)


def _chart_table(part: Part) -> Part:
    rows = [
        [cell(Period.parse(slug).label), cell(text, value)]
        for slug, value, text in zip(part["months"], part["values"], part["texts"], strict=True)
    ]
    return table(
        part["title"].split(",")[0], part["title"], [("Mois", "text"), ("Valeur", "num")], rows
    )

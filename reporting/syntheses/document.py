"""All that an edition says, as plain JSON: made from figures and texts, then frozen (R76)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from governance.models import Contact, Convention, PartyKind, Perimeter
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import datefr, unbroken
from mediation.signalements.emails.letters import service_phone
from reporting.dashboards.board import dashboard
from reporting.dashboards.signalements import SignalementBoard, long_open
from reporting.figures.activities import report
from reporting.figures.signalements import evening_of, signalement_figures
from reporting.periods import Period
from reporting.recommendations.blocks import RECOMMENDATIONS

from . import parts, texts, titles
from .blocks import Matter, made
from .models import Edition, EditionKind, MonthlySynthesis

Document = dict[str, Any]


def gather(
    perimeter: Perimeter, period: Period, on: date, synthesis: MonthlySynthesis | None = None
) -> Matter:
    """What an edition's blocks are made of, as things are on a day; its queries are all made here
    and by the blocks."""
    conventions = Convention.objects.of_programme(perimeter.party.programme_id)
    then = evening_of(period, on)
    return Matter(
        perimeter=perimeter,
        period=period,
        on=on,
        synthesis=synthesis,
        convention=conventions.in_force(period.last),
        board=dashboard(
            perimeter,
            report(perimeter, period),
            on,
            links=False,
            reads_rows=False,
        ),
        signalements=SignalementBoard(signalement_figures(perimeter, period, on, then)),
        long_open=long_open(perimeter, period, on, then),
    )


def compose(
    matter: Matter, written: texts.Texts | None = None, versions: Sequence[Edition] = ()
) -> Document:
    """The document of an edition. Without a text of ours, the sentences that follow from the figures
    stand in its place; `versions` are those that were published before."""
    written = written or texts.Texts()
    perimeter, period, board = matter.perimeter, matter.period, matter.board
    document: Document = {
        "programme": perimeter.party.programme.name,
        "is_demo": perimeter.party.programme.is_demo,
        "perimeter": str(perimeter),
        "party": perimeter.party.name,
        "slug": perimeter.party.slug,
        "month": period.slug,
        "convention": matter.convention.name if matter.convention else "",
        "operator": matter.convention.operator.name if matter.convention else "",
        "on": matter.on.isoformat(),
        "is_running": board.is_running,
        "title": texts_title(matter, written),
        "message": board.headline,
        "blocks": [_essential(matter, written)],
        "data": _data(matter),
    }
    for block, block_parts in made(matter):
        if written.leaves_out(block.key, perimeter):
            continue
        if block.key == "methode":
            block_parts = _with_corrections(block_parts, matter, versions)
        read = written.parts(block.key, perimeter)
        said: dict[str, Any] = {
            "key": block.key,
            "title": block.title,
            "text": [line for text in read for line in texts.paragraphs(text)],
            "parts": block_parts,
        }
        if block.is_followed:
            said["is_followed"] = True
        document["blocks"].append(said)
    return document


def texts_title(matter: Matter, written: texts.Texts) -> str:
    return written.one(texts.TITLE, matter.perimeter)


def _essential(matter: Matter, written: texts.Texts) -> dict[str, object]:
    board, perimeter, period = matter.board, matter.perimeter, matter.period
    block: dict[str, Any] = {
        "key": texts.ESSENTIAL,
        "title": "L’essentiel",
        "text": [],
        "parts": [],
    }
    asked = written.one(texts.ASKED, perimeter)
    said = [text for key in texts.FACTS if (text := written.one(key, perimeter))]
    if matter.has_data:
        compared = not board.is_running
        caption = "Les quatre chiffres du mois"
        if titles.is_review(period):
            caption = f"Les quatre chiffres {period.of_label}"
            caption += (
                ", comparés à la période précédente et à celle d’un an avant" if compared else ""
            )
        elif compared:
            caption += ", comparés au mois précédent et au même mois de l’an passé"
        keys = parts.key_figures(caption, board.key_figures, compared=compared)
        if titles.is_review(period):
            keys["over"] = "sur la période d’avant"
        block["parts"].append(keys)
    else:
        span = "cette période" if titles.is_review(period) else "ce mois"
        block["parts"].append(parts.paragraph(f"Aucun chiffre à présenter pour {span}."))
    said = said or (board.facts if matter.has_data else [])
    if said:
        block["parts"] += [parts.heading("Les faits"), parts.facts(said)]
    watch = written.one(texts.WATCH, perimeter)
    # What rose in a month is no matter of a bilan: there a point of vigilance is written, or none.
    if not watch and matter.has_data and not board.is_running and not titles.is_review(period):
        watch = board.watch_point
    if watch:
        block["parts"].append(parts.callout("watch", "Point de vigilance", watch))
    if asked:
        block["parts"].append(parts.callout("asked", "Ce qui vous est demandé", asked))
    if matter.has_data:
        months = board.report.months
        source = f"Activités enregistrées du périmètre, {months[0].label} à {months[-1].label}."
        block["parts"].append(
            parts.month_chart(
                "Heures d’activité, sur treize mois", board.curve, source, all_labels=True
            )
        )
    return block


def _with_corrections(
    made_parts: list[parts.Part], matter: Matter, versions: Sequence[Edition]
) -> list[parts.Part]:
    """The method, with what earlier versions of this month were replaced for, and whom to ask."""
    entries = [tuple(pair) for pair in made_parts[0]["entries"]]
    changes = [
        f"version {row.number}, {row.get_kind_display().lower()} du "
        f"{datefr(timezone.localdate(row.published_at))}{NBSP}: {row.reason}"
        for row in sorted(versions, key=lambda row: row.number)
        if row.kind != EditionKind.FIRST
    ]
    synthesis = matter.synthesis
    if synthesis is not None and synthesis.next_kind != EditionKind.FIRST:
        nature = EditionKind(synthesis.next_kind).label.lower()
        changes.append(f"cette version, {nature}{NBSP}: {synthesis.next_reason}")
    said = f"{NBSP}; ".join(changes)
    entries.append(("Corrections", f"{said[0].upper()}{said[1:]}." if said else "Aucune."))
    entries.append(("Contact", _contact(matter)))
    return [parts.definitions(entries), *made_parts[1:]]


def _contact(matter: Matter) -> str:
    programme = matter.perimeter.programme_id
    held = Contact.objects.on(matter.on).filter(
        party__programme=programme, party__kind=PartyKind.OPERATOR
    )
    function = held.order_by("is_backup", "pk").values_list("function", flat=True).first()
    operator = matter.convention.operator.short_name if matter.convention else ""
    phone = service_phone(programme, matter.on)
    who = ", ".join(text for text in (function or "La coordination", operator) if text)
    return f"{who}, {unbroken(phone)}." if phone else f"{who}."


def _data(matter: Matter) -> list[list[object]]:
    """What is attached as CSV: section, line, activities, minutes, people."""
    board = matter.board
    rows: list[list[object]] = []
    for section, lines in (
        ("type", board.types),
        ("axe", board.axes),
        ("thématique", board.themes),
        ("lieu", board.places),
    ):
        rows += [[section, line.label, line.count, line.minutes, ""] for line in lines]
    rows += [
        ["signalement", bar.label, int(bar.value), "", ""] for bar in matter.signalements.course
    ]
    rows += [["public", bar.label, "", "", int(bar.value)] for bar in board.audiences]
    for month, tally in zip(board.report.months, board.report.curve, strict=True):
        known = [tally.count, tally.minutes] if tally else ["n/d", "n/d"]
        rows.append(["mois", month.label, *known, ""])
    return rows


def figures_checksum(document: Document) -> str:
    """Tells whether the figures of two documents are the same: of all that was counted, not of texts."""
    counted = [
        part
        for block in document["blocks"]
        for part in block["parts"]
        if part["kind"] in ("figures", "table", "chart", "lines")
        and not (block["key"] == RECOMMENDATIONS or block.get("is_followed"))
        and part.get("is_counted", True)
    ]
    said = json.dumps([document["data"], counted], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def content_checksum(document: Document) -> str:
    """The same of all that is read, but for the day and for what the method says of versions."""
    said = {key: value for key, value in document.items() if key not in ("on", "blocks")}
    said["blocks"] = [block for block in document["blocks"] if block["key"] != "methode"]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

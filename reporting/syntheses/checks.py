"""What stands against publishing, told before it: errors, which do, and warnings, which do not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import emoji
from django.conf import settings
from django.utils import timezone

from governance.models import Contact, Perimeter
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import plural
from mediation import personal
from reporting.naming import outside_names, told_outside
from reporting.periods import Period

from . import texts
from .blocks import all_blocks
from .document import Document, compose, figures_checksum, gather
from .models import Comment, Edition, MonthlySynthesis

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Check:
    """`key`: the text that it is about, '' for none."""

    level: str
    text: str
    key: str = ""

    @property
    def is_error(self) -> bool:
        return self.level == ERROR


@dataclass(frozen=True)
class Draft:
    """An edition that is not published yet."""

    perimeter: Perimeter
    document: Document

    @property
    def figures(self) -> str:
        return figures_checksum(self.document)


def perimeters_of(programme_id: int) -> list[Perimeter]:
    """Of all parties, in a fixed order; each has its edition."""
    rows = Perimeter.objects.of_programme(programme_id).select_related("party__programme")
    return list(rows.order_by("party__name", "pk"))


def as_of(synthesis: MonthlySynthesis, today: date) -> date:
    """The day on which figures are taken: that of the validation, once there is one."""
    if synthesis.validated_at is None:
        return today
    return timezone.localdate(synthesis.validated_at)


def drafts_of(
    synthesis: MonthlySynthesis,
    written: texts.Texts,
    today: date,
    perimeters: Sequence[Perimeter] | None = None,
) -> list[Draft]:
    """What each edition would say now."""
    on = as_of(synthesis, today)
    chosen = perimeters_of(synthesis.programme_id) if perimeters is None else perimeters
    versions = list(Edition.objects.filter(synthesis=synthesis).light())
    return [
        Draft(
            perimeter,
            compose(
                gather(perimeter, synthesis.period, on, synthesis),
                written,
                [row for row in versions if row.perimeter_id == perimeter.pk],
            ),
        )
        for perimeter in chosen
    ]


def run(
    synthesis: MonthlySynthesis, drafts: Sequence[Draft], written: texts.Texts, today: date
) -> list[Check]:
    """Errors first."""
    period = synthesis.period
    found = [
        *_of_the_period(synthesis, today),
        *_of_lengths(written, period),
        *_of_numbers(written, period),
        *_of_missing_texts(drafts, written, period),
        *_of_words(written, period),
        *_of_names(synthesis, drafts, written),
        *_of_figures(synthesis, drafts),
        *_of_comments(synthesis),
        *_of_readers(drafts, today),
    ]
    return sorted(found, key=lambda check: not check.is_error)


def errors_in(checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.is_error]


def _of_the_period(synthesis: MonthlySynthesis, today: date) -> Iterable[Check]:
    if not synthesis.is_over(today):
        over = (
            "La période {} n’est pas terminée."
            if synthesis.is_review
            else "Le mois {} n’est pas terminé."
        )
        yield Check(ERROR, over.format(synthesis.period.of_label))


def _of_lengths(written: texts.Texts, period: Period) -> Iterable[Check]:
    slots = texts.slots_by_key(period)
    for passage in written.passages():
        slot = slots.get(passage.key)
        size = len(passage.text.strip())
        if slot and size > slot.most:
            yield Check(
                ERROR,
                f"{slot.label}{NBSP}: {size} caractères, {slot.most} au plus.",
                passage.key,
            )


def _of_numbers(written: texts.Texts, period: Period) -> Iterable[Check]:
    asked = dict(pair for block in all_blocks(period) for pair in block.asks)
    for passage in written.passages():
        if passage.key in asked and passage.text and texts.number_in(passage.text) is None:
            yield Check(
                ERROR, f"{asked[passage.key]}{NBSP}: écrivez un nombre entier.", passage.key
            )


def _of_missing_texts(
    drafts: Sequence[Draft], written: texts.Texts, period: Period
) -> Iterable[Check]:
    slots = texts.slots_by_key(period)
    if any(not written.one(texts.TITLE, draft.perimeter) for draft in drafts):
        yield Check(ERROR, "Le titre est à écrire.", texts.TITLE)
    lacking: dict[str, list[str]] = {}
    for draft in drafts:
        for block in draft.document["blocks"]:
            if block["key"] in slots and not block["text"]:
                lacking.setdefault(block["key"], []).append(draft.perimeter.party.short_name)
    for key, parties in lacking.items():
        where = "" if len(parties) == len(drafts) else f" (édition de {', '.join(parties)})"
        yield Check(ERROR, f"{slots[key].label}{NBSP}: à rédiger{where}.", key)
    if not any(written.one(texts.ASKED, draft.perimeter) for draft in drafts):
        yield Check(
            WARNING, f"Rien n’est demandé aux parties{NBSP}: est-ce voulu{NBSP}?", texts.ASKED
        )


def _of_words(written: texts.Texts, period: Period) -> Iterable[Check]:
    slots = texts.slots_by_key(period)
    for passage in written.passages():
        slot = slots.get(passage.key)
        if slot is None:
            continue
        if found := personal.find(passage.text):
            yield Check(
                ERROR,
                f"{slot.label}{NBSP}: ce texte semble identifier quelqu’un, "
                f"{personal.said(found)}. Dites le sujet, sans la personne.",
                passage.key,
            )
        if signs := unprintable(passage.text):
            yield Check(
                ERROR,
                f"{slot.label}{NBSP}: la police du document ne sait pas écrire "
                f"«{NBSP}{signs}{NBSP}». Écrivez-le en lettres latines.",
                passage.key,
            )


def _of_names(
    synthesis: MonthlySynthesis, drafts: Sequence[Draft], written: texts.Texts
) -> Iterable[Check]:
    slots = texts.slots_by_key(synthesis.period)
    for draft in drafts:
        perimeter = draft.perimeter
        names = outside_names(perimeter, synthesis.period)
        if told := told_outside(synthesis.next_reason, names):
            yield Check(
                ERROR,
                f"Le motif de la nouvelle version nommerait {', '.join(told)} dans l’édition de "
                f"{perimeter.party.short_name}, hors de son périmètre.",
            )
        for key, slot in slots.items():
            told = [
                name for text in written.parts(key, perimeter) for name in told_outside(text, names)
            ]
            if told and not written.leaves_out(key, perimeter):
                yield Check(
                    ERROR,
                    f"{slot.label}{NBSP}: l’édition de {perimeter.party.short_name} nommerait "
                    f"{', '.join(dict.fromkeys(told))}, hors de son périmètre. Récrivez, ou retenez "
                    "ce texte de cette édition.",
                    key,
                )


def _of_figures(synthesis: MonthlySynthesis, drafts: Sequence[Draft]) -> Iterable[Check]:
    for draft in drafts:
        known = synthesis.validated_figures.get(str(draft.perimeter.pk))
        if synthesis.validated_at and not synthesis.is_published and known != draft.figures:
            yield Check(
                ERROR,
                f"Les chiffres de l’édition de {draft.perimeter.party.short_name} ont changé depuis "
                f"la validation{NBSP}: reprenez, relisez et validez de nouveau.",
            )
        if (
            not draft.document["data"]
            or draft.document["blocks"][0]["parts"][0]["kind"] != "figures"
        ):
            yield Check(
                WARNING,
                f"Aucune activité dans l’édition de {draft.perimeter.party.short_name}.",
            )


def _of_comments(synthesis: MonthlySynthesis) -> Iterable[Check]:
    waiting = Comment.objects.filter(consultation__synthesis=synthesis, is_dealt_with=False).count()
    if waiting:
        said = plural(waiting, "observation d’une partie attend,observations des parties attendent")
        yield Check(ERROR, f"{said} d’être traitées." if waiting > 1 else f"{said} d’être traitée.")


def _of_readers(drafts: Sequence[Draft], today: date) -> Iterable[Check]:
    held = Contact.objects.on(today).filter(
        party__in=[draft.perimeter.party_id for draft in drafts]
    )
    reached = set(held.exclude(email="").values_list("party_id", flat=True))
    for draft in drafts:
        party = draft.perimeter.party
        if party.pk not in reached and not party.is_operator:
            yield Check(
                WARNING, f"{party.short_name} n’a pas d’interlocuteur à qui envoyer son édition."
            )


@cache
def _drawable() -> frozenset[int]:
    """The signs that the embedded typeface holds."""
    from fontTools.ttLib import TTFont

    path = Path(settings.BASE_DIR) / "static" / "fonts" / "inter-latin-400-normal.woff2"
    with TTFont(path) as font:
        return frozenset(font.getBestCmap())


def unprintable(text: str) -> str:
    """The signs of a text that no file could show; emoji are said in words and spaces show nothing."""
    bare = emoji.replace_emoji(text, "")
    lacking = [c for c in bare if ord(c) not in _drawable() and not c.isspace()]
    return "".join(dict.fromkeys(lacking))[:20]

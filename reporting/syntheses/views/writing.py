"""The editor: what was counted, and beside it what is written of it (R76, R79)."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Perimeter
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import writes
from humanicite.lib.params import number_in, version_in
from humanicite.lib.writes import Conflict
from mediation import personal

from .. import actions, checks, findings, texts
from ..blocks import all_blocks, made
from ..document import compose, gather
from ..models import MonthlySynthesis, Passage, Suggestion
from .month import synthesis_of

AUTOSAVE = "X-Autosave"


@dataclass
class Written:
    """A text as the editor shows it."""

    slot: texts.Slot
    text: str
    version: int
    passage: Passage | None = None
    conflict: Passage | None = None
    error: str = ""
    common: Passage | None = None  # what stands above an edition's own
    omission: str = ""

    @property
    def digest(self) -> str:
        return digest(self.passage.text if self.passage else "")

    @property
    def said_by(self) -> str:
        return _by(self.passage) if self.passage else ""

    @property
    def asks_about_persons(self) -> str:
        return personal.said(personal.find(self.text))


@writes(Right.PRODUCE_SYNTHESES)
def writing(request: Request, month: str) -> HttpResponse:
    """GET: the texts beside the figures, all editions' or (`?edition=`) one's own. POST: saves."""
    row = synthesis_of(request, month)
    perimeters = checks.perimeters_of(row.programme_id)
    perimeter = _chosen(request, perimeters)
    if request.method == "POST":
        return _save(request, row, perimeters, perimeter)
    return _page(request, row, perimeters, perimeter)


def _chosen(request: Request, perimeters: list[Perimeter]) -> Perimeter | None:
    """The edition whose own texts are written; 404 for one that is none of the programme's."""
    key = request.GET.get("edition") or request.POST.get("edition")
    if not key:
        return None
    for perimeter in perimeters:
        if perimeter.pk == number_in(key):
            return perimeter
    raise Http404


def _save(
    request: Request,
    row: MonthlySynthesis,
    perimeters: list[Perimeter],
    perimeter: Perimeter | None,
) -> HttpResponse:
    conflicts: dict[str, Passage | None] = {}
    errors: dict[str, str] = {}
    for slot in texts.slots(row.period):
        typed = request.POST.get(f"texte-{slot.key}")
        if typed is None or digest(typed) == request.POST.get(f"lu-{slot.key}"):
            continue  # left as it was read: what others wrote meanwhile stands
        try:
            actions.write_passage(
                synthesis=row,
                key=slot.key,
                perimeter=perimeter,
                text=typed,
                read_version=version_in(request.POST.get(f"version-{slot.key}")),
                by=request.membership,
            )
        except Conflict as now:
            conflicts[slot.key] = now.row
        except ValidationError as error:
            errors[slot.key] = " ".join(error.messages)
    if AUTOSAVE in request.headers:
        return _told(row, perimeter, conflicts, errors)
    if conflicts or errors:
        return _page(request, row, perimeters, perimeter, conflicts, errors)
    messages.success(request, "Enregistré.")
    return redirect(_address(row, perimeter))


def digest(text: str) -> str:
    """Tells whether a text is still the one that was read."""
    bare = text.replace("\r\n", "\n").strip()
    return hashlib.sha256(bare.encode()).hexdigest()[:12]


def _address(row: MonthlySynthesis, perimeter: Perimeter | None) -> str:
    path = reverse("synthesis_writing", args=[row.period.slug])
    return f"{path}?edition={perimeter.pk}" if perimeter else path


def _told(
    row: MonthlySynthesis,
    perimeter: Perimeter | None,
    conflicts: dict[str, Passage | None],
    errors: dict[str, str],
) -> JsonResponse:
    """For the page's script: every text as it stands, and what was not saved."""
    rows = Passage.objects.filter(synthesis=row, perimeter=perimeter).select_related("author")
    return JsonResponse(
        {
            "at": f"{timezone.localtime():%H:%M}",
            "texts": {
                one.key: {"version": one.version, "text": one.text, "by": _by(one)} for one in rows
            },
            "conflicts": list(conflicts),
            "errors": errors,
        },
        status=409 if conflicts else 422 if errors else 200,
    )


def _by(passage: Passage) -> str:
    author = passage.author.function if passage.author else "quelqu’un"
    return f"{author}, {timezone.localtime(passage.updated_at):%d/%m à %H:%M}"


def _page(
    request: Request,
    row: MonthlySynthesis,
    perimeters: list[Perimeter],
    perimeter: Perimeter | None,
    conflicts: dict[str, Passage | None] | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    written = texts.Texts.of(row)
    shown = perimeter or _widest(perimeters)
    if shown is None:
        raise Http404
    matter = gather(shown, row.period, checks.as_of(row, timezone.localdate()), row)
    typed = resume.data_of(request)
    slots = {
        slot.key: _written(slot, written, perimeter, typed, conflicts or {}, errors or {})
        for slot in texts.slots(row.period)
    }
    essential = compose(matter, written)["blocks"][0]
    by_key = {block.key: parts for block, parts in made(matter)}
    context = {
        "synthesis": row,
        "period": row.period,
        "perimeter": perimeter,
        "shown": shown,
        "perimeters": perimeters,
        "head": [slots[slot.key] for slot in texts.slots(row.period) if slot.key not in by_key],
        "essential": essential,
        "blocks": [
            (block, by_key[block.key], slots.get(block.key))
            for block in all_blocks(row.period)
            if block.key in by_key
        ],
        "suggestions": _suggestions(row, perimeter, matter) if perimeter else [],
        "has_conflicts": bool(conflicts),
        "has_errors": bool(errors),
        "resumed": hasattr(request, "resumed"),
        "save_to": _address(row, perimeter),
    }
    status = 409 if conflicts else 422 if errors else 200
    return render(request, "syntheses/writing.html", context, status=status)


def _widest(perimeters: list[Perimeter]) -> Perimeter | None:
    """The perimeter that covers most: whose figures stand beside the common texts."""
    return max(
        perimeters,
        key=lambda row: (sum(len(places) for _, _, places in row.intervals), -row.pk),
        default=None,
    )


def _written(
    slot: texts.Slot,
    written: texts.Texts,
    perimeter: Perimeter | None,
    typed: Any,
    conflicts: dict[str, Passage | None],
    errors: dict[str, str],
) -> Written:
    common = written.common.get(slot.key)
    passage = written.own.get((perimeter.pk, slot.key)) if perimeter else common
    found = Written(
        slot,
        text=passage.text if passage else "",
        version=passage.version if passage else 0,
        passage=passage,
        error=errors.get(slot.key, ""),
        common=common if perimeter else None,
    )
    if perimeter and (perimeter.pk, slot.key) in written.omissions:
        found.omission = "tout" if written.omissions[perimeter.pk, slot.key] else "texte"
    name = f"texte-{slot.key}"
    if typed is not None and name in typed:
        found.text = typed[name]
        read = version_in(typed.get(f"version-{slot.key}"))
        touched = digest(found.text) != typed.get(f"lu-{slot.key}")
        if not touched and slot.key not in conflicts:
            found.text = passage.text if passage else ""
        elif slot.key in conflicts or (passage and read != passage.version):
            # Shown beside what was typed; saving again is over the version that is shown.
            found.conflict = passage if passage and passage.text != found.text.strip() else None
    return found


def _suggestions(row: MonthlySynthesis, perimeter: Perimeter, matter: Any) -> list[Any]:
    decided = set(
        Suggestion.objects.filter(synthesis=row, perimeter=perimeter).values_list(
            "finding", flat=True
        )
    )
    return [found for found in findings.find(matter) if found.key not in decided]


@writes(Right.PRODUCE_SYNTHESES, confirm=False)
def suggestion(request: Request, month: str) -> HttpResponse:
    """Takes a finding into the edition's own text, or leaves it."""
    row = synthesis_of(request, month)
    perimeters = checks.perimeters_of(row.programme_id)
    perimeter = _chosen(request, perimeters)
    if perimeter is None:
        raise Http404
    matter = gather(perimeter, row.period, checks.as_of(row, timezone.localdate()), row)
    wanted = request.POST.get("constat", "")
    finding = next((one for one in findings.find(matter) if one.key == wanted), None)
    if finding is None:
        messages.info(request, "Les chiffres ont changé\u00a0: ce constat ne tient plus.")
        return redirect(_address(row, perimeter))
    try:
        actions.decide_suggestion(
            synthesis=row,
            perimeter=perimeter,
            finding=finding.key,
            is_taken="reprendre" in request.POST,
            key=finding.block,
            text=finding.text,
            by=request.membership,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(_address(row, perimeter))


@writes(Right.PRODUCE_SYNTHESES, confirm=False)
def keep(request: Request, month: str) -> HttpResponse:
    """Keeps a text or a block from an edition, or lets it in again."""
    row = synthesis_of(request, month)
    perimeter = _chosen(request, checks.perimeters_of(row.programme_id))
    if perimeter is None:
        raise Http404
    try:
        actions.keep_from_edition(
            synthesis=row,
            perimeter=perimeter,
            key=request.POST.get("rubrique", ""),
            what=request.POST.get("retenir", ""),
            by=request.membership,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(_address(row, perimeter))

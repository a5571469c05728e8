"""Brings a situation back to a former version."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.models import Act, Committee, Membership, Party
from mediation.history.back import NothingToUndo, Return, reason_of, rows_by_key, take_fields
from mediation.history.followed import Cells
from mediation.history.versions import current_state, state_at

from .actions import Involvements, change_situation, check_line
from .models import AgendaLine, Situation

# What to put on coming agendas, or (None) to take off them.
AgendaLines = dict[tuple[Committee, date], str | None]


@transaction.atomic
def return_situation(*, version: Any, read_version: int, by: Membership) -> Return:
    """Brings a situation, its parties and its coming agenda lines back to what a version said.

    The lines of a session that took place are what partners were shown: they stay as they are.
    Raises NothingToUndo, Conflict, PermissionDenied, ValidationError.
    """
    wanted = state_at(version)
    situation = Situation.objects.select_for_update().get(pk=version.id)
    now = current_state(situation)
    if now.says_the_same(wanted):
        raise NothingToUndo(situation)
    back = Return(situation)
    fields = take_fields(back, wanted)
    involved = _involved(back, wanted.cells[0], now.cells[0])
    lines = _lines(back, situation, wanted.cells[1], now.cells[1])
    parties = {(party.pk,): part for party, part in involved.items()}
    if not fields and not lines and parties == now.cells[0]:
        raise ValidationError(back.said)  # all that differs is what cannot come back
    situation._change_reason = reason_of(version)  # type: ignore[attr-defined]  # simple-history’s
    change_situation(
        situation=situation,
        involvements=involved,
        read_version=read_version,
        by=by,
        fields=[
            *fields,
            *(["involvements"] if parties != now.cells[0] else []),
            *(["agenda_lines"] if lines else []),
        ],
        act=Act.UNDO,
    )
    _save_lines(situation, lines)
    return back


def _save_lines(situation: Situation, lines: AgendaLines) -> None:
    for (committee, day), line in lines.items():
        row = situation.agenda_lines.filter(committee=committee, day=day).first()
        if line is None:
            if row is not None:
                row.delete()
        else:
            row = row or AgendaLine(situation=situation, committee=committee, day=day)
            row.line = line
            row.full_clean()
            row.save()


def _involved(back: Return, wanted: Cells, now: Cells) -> Involvements:
    known = rows_by_key(Party, {key for (key,) in (*wanted, *now)})
    if any(key not in known for (key,) in wanted):
        back.said.append("Partie concernée : une partie n’existe plus.")
    return {known[key]: part for (key,), part in wanted.items() if key in known}


def _lines(back: Return, situation: Situation, wanted: Cells, now: Cells) -> AgendaLines:
    today = timezone.localdate()
    found: AgendaLines = {}
    differing = [cell for cell in {**wanted, **now} if wanted.get(cell) != now.get(cell)]
    known = rows_by_key(Committee, {key for key, _ in differing})
    for key, day in differing:
        committee, line = known.get(key), wanted.get((key, day))
        where = f"{committee or 'une instance'}, séance du {day:%d/%m/%Y}"
        if committee is None:
            back.said.append("Ordre du jour : une instance n’existe plus.")
        elif day < today:
            back.said.append(f"Ordre du jour ({where}) : la séance a eu lieu, rien n’y change.")
        elif line is None:
            found[committee, day] = None
        else:
            try:
                check_line(situation=situation, line=line, day=day, today=today)
            except ValidationError as error:
                back.said.append(f"Ordre du jour ({where}) : {' '.join(error.messages)}")
            else:
                found[committee, day] = line
    return found

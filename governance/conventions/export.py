"""From rows to a convention file: what `loader` would read to make the same frame elsewhere."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, Q

from governance.base import current
from governance.committees.models import Committee, Seat
from governance.contacts.models import Contact
from governance.framework.models import Audience, Axis, Objective, Theme
from governance.parties.models import Party, Programme
from governance.territory.models import Perimeter, Place

from .models import Convention, Provision, ProvisionKind
from .schema import ConventionFile, check


def frame_of(programme: Programme, convention: Convention, day: date) -> dict[str, Any]:
    """The tables of a file, as the frame stands on a day: retired entries and ended seats left out.

    Two seats of a committee that say the same are one, as in any file.
    """
    places: list[Place] = []
    slugs: dict[int, str] = {}
    for row in Place.objects.of_programme(programme.pk).filter(current(day)).in_tree_order():
        if row.parent_id is None or row.parent_id in slugs:
            places.append(row)
            slugs[row.pk] = row.slug
    return {
        "programme": {"slug": programme.slug, "name": programme.name},
        "convention": _convention(convention),
        "parties": [
            _filled(row, "slug", "name", "short_name", "kind", "address")
            for row in Party.objects.of_programme(programme.pk).order_by("pk")
        ],
        "signatories": [
            {
                "party": row.party.slug,
                **_filled(row, "represented_by", "head_office", "deliberation"),
            }
            for row in convention.signatories.select_related("party").order_by("rank", "pk")
        ],
        "places": [_place(row, slugs) for row in places],
        "perimeters": _perimeters(programme, set(slugs)),
        "axes": _axes(programme, day),
        "themes": _themes(programme, day),
        "audiences": {
            "names": [
                row.name
                for row in Audience.objects.of_programme(programme.pk)
                .filter(current(day))
                .order_by("rank", "pk")
            ]
        },
        "committees": _committees(programme, convention, day),
        "contributions": _contributions(convention),
        **_provisions(convention),
        "contacts": _contacts(programme, day),
    }


def _filled(row: object, *names: str) -> dict[str, object]:
    """The fields that say something."""
    found = {name: getattr(row, name) for name in names}
    return {name: value for name, value in found.items() if value not in ("", None, False)}


def _convention(row: Convention) -> dict[str, object]:
    fields = (
        "slug",
        "name",
        "starts",
        "ends",
        "yearly_hours",
        "weekly_hours",
        "mediators",
        "supervision",
        "norm",
        "charter",
        "background",
        "not_replaced",
        "finances_since",
        "originals",
        "signed_on",
        "signing_place",
    )
    table = {**_filled(row, *fields), "operator": row.operator.slug, "cost": row.cost}
    return table | ({"finances_by": row.finances_by.slug} if row.finances_by else {})


def _contributions(convention: Convention) -> list[dict[str, object]]:
    rows = convention.contributions.select_related("payer", "payee").order_by("pk")
    found = []
    for row in rows.prefetch_related("instalments"):
        parts = [_filled(part, "amount", "due_on", "paid_on") for part in row.instalments.all()]
        table = {"payer": row.payer.slug, "payee": row.payee.slug}
        found.append({**table, **_filled(row, "amount", "paid_on"), "instalments": parts})
    return found


def _place(row: Place, slugs: Mapping[int, str]) -> dict[str, object]:
    table = _filled(row, "slug", "name", "kind", "to_confirm")
    return table | ({"parent": slugs[row.parent_id]} if row.parent_id else {})


def _perimeters(programme: Programme, places: set[int]) -> list[dict[str, Any]]:
    rows = Perimeter.objects.of_programme(programme.pk).select_related("party").order_by("pk")
    found = []
    for row in rows.prefetch_related("places"):
        slugs = [place.slug for place in row.places.all() if place.pk in places]
        if slugs:
            found.append({"party": row.party.slug, "name": row.name, "places": slugs})
    return found


def _axes(programme: Programme, day: date) -> list[dict[str, object]]:
    objectives = Objective.objects.filter(current(day)).order_by("number")
    axes = Axis.objects.of_programme(programme.pk).filter(current(day)).order_by("number")
    return [
        {
            "number": axis.number,
            "name": axis.name,
            "objectives": [
                {"number": row.number, "text": row.text} for row in axis.objectives.all()
            ],
        }
        for axis in axes.prefetch_related(Prefetch("objectives", objectives))
    ]


def _themes(programme: Programme, day: date) -> list[dict[str, object]]:
    rows = Theme.objects.of_programme(programme.pk).filter(current(day)).order_by("rank", "pk")
    found = []
    for (group, objective), themes in groupby(
        rows.select_related("objective__axis"), key=lambda row: (row.group, row.objective)
    ):
        table: dict[str, object] = {"group": group}
        if objective and objective.retired_on is None and objective.axis.retired_on is None:
            table["objective"] = f"{objective.axis.number}.{objective.number}"
        found.append(table | {"names": [theme.name for theme in themes]})
    return found


def _committees(programme: Programme, convention: Convention, day: date) -> list[dict[str, object]]:
    term = max(day, convention.starts)
    eve = convention.starts - timedelta(days=1)
    seats = Seat.objects.select_related("party").order_by("rank", "pk")
    rows = Committee.objects.of_programme(programme.pk).filter(current(term)).order_by("rank", "pk")
    found = []
    for row in rows.prefetch_related(Prefetch("seats", seats)):
        table = _filled(row, "slug", "name", "kind", "frequency", "purpose")
        table["seats"] = _seats(seat for seat in row.seats.all() if seat.holds(term))
        # A file knows one list of before: of seats that ended on the eve, those that began together.
        before = [seat for seat in row.seats.all() if seat.ends == eve]
        if before:
            since = Counter(seat.starts for seat in before).most_common(1)[0][0]
            table["earlier_since"] = since
            table["earlier"] = _seats(seat for seat in before if seat.starts == since)
        found.append(table)
    return found


def _seats(rows: Iterable[Seat]) -> list[dict[str, object]]:
    tables: list[dict[str, object]] = []
    for seat in rows:
        table = _filled(seat, "label", "function", "on_agenda")
        if seat.party is not None:
            table["party"] = seat.party.slug
        if table not in tables:
            tables.append(table)
    return tables


def _provisions(convention: Convention) -> dict[str, object]:
    rows = list(convention.provisions.select_related("party").order_by("rank", "pk"))
    means = [row for row in rows if row.kind == ProvisionKind.MEANS and row.party is not None]
    return {
        "means": [
            _means(slug, list(of_party))
            for slug, of_party in groupby(
                means, key=lambda row: row.party.slug if row.party else ""
            )
        ],
        "commitments": {
            "texts": [row.text for row in rows if row.kind == ProvisionKind.COMMITMENT]
        },
    }


def _means(slug: str, rows: list[Provision]) -> dict[str, object]:
    states = [
        {"since": row.state_since, **_filled(row, "text", "state", "remark")}
        for row in rows
        if row.state
    ]
    return {"party": slug, "texts": [row.text for row in rows], "states": states}


def _contacts(programme: Programme, day: date) -> list[dict[str, object]]:
    rows = Contact.objects.of_programme(programme.pk).filter(Q(ends__isnull=True), starts__lte=day)
    return [
        {"party": row.party.slug, **_filled(row, "function", "email", "phone", "is_backup")}
        for row in rows.select_related("party").order_by("pk")
    ]


def to_toml(tables: Mapping[str, object]) -> str:
    """The text of a file. Raises ConventionFileError for tables that no file may hold."""
    content: ConventionFile = check(dict(tables))
    parts = []
    for name, value in content.model_dump(exclude_defaults=True).items():
        for table in value if isinstance(value, list) else [value]:
            head = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            lines = [f"{key} = {_value(inner)}" for key, inner in table.items()]
            parts.append("\n".join([head, *lines]))
    return "\n\n".join(parts) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return _value(value.value)
    if isinstance(value, int | Decimal):
        return format(Decimal(value).normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        lines = "".join(f"\n  {_value(inner)}," for inner in value)
        return f"[{lines}\n]" if lines else "[]"
    # A basic string of TOML is one of JSON, but for the delete character.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")

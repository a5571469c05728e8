"""Every field that a form reads stands on its page: one that does not is emptied by each saving."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet

from .test_walk_routes import ROUTES, address
from .world import World

MOST_ROWS = 2  # of each model: forms differ little from row to row
# Drawn only where there is something to answer, and of no row; a sheet's rows have the day of the sheet.
ELSEWHERE = {"keep_personal", "keep", "confirmed", "takes_photos", "DELETE", "RowForm.day"}


def forms_of(answer: Any) -> Iterator[BaseForm]:
    for part in answer.context or ():
        for value in part.dicts if hasattr(part, "dicts") else [part]:
            for found in value.values():
                if isinstance(found, BaseForm):
                    yield found
                elif isinstance(found, BaseFormSet):
                    yield from found.forms


@pytest.mark.parametrize("who", ["mediateur", "coordination", "town-a"])
def test_each_field_of_a_form_is_on_its_page(
    who: str, world: World, sign_in: Any, fill: Any
) -> None:
    fill(world)
    client, reader, missing, seen = sign_in(world, who), world.reader(who), set(), 0
    for route in ROUTES:
        access = route.callback.access
        if access.kind not in ("reads", "writes") or not reader.may(access.right):
            continue
        rows: list[Any] = [None]
        if access.model:
            rows = list(access.model._default_manager.visible_to(reader)[:MOST_ROWS])
        for row in rows:
            answer = client.get(address(route, row.pk if row else None))
            if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
                continue
            names = set(re.findall(r'name="([^"]+)"', answer.content.decode()))
            for form in forms_of(answer):
                absent = {
                    bound.name
                    for bound in form
                    if not any(name.startswith(bound.html_name) for name in names)
                }
                if len(absent) < len(form.fields):  # else the page has no use for it now
                    seen += 1
                    said = {
                        f"{type(form).__name__}.{name}" for name in absent - ELSEWHERE
                    } - ELSEWHERE
                    missing |= {f"{route.name}: {one}" for one in said}
    assert seen
    assert not missing, "\n".join(sorted(missing))

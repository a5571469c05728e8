"""As many queries for many points, decisions and actions as for few."""

from datetime import date

import pytest

from ...test_queries import queries


@pytest.mark.parametrize("page", ["list", "actions", "write", "screen"])
def test_many_rows_cost_no_more_queries(world, sign_in, page) -> None:
    meeting = world.held()
    before = world.item(world.held(day=date(2026, 2, 10)))
    path = {
        "list": "/decisions/",
        "actions": "/decisions/actions/",
        "write": f"/comites/seances/{meeting.pk}/compte-rendu/",
        "screen": f"/comites/seances/{meeting.pk}/compte-rendu/ecran/",
    }[page]

    def add(count: int) -> None:
        for number in range(count):
            item = world.item(meeting, rank=number, carried_from=before)
            world.invitation(meeting, "owners")
            for point in (item, before):
                world.decision(point)
                world.action(point)

    client = sign_in(world, "coordination")
    add(2)
    few = queries(client, path)
    add(8)
    assert queries(client, path) == few

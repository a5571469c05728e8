"""What the tests of situations type and read."""

from typing import Any

from django.test import Client

from mediation.models import Situation

from ...pages import plain
from ...world import TODAY, World


def changed(situation: Situation, **changes: Any) -> dict[str, Any]:
    """What the form of a situation posts, with some fields changed."""
    data = {
        "uid": str(situation.uid), "version": situation.version, "title": situation.title,
        "place": situation.place_id, "state": situation.state,
        "description": situation.description, "next_step": situation.next_step,
        "next_on": situation.next_on or "", "opened_on": situation.opened_on.isoformat(),
        "parties-TOTAL_FORMS": "2", "parties-INITIAL_FORMS": "0",
    }  # fmt: skip
    rows = list(situation.involvements.all())
    for number, row in enumerate(rows):
        data |= {f"parties-{number}-party": row.party_id, f"parties-{number}-part": row.part}
    data |= {"parties-TOTAL_FORMS": len(rows) + 2, "parties-INITIAL_FORMS": len(rows)}
    return data | changes


def page(client: Client, situation: Situation) -> str:
    return plain(client.get(f"/situations/{situation.pk}/"))


def close(client: Client, row: Situation, **changes: Any) -> Any:
    data = {
        "version": row.version, "outcome": "ameliore", "closing_note": "Un accord tient.",
        "closed_on": TODAY.isoformat(),
    }  # fmt: skip
    return client.post(f"/situations/{row.pk}/clore/", data | changes, follow=True)


def put(client: Client, row: Situation, world: World, **changes: Any) -> Any:
    data = {
        "committee": world.committee.pk, "day": "2026-03-24",
        "line": "Un conflit de voisinage qui dure",
    }  # fmt: skip
    return client.post(f"/situations/{row.pk}/ordre-du-jour/", data | changes, follow=True)

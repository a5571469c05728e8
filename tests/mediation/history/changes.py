"""Changes made and undone."""

from datetime import date
from typing import Any

from django.test import Client

from mediation.activities import actions
from mediation.activities.head_counts import counts_of
from mediation.models import Activity, AgendaLine, HeadCount, Situation
from mediation.situations import actions as on_situations

from ...world import World


def change(world: World, row: Activity, who: str = "mediateur", **changes: Any) -> Activity:
    """A change as the form makes it; `people` are the head counts wanted."""
    people = changes.pop("people", None)
    counts = counts_of(row)
    if people is not None:
        counts = {(world.audiences[n], "np"): number for n, number in people.items()}
    fresh = Activity.objects.get(pk=row.pk)
    for name, value in changes.items():
        setattr(fresh, name, value)
    return actions.change_activity(
        activity=fresh, head_counts=counts, read_version=fresh.version,
        by=world.reader(who), fields=list(changes),
    )  # fmt: skip


def counts(row: Any) -> dict[str, int]:
    rows = HeadCount.objects.filter(activity=row.pk)
    return {cell.audience.name.split()[0]: cell.count for cell in rows.select_related("audience")}


def back(client: Client, row: Any, version: Any, read: int | None = None) -> Any:
    kind = "situations" if isinstance(row, Situation) else "activites"
    row = type(row).objects.filter(pk=row.pk).first()
    read = read if read is not None else row.version if row else 0
    return client.post(f"/{kind}/versions/{version.pk}/", {"version": read}, follow=True)


def oldest(row: Any) -> Any:
    return type(row).history.filter(id=row.pk).earliest()


def on_agenda(world: World, row: Situation, day: date, line: str = "Un conflit") -> AgendaLine:
    return on_situations.put_on_agenda(
        situation=row, committee=world.committee, day=day, line=line, today=day,
        by=world.reader("mediateur"),
    )  # fmt: skip


def delete(client: Client, row: Activity) -> Any:
    version = Activity.objects.get(pk=row.pk).version
    return client.post(f"/activites/{row.pk}/supprimer/", {"version": version}, follow=True)

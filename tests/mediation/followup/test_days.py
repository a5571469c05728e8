"""The days of reminders are the programme's, with the settings' as defaults (R72, R85)."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.models import JournalEntry
from mediation.followup import pace, steps
from mediation.models import ReminderDays

from ...governance.frame_pages import hidden, said, send
from ...world import World

PATH = "/parametres/relances/"


def typed(ordinary: list[int], urgent: list[int]) -> dict[str, Any]:
    days = {"ordinary": ordinary, "urgent": urgent}
    return {
        f"{kind}_{step.value}": day
        for kind, values in days.items()
        for step, day in zip(steps.STEPS, values, strict=True)
    }


def test_a_programme_has_the_settings_days_until_it_sets_its_own(
    world: World, elsewhere: World, sign_in
) -> None:
    client = sign_in(world, "coordination")
    before = pace.days_of(world.programme.pk)
    assert before == {"ordinary": [3, 7, 10, 15], "urgent": [1, 2, 3, 15]}
    data = typed([2, 4, 6, 8], [1, 1, 2, 3]) | {"seen": hidden(client.get(PATH), "seen")}
    for _ in range(2):
        assert client.post(PATH, data).status_code == 302
    assert pace.days_of(world.programme.pk) == {"ordinary": [2, 4, 6, 8], "urgent": [1, 1, 2, 3]}
    assert pace.days_of(elsewhere.programme.pk) == before
    assert JournalEntry.objects.filter(kind="jours de relance").count() == 2
    ours, theirs = world.sent(), elsewhere.sent()
    assert steps.pace(ours)[steps.Step.FIRST] == 2
    assert steps.pace(theirs)[steps.Step.FIRST] == 3
    recipient = steps.followed(world.programme.pk).get()
    recipient.handed_at = ours.sent_at
    assert steps.due(recipient, {}, date(2026, 3, 17)) is None
    assert steps.due(recipient, {}, date(2026, 3, 18)) == steps.Step.FIRST


@pytest.mark.parametrize(
    ("ordinary", "told"),
    [
        ([5, 3, 6, 8], "Pas avant l’étape précédente (5 jours)"),
        (["", 3, 6, 8], "Donnez un nombre de jours"),
        ([0, 3, 6, 8], "Au moins un jour"),
        ([1, 3, 6, 251], "Au plus 250"),
        (["x", 3, 6, 8], "nombre entier"),
    ],
)
def test_days_that_make_no_sense_are_told(world: World, sign_in, ordinary: Any, told: str) -> None:
    answer = send(sign_in(world, "coordination"), PATH, typed(ordinary, [1, 2, 3, 4]))
    assert answer.status_code == 422
    assert told in said(answer)
    assert not ReminderDays.objects.exists()


def test_two_who_change_them_do_not_overwrite_each_other(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    seen = hidden(client.get(PATH), "seen")
    send(client, PATH, typed([2, 4, 6, 8], [1, 2, 3, 4]))
    answer = client.post(PATH, typed([9, 9, 9, 9], [1, 2, 3, 4]) | {"seen": seen})
    assert answer.status_code == 422
    assert "2, 4, 6, 8" in said(answer)
    assert pace.days_of(world.programme.pk)["ordinary"] == [2, 4, 6, 8]


def test_the_database_refuses_days_that_fall(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReminderDays.objects.create(
            programme=world.programme, is_urgent=False, first=3, second=2, call=5, committee=6
        )

"""The audit trail is added to, never changed; it says who, what, which fields, and no value."""

import pytest

from governance.models import Act, AppendOnly, JournalEntry, record

from ...pages import text_of
from ...world import World


@pytest.fixture
def entry(world: World) -> JournalEntry:
    activity = world.activity()
    record(
        Act.CHANGE, activity, by=world.reader("mediateur"), programme=world.programme.pk,
        fields=["internal_note"],
    )  # fmt: skip
    return JournalEntry.objects.get()


def test_an_entry_cannot_be_changed_or_removed(entry: JournalEntry) -> None:
    entry.actor = "quelqu’un d’autre"
    for attempt in (
        entry.save,
        entry.delete,
        JournalEntry.objects.all().delete,
        lambda: JournalEntry.objects.update(actor="x"),
    ):
        with pytest.raises(AppendOnly):
            attempt()
    assert JournalEntry.objects.get().actor == "mediateur-essai@example.org"


def test_it_outlives_its_row(entry: JournalEntry, world: World, sign_in) -> None:
    pk = int(entry.row)
    sign_in(world, "coordination").post(f"/activites/{pk}/supprimer/", {"version": 1})
    acts = list(JournalEntry.objects.filter(row=pk).values_list("act", flat=True))
    assert acts == ["delete", "change"]


def test_it_holds_field_names_and_no_value(entry: JournalEntry, world: World, sign_in) -> None:
    text = text_of(sign_in(world, "coordination").get("/journal/"))
    assert "note interne" in text
    assert "Modification" in text


def test_each_programme_reads_its_own(entry, world, elsewhere, sign_in) -> None:
    text = text_of(sign_in(elsewhere, "coordination").get("/journal/"))
    assert "mediateur-essai@example.org" not in text
    assert "Rien n’a encore été fait" in text

"""The review list, and that nothing of a text reaches a partner while it waits there (R25)."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from governance.models import JournalEntry
from mediation import personal
from mediation.activities import actions
from mediation.models import Activity, Review

from ...pages import text_of
from ...world import World

NOTE = "Rencontré Mme Durand, appt 12, <b>très</b> inquiète."
SUMMARY = "Échange avec Mme Durand sur l’éclairage."


def pending(world: World, **values: Any) -> Activity:
    given = {"internal_note": NOTE, "summary": SUMMARY, "place": world.places["hall-a"]}
    activity = Activity(
        programme=world.programme, type="PAP", minutes=30, **(
            {"day": date(2026, 3, 10)} | given | values
        ),
    )  # fmt: skip
    return actions.log_activity(activity=activity, head_counts={}, by=world.reader("mediateur"))


def decide(client: Any, activity: Activity, decision: str, **data: Any) -> Any:
    data = {"decision": decision, "version": activity.version} | data
    return client.post(f"/activites/{activity.pk}/relire/", data, follow=True)


def test_found_passages_are_marked_and_nothing_else_is_markup(world: World, sign_in) -> None:
    newer, older = pending(world), pending(world, day=date(2026, 2, 1))
    world.activity(internal_note="Rien de personnel.")
    text = text_of(sign_in(world, "coordination").get("/activites/a-relire/"))
    assert "2\u00a0activités à relire" in text
    assert text.index(f"relire-{older.pk}") < text.index(f"relire-{newer.pk}")
    assert "<mark>Mme Durand</mark>, <mark>appt 12</mark>, &lt;b&gt;très&lt;/b&gt;" in text
    # The proposal, ready to be saved.
    assert "Rencontré un habitant, un logement, &lt;b&gt;très&lt;/b&gt; inquiète." in text
    assert "Rien de personnel" not in text


def test_rewording_saves_the_proposal_in_one_press(world: World, sign_in) -> None:
    activity = pending(world)
    world.counted(activity)
    answer = decide(
        sign_in(world, "coordination"), activity, "reword",
        internal_note=personal.replace(NOTE), summary=personal.replace(SUMMARY),
    )  # fmt: skip
    assert "reformulé" in text_of(answer)
    activity.refresh_from_db()
    assert activity.review == Review.NONE
    assert activity.summary == "Échange avec un habitant sur l’éclairage."
    assert "durand" not in activity.shared_words + activity.own_words
    assert activity.head_counts.count() == 1
    entry = JournalEntry.objects.get(act="change")
    assert entry.fields == ["internal_note", "summary", "review"]
    assert entry.actor == world.user("coordination").email
    assert activity.history.latest().history_user == world.user("coordination")


def test_accepting_keeps_the_text_until_it_changes(world: World, sign_in) -> None:
    activity = pending(world)
    answer = decide(sign_in(world, "coordination"), activity, "accept", summary="autre chose")
    assert "accepté tel quel" in text_of(answer)
    activity.refresh_from_db()
    assert (activity.review, activity.summary) == (Review.ACCEPTED, SUMMARY)
    assert activity.shared_summary == SUMMARY
    assert "durand" in activity.shared_words
    activity.summary = "Vu M. Martin."
    actions.change_activity(
        activity=activity, head_counts=None, read_version=activity.version,
        by=world.reader("mediateur"), fields=["summary"],
    )  # fmt: skip
    assert activity.review == Review.PENDING


def test_clearing_empties_only_what_identifies(world: World, sign_in) -> None:
    activity = pending(world, summary="Éclairage signalé.")
    assert "texte effacé" in text_of(decide(
        sign_in(world, "coordination"), activity, "clear"
    ))  # fmt: skip
    activity.refresh_from_db()
    assert (activity.internal_note, activity.summary) == ("", "Éclairage signalé.")
    assert activity.review == Review.NONE
    assert NOTE in [version.internal_note for version in activity.history.all()]


def test_what_still_identifies_stays_in_the_list(world: World, sign_in) -> None:
    activity = pending(world)
    text = text_of(decide(
        sign_in(world, "coordination"), activity, "reword",
        internal_note="Rencontré M. Petit.", summary="",
    ))  # fmt: skip
    assert "semble encore identifier quelqu’un, un nom (M. Petit)" in text
    activity.refresh_from_db()
    assert (activity.review, activity.summary) == (Review.PENDING, "")


def test_a_fault_keeps_what_was_typed(world: World, sign_in) -> None:
    activity = pending(world)
    client = sign_in(world, "coordination")
    answer = client.post(
        f"/activites/{activity.pk}/relire/",
        {
            "decision": "reword",
            "version": 1,
            "internal_note": "Mot à garder",
            "summary": "x" * 1001,
        },
    )
    assert answer.status_code == 422
    assert "Mot à garder" in text_of(answer)
    assert f'href="#id_{activity.pk}_summary"' in text_of(answer)


def test_twice_and_too_late(world: World, sign_in) -> None:
    activity, client = pending(world), sign_in(world, "coordination")
    decide(client, activity, "accept")
    assert "déjà relu" in text_of(decide(client, activity, "accept"))
    other = pending(world)
    Activity.objects.filter(pk=other.pk).update(version=2, internal_note="Vu Mme Lenoir.")
    assert "modifié entre-temps" in text_of(decide(client, other, "clear"))
    other.refresh_from_db()
    assert other.internal_note == "Vu Mme Lenoir."
    assert JournalEntry.objects.filter(act="change").count() == 1


def test_only_the_coordination_reviews(world: World, sign_in) -> None:
    activity = pending(world)
    for who in ("mediateur", "town-a"):
        client = sign_in(world, who)
        assert client.get("/activites/a-relire/").status_code == 403
        assert decide(client, activity, "accept").status_code == 403
        assert "/activites/a-relire/" not in text_of(client.get("/activites/"))
    with pytest.raises(PermissionDenied):
        actions.review_activity(
            activity=activity, note="", summary="", accept=False, read_version=1,
            by=world.reader("mediateur"),
        )  # fmt: skip


def test_the_list_is_empty_in_words_and_counted_on_the_steering_page(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    assert "Rien à relire" in text_of(client.get("/activites/a-relire/"))
    assert "à relire" not in text_of(client.get("/pilotage/"))
    for _ in range(25):
        pending(world)
    assert "25\u00a0activités à relire" in text_of(client.get("/pilotage/"))
    page = text_of(client.get("/activites/a-relire/?page=2"))
    assert page.count("<mark>Mme Durand</mark>") == 2 * 5
    assert "/relire/?page=2" in page


@pytest.mark.parametrize("who", ["town-a", "owners"])
def test_no_partner_reads_a_pending_summary_anywhere(world: World, sign_in, who: str) -> None:
    """The page, the list, the search, the files; once accepted, it is there."""
    activity, client = pending(world, summary="Mme Durand demande OBSERVABLE."), sign_in(world, who)
    places = ["", "?q=OBSERVABLE", "?_export=csv", "?_export=csv&q=OBSERVABLE"]

    def read() -> dict[str, str]:
        found = {query: client.get(f"/activites/{query}") for query in places}
        found["page"] = client.get(f"/activites/{activity.pk}/")
        return {
            key: without_what_was_typed(answer.getvalue().decode()) for key, answer in found.items()
        }  # fmt: skip

    for key, text in read().items():
        assert "OBSERVABLE" not in text, key
    rows = list(csv.reader(io.StringIO(read()["?_export=csv&q=OBSERVABLE"]), delimiter=";"))
    assert len(rows) <= 1, "a search must not find what may not be read"
    actions.review_activity(
        activity=activity, note=NOTE, summary=activity.summary, accept=True, read_version=1,
        by=world.reader("coordination"),
    )  # fmt: skip
    for key, text in read().items():
        assert "OBSERVABLE" in text, key
    operator = text_of(sign_in(world, "mediateur").get(f"/activites/{activity.pk}/"))
    assert "OBSERVABLE" in operator


def without_what_was_typed(text: str) -> str:
    """What the reader typed is shown again in the search box and in links."""
    return re.sub(r'(value|href)="[^"]*"|<title>.*?</title>', "", text)


def test_the_operator_sees_that_a_summary_waits(world: World, sign_in) -> None:
    activity = pending(world)
    text = text_of(sign_in(world, "mediateur").get(f"/activites/{activity.pk}/"))
    assert "Mme Durand" in text
    assert "à relire par la coordination" in text


def test_what_replaces_begins_a_sentence_with_a_capital() -> None:
    said = personal.replace("M. Le Goff est venu. Mme Durand aussi, avec Mme B.")
    assert said == "Un habitant est venu. Un habitant aussi, avec un habitant"


def test_parts_put_together_are_the_text() -> None:
    for text in (NOTE, SUMMARY, "", "06 12 34 56 78", "Mme A, Mme B", "rien\nsur deux lignes"):
        assert "".join(part for part, _ in personal.parts(text)) == text
    assert [part for part, found in personal.parts(NOTE) if found] == ["Mme Durand", "appt 12"]

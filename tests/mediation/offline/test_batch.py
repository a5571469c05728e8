"""Entries that waited on a phone: each accepted once, each with its own answer."""

import json
import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.models import JournalEntry
from mediation.models import Activity, QueueKey, Review
from mediation.offline.batch import MOST

from ...pages import text_of
from ...test_concurrency import together
from ...world import TODAY, World, make_world

SEND = "/a-envoyer/envoi/"


def entry(
    world: World, uid: str | None = None, version: str = "", **changes: Any
) -> dict[str, Any]:
    fields = {
        "type": "PAP", "place": world.places["hall-a"].pk, "minutes": "30",
        "day": TODAY.isoformat(), "publics-TOTAL_FORMS": 1, "publics-INITIAL_FORMS": 0,
        "publics-0-audience": world.audiences[0].pk, "publics-0-band": "np", "publics-0-count": 3,
    } | changes  # fmt: skip
    listed = [[name, value] for name, value in fields.items() if not isinstance(value, list)]
    listed += [[n, v] for n, values in fields.items() if isinstance(values, list) for v in values]
    return {"uid": uid or str(uuid.uuid4()), "version": version, "fields": listed}


def send(client: Client, *entries: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = client.post(SEND, {"entries": list(entries)} | more, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()["answers"]


@pytest.fixture
def phone(world: World, sign_in: Any) -> Client:
    return sign_in(world, "mediateur")


def test_each_entry_has_its_own_answer(world: World, phone: Client) -> None:
    good, wrong = entry(world), entry(world, minutes="25h", place="")
    answers = send(phone, good, wrong, entry(world, type="CONF", minutes="1h30"))
    assert [answer["state"] for answer in answers] == ["saved", "refused", "saved"]
    assert {fault["field"] for fault in answers[1]["faults"]} == {"place", "minutes"}
    assert "La durée doit être comprise" in json.dumps(answers[1], ensure_ascii=False)
    assert answers[2]["said"].replace("\u00a0", " ").startswith("Conflits, 1 h 30")
    assert Activity.objects.count() == 2
    saved = Activity.objects.get(uid=good["uid"])
    assert (saved.author, saved.head_counts.get().count) == (world.user("mediateur"), 3)
    assert saved.history.get().history_user == world.user("mediateur")
    assert JournalEntry.objects.filter(act="create").count() == 2


def test_the_same_entry_again_is_known_and_makes_no_second(world: World, phone: Client) -> None:
    sent = entry(world, themes=[world.themes[0].pk, world.themes[1].pk])
    assert send(phone, sent)[0]["state"] == "saved"
    assert send(phone, sent, entry(world))[0]["state"] == "known"
    assert [a["state"] for a in send(phone, sent, sent)] == ["known", "known"]
    twice = entry(world)
    assert [a["state"] for a in send(phone, twice, twice)] == ["saved", "known"]
    assert Activity.objects.count() == 3
    assert Activity.objects.get(uid=sent["uid"]).second_theme == world.themes[1]


def test_other_words_for_what_is_saved_are_a_conflict_until_somebody_chooses(world, phone) -> None:
    sent = entry(world)
    send(phone, sent)
    typed = entry(world, uid=sent["uid"], minutes="45")
    answer = send(phone, typed)[0]
    assert answer["state"] == "conflict"
    assert answer["version"] == 1
    words = [(change["label"], change["before"], change["after"]) for change in answer["differing"]]
    assert words == [("durée", "30\u00a0min", "45\u00a0min")]
    assert Activity.objects.get().minutes == 30
    assert send(phone, typed | {"version": "1"})[0]["state"] == "saved"
    assert Activity.objects.get().minutes == 45
    assert send(phone, entry(world, uid=sent["uid"], minutes="60", version="1"))[0]["version"] == 2


def test_what_was_deleted_meanwhile_is_told_and_can_be_saved_anew(world, phone) -> None:
    sent = entry(world)
    send(phone, sent)
    Activity.objects.get().delete()
    typed = entry(world, uid=sent["uid"], minutes="45")
    assert send(phone, typed | {"version": "1"})[0] == {"uid": sent["uid"], "state": "conflict"}
    assert send(phone, typed | {"anew": True})[0]["state"] == "saved"


def test_somebody_elses_entry_is_neither_read_nor_changed(world, elsewhere, phone) -> None:
    for other in (
        world.activity(author=world.user("autre-mediateur"), internal_note="secret"),
        elsewhere.activity(internal_note="secret"),
    ):
        answer = send(phone, entry(world, uid=str(other.uid), version="1", minutes="99"))[0]
        assert answer["state"] == "refused"
        assert "secret" not in json.dumps(answer)
        other.refresh_from_db()
        assert other.minutes == 30


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"entries": 3}', '{"entries": [1]}', '{"entries": [{"uid": "x"}]}',
     '{"entries": [{"uid": "x", "fields": []}]}', "\x00", '{"entries": null}',
     json.dumps({"entries": [{"uid": str(uuid.UUID(int=1)), "fields": [["a"]]}]}),
     json.dumps({"entries": [{"uid": str(uuid.UUID(int=1)), "fields": []}] * (MOST + 1)})],
)  # fmt: skip
def test_what_is_no_batch_is_refused_whole(phone: Client, content: str) -> None:
    assert phone.post(SEND, content, content_type="application/json").status_code == 400


def test_an_entry_of_nonsense_is_refused_by_itself(world: World, phone: Client) -> None:
    fields = [["type", "x" * 9000], ["place", "-1"], ["publics-TOTAL_FORMS", "99999999"]]
    nonsense = {"uid": str(uuid.uuid4()), "fields": fields}
    assert [a["state"] for a in send(phone, nonsense, entry(world))] == ["refused", "saved"]


def test_a_text_that_names_somebody_is_saved_for_the_coordination(world, phone) -> None:
    assert send(phone, entry(world, summary="Vu M. Untel au hall"))[0]["state"] == "saved"
    saved = Activity.objects.get()
    assert (saved.review, saved.shared_summary) == (Review.PENDING, "")


def test_as_many_queries_for_five_as_for_fifty(world: World, phone: Client) -> None:
    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            send(phone, *[entry(world, theme=world.themes[0].pk) for _ in range(count)])
        return len(caught)

    queries(1)
    few, many = queries(5), queries(50)
    # SQLite takes 999 values in a statement: fifty rows are two statements where five are one.
    assert many - few <= (0 if connection.vendor == "postgresql" else 3)


def test_only_who_logs_may_send(world: World, sign_in: Any, client: Client) -> None:
    content = {"entries": [entry(world)]}
    for who in ("town-a", "invite"):
        for path in (SEND, "/a-envoyer/cle/"):
            answer = sign_in(world, who).post(path, content, content_type="application/json")
            assert answer.status_code == 403
    assert client.post(SEND, content, content_type="application/json").status_code == 302
    assert not Activity.objects.exists()


def test_the_server_says_who_is_signed_in_and_gives_a_key_of_ones_own(world, sign_in) -> None:
    stranger = Client().get("/a-envoyer/qui/")
    assert stranger.json() == {"signed_in": False, "owner": ""}
    assert sign_in(world, "town-a").get("/a-envoyer/qui/").json()["owner"] == ""
    phone = sign_in(world, "mediateur")
    assert phone.get("/a-envoyer/qui/").json()["owner"] == "new"
    key = phone.post("/a-envoyer/cle/").json()
    assert phone.get("/a-envoyer/qui/").json()["owner"] == key["owner"]
    assert phone.post("/a-envoyer/cle/").json() == key, "the same after every sign-in"
    other = sign_in(world, "autre-mediateur").post("/a-envoyer/cle/").json()
    assert len(key["secret"]) == 64
    assert key["secret"] != other["secret"]
    assert QueueKey.objects.count() == 2
    assert str(world.user("mediateur").pk) not in key["owner"].split("-")


def test_a_sending_needs_a_token(world: World, sign_in: Any) -> None:
    strict = sign_in(world, "mediateur", enforce_csrf_checks=True)
    content = {"entries": [entry(world)]}
    assert strict.post(SEND, content, content_type="application/json").status_code == 403
    token = strict.get("/a-envoyer/qui/").json()["token"]
    headers = {"X-CSRFToken": token}
    answer = strict.post(SEND, content, content_type="application/json", headers=headers)
    assert answer.status_code == 200


def test_the_next_page_says_what_was_saved_of_the_form(world: World, phone: Client) -> None:
    sent = entry(world, day=date(2026, 3, 17).isoformat())
    send(phone, sent, entry(world), announce=sent["uid"])
    text = text_of(phone.get("/aujourdhui/")).replace("\u00a0", " ")
    assert text.count("Enregistré : Présence de proximité, 30 min, mardi 17 mars.") == 1


@pytest.mark.django_db(transaction=True)
def test_one_batch_sent_eight_times_at_once_is_saved_once(transactional_db, clock) -> None:
    world = make_world()
    entries = [entry(world) for _ in range(10)]

    def act(client: Client, number: int) -> int:
        answers = send(client, *entries)
        assert {answer["state"] for answer in answers} <= {"saved", "known"}
        return 200

    together(world, "mediateur", act)
    assert Activity.objects.count() == 10
    assert Activity.history.count() == 10
    assert JournalEntry.objects.filter(act="create").count() == 10


def test_an_entry_that_breaks_the_server_is_told_and_the_others_are_saved(world, phone) -> None:
    huge = entry(world, place="9" * 5000)
    half = entry(world, internal_note="coupé \ud83d ici")
    answers = send(phone, huge, entry(world), half)
    assert [answer["state"] for answer in answers] == ["refused", "saved", "saved"]
    assert Activity.objects.count() == 2


def test_what_no_form_foresaw_is_an_answer_of_its_own(world, phone, monkeypatch) -> None:
    from mediation.offline import batch

    real = batch.actions.log_activities

    def fail(*, drafts: Any, **more: Any) -> None:
        if any(draft.activity.minutes == 77 for draft in drafts):
            raise ValueError("unforeseen")
        real(drafts=drafts, **more)

    def fail_one(*, activity: Activity, **more: Any) -> Activity:
        if activity.minutes == 77:
            raise RuntimeError("unforeseen")
        return one(activity=activity, **more)

    one = batch.actions.log_activity
    monkeypatch.setattr(batch.actions, "log_activities", fail)
    monkeypatch.setattr(batch.actions, "log_activity", fail_one)
    answers = send(phone, entry(world), entry(world, minutes="77"), entry(world))
    assert [answer["state"] for answer in answers] == ["saved", "refused", "saved"]
    assert "parlez-en à la coordination" in answers[1]["faults"][0]["message"]
    assert Activity.objects.count() == 2


def test_what_was_deleted_does_not_come_back_by_itself(world: World, phone: Client) -> None:
    sent = entry(world)
    send(phone, sent)
    Activity.objects.get().delete()
    assert send(phone, sent)[0]["state"] == "conflict"
    assert not Activity.objects.exists()
    assert send(phone, sent | {"anew": True})[0]["state"] == "saved"

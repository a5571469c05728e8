"""Many editions at once: in parallel, begun again where it stopped, one that fails told (R76)."""

import os
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from reporting.models import Edition, MonthlySynthesis
from reporting.syntheses import actions, batch, edition

from ...conftest import NOW
from ...pages import plain
from ...world import World


def made(number: int) -> edition.Synthesis:
    document = {
        "month": "2026-02", "slug": f"p{number}", "perimeter": f"Périmètre {number}", "party": "Partie",
        "programme": "P", "is_demo": False, "convention": "", "operator": "", "on": "2026-03-10",
        "is_running": False, "title": "Titre", "message": "Message", "blocks": [], "data": [],
    }  # fmt: skip
    return edition.Synthesis(document, NOW, 1)


def test_two_processes_draw_in_order_and_one_that_fails_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def draw(one: edition.Synthesis) -> bytes:
        if one.document["slug"] == "p3":
            raise RuntimeError("encre épuisée")
        return f"{one.document['slug']} {os.getpid()}".encode()

    monkeypatch.setattr(edition, "to_pdf", draw)
    with batch.drawers(2) as drawn:
        found = list(drawn([made(n) for n in range(10)]))
    assert isinstance(found[3], RuntimeError)
    names = [b"" if isinstance(one, Exception) else one.split()[0] for one in found]
    assert names == [b"p0", b"p1", b"p2", b"", *(f"p{n}".encode() for n in range(4, 10))]
    pids = {one.split()[1] for one in found if isinstance(one, bytes)}
    assert str(os.getpid()).encode() not in pids


def test_one_that_kills_its_process_is_told_and_the_others_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def draw(one: edition.Synthesis) -> bytes:
        if one.document["slug"] == "p1":
            os._exit(9)
        return b"%PDF"

    monkeypatch.setattr(edition, "to_pdf", draw)
    with batch.drawers(2) as drawn:
        found = list(drawn([made(n) for n in range(6)]))
    assert [isinstance(one, bytes) for one in found] == [True, False, True, True, True, True]
    assert batch.KILLED in str(found[1])


@pytest.fixture
def validated(worked: World, written: MonthlySynthesis, plain_paper: None) -> MonthlySynthesis:
    actions.validate(synthesis=written, by=worked.reader("coordination"), now=NOW)
    return written


def test_a_batch_that_is_cut_short_goes_on_where_it_stopped(
    worked: World, validated, monkeypatch
) -> None:
    monkeypatch.setattr(batch, "LOT", 1)

    def cut(made_ones):
        for number, one in enumerate(edition.one_by_one(made_ones)):
            if number == 2:
                raise KeyboardInterrupt
            yield one

    with pytest.raises(KeyboardInterrupt):
        list(batch.publish_all([validated], cut))
    assert Edition.objects.count() == 2
    validated.refresh_from_db()
    assert validated.publishing_at, "it gave a sign, and none that it ended"
    call_command("publish_syntheses", "--every-period", "--processes", "1")
    assert Edition.objects.count() == 4
    assert Edition.objects.filter(number=1).count() == 4, "nothing was made twice"
    validated.refresh_from_db()
    assert validated.publishing_at is None


def test_every_period_and_programme_in_one_command(worked: World, validated, capsys) -> None:
    call_command("publish_syntheses", "--every-period", "--processes", "1")
    assert "4 published, 0 failed" in capsys.readouterr().out
    call_command("publish_syntheses", "--every-period", "--processes", "1")
    assert not capsys.readouterr().out, "nothing waits any more"


def test_what_fails_stands_on_the_page_until_it_is_made(
    worked: World, validated, monkeypatch, sign_in
) -> None:
    draw = edition.to_pdf
    monkeypatch.setattr(
        edition, "to_pdf", lambda made: draw(made) if made.document["slug"] != "town-b" else 1 / 0
    )
    with pytest.raises(CommandError, match="1 edition"):
        call_command("publish_syntheses", "--every-period", "--processes", "1")
    page = plain(sign_in(worked, "coordination").get("/syntheses/"))
    assert "3 sur 4 publiées" in page
    assert "division by zero" in page


def test_one_button_starts_it_once(
    worked: World, validated, monkeypatch, sign_in, django_capture_on_commit_callbacks
) -> None:
    started: list[int] = []
    monkeypatch.setattr(batch, "launch", started.append)
    client = sign_in(worked, "coordination")
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post("/syntheses/publier/").status_code == 302
    assert started == [worked.programme.pk]
    page = client.get("/syntheses/").content.decode()
    assert "data-running" in page
    dead = MonthlySynthesis.objects.get(pk=validated.pk).publishing_at - timedelta(hours=1)
    MonthlySynthesis.objects.update(publishing_at=dead)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/syntheses/publier/")
    assert len(started) == 2, "a batch that gives no sign any more can be begun again"


def test_who_may_not_publish_starts_nothing(worked: World, validated, sign_in) -> None:
    assert sign_in(worked, "town-a").post("/syntheses/publier/").status_code == 403

"""A sending: what it costs, the number on its paper, and what is left of one that was killed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import Attachment, Email

from governance.models import Contact
from humanicite.lib.writes import Conflict
from mediation.contacts.actions import end_contact
from mediation.followup.actions import follow_up, send_again
from mediation.followup.by_hand import remind_by_hand
from mediation.models import Recipient, Signalement
from mediation.signalements.actions import sending
from mediation.signalements.actions.decisions import redirect_signalement, reopen_signalement
from mediation.signalements.actions.sending import DRAWINGS, send_signalement
from mediation.signalements.actions.succession import succeed
from mediation.signalements.emails import pdf
from mediation.signalements.models.signalements import SignalementState

from ...conftest import NOW
from ...world import World, make_world

MOST = 58  # one of each row, a check of each constraint, the programme's days


def draft(world: World, count: int) -> Signalement:
    """One that is meant for so many, of one party."""
    signalement = world.signalement()
    first = world.contact()
    others = [
        first.party.contacts.get_or_create(
            function=f"Service {number}", email=f"service-{number}@example.org",
            starts=date(2024, 1, 1),
        )[0]
        for number in range(1, count)
    ]  # fmt: skip
    signalement.chosen.set([first, *others])
    return signalement


def cost(world: World, count: int) -> int:
    signalement, by = draft(world, count), world.reader("mediateur")
    with CaptureQueriesContext(connection) as caught:
        send_signalement(signalement=signalement, read_version=1, by=by, now=NOW)
    assert Recipient.objects.filter(signalement=signalement).count() == count
    assert Email.objects.filter(deliveries__recipient__signalement=signalement).count() == count
    return len(caught)


def test_each_more_recipient_costs_few_queries(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(pdf, "render", lambda *args, **kwargs: b"%PDF-1.7")
    costs = [cost(world, count) for count in (1, 3, 5)]
    assert len(set(costs)) == 1, costs
    assert costs[0] <= MOST


# --- The number on paper --------------------------------------------------------------------------


def attached(signalement: Signalement) -> list[str]:
    files = Attachment.objects.filter(emails__deliveries__recipient__signalement=signalement)
    return [file.file.read().decode() for file in files.distinct()]


def drawing_what_it_bears(
    monkeypatch: Any, meanwhile: Any = lambda: None
) -> list[tuple[str, bool]]:
    """Draws the reference alone; lists what was drawn, and whether within a transaction of ours."""
    drawn: list[tuple[str, bool]] = []

    def render(html: str, **kwargs: Any) -> bytes:
        [reference] = re.findall(r"Fiche de signalement <[^>]+>(\d+-\d+)", html)
        drawn.append((reference, connection.in_atomic_block))
        meanwhile()
        return reference.encode()

    monkeypatch.setattr(pdf, "render", render)
    return drawn


@pytest.mark.django_db(transaction=True)
def test_the_pdf_is_drawn_once_before_the_transaction(monkeypatch: Any, smtp: Any) -> None:
    world = make_world()
    drawn = drawing_what_it_bears(monkeypatch)
    cost(world, 3)
    assert drawn == [("2026-1", False)]
    assert attached(Signalement.objects.get()) == ["2026-1"]


@pytest.mark.django_db(transaction=True)
def test_who_lost_the_number_meanwhile_draws_again(monkeypatch: Any, smtp: Any) -> None:
    world = make_world()
    others = iter([draft(world, 1), draft(world, 1)])
    by = world.reader("mediateur")

    def another_leaves() -> None:
        if (other := next(others, None)) is not None:
            send_signalement(signalement=other, read_version=1, by=by, now=NOW)

    drawn = drawing_what_it_bears(monkeypatch, another_leaves)
    sent = send_signalement(signalement=draft(world, 2), read_version=1, by=by, now=NOW)
    # Each of the others left while its elder was being drawn.
    assert sent.reference == "2026-3"
    references = [reference for reference, _ in drawn]
    assert references == ["2026-1", "2026-1", "2026-1", "2026-2", "2026-3"]
    assert not any(inside for _, inside in drawn)
    for signalement in Signalement.objects.all():
        assert attached(signalement) == [signalement.reference]


@pytest.mark.django_db(transaction=True)
def test_who_loses_it_every_time_leaves_all_the_same(monkeypatch: Any, smtp: Any) -> None:
    world = make_world()
    by = world.reader("mediateur")

    def another_takes_it() -> None:
        if not connection.in_atomic_block:
            world.sent()

    drawn = drawing_what_it_bears(monkeypatch, another_takes_it)
    sent = send_signalement(signalement=draft(world, 1), read_version=1, by=by, now=NOW)
    assert drawn[-1] == (sent.reference, True)
    assert len(drawn) == DRAWINGS + 1
    assert attached(sent) == [sent.reference]


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_goes_while_it_is_drawn_is_not_in_the_pdf(monkeypatch: Any, smtp: Any) -> None:
    world = make_world()
    signalement = draft(world, 1)
    photo = world.signalement_photo(signalement)
    now = timezone.now()
    seen: list[int] = []

    def render(html: str, pictures: Any, **kwargs: Any) -> bytes:
        seen.append(len(pictures))
        signalement.photos.filter(pk=photo.pk).delete()
        return str(len(pictures)).encode()

    monkeypatch.setattr(pdf, "render", render)
    by = world.reader("mediateur")
    sent = send_signalement(signalement=signalement, read_version=1, by=by, now=now)
    assert seen == [1, 0]
    assert attached(sent) == ["0"]


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_changes_while_it_is_drawn_does_not_leave(monkeypatch: Any, smtp: Any) -> None:
    world = make_world()
    signalement = draft(world, 1)
    drawing_what_it_bears(
        monkeypatch, lambda: Signalement.objects.update(title="Autre chose", version=2)
    )
    with pytest.raises(Conflict):
        send_signalement(
            signalement=signalement, read_version=1, by=world.reader("mediateur"), now=NOW
        )
    assert not Email.objects.exists()
    assert not Attachment.objects.exists()
    assert Signalement.objects.get().state == "brouillon"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["drawing", "transaction"])
def test_killed_between_two_steps_it_is_a_draft_still(
    monkeypatch: Any, smtp: Any, where: str
) -> None:
    """Whatever was not committed never was: pressed again, it leaves once, with the same number."""
    world = make_world()
    signalement = draft(world, 3)

    class Killed(BaseException):
        pass

    def killed(*args: Any, **kwargs: Any) -> Any:
        raise Killed

    by = world.reader("mediateur")
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "render", lambda *args, **kwargs: b"%PDF")
        target = (pdf, "render") if where == "drawing" else (sending, "record")
        patch.setattr(*target, killed)
        with pytest.raises(Killed):
            send_signalement(signalement=signalement, read_version=1, by=by, now=NOW)
    assert Signalement.objects.get().state == "brouillon"
    assert Signalement.objects.get().number is None
    assert not Recipient.objects.exists()
    assert not Email.objects.exists()
    assert not smtp.messages
    drawing_what_it_bears(monkeypatch)
    sent = send_signalement(signalement=signalement, read_version=1, by=by, now=NOW)
    assert sent.reference == "2026-1"
    assert Email.objects.count() == len(smtp.messages) == 3


@pytest.mark.django_db(transaction=True)
def test_eight_that_leave_at_once_take_eight_numbers_each_on_its_paper(monkeypatch: Any) -> None:
    world = make_world()
    drafts = [draft(world, 2) for _ in range(8)]
    drawing_what_it_bears(monkeypatch)
    by = world.reader("mediateur")

    def leave(signalement: Signalement) -> None:
        try:
            send_signalement(signalement=signalement, read_version=1, by=by, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(leave, drafts))
    sent = Signalement.objects.order_by("number")
    assert [row.number for row in sent] == list(range(1, 9))
    for row in sent:
        assert attached(row) == [row.reference]


# --- After the sending, where there is no file yet ------------------------------------------------
def reopened(world: World, sheet: Signalement) -> None:
    by = world.reader("mediateur")
    sheet.recipients.update(handed_at=NOW)
    Signalement.objects.filter(pk=sheet.pk).update(state=SignalementState.RESOLU_DECLARE)
    reopen_signalement(signalement=sheet, by=by, now=NOW, read_version=sheet.version)


def redirected(world: World, sheet: Signalement) -> None:
    first = world.contact()
    contact = first.party.contacts.create(
        function="Service voirie", email="voirie@example.org", starts=date(2024, 1, 1)
    )
    by = world.reader("mediateur")
    redirect_signalement(
        signalement=sheet, contact=contact, by=by, now=NOW, read_version=sheet.version
    )


def reminded(world: World, sheet: Signalement) -> None:
    sheet.recipients.update(handed_at=NOW - timedelta(days=3))
    assert remind_by_hand(signalement=sheet, by=world.reader("mediateur"), now=NOW)


def followed_up(world: World, sheet: Signalement) -> None:
    sheet.recipients.update(handed_at=NOW - timedelta(days=30))
    assert follow_up(programme=world.programme, now=NOW + timedelta(days=20)).mails == 1


def sent_again(world: World, sheet: Signalement) -> None:
    sheet.recipients.update(state="echec")
    assert send_again(contact=world.contact(), by=world.reader("mediateur"), now=NOW) == 1


def heir_of(world: World) -> Contact:
    return world.contact().party.contacts.create(
        function="Service suivant", email="suivant@example.org", starts=date(2024, 1, 1)
    )


def succeeded(world: World, sheet: Signalement) -> None:
    contact = world.contact()
    contact.ends, contact.successor = NOW.date() - timedelta(days=1), heir_of(world)
    contact.save()
    assert succeed(contact=contact, by=None, now=NOW) == 1


def ended(world: World, sheet: Signalement) -> None:
    contact = world.contact()
    by = world.reader("coordination")
    moved = end_contact(
        contact=contact, ends=NOW.date(), heir=heir_of(world), seen=contact.fingerprint, by=by,
        now=NOW,
    )  # fmt: skip
    assert moved == 1


MAILS = [reopened, redirected, reminded, followed_up, sent_again, succeeded, ended]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mail", MAILS)
def test_a_file_that_was_missing_is_drawn_once_before_the_transaction(
    mail: Any, monkeypatch: Any, smtp: Any
) -> None:
    world = make_world()
    sheet = world.sent()
    drawn = drawing_what_it_bears(monkeypatch)
    mail(world, sheet)
    assert drawn == [(sheet.reference, False)]
    assert attached(sheet) == [sheet.reference]

"""A world in which every model has its rows."""

import uuid
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.files.base import ContentFile

from governance.minutes.content import build
from governance.models import (
    Act,
    ActionReminder,
    DeclinedProposal,
    MeetingMail,
    Minutes,
    Observation,
    Slot,
    SlotAnswer,
    Writer,
    record,
)
from reporting.figures.people import settle_month
from reporting.periods import Period

from .world import TODAY, World


def populate(world: World) -> None:
    for place in world.places:
        activity = world.activity(place, theme=world.themes[0], minutes=45)
        world.counted(activity)
        world.photo(activity, is_shared=place == "hall-a")
    world.time_entry()
    world.time_entry("autre-mediateur", kind="encadrement")
    world.agenda_line(world.situation())
    world.saved_filter()
    world.preset()
    world.activity_import()
    world.routing_rule()
    world.signalement()
    for place, to in (("hall-a", "town-a"), ("hall-b", "town-b")):
        world.signalement_photo(world.sent(place, to))
        world.signalement_photo(world.sent(place, to, is_confidential=True))
    world.inbound_mail()
    yearly = world.roadmap(goals="Mieux vivre ensemble")
    world.planned_action(yearly)
    draft = world.roadmap(month=4, state="draft")
    world.planned_action(draft, starts=draft.first, ends=draft.last)
    _meetings(world)
    for place, party in (("hall-a", "town-a"), ("hall-b", "town-b"), ("quartier", "owners")):
        for kind in ("picture", "document"):
            world.news_file(world.news(place, party), kind)
    world.news("hall-b", "town-b", state="draft")
    world.news("hall-a", "owners", state="withdrawn")
    convention = world.convention()
    convention.provisions.create(kind="means", party=world.parties["operator"], text="Un téléphone")
    contribution = convention.contributions.get()
    contribution.instalments.create(amount=40600, due_on=date(2026, 3, 31))
    convention.versions.create(number=1, day=date(2026, 1, 15), terms=[])
    settle_month(programme=world.programme, month=Period.parse("2026-02"), today=TODAY)
    for of in ("town-a", "town-b"):
        world.edition(of)
        world.comment(world.consultation(of), of)
        world.recommendation(of)
    for place, holders in (
        ("quartier", ("town-a", "town-b")), ("hall-a", ("town-a",)), ("hall-b", ("town-b",)),
    ):  # fmt: skip
        indicator = world.indicator(place, name=f"Tournées {place}")
        for of in holders:
            world.hand_value(indicator, of)
            world.explanation(indicator, of)
    _meetings(world)
    _minutes(world, activity)
    record(Act.CREATE, activity, by=world.reader("mediateur"), programme=world.programme.pk)


def _meetings(world: World) -> None:
    """A draft, one that is convened with a guest, one whose date is looked for, one called off."""
    for meeting in (world.meeting(), world.meeting("convened")):
        world.item(meeting)
        world.item(meeting, title="Point-confidentiel", is_confidential=True, rank=2)
    guest = world.guest(meeting)
    MeetingMail.objects.create(
        invitation=guest, kind="convocation", message_id=f"<{uuid.uuid4().hex}@example.org>",
        queued_at=meeting.convened_at,
    )  # fmt: skip
    world.meeting("convened", committee=world.other_committee)
    polled = world.meeting("poll", day=date(2026, 4, 20))
    for day in (20, 21, 22):
        slot = Slot.objects.create(
            meeting=polled, day=date(2026, 4, day), starts_at=time(14), ends_at=time(16)
        )
    SlotAnswer.objects.create(slot=slot, invitation=polled.invitations.first(), suits=True)
    DeclinedProposal.objects.create(meeting=polled, source="situation:1")
    world.meeting(
        "cancelled", day=date(2026, 2, 17), cancelled_at=datetime(2026, 2, 10, 9, tzinfo=UTC),
        cancel_reason="Salle fermée",
    )  # fmt: skip


def _minutes(world: World, activity: Any) -> None:
    """Of a séance, approved; of another, submitted to those who were there."""
    now = datetime(2026, 3, 17, 9, tzinfo=UTC)
    for day, stage in ((date(2026, 2, 10), "approved"), (date(2026, 3, 10), "review")):
        meeting = world.held(day=day, state="held")
        there = world.invitation(meeting, attendance="present")
        world.guest(meeting, attendance="excused")
        item = world.item(meeting, outcome="treated", notes="Les lampes sont anciennes.")
        hidden = world.item(meeting, title="Point-confidentiel", is_confidential=True, rank=2)
        is_approved = stage == "approved"
        for point in (item, hidden):
            numbered = {"year": 2026, "number": point.rank} if is_approved else {}
            world.decision(point, is_internal=not is_approved, **numbered)
            action = world.action(point, is_internal=not is_approved)
        minutes = Minutes(
            meeting=meeting, stage=stage, content=build(meeting) | {"version": 1},
            submitted_at=now, observations_until=date(2026, 3, 25),
            approved_at=now if is_approved else None,
        )  # fmt: skip
        if is_approved:
            minutes.pdf.save("compte-rendu.pdf", ContentFile(b"%PDF-1.7"), save=False)
            ActionReminder.objects.create(
                action=action, step="bientot", day=date(2026, 3, 16), due_on=action.due_on
            )
            world.action_link(action, activity)
        minutes.save()
    Observation.objects.create(
        minutes=minutes, invitation=there, function=str(there), text="Une précision.", at=now
    )
    Writer.objects.create(meeting=meeting, membership=world.memberships["mediateur"], seen_at=now)

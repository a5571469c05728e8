"""What happens by itself: a draft once, a reminder once (R76)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from post_office.models import Email

from reporting.models import MonthlySynthesis
from reporting.periods import Period
from reporting.syntheses import calendar
from reporting.syntheses.timer import prepare_last_month

from ...world import World


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=ZoneInfo("Europe/Paris"))


def test_the_calendar_counts_working_days() -> None:
    month = Period("mois", 2026, 4)
    assert calendar.reminded_on(month) == date(2026, 5, 11), "1 and 8 May are holidays"
    assert calendar.due_on(month) == date(2026, 5, 19), "and so is the 14th"


@pytest.mark.usefixtures("clock")
def test_a_draft_is_made_once_and_what_lacks_is_told_once(world: World) -> None:
    assert prepare_last_month(programme=world.programme, now=at(date(2026, 3, 2))) is None
    world.activity(day=date(2026, 2, 10))
    done = prepare_last_month(programme=world.programme, now=at(date(2026, 3, 2)))
    assert done
    assert done.is_new
    assert not Email.objects.exists(), "the fifth working day has not come"
    for day in (6, 9, 10):
        done = prepare_last_month(programme=world.programme, now=at(date(2026, 3, day)))
        assert done
        assert not done.is_new
    [mail] = Email.objects.all()
    assert mail.to == ["coordination-essai@example.org"]
    assert "Le titre est à écrire." in mail.message
    assert "/syntheses/2026-02/" in mail.message
    assert MonthlySynthesis.objects.count() == 1


def test_a_published_month_is_not_asked_for(world: World) -> None:
    world.activity(day=date(2026, 2, 10))
    now = at(date(2026, 3, 10))
    world.synthesis(state="publiee", validated_at=now)
    done = prepare_last_month(programme=world.programme, now=now)
    assert done
    assert not done.mails

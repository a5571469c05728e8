"""The demonstration: real convention, invented work, all of it removable."""

from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from post_office.models import STATUS, Email

from governance.models import Contact, Convention, Instalment, Programme, Provision, User
from mediation import personal
from mediation.followup import steps
from mediation.models import (
    Activity,
    AgendaLine,
    InboundMail,
    Recipient,
    RecipientState,
    Signalement,
    SignalementState,
    Situation,
    SituationState,
)
from reporting.demo.programme import ACCOUNTS, load_demo, remove_demo
from reporting.figures.activities import report
from reporting.periods import Period

TODAY = date(2026, 3, 18)
pytestmark = pytest.mark.django_db


def everything() -> dict[str, int]:
    names = ("governance", "mediation", "reporting", "account")
    return {
        model._meta.label: model._default_manager.count()
        for name in names
        for model in apps.get_app_config(name).get_models()
    }


def test_it_tells_fourteen_months_and_leaves_without_trace(client) -> None:
    before = everything()
    programme = load_demo(TODAY)
    months = Period.parse("2026-02").months_until_end(13)
    perimeter = programme.parties.get(slug="asl").perimeter
    found = report(perimeter, months[-1])
    counts = [tally.count for tally in found.curve]
    assert all(counts)
    usual = sorted(counts)[len(counts) // 2]
    assert 140 <= usual <= 220  # about 180 a month
    hours = sorted(tally.minutes / 60 for tally in found.curve)[len(counts) // 2]
    assert 100 <= hours <= 165  # about 130 h a month
    august = counts[[m.index for m in months].index(8)]
    assert august < usual / 2
    assert found.current.evenings.count
    terms = list(Convention.objects.order_by("starts").values_list("starts", "ends", "is_invented"))
    assert terms[0] == (date(2019, 1, 1), date(2019, 12, 31), False)
    assert terms[-2:] == [
        (date(2026, 1, 1), date(2026, 12, 31), True),
        (date(2027, 1, 1), date(2027, 12, 31), True),
    ]
    current, draft = Convention.objects.order_by("starts")[7:]
    assert draft.renews == current
    assert draft.is_draft
    assert current.acceptances.count() == 2
    states = Provision.objects.filter(convention=current, kind="means").values_list("state")
    assert {state for (state,) in states} == {"provided", "partial"}
    dues = Instalment.objects.of_programme(programme.pk)
    assert sum(row.is_late(TODAY) for row in dues) == 1
    assert all((b[0] - a[1]).days == 1 for a, b in pairwise(terms))
    first_days = Activity.objects.order_by("day").values_list("day", flat=True)
    assert first_days.first().year == 2025, "curves cross a renewal"
    assert Activity.objects.count() == Activity.history.count()
    for email, *_ in ACCOUNTS:
        assert client.login(email=email, password="demo-humanicite")
        assert client.get("/", follow=True).status_code == 200
    client.logout()
    assert remove_demo()
    assert everything() == before
    assert not remove_demo()


def test_the_same_day_gives_the_same_data_and_twice_changes_nothing() -> None:
    load_demo(TODAY)
    first = list(Activity.objects.order_by("uid").values_list("uid", "day", "minutes", "type"))
    load_demo(TODAY)
    assert Activity.objects.count() == len(first)
    remove_demo()
    load_demo(TODAY)
    assert first == list(
        Activity.objects.order_by("uid").values_list("uid", "day", "minutes", "type")
    )


def test_it_touches_nothing_real() -> None:
    call_command("load_convention", "governance/conventions/humanicite-2019.toml", verbosity=0)
    real = User.objects.create_user("reel@example.org", function="Coordination")
    load_demo(TODAY)
    remove_demo()
    assert Programme.objects.get().slug == "humanicite"
    assert User.objects.get() == real
    assert not EmailAddress.objects.exists()


def test_it_is_refused_where_production_settings_are_on(settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="HUMANICITE_DEMO"):
        call_command("load_demo")
    assert not Programme.objects.exists()


def test_scale_multiplies() -> None:
    load_demo(TODAY, scale=2)
    assert Activity.objects.count() > 3600
    with pytest.raises(CommandError):
        call_command("load_demo", scale=0)


def test_its_situations_are_threaded_and_varied() -> None:
    load_demo(TODAY)
    rows = list(Situation.objects.all())
    assert {row.state for row in rows} == set(SituationState.values)
    assert sum(row.is_late(TODAY) for row in rows) == 1
    assert all(row.activities.exists() for row in rows)
    assert AgendaLine.objects.filter(day__gt=TODAY).count() == 1
    for line in AgendaLine.objects.select_related("situation__place"):
        assert not personal.find(line.line)
        assert line.situation.place.name not in line.line
    for row in rows:
        dates = list(row.history.order_by("history_id").values_list("history_date", flat=True))
        assert dates == sorted(dates), "its history is told in order"
        assert row.history.latest().state == row.state


def test_its_signalements_stand_in_every_state_and_no_mail_leaves() -> None:
    programme = load_demo(TODAY)
    rows = list(Signalement.objects.select_related("place"))
    assert {row.state for row in rows} == set(SignalementState.values)
    sent = [row.sent_at for row in rows if row.sent_at]
    by_month = {month: sum(at.month == month for at in sent) for month in (10, 11, 12, 1, 2)}
    assert all(7 <= count <= 13 for count in by_month.values()), by_month
    assert max(sent).date() < TODAY
    assert any(row.is_overdue(TODAY) for row in rows)
    assert sum(row.is_confidential for row in rows) == 1
    states = set(Recipient.objects.values_list("state", flat=True))
    assert states == set(RecipientState.values) - {RecipientState.EN_FILE}
    assert Recipient.objects.filter(reply="autre").exclude(redirect_to="").exists()
    assert Contact.objects.filter(is_backup=True).count() == 3
    assert Contact.objects.filter(bounced_on__isnull=False).count() == 1
    assert steps.calls(programme.pk)
    assert steps.for_committee(programme.pk)
    mails = dict(InboundMail.objects.values_list("state", "recipient__state"))
    assert mails == {"auto": "silence", "matched": "repondu", "unmatched": None}
    assert set(Email.objects.values_list("status", flat=True)) == {STATUS.sent}
    assert not mail.outbox
    for row in rows:
        row.full_clean()
        assert not personal.find(f"{row.title}. {row.description}. {row.where}")
        moments = list(row.events.order_by("pk").values_list("at", flat=True))
        assert all(at <= datetime.combine(TODAY, time(23), UTC) for at in moments)
    # Nothing of what the days gone by called for was left undone.
    yesterday = date(2026, 3, 17)
    for recipient in steps.followed(programme.pk):
        taken = steps.steps_taken(recipient)
        assert taken or steps.due(recipient, taken, yesterday) is None, recipient.signalement

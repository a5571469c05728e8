"""What happens by itself: a draft for the month that is over, a reminder of what it lacks (R76)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from governance.models import Membership, Programme
from governance.rights import Role
from humanicite.lib.dates import NBSP
from humanicite.lib.mail import outbox
from mediation.models import Activity
from reporting.periods import Period

from . import actions, calendar, checks, emails, texts
from .models import MonthlySynthesis


@dataclass(frozen=True)
class Prepared:
    """`mails`: reminders that were written now."""

    synthesis: MonthlySynthesis
    is_new: bool
    mails: int


def prepare_last_month(*, programme: Programme, now: datetime) -> Prepared | None:
    """The draft of the month that is over, once; None for a month without any record.

    From the working day of the reminder until it is published, the coordination is told once what
    lacks.
    """
    today = timezone.localdate(now)
    month = Period.holding("mois", today).previous
    known = MonthlySynthesis.objects.of_period(month).filter(programme=programme).exists()
    recorded = Activity.objects.of_programme(programme.pk).between(month.first, month.last)
    if not known and not recorded.exists():
        return None
    with transaction.atomic():
        row, is_new = actions.prepare(programme=programme, period=month, by=None, today=today)
        mails = []
        is_due = calendar.reminded_on(month) <= today and not row.is_published
        untold = MonthlySynthesis.objects.filter(pk=row.pk, reminded_on=None)
        if is_due and untold.update(reminded_on=today):
            mails = _reminders(row, now)
        outbox.queue(mails)
    return Prepared(row, is_new, len(mails))


def _reminders(row: MonthlySynthesis, now: datetime) -> list[outbox.Mail]:
    today = timezone.localdate(now)
    written = texts.Texts.of(row)
    found = checks.run(row, checks.drafts_of(row, written, today), written, today)
    context = {
        "synthesis": row,
        "period": row.period,
        "due_on": calendar.due_on(row.period),
        "errors": checks.errors_in(found),
        "link": f"{settings.SITE_URL}{reverse('synthesis', args=[row.period.slug])}",
    }
    text = render_to_string("syntheses/emails/reminder.txt", context)
    people = Membership.objects.on(today).filter(
        party__programme=row.programme_id, role=Role.COORDINATION
    )
    return [
        outbox.Mail(
            to=address,
            subject=f"Synthèse {row.period.of_label}{NBSP}: ce qui manque",
            text=text,
            html="",
            message_id=f"<synthese-rappel-{row.pk}-{number}@{outbox.domain()}>",
            headers=emails.headers(row.programme),
        )
        for number, address in enumerate(
            people.order_by("user__email").values_list("user__email", flat=True).distinct()
        )
    ]

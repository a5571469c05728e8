"""Mails about séances (convocations, minutes, reminders of actions), and those that come back."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from post_office.models import Email

from governance.contacts.actions import set_bounced_in
from governance.parties.models import Programme
from humanicite.lib.mail import outbox, verdicts
from humanicite.lib.mail.addresses import sought

from .models import Invitation

_LIST = "seances"
_THREAD = re.compile(r"<seance\.([0-9a-f]{32})@", re.ASCII)


def list_id(programme: Programme) -> str:
    """By which all mails about a programme's séances are known, to mailboxes and to us."""
    return outbox.list_id(_LIST, programme.slug)


def mail_named(message_ids: list[str]) -> Email | None:
    """The mail about a séance that one of these names."""
    rows = Email.objects.filter(
        **{"message_id__in": message_ids, "headers__List-Id__startswith": f"<{_LIST}."}
    )
    return rows.order_by("-pk").first()


def programme_of(email: Email) -> Programme | None:
    """Whose séance a mail is about; None for any other mail."""
    said = str((email.headers or {}).get("List-Id", ""))
    if not said.startswith(f"<{_LIST}."):
        return None
    rows = Programme.objects.all()
    return next((row for row in rows if list_id(row) == said), None)


@transaction.atomic
def set_returned(email: Email, address: str, day: date | None) -> None:
    """Flags the contacts whose address this is, and who was asked under it to that séance: nobody
    lives there. With None the flag goes: somebody writes from there."""
    programme = programme_of(email)
    if programme is None:
        return
    set_bounced_in(programme.pk, address, day)
    thread = _THREAD.search(str((email.headers or {}).get("References", "")))
    if thread:
        rows = Invitation.objects.filter(meeting__uid=UUID(thread[1]))
        rows.filter(sought("email", address)).update(bounced_on=day)


def note_try(sender: object, email: Email, tried: verdicts.Try, **kwargs: Any) -> None:
    """Receives `mail_tried`: a server that knows no such address says so at once."""
    if tried.outcome is verdicts.Outcome.REFUSED and tried.unknown_address:
        for address in email.to:
            set_returned(email, address, timezone.localdate(tried.at))

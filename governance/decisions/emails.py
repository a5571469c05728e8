"""The mail that reminds of actions alone; where signalements are due as well, theirs tells of both
(mediation.followup). Call within the transaction that is its cause."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from post_office.models import Email

from governance.meetings.deliveries import list_id
from humanicite.lib.dates import NBSP
from humanicite.lib.mail import outbox

from .links import action_link
from .models import ActionItem

_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"


def linked(actions: Sequence[ActionItem]) -> list[tuple[ActionItem, str]]:
    """Each with the link by which it is said to be done."""
    return [(action, action_link(action)) for action in actions]


def queue_action_reminder(
    actions: Sequence[ActionItem], *, to: str, copies: Sequence[str] = (), function: str
) -> list[Email]:
    """One mail to who has them to do, and one to each in copy."""
    programme = actions[0].item.meeting.committee.programme
    what = actions[0].text if len(actions) == 1 else f"{len(actions)} actions vous sont confiées"
    context: dict[str, Any] = {
        "programme": programme,
        "actions": linked(actions),
        "subject": f"Rappel{NBSP}: {what}",
        "function": function,
        "party": actions[0].party,
    }
    addresses = [(to, False), *((address, True) for address in copies)]
    return outbox.queue(
        [_mail(address, context | {"is_copy": copy}) for address, copy in addresses]
    )


def _mail(to: str, context: dict[str, Any]) -> outbox.Mail:
    return outbox.Mail(
        to=to,
        subject=context["subject"],
        text=render_to_string("decisions/emails/reminder.txt", context),
        html=render_to_string("decisions/emails/reminder.html", context),
        message_id=f"<action.{uuid.uuid4().hex}@{outbox.domain()}>",
        headers={
            "List-Id": list_id(context["programme"]),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": _SUPPRESSED,
        },
    )

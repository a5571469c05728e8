"""Calendars that answer a convocation by mail (iTIP REPLY, RFC 5546): whose answer it is, and what it
says. A forged one, or a machine's, changes nothing; no answer causes a mail."""

import re
import uuid
from dataclasses import dataclass

from post_office.models import Email

from governance.meetings.calendar import CalendarReply, event_uid, reply_in
from governance.meetings.deliveries import mail_named
from governance.meetings.links import invitation_of_address
from governance.models import Invitation
from humanicite.lib.mail.addresses import same, sought
from humanicite.lib.mail.inbound import Incoming, Kind

MOST_REFERENCES = 50  # of the mails that one names, the nearest
_UID = re.compile(r"seance-([0-9a-f]{32})@humanicite", re.ASCII)


@dataclass(frozen=True)
class Answered:
    invitation: Invitation
    reply: CalendarReply


def addressed_invitation(incoming: Incoming) -> Invitation | None:
    """The one whose signed address a mail was sent to, whatever it says."""
    for address in incoming.addressed:
        if invitation := invitation_of_address(address):
            return invitation
    return None


def returned_mail(incoming: Incoming) -> Email | None:
    """The mail about a séance that a server's report tells of."""
    if incoming.kind is not Kind.BOUNCE:
        return None
    return mail_named(incoming.references[:MOST_REFERENCES])


def answered_invitation(incoming: Incoming) -> Answered | None:
    """By the signed address that it was sent to, else by the event and its attendee, where the
    attendee's own address sent it: the name of an event is no secret."""
    if incoming.kind is not Kind.PERSON:
        return None
    replies = [reply for text in incoming.calendars if (reply := reply_in(text))]
    if not replies:
        return None
    invitation = addressed_invitation(incoming)
    for reply in replies:
        if invitation is not None:
            if event_uid(invitation.meeting) == reply.uid:
                return Answered(invitation, reply)
        elif found := _of_attendee(reply, incoming.sender):
            return Answered(found, reply)
    return None


def _of_attendee(reply: CalendarReply, sender: str) -> Invitation | None:
    name = _UID.fullmatch(reply.uid)
    if name is None or not same(reply.attendee, sender):
        return None
    rows = Invitation.objects.filter(sought("email", sender), meeting__uid=uuid.UUID(name[1]))
    found: list[Invitation] = list(rows.select_related("meeting__committee")[:2])
    return found[0] if len(found) == 1 else None

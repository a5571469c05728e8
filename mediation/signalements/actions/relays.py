"""What was said in person or by phone beside a signalement (R70, R71)."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from governance.models import Act, Membership, record
from governance.rights import Right

from ..course import add_event
from ..models.course import EventKind
from ..models.recipients import Recipient
from ..models.relays import Channel, Relay
from ..models.signalements import Signalement
from .answers import answer_signalement


@transaction.atomic
def record_relay(*, relay: Relay, by: Membership, now: datetime) -> Relay:
    """What was said in person or by phone, followed like the signalement it stands beside (R70, R71)."""
    relay.programme_id, relay.author_id = by.programme_id, by.user_id
    # The turnstile: the same form that comes twice at once waits here.
    Signalement.objects.select_for_update().get(pk=relay.signalement_id)
    known = Relay.objects.filter(uid=relay.uid).first()
    if known is not None:
        return known
    relay.full_clean()
    relay.save()
    title = f"{relay.get_channel_display()} : {relay.party}"
    add_event(relay.signalement, EventKind.RELAY, now, title, by=by, text=relay.note, internal=True)
    record(Act.CREATE, relay, by=by, programme=by.programme_id)
    return relay


@transaction.atomic
def relay_with_answer(
    *,
    relay: Relay,
    promised_on: date | None,
    redirect_to: str,
    by: Membership,
    now: datetime,
) -> Relay:
    """A relay beside a signalement; what its addressee answered counts like an answer by mail."""
    if not by.may(Right.WRITE_SIGNALEMENTS):
        raise PermissionDenied
    saved = record_relay(relay=relay, by=by, now=now)
    if saved is not relay:
        return saved  # the same form, twice
    rows = Recipient.objects.filter(
        signalement=relay.signalement, contact=relay.contact, successor__isnull=True
    )
    row = rows.first()
    if relay.reply and row is not None:
        how = "par téléphone" if relay.channel == Channel.TELEPHONE else "de vive voix"
        answer_signalement(
            recipient=row,
            reply=relay.reply,
            promised_on=promised_on,
            redirect_to=redirect_to,
            now=now,
            by=by,
            how=how,
        )
    return saved

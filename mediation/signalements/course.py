"""The moments of a signalement's course: what happened, in the words of its timeline."""

from datetime import datetime

from governance.models import Membership
from mediation.activities.models import Activity

from .links import without_links
from .models.course import SignalementEvent
from .models.recipients import Recipient
from .models.signalements import Signalement


def add_event(
    signalement: Signalement,
    kind: str,
    now: datetime,
    title: str,
    *,
    by: Membership | None = None,
    recipient: Recipient | None = None,
    text: str = "",
    internal: bool = False,
    message_id: str | None = None,
    activity: Activity | None = None,
) -> SignalementEvent:
    """Adds a moment to the signalement's timeline; of a link that answers in somebody's name, nothing."""
    return SignalementEvent.objects.create(
        signalement=signalement,
        at=now,
        kind=kind,
        title=title[:200],
        text=without_links(text, "[lien de réponse]")[:8000],
        recipient=recipient,
        user=by.user if by else None,
        is_internal=internal,
        message_id=message_id,
        activity=activity,
    )

"""What was decided and is not done, proposed to the next meeting of the same body (R57, R58)."""

from datetime import date

from governance.meetings.models import Meeting
from governance.meetings.proposals import Proposed
from governance.scoping import Reader

from .models import ActionItem


class LateActions:
    label = "Actions en retard"
    icon = "hourglass"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        rows = ActionItem.objects.visible_to(reader).filter(
            item__meeting__committee=meeting.committee_id,
            item__meeting__day__lt=meeting.day,
            is_internal=False,
        )
        return [
            Proposed(
                source=f"action:{row.pk}",
                title=f"Action en retard : {row.text}"[:160],
                why=f"{row.party}, échéance le {row.due_on:%d/%m/%Y}",
                minutes=5,
                owner_id=row.party_id,
            )
            for row in rows.late(today).select_related("party").order_by("due_on", "pk")
        ]

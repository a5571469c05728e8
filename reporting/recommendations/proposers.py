"""Recommendations propose themselves to the comité de suivi until somebody says what becomes of them;
accepted ones that nothing followed, to the comité de pilotage (R38, R79)."""

from datetime import date, timedelta

from django.urls import reverse

from governance.meetings.proposals import Proposed
from governance.models import CommitteeKind, Meeting
from governance.rights import Right
from governance.scoping import Reader
from humanicite.templatetags.french import datefr

from .models import Recommendation, RecommendationState

LONG = timedelta(days=90)  # after which one that was accepted is a matter for those who steer


class FollowedRecommendations:
    label = "Préconisations à suivre"
    icon = "compass"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        if not reader.may(Right.WRITE_RECOMMENDATIONS):
            return []
        rows = Recommendation.objects.visible_to(reader).filter(is_draft=False)
        if meeting.committee.kind == CommitteeKind.FOLLOW_UP:
            rows = rows.followed()
        elif meeting.committee.kind == CommitteeKind.STEERING:
            rows = rows.filter(state=RecommendationState.ACCEPTED, answered_on__lt=today - LONG)
        else:
            return []
        shown = rows.select_related("party").order_by("issued_on", "pk")
        return [self._point(row) for row in shown]

    def _point(self, row: Recommendation) -> Proposed:
        if row.answered_on is None:
            why = f"Sans suite donnée depuis le {datefr(row.issued_on)}"
        else:
            why = f"Acceptée le {datefr(row.answered_on)}, pas encore faite"
        return Proposed(
            source=f"preconisation:{row.pk}",
            title=f"Préconisation\u00a0: {row.title}"[:160],
            details=row.text[:2000],
            why=f"{row.party}, {why[0].lower()}{why[1:]}",
            url=reverse("recommendation_answer", args=[row.pk]),
            owner_id=row.party_id,
        )

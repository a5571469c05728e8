"""Published documents propose themselves: a synthesis to the comité de suivi, a bilan to the comité de
pilotage (R49, R57, R81)."""

from datetime import date, timedelta

from django.urls import reverse

from governance.meetings.proposals import Proposed
from governance.models import AgendaItem, CommitteeKind, Meeting
from governance.rights import Right
from governance.scoping import Reader
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import datefr

from . import titles
from .models import Edition, MonthlySynthesis, SynthesisState

STAYS = {"mois": timedelta(days=92), "semestre": timedelta(days=366), "annee": timedelta(days=366)}


def source_of(row: MonthlySynthesis) -> str:
    return f"synthese:{row.pk}"


def committee_of(row: MonthlySynthesis) -> CommitteeKind:
    return CommitteeKind.STEERING if row.is_review else CommitteeKind.FOLLOW_UP


def next_meeting(row: MonthlySynthesis, reader: Reader, today: date) -> Meeting | None:
    """Where a document is to be presented: the next séance of its body."""
    rows = Meeting.objects.visible_to(reader).to_come(today)
    of_body = rows.filter(committee__kind=committee_of(row)).select_related("committee")
    found: Meeting | None = of_body.first()
    return found


def is_on_agenda(row: MonthlySynthesis, meeting: Meeting) -> bool:
    return AgendaItem.objects.filter(meeting=meeting, source=source_of(row)).exists()


class PublishedDocuments:
    """What was published and no séance of the body has had on its agenda yet."""

    label = "Synthèses et bilans"
    icon = "paper"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        if not reader.may(Right.PUBLISH_SYNTHESES):
            return []
        rows = MonthlySynthesis.objects.visible_to(reader).filter(state=SynthesisState.PUBLISHED)
        body = meeting.committee.kind
        wanted = [
            row
            for row in rows.filter(month__gt=today - timedelta(days=800)).order_by("month", "pk")
            if committee_of(row) == body and row.period.last + STAYS[row.kind] >= meeting.day
        ]
        if not wanted:
            return []
        elsewhere = AgendaItem.objects.filter(meeting__committee=meeting.committee_id)
        known = set(elsewhere.exclude(meeting=meeting).values_list("source", flat=True))
        when = dict(
            Edition.objects.filter(synthesis__in=[row.pk for row in wanted], number=1)
            .order_by("-published_at")
            .values_list("synthesis", "published_at__date")
        )
        return [self._point(row, when.get(row.pk)) for row in wanted if source_of(row) not in known]

    def _point(self, row: MonthlySynthesis, published: date | None) -> Proposed:
        said = titles.said(row.period)
        done = "Publié" if row.is_review else "Publiée"
        return Proposed(
            source=source_of(row),
            title=f"Présentation {titles.of_the(row.period)}",
            details=f"Chaque partie a reçu son édition{NBSP}: {said}.",
            why=f"{done} le {datefr(published)}" if published else done,
            url=reverse("synthesis", args=[row.period.slug]),
            minutes=30 if row.is_review else 15,
        )

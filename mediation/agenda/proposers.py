"""What mediation proposes to an agenda (R57–R59): signalements that nothing moved forward, and the
anonymous lines of complex situations. The agenda knows neither."""

from datetime import date, timedelta

from django.urls import reverse

from governance.meetings.proposals import Proposed
from governance.models import CommitteeKind, Meeting
from governance.rights import Right
from governance.scoping import Reader
from humanicite.lib.dates import NBSP, working_days_between
from humanicite.templatetags.french import plural
from mediation.followup import steps
from mediation.signalements.models.recipients import Recipient
from mediation.signalements.models.signalements import Signalement
from mediation.situations.models import AgendaLine

A_MONTH = timedelta(days=31)


class StuckSignalements:
    """Those that reminders and the call did not move forward, and those that were refused: for the
    monthly body (R57)."""

    label = "Signalements sans suite"
    icon = "flag"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        if not reader.may(Right.ESCALATE_SIGNALEMENTS):
            return []
        if meeting.committee.kind != CommitteeKind.FOLLOW_UP:
            return []
        found: dict[int, Proposed] = {}
        for row in steps.for_committee(reader.programme_id):
            # Once, whoever is silent: it is one point.
            found.setdefault(row.signalement_id, self._silent(row, today))
        for signalement in steps.refused(reader.programme_id):
            why = "Refusé par ses destinataires"
            found.setdefault(signalement.pk, self._point(signalement, why, None))
        return list(found.values())

    def _silent(self, row: Recipient, today: date) -> Proposed:
        since = steps.waiting_since(row)
        days = working_days_between(since, today) if since else 0
        said = "sans réponse" if steps.is_silent(row) else "sans suite"
        if days:
            said = f"{said} depuis {plural(days, 'jour ouvré,jours ouvrés')}"
        return self._point(row.signalement, f"{row.party}, {said}", row.party_id)

    def _point(self, signalement: Signalement, why: str, owner_id: int | None) -> Proposed:
        """Of a confidential one nothing but its number."""
        is_confidential = signalement.is_confidential
        what = f"{NBSP}: {signalement.title} ({signalement.place})"
        return Proposed(
            source=f"signalement:{signalement.pk}",
            title=f"Signalement {signalement.reference}{'' if is_confidential else what}"[:160],
            why=f"{why[0].upper()}{why[1:]}",
            url=reverse("signalement", args=[signalement.pk]),
            owner_id=owner_id,
            is_confidential=is_confidential,
        )


class SituationLines:
    """The anonymous lines put on this body's agenda since it last met (R59)."""

    label = "Situations complexes"
    icon = "thread"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        if not reader.may(Right.HANDLE_SITUATIONS):
            return []
        before = Meeting.objects.visible_to(reader).filter(
            committee=meeting.committee_id, day__lt=meeting.day
        )
        last = before.exclude(state="cancelled").order_by("-day").values_list("day", flat=True)
        since = max(last.first() or date.min, meeting.day - A_MONTH)
        lines = AgendaLine.objects.visible_to(reader).filter(
            committee=meeting.committee_id, day__gt=since, day__lte=meeting.day
        )
        return [
            Proposed(
                source=f"situation:{line.pk}",
                title=line.line[:160],
                why=f"Inscrite pour le {line.day:%d/%m/%Y}",
                url=reverse("situation", args=[line.situation_id]),
                minutes=15,
            )
            for line in lines.order_by("day", "pk")
        ]

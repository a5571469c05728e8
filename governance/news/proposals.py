"""The quarter's news as points of an agenda (R11, R83)."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from governance.meetings.models import Meeting
from governance.meetings.proposals import Proposed
from governance.scoping import Reader
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import datefr

from .models import QuarterNews

MOST = 10  # of one agenda; in force first


class QuarterNewsProposer:
    """What is in force or to come; whoever prepares takes what the body should hear of."""

    label = "Informations du quartier"
    icon = "INFO"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> Iterable[Proposed]:
        rows = QuarterNews.objects.visible_to(reader).not_over(today).in_force_first(today)
        for row in rows.select_related("party", "place")[:MOST]:
            days = (
                f"le {datefr(row.starts)}"
                if row.starts == row.ends
                else f"du {datefr(row.starts)} au {datefr(row.ends)}"
            )
            yield Proposed(
                source=f"news:{row.pk}",
                title=f"{row.get_kind_display()}{NBSP}: {row.title}"[:160],
                details=f"{row.place}, {days}.\n{row.text}".strip()[:2000],
                why=f"Transmise par {row.party}{NBSP}; {row.place}, {days}",
                url=reverse("news_page", args=[row.pk]),
                minutes=5,
                owner_id=row.party_id,
            )

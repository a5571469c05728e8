"""The edition that a party reads first, as an expression that another query may carry along."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Subquery
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_date, parse_datetime

from governance.models import Membership
from reporting.periods import Period

from .models import Edition


@dataclass(frozen=True)
class LatestEdition:
    """What a card of it shows."""

    pk: int
    title: str
    number: int
    month: date
    published_on: date

    @property
    def period(self) -> Period:
        return Period.holding("mois", self.month)

    @classmethod
    def read(cls, found: dict[str, Any]) -> "LatestEdition":
        """From what the database answers: its days are text there."""
        month = parse_date(str(found["month"])[:10])
        published = parse_datetime(str(found["published_at"]).replace(" ", "T", 1))
        if month is None or published is None:
            raise ValueError(found)
        return cls(found["pk"], found["title"], found["number"], month, _day(published))


def _day(moment: datetime) -> date:
    return moment.date()


def latest_edition(membership: Membership) -> Subquery:
    """Of those that the reader sees, the one in force of the latest month."""
    rows = Edition.objects.visible_to(membership).monthly().latest_versions()
    one = rows.order_by("-synthesis__month", "pk").annotate(
        said=JSONObject(
            pk="pk",
            title="title",
            number="number",
            month="synthesis__month",
            published_at="published_at",
        )
    )
    return Subquery(one.values("said")[:1])

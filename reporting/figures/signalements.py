"""Figures of signalements: of a cohort sent in the period."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper
from django.utils import timezone

from governance.models import Perimeter
from humanicite.lib.dates import working_days_between
from mediation.models import Signalement, SignalementState
from mediation.signalements.models.signalements import (
    LONG_OPEN,
    OPEN,
    SignalementQuerySet,
    past_due,
)
from mediation.signalements.past import stood, with_signs
from reporting.periods import Period

RECURS_WITHIN = 90  # days of a closure
CLOSED = (SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU)


@dataclass
class SignalementFigures:
    """What became, up to a day, of the signalements sent in one period from one perimeter (R7, S2–S6, S8).

    Of confidential ones it is told how many were sent and nothing of their course, whoever reads
    (docs/decisions/0024). A rate without anything to divide by is None.
    """

    perimeter: Perimeter
    period: Period
    on: date
    sent: int = 0
    confidential: int = 0
    cancelled: int = 0
    redirected: int = 0
    acknowledged: int = 0  # by one recipient at least
    answered: int = 0
    resolved: int = 0  # seen on site
    closed: int = 0  # resolved, or given up
    open: int = 0
    overdue: int = 0
    open_long: int = 0  # for more than LONG_OPEN days
    returned: int = 0  # new signalements at the place and on the theme of a closed one
    days_to_sign: list[int] = field(default_factory=list)  # working days
    days_to_closure: list[int] = field(default_factory=list)

    @property
    def told(self) -> int:
        """Sent, and of which the course is told."""
        return self.sent - self.confidential

    @property
    def resolution(self) -> float | None:
        """S2: seen resolved, of those sent, but for the cancelled and the redirected."""
        return _share(self.resolved, self.told - self.cancelled - self.redirected)

    @property
    def acknowledgement(self) -> float | None:
        """S3: acknowledged, of those sent; a cancelled one waits for no sign."""
        return _share(self.acknowledged, self.told - self.cancelled)

    @property
    def median_to_sign(self) -> float | None:
        """S4, in working days after the sending."""
        return median(self.days_to_sign) if self.days_to_sign else None

    @property
    def median_to_closure(self) -> float | None:
        """S5, in days after the sending."""
        return median(self.days_to_closure) if self.days_to_closure else None

    @property
    def overdue_share(self) -> float | None:
        """S6, of those that are open."""
        return _share(self.overdue, self.open)

    @property
    def recurrence(self) -> float | None:
        """S8: new signalements within RECURS_WITHIN days of a closure, of those closed."""
        return _share(self.returned, self.closed)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


@dataclass
class Sent:
    """What is read of one signalement that was sent."""

    pk: int
    place: int
    theme: int | None
    state: str
    sent_at: datetime
    closed_on: date | None
    is_confidential: bool
    is_overdue: bool
    signed_at: datetime | None  # the first sign of an addressee
    said_at: datetime | None  # the first answer

    @cached_property
    def sent_on(self) -> date:
        return timezone.localdate(self.sent_at)

    @property
    def is_cancelled(self) -> bool:
        return self.state == SignalementState.ANNULE


def signalement_figures(
    perimeter: Perimeter, period: Period, today: date, then: date | None = None
) -> SignalementFigures:
    """The signalements sent in a period, as they stand today or stood at the end of the day `then`;
    one query and the coverage.

    Signalements sent later are read too: those that come back to the place and theme of a closed one.
    """
    rows = sent_rows(perimeter, period.first, today, then).values_list(*COLUMNS)
    return figures_of(perimeter, period, then or today, rows)


def evening_of(period: Period, today: date) -> date | None:
    """As of which day a period's page is told: its last one, whatever happened since; None while it
    runs."""
    return period.last if period.last < today else None


# What is read of each signalement, in the order of `Sent`.
COLUMNS = (
    "pk", "place_id", "theme_id", "then_state", "sent_at", "then_closed_on", "is_confidential",
    "is_overdue", "signed_at", "said_at",
)  # fmt: skip


def sent_rows(
    perimeter: Perimeter, first: date, today: date, then: date | None
) -> SignalementQuerySet:
    """Those sent from a day on, with whether they were overdue at the end of the day `then`, or are
    today."""
    rows: SignalementQuerySet = Signalement.objects.within(perimeter)
    on = then or today
    sent = rows.filter(sent_at__date__gte=first, sent_at__date__lte=on).order_by()
    is_overdue = ExpressionWrapper(past_due(on, of="then_"), BooleanField())
    return with_signs(stood(sent, then), then).annotate(is_overdue=is_overdue)


def figures_of(
    perimeter: Perimeter, period: Period, on: date, rows: Iterable[tuple[Any, ...]]
) -> SignalementFigures:
    """The figures of what `sent_rows` found from the first day of the period, as `COLUMNS`."""
    figures = SignalementFigures(perimeter, period, on)
    sent = [Sent(*row) for row in rows]
    cohort = [row for row in sent if period.holds(row.sent_on)]
    for row in cohort:
        _count(figures, row)
    figures.returned = _returned(sent, cohort)
    return figures


def _count(figures: SignalementFigures, row: Sent) -> None:
    figures.sent += 1
    if row.is_confidential:
        figures.confidential += 1  # how many there are; of their course nothing (decision 0024)
        return
    figures.cancelled += row.is_cancelled
    figures.redirected += row.state == SignalementState.REORIENTE
    if not row.is_cancelled and row.signed_at is not None:
        figures.acknowledged += 1
        signed_on = timezone.localdate(row.signed_at)
        figures.days_to_sign.append(working_days_between(row.sent_on, signed_on))
    figures.answered += not row.is_cancelled and row.said_at is not None
    if row.state in OPEN:
        figures.open += 1
        figures.overdue += row.is_overdue
        figures.open_long += (figures.on - row.sent_on).days > LONG_OPEN
    if row.state in CLOSED and row.closed_on is not None:
        figures.resolved += row.state == SignalementState.RESOLU_VERIFIE
        figures.closed += 1
        figures.days_to_closure.append((row.closed_on - row.sent_on).days)


def _returned(rows: list[Sent], cohort: list[Sent]) -> int:
    """How many of `rows` came back to the place and theme of one of the cohort that was closed."""
    closures: dict[tuple[int, int | None], list[tuple[int, date]]] = defaultdict(list)
    rows = [row for row in rows if not row.is_confidential]
    for row in cohort:
        if row.is_confidential:
            continue
        if row.state in CLOSED and row.closed_on is not None and row.theme is not None:
            closures[row.place, row.theme].append((row.pk, row.closed_on))
    limit = timedelta(days=RECURS_WITHIN)
    return sum(
        any(
            other != row.pk and closed_on <= row.sent_on <= closed_on + limit
            for other, closed_on in closures.get((row.place, row.theme), ())
        )
        for row in rows
        if not row.is_cancelled
    )

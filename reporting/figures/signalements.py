"""Figures of signalements: of a cohort sent in the period."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from django.db.models import BooleanField, DateTimeField, Min, Value
from django.utils import timezone

from governance.models import Perimeter
from humanicite.lib.dates import working_days_between
from mediation.models import Signalement, SignalementState
from mediation.signalements.models.signalements import LONG_OPEN, OPEN, SignalementQuerySet
from reporting.periods import Period

RECURS_WITHIN = 90  # days of a closure


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
    along: list[int] = field(default_factory=list)  # keys, see `signalement_figures`

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


def signalement_figures(
    perimeter: Perimeter, period: Period, on: date, *, along: SignalementQuerySet | None = None
) -> SignalementFigures:
    """The signalements sent in a period, as they stand on the day `on`; one query and the coverage.

    Signalements sent later are read too: those that come back to the place and theme of a closed one. The
    keys of `along`, other signalements that a page asks for, come with the same query and are not counted.
    """
    figures = SignalementFigures(perimeter, period, on)
    columns = (
        "counted", "pk", "place_id", "theme_id", "state", "sent_at", "due_on", "closed_on",
        "is_confidential", "signed", "said",
    )  # fmt: skip
    found = (
        Signalement.objects.within(perimeter)
        .filter(sent_at__date__gte=period.first, sent_at__date__lte=on)
        .order_by()
        .annotate(
            signed=Min("recipients__acknowledged_at"),
            said=Min("recipients__answered_at"),
            counted=Value(True, output_field=BooleanField()),
        )
        .values_list(*columns)
    )
    if along is not None:
        nothing = Value(None, output_field=DateTimeField())
        others = along.order_by().annotate(
            signed=nothing, said=nothing, counted=Value(False, output_field=BooleanField())
        )
        found = found.union(others.values_list(*columns), all=True)
    rows = []
    for counted, *row in found:
        if counted:
            rows.append(row)
        else:
            figures.along.append(row[0])
    closures: dict[tuple[int, int], list[tuple[int, date]]] = defaultdict(list)
    sent_at: list[tuple[int, tuple[int, int | None], date]] = []
    for pk, place, theme, state, sent, due_on, closed_on, hidden, signed, said in rows:
        day = timezone.localdate(sent)
        if state != SignalementState.ANNULE and not hidden:
            sent_at.append((pk, (place, theme), day))
        if not period.holds(day):
            continue
        figures.sent += 1
        figures.confidential += hidden
        if hidden:
            continue
        figures.cancelled += state == SignalementState.ANNULE
        figures.redirected += state == SignalementState.REORIENTE
        if state != SignalementState.ANNULE and signed is not None:
            figures.acknowledged += 1
            figures.days_to_sign.append(working_days_between(day, timezone.localdate(signed)))
        figures.answered += state != SignalementState.ANNULE and said is not None
        if state in OPEN:
            figures.open += 1
            figures.overdue += state != SignalementState.RESOLU_DECLARE and due_on < on
            figures.open_long += (on - day).days > LONG_OPEN
        if state in (SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU):
            figures.resolved += state == SignalementState.RESOLU_VERIFIE
            figures.closed += 1
            figures.days_to_closure.append((closed_on - day).days)
            if theme is not None:
                closures[place, theme].append((pk, closed_on))
    limit = timedelta(days=RECURS_WITHIN)
    figures.returned = sum(
        any(
            other != pk and closed_on <= day <= closed_on + limit
            for other, closed_on in closures.get(where, ())  # type: ignore[arg-type]
        )
        for pk, where, day in sent_at
    )
    return figures

"""What followed what: the ninety days before and after something was settled at a place.

Before and after, never because of: the page says so.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from governance.decisions.models import ActionState
from governance.models import Membership, Place, Theme
from mediation.models import ActionLink, Activity, Signalement, SignalementState
from reporting.figures.comparison import LEVEL, exact_p

from .window import Window

SPAN = timedelta(days=90)
DAY = timedelta(days=1)
AT_MOST = 10


@dataclass
class Sequel:
    """What was settled, and how often its theme was met at its place before and after."""

    label: str
    url: str
    place: Place
    theme: Theme
    day: date
    before: int = 0
    after: int = 0
    before_url: str = ""
    after_url: str = ""
    trend: str = ""


def sequels(
    window: Window,
    membership: Membership,
    places: dict[int, Place],
    themes: dict[int, Theme],
    today: date,
) -> list[Sequel]:
    """The latest whose ninety days are over, ten at most; three queries. Actions are told to those
    who read what did them: the operator's people."""
    last = min(window.last, today - SPAN - DAY)
    rows = [*_settled(window, last, membership, places, themes)]
    rows += _done(window, last, membership, places, themes)
    rows.sort(key=lambda row: (row.day, row.label), reverse=True)
    rows = rows[:AT_MOST]
    _count(rows, window, places)
    return rows


def _settled(
    window: Window,
    last: date,
    membership: Membership,
    places: dict[int, Place],
    themes: dict[int, Theme],
) -> Iterable[Sequel]:
    seen = Signalement.objects.visible_to(membership).values("pk")
    rows = Signalement.objects.within(window.perimeter).filter(
        pk__in=seen, is_confidential=False, state=SignalementState.RESOLU_VERIFIE,
        closed_on__gte=window.first, closed_on__lte=last, theme__isnull=False,
    )  # fmt: skip
    for row in rows.order_by("-closed_on", "-pk")[:AT_MOST]:
        if row.theme_id is not None and row.closed_on is not None:
            yield Sequel(
                f"Signalement {row.reference} résolu\N{NO-BREAK SPACE}: {row.title}",
                reverse("signalement", args=[row.pk]),
                places[row.place_id],
                themes[row.theme_id],
                row.closed_on,
            )


def _done(
    window: Window,
    last: date,
    membership: Membership,
    places: dict[int, Place],
    themes: dict[int, Theme],
) -> Iterable[Sequel]:
    did = Q(activity__in=Activity.objects.within(window.perimeter)) | Q(
        signalement__in=Signalement.objects.within(window.perimeter).filter(is_confidential=False)
    )
    links = ActionLink.objects.visible_to(membership).filter(
        did, action__state=ActionState.DONE, action__closed_on__gte=window.first,
        action__closed_on__lte=last,
    )  # fmt: skip
    told: set[tuple[int, int, int]] = set()
    for link in links.select_related("action", "activity", "signalement"):
        done = link.activity or link.signalement
        if done is None or done.theme_id is None:
            continue
        key = (link.action_id, done.place_id, done.theme_id)
        if key in told or link.action.closed_on is None:
            continue
        told.add(key)
        yield Sequel(
            f"Action faite\N{NO-BREAK SPACE}: {link.action.text}",
            reverse("action", args=[link.action_id]), places[done.place_id],
            themes[done.theme_id], link.action.closed_on,
        )  # fmt: skip


def _count(rows: list[Sequel], window: Window, places: dict[int, Place]) -> None:
    if not rows:
        return
    first, last = min(row.day for row in rows) - SPAN, max(row.day for row in rows) + SPAN
    keys = {row.theme.pk for row in rows}
    near = window.activities(first, last).filter(Q(theme__in=keys) | Q(second_theme__in=keys))
    columns = ("place_id", "theme_id", "second_theme_id", "day")
    counted = near.order_by().values(*columns).annotate(count=Count("pk"))
    by_day: dict[tuple[int, int], Counter[date]] = {}
    for place, theme, second, day, count in counted.values_list(*columns, "count"):
        for one in (theme, second):
            if one in keys:
                by_day.setdefault((place, one), Counter())[day] += count
    for row in rows:
        beneath = [key for key, one in places.items() if one.path.startswith(row.place.path)]

        def between(
            since: date, until: date, row: Sequel = row, beneath: list[int] = beneath
        ) -> int:
            return sum(
                count
                for place in beneath
                for day, count in by_day.get((place, row.theme.pk), Counter()).items()
                if since <= day <= until
            )

        where: dict[str, Any] = {"lieu": row.place, "theme": row.theme}
        row.before = between(row.day - SPAN, row.day - DAY)
        row.before_url = window.rows(first=row.day - SPAN, last=row.day - DAY, **where)
        row.after = between(row.day + DAY, row.day + SPAN)
        row.after_url = window.rows(first=row.day + DAY, last=row.day + SPAN, **where)
        if exact_p(row.after, row.before) < LEVEL / len(rows):
            row.trend = "moins" if row.after < row.before else "plus"

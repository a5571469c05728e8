"""Whether two counts differ by more than chance: what a page may call a rise, and what is « stable ».

Two counts of independent events are compared given their sum: were both of one rate, the first
would be binomial, with the share of its days in all days. That test is exact, also for few. All
comparisons that a page looks at share one level (Bonferroni): one false alarm in twenty pages.
"""

from dataclasses import dataclass
from math import comb, exp, lgamma, log

LEVEL = 0.05  # of a page's comparisons together
FEW = 10  # under which no rate is told: « 2 sur 3 »
_NEGLIGIBLE = 1e-17
LONGEST_SUM = 5000  # beyond, shares are compared by hundreds: the exact sum would take seconds


def exact_p(now: int, before: int, days: int = 1, days_before: int = 1) -> float:
    """How often one rate over both spans would give counts at least as far apart; two-sided: twice
    the smaller tail, 1 at most. Raises ValueError for a span without a day."""
    if days < 1 or days_before < 1:
        raise ValueError("a span has days")
    total, share = now + before, days / (days + days_before)
    if total == 0:
        return 1.0
    return min(1.0, 2 * min(_tail(now, total, share), _tail(before, total, 1 - share)))


def _tail(count: int, total: int, share: float) -> float:
    """P(X ≤ count) for a binomial X, summed from `count` down until a term adds nothing."""
    term = exp(
        lgamma(total + 1)
        - lgamma(count + 1)
        - lgamma(total - count + 1)
        + count * log(share)
        + (total - count) * log(1 - share)
    )
    if count > total * share:  # beyond the middle it is no small tail: its complement is summed
        return 1 - _tail(total - count - 1, total, 1 - share) if count < total else 1.0
    summed = 0.0
    for k in range(count, -1, -1):
        summed += term
        if term <= summed * _NEGLIGIBLE:
            break
        term *= k / (total - k + 1) * (1 - share) / share
    return summed


def shares_p(part: int, whole: int, part_before: int, whole_before: int) -> float:
    """How often one and the same share would give two as far apart; two-sided, exact (Fisher)."""
    parts, total = part + part_before, whole + whole_before
    if total > LONGEST_SUM:
        scale = total / LONGEST_SUM
        return shares_p(*(round(n / scale) for n in (part, whole, part_before, whole_before)))
    if not whole or not whole_before:
        return 1.0
    ways = comb(total, parts)
    here = comb(whole, part) * comb(whole_before, part_before)
    found = 0
    for k in range(max(0, parts - whole_before), min(parts, whole) + 1):
        one = comb(whole, k) * comb(whole_before, parts - k)
        if one <= here:
            found += one
    return min(1.0, found / ways)


@dataclass(frozen=True)
class Span:
    """A count of events, and the days in which they were counted."""

    count: int
    days: int


def differs(now: Span, before: Span, tried: int = 1) -> bool:
    """Whether the difference is a finding, `tried` comparisons being looked at together."""
    return exact_p(now.count, before.count, now.days, before.days) < LEVEL / tried

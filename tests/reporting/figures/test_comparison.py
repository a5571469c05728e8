"""A change is told where chance does not explain it."""

from math import comb

import pytest

from reporting.figures.comparison import Span, differs, exact_p


def by_hand(now: int, before: int, days: int, days_before: int) -> float:
    """The binomial tail, summed term by term in whole numbers."""
    total, whole = now + before, days + days_before

    def tail(count: int, share: int) -> float:
        terms = (
            comb(total, k) * share**k * (whole - share) ** (total - k) for k in range(count + 1)
        )
        return sum(terms) / whole**total

    return min(1.0, 2 * min(tail(now, days), tail(before, days_before)))


@pytest.mark.parametrize(
    ("now", "before", "days", "days_before"),
    [
        (3, 15, 1, 1),
        (15, 3, 30, 31),
        (0, 7, 31, 28),
        (7, 0, 31, 28),
        (40, 40, 28, 31),
        (12, 30, 10, 31),
    ],
)
def test_it_is_the_binomial_test(now: int, before: int, days: int, days_before: int) -> None:
    expected = by_hand(now, before, days, days_before)
    assert exact_p(now, before, days, days_before) == pytest.approx(expected, rel=1e-9)


def test_many_are_no_trouble_and_none_is_no_difference() -> None:
    assert exact_p(0, 0) == 1.0
    assert exact_p(500_000, 503_000) < 0.05
    assert exact_p(500_000, 500_100) > 0.5
    with pytest.raises(ValueError, match="days"):
        exact_p(1, 1, 0, 3)


def test_more_days_are_no_rise() -> None:
    assert not differs(Span(310, 31), Span(280, 28))
    assert differs(Span(280, 28), Span(280, 56))


def test_comparisons_share_the_level() -> None:
    now, before = Span(18, 30), Span(6, 30)
    assert differs(now, before)
    assert not differs(now, before, tried=20)

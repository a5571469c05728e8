from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.periods import Period

periods = st.one_of(
    st.builds(Period, st.just("mois"), st.integers(2002, 2190), st.integers(1, 12)),
    st.builds(Period, st.just("trimestre"), st.integers(2002, 2190), st.integers(1, 4)),
    st.builds(Period, st.just("annee"), st.integers(2002, 2190)),
)


@given(periods)
def test_periods_follow_each_other_without_gap(period: Period) -> None:
    assert (period.next.first - period.last).days == 1
    assert period.next.previous == period
    assert Period.parse(period.slug) == period
    assert period.last_year.first == period.first.replace(year=period.year - 1)
    assert Period.holding(period.kind, period.first) == Period.holding(period.kind, period.last)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-0", "2026-00", "2026-T5", "26-01", "1999", "2026-01-01", "x"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Period.parse(text)


def test_labels() -> None:
    assert Period.parse("2026-10").of_label == "d’octobre 2026"
    assert Period.parse("2026-11").of_label == "de novembre 2026"
    assert Period.parse("2026-08").of_label == "d’août 2026"
    assert Period.parse("2026-T1").of_label == "du 1er trimestre 2026"
    assert Period.parse("2026").of_label == "de l’année 2026"
    assert [Period("mois", 2026, n).short_label for n in (1, 3, 6, 7, 8)] == [
        "janv.", "mars", "juin", "juil.", "août",
    ]  # fmt: skip
    assert Period.parse("2024-02").last == date(2024, 2, 29)


def test_thirteen_months_end_with_the_period() -> None:
    months = Period.parse("2026-T1").months_until_end(13)
    assert (months[0].slug, months[-1].slug, len(months)) == ("2025-03", "2026-03", 13)

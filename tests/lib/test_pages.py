"""Pages by number: the nearest one there is, for whatever an address asks."""

import pytest

from humanicite.lib import pages
from humanicite.lib.pages import page_of

SEVEN = list(range(7))


@pytest.mark.parametrize(
    ("asked", "rows", "number", "previous", "following"),
    [
        (None, [0, 1, 2], 1, None, 2), ("", [0, 1, 2], 1, None, 2), ("1", [0, 1, 2], 1, None, 2),
        ("2", [3, 4, 5], 2, 1, 3), ("3", [6], 3, 2, None), (" 3 ", [6], 3, 2, None),
        ("0", [0, 1, 2], 1, None, 2), ("-1", [0, 1, 2], 1, None, 2), ("abc", [0, 1, 2], 1, None, 2),
        ("1.5", [0, 1, 2], 1, None, 2), ("²", [0, 1, 2], 1, None, 2), ("٣", [0, 1, 2], 1, None, 2),
        ("4", [6], 3, 2, None), ("99999999", [6], 3, 2, None), ("9" * 5000, [6], 3, 2, None),
    ],
)  # fmt: skip
def test_the_nearest_page(asked, rows, number, previous, following) -> None:
    page = page_of(SEVEN, asked, 3)
    assert (page.rows, page.number, page.previous, page.next) == (rows, number, previous, following)


def test_a_page_that_is_full_has_no_empty_one_after_it() -> None:
    assert page_of(SEVEN[:6], "2", 3).next is None
    assert page_of(SEVEN[:3], None, 3).is_only
    assert not page_of(SEVEN, "3", 3).is_only


@pytest.mark.parametrize("asked", [None, "1", "5"])
def test_no_rows_are_one_page(asked) -> None:
    page = page_of([], asked, 3)
    assert (page.rows, page.number, page.is_only) == ([], 1, True)


def test_pages_end_where_filters_find_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LAST", 2)
    page = page_of(SEVEN, "3", 3)
    assert (page.rows, page.number, page.next) == ([3, 4, 5], 2, None)


def test_one_query_and_two_for_an_address_beyond_the_end(world, django_assert_num_queries) -> None:
    from governance.models import Place

    rows = Place.objects.order_by("pk")
    with django_assert_num_queries(1):
        page_of(rows, "2", 3)
    with django_assert_num_queries(3):
        assert page_of(rows, "50", 3).number == 3

"""What an address or a hidden field says, taken for what it may be and no more."""

from datetime import date

from django.utils.dateparse import parse_date

EARLIEST = date(2000, 1, 1)


def day_in(text: str | None, *, latest: date) -> date | None:
    """A day of the query string; None for what is no day, or one that has not come."""
    try:
        day = parse_date(text or "")
    except ValueError:
        return None
    return day if day and EARLIEST <= day <= latest else None


def version_in(text: str | None) -> int:
    """The version that a form read; 0, which no row has, for anything else."""
    return number_in(text)


def number_in(text: str | None) -> int:
    """A row's key, or the number of a page; 0 for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0

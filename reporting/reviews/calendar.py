"""Which bilans a programme has to write: one at mid-term and one a year (R48, R49, R81)."""

from datetime import date

from reporting.periods import Period


def periods(first: date, today: date) -> list[Period]:
    """From the year of the first record to the running one, the newest first: the year, then its
    first half."""
    found = []
    for year in range(today.year, first.year - 1, -1):
        found.append(Period("annee", year))
        found.append(Period("semestre", year, 1))
    return [period for period in found if period.first <= today]

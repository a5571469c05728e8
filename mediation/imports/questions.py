"""What a file leaves open: numbers and days that can be read in two ways are asked about, once for
a column, with what each way would make of a value of the file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from humanicite.lib.dates import format_duration, long_day
from mediation.activities.models import LONGEST, SHORTEST

from .headers import in_minutes
from .tables import Cell, Table, is_blank

DURATION, DAY_ORDER, DAY_ZERO = "duration", "day_order", "day_zero"
AS_WRITTEN, IN_HOURS, AS_CLOCK, IN_DAYS, IN_MINUTES = "mixed", "hours", "clock", "days", "minutes"
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "dmy", "mdy", "ymd"
SINCE_1900, SINCE_1904 = "1900", "1904"
ZEROS = {SINCE_1900: date(1899, 12, 30), SINCE_1904: date(1904, 1, 1)}
MOST_DISTINCT = 5000  # numbers or days of one column that are weighed
EXAMPLES = 3

_NUMBER = re.compile(r"(\d{1,4})(?:[.,](\d{1,17}))?", re.ASCII)
_CLOCK_IN_HOURS = re.compile(r"(\d{1,2}[.,]\d{2})\s?(?:h|heures?)\.?", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})([/. -])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d).*", re.ASCII | re.DOTALL)
SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d{1,12})?", re.ASCII)
_SHORT = re.compile(r"(\d{2})([/. -])(\d{1,2})\2(\d{2})(?!\d).*", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Number:
    """A bare number of a column of durations. `places`: decimals that are written; a number that
    a workbook holds has lost its last zeros. `in_hours`: it says so, « 1,30 h »."""

    value: float
    places: int = 0
    held: bool = False
    in_hours: bool = False

    @property
    def like_a_clock(self) -> bool:
        """Whether « 1,30 » could be half past one."""
        if self.value.is_integer():
            return True
        if self.places > 2 or (self.places < 2 and not self.held):
            return False
        return round(self.value % 1 * 100) < 60

    @property
    def shown(self) -> str:
        return f"{round(self.value, 4):.{min(max(self.places, 0), 4)}f}".replace(".", ",")


@dataclass(frozen=True)
class Question:
    """`options`: code and label of each way to read the column."""

    key: str
    header: str
    text: str
    options: list[tuple[str, str]] = field(default_factory=list)


def number_of(cell: Cell) -> Number | None:
    """A number alone in its cell. « 90,0 » is whole, where « 7,0 » may be hours;
    « 1,500 » may be a thousand, and is none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        if not 0 <= cell < 10_000:
            return None
        places = len(repr(float(cell)).partition(".")[2]) if "e" not in repr(cell) else 9
        return Number(float(cell), 0 if float(cell).is_integer() else places, held=True)
    text = cell.strip() if isinstance(cell, str) else ""
    if clock := _CLOCK_IN_HOURS.fullmatch(text):
        # « 1,30 h » may be half past one.
        return Number(float(clock[1].replace(",", ".")), 2, in_hours=True)
    match = _NUMBER.fullmatch(text)
    if not match:
        return None
    decimals = match[2] or ""
    if len(decimals) == 3 and int(match[1]):
        return None
    if not decimals.strip("0") and int(match[1]) > 24:
        return Number(float(match[1]))  # no number of hours
    return Number(float(f"{match[1]}.{decimals}"), len(decimals))


def minutes_of(number: Number, unit: str, field: str) -> int:
    """What a bare number comes to; `field`: minutes or hours. Raises ValueError beyond a day."""
    value, whole = number.value, not number.places
    if number.in_hours and unit != AS_CLOCK:
        unit = IN_HOURS
    if unit == IN_DAYS and not (whole and value > 1):
        minutes = value * 24 * 60
    elif unit == AS_CLOCK and not (whole and value > 24):
        minutes = int(value) * 60 + round(value % 1 * 100)
    elif unit == IN_HOURS or (unit == AS_WRITTEN and (field == "hours" or not whole)):
        minutes = value * 60
    else:
        minutes = value
    if not SHORTEST <= round(minutes) <= LONGEST:
        raise ValueError(number)
    return round(minutes)


def questions(table: Table, columns: dict[str, str], today: date) -> list[Question]:
    """What has to be asked of the columns of days and durations. Reads the file once."""
    lasting = next((key for key in ("minutes", "hours") if key in columns), "")
    at = {
        key: table.headers.index(columns[key])
        for key in ("day", lasting)
        if columns.get(key) in table.headers
    }
    cells: dict[str, dict[Cell, None]] = {key: {} for key in at}
    for row in table.rows():
        for key, place in at.items():
            if len(cells[key]) < MOST_DISTINCT:
                cells[key][row.cells[place]] = None
    found: list[Question] = []
    if lasting in cells:
        numbers = [number for number in map(number_of, cells[lasting]) if number]
        options = _duration_options(numbers, lasting, columns[lasting])
        if options:
            text = "comment lire les nombres de cette colonne ?"
            found.append(Question(DURATION, columns[lasting], text, options))
    if "day" in cells:
        found += _about_days(table, columns["day"], list(cells["day"]), today)
    return found


def _duration_options(numbers: list[Number], field: str, header: str) -> list[tuple[str, str]]:
    decimals = [number for number in numbers if number.places]
    wholes = [number for number in numbers if not number.places]

    def fits(unit: str, among: list[Number]) -> bool:
        try:
            return bool([minutes_of(number, unit, field) for number in among])
        except ValueError:
            return False

    units = []
    said = in_minutes(header)
    some = any(fits(AS_WRITTEN, [number]) for number in wholes)
    if wholes and field == "minutes" and (decimals or (some and not said)):
        units.append(AS_WRITTEN)
    if fits(IN_HOURS, numbers) and not (said and not decimals) or decimals and not wholes:
        units.append(IN_HOURS)
    if decimals:
        whole_hours = all(number.value.is_integer() for number in decimals)
        clock = all(number.like_a_clock for number in decimals) and not whole_hours
        if clock and not all(n.held and n.value % 1 == 0.5 for n in decimals):
            units.append(AS_CLOCK)
        small = [number for number in decimals if number.value < 1 and not number.in_hours]
        long = any(number.places > 2 for number in small)
        if (long or (field == "minutes" and len(small) == len(decimals))) and fits(IN_DAYS, small):
            units.append(IN_DAYS)
        if (said or whole_hours) and fits(IN_MINUTES, numbers):
            units.append(IN_MINUTES)
    if len(units) < 2:
        return []
    examples = [*decimals[:EXAMPLES], *wholes[: max(0, EXAMPLES - len(decimals))]]
    return [(unit, _duration_label(unit, examples, field)) for unit in units]


_UNIT_LABELS = {
    AS_WRITTEN: "Nombres entiers en minutes, autres en heures",
    IN_HOURS: "En heures",
    AS_CLOCK: "Heures et minutes, comme à l’horloge",
    IN_DAYS: "Fractions d’un jour de 24 heures",
    IN_MINUTES: "En minutes",
}


def _duration_label(unit: str, numbers: list[Number], field: str) -> str:
    read = []
    for number in numbers:
        try:
            read.append(f"{number.shown} = {format_duration(minutes_of(number, unit, field))}")
        except ValueError:
            continue
    label = _UNIT_LABELS[unit]
    if unit == AS_WRITTEN and all(not number.places for number in numbers):
        label = _UNIT_LABELS[IN_MINUTES]
    return f"{label} : {', '.join(read) or 'trop peu, à corriger'}"


def _about_days(table: Table, header: str, cells: list[Cell], today: date) -> Iterable[Question]:
    days = [match for cell in cells if isinstance(cell, str) if (match := _DAY.match(cell.strip()))]
    american = [match for match in days if int(match[3]) > 12 and int(match[1]) <= 12]
    if american and not any(int(match[1]) > 12 for match in days):
        text = "le mois vient-il avant le jour ?"
        if any(isinstance(cell, date) for cell in cells):
            text += (
                " D’autres cellules sont de vraies dates : vérifiez dans le tableur que leur jour et "
                "leur mois n’ont pas été échangés."
            )
        shown = american[0][0][:10]
        yield Question(
            DAY_ORDER,
            header,
            text,
            [
                (MONTH_FIRST, f"Mois, jour, année : {shown}"),
                (DAY_FIRST, "Jour, mois, année : les dates impossibles seront à corriger"),
            ],
        )
    elif (short := _year_first(cells, today)) is not None:
        yield _about_year(header, short)
    if table.late is None:
        yield from _about_serials(header, cells, today)


def _about_year(header: str, short: re.Match[str]) -> Question:
    year_first = f"Année, mois, jour : {short[0][:8]} = {long_day(_of_short(short, 1, 3, 4))}"
    day_first = f"Jour, mois, année : {short[0][:8]} = {long_day(_of_short(short, 4, 3, 1))}"
    text = "l’année vient-elle en premier ?"
    return Question(DAY_ORDER, header, text, [(YEAR_FIRST, year_first), (DAY_FIRST, day_first)])


def _about_serials(header: str, cells: list[Cell], today: date) -> Iterable[Question]:
    serials = [
        int(float(str(cell).strip().replace(",", ".")))
        for cell in cells
        if isinstance(cell, int | float | str) and SERIAL.match(str(cell)) and _is_serial(cell)
    ]
    if serials and all(day_at(number, SINCE_1904) <= today for number in serials):
        first = serials[0]
        yield Question(
            DAY_ZERO,
            header,
            "de quand ces nombres comptent-ils les jours ?",
            [
                (zero, f"{label} : {first} = {long_day(day_at(first, zero))}")
                for zero, label in ((SINCE_1900, "Excel"), (SINCE_1904, "Ancien Excel pour Mac"))
            ],
        )


def _of_short(match: re.Match[str], year: int, month: int, day: int) -> date:
    """Raises ValueError for what is no day."""
    return date(2000 + int(match[year]), int(match[month]), int(match[day]))


def _year_first(cells: list[Cell], today: date) -> re.Match[str] | None:
    """« 26-03-10 » where each cell is a past day of the last years if its year comes first, and one of
    them years ago, or none, if its day does."""
    found = [
        _SHORT.fullmatch(cell.strip()) for cell in cells if isinstance(cell, str) and cell.strip()
    ]
    short = [match for match in found if match]
    if not short or len(short) < len(found):
        return None
    told: re.Match[str] | None = None
    for match in short:
        try:
            first = _of_short(match, 1, 3, 4)
            last = _of_short(match, 4, 3, 1)
        except ValueError:
            return None
        if not 0 <= (today - first).days < RECENT:
            return None
        if not 0 <= (today - last).days < RECENT:
            told = told or match
    return told


RECENT = 6 * 366  # days


def _is_serial(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(SERIAL.fullmatch(cell.strip()))


def day_at(serial: float, zero: str) -> date:
    return ZEROS[zero] + timedelta(days=int(serial))


def missing(asked: list[Question], answers: dict[str, str]) -> list[str]:
    """A sentence for each question that has no answer among its own."""
    return [
        f"« {one.header} » : {one.text}"
        for one in asked
        if answers.get(one.key) not in dict(one.options)
    ]


def left_out(table: Table, columns: dict[str, str]) -> list[tuple[str, int]]:
    """The columns that nothing reads although their rows differ, with how many values they have."""
    places = [n for n, header in enumerate(table.headers) if header not in set(columns.values())]
    values: dict[int, set[str]] = {n: set() for n in places}
    for row in table.rows():
        for n in places:
            if not is_blank(row.cells[n]) and len(values[n]) < MOST_DISTINCT:
                values[n].add(str(row.cells[n]))
    return [(table.headers[n], len(found)) for n, found in values.items() if len(found) > 1]

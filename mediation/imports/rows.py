"""A row of a file becomes an activity that is not saved yet, or what is wrong with it."""

import hashlib
import json
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

from governance.models import Theme, User
from humanicite.lib.dates import format_duration, parse_day, parse_duration, parse_time
from humanicite.lib.text import fold
from mediation.activities import actions
from mediation.activities.head_counts import HeadCounts
from mediation.activities.models import LONGEST, ONLY_OF, SHORTEST, Activity
from mediation.frame.models import Frame

from . import spellings
from .fields import AUDIENCE, LEAVE_EMPTY, Columns, Vocabulary
from .questions import (
    AS_WRITTEN,
    DAY_FIRST,
    DAY_ORDER,
    DAY_ZERO,
    DURATION,
    MONTH_FIRST,
    SERIAL,
    SINCE_1900,
    SINCE_1904,
    YEAR_FIRST,
    ZEROS,
    minutes_of,
    number_of,
)
from .tables import Cell, Row, is_blank

SHOWN = 80  # characters of a value in the report
MOST_PEOPLE = 2000
EARLIEST = 1970  # year of a day that is not mistyped
# The day zero of spreadsheets: a clock stands on it.
OF_NO_DAY = (date(1899, 12, 30), date(1904, 1, 1))
SERIALS = range(20_000, 80_000)  # days since 1899-12-30: from 1954 to 2119
REQUIRED = "une valeur : ce champ est obligatoire"
TWO_THEMES = "deux thématiques au plus"
ERROR = "une valeur : cette cellule contient une erreur de calcul, à corriger dans le tableur"
TOTAL = "une activité : cette ligne est un total, à retirer du fichier"
NOT_AFTER = "une heure de fin après celle du début, ou au plus 12 heures plus tard si l’activité passe minuit"
DISAGREE = "la même durée que les heures de début et de fin, qui font {}"
FUTURE = "une date passée : celle-ci est à venir"
OVERFLOWS = (
    "autant de cellules que d’en-têtes : cette ligne en a davantage (un séparateur dans un texte ?)"
)
OVERNIGHT = 12 * 60  # minutes: an end before its beginning is the next day's, up to here
ERRORS = re.compile(
    r"#(?:REF|DIV/0|VALUE|VALEUR|NAME|NOM|NUM|NOMBRE|NULL|NUL|SPILL|PROPAGATION|CALC|CALCUL|FIELD|"
    r"CHAMP|BLOCKED|CONNECT|BUSY|UNKNOWN|EXTERNAL|PYTHON)[!?]|#N/A|#GETTING_DATA|Err ?:\d{3}|#{3,}"
)
TOTALS = re.compile(r"(?:sous.?|grand )?tota(?:l|ux)\b.*|cumul\b.*|moyenne\b.*")
MIDNIGHT = datetime(2000, 1, 1)  # noqa: DTZ001  # of no day: only what is added to it is read
NAMESPACE = uuid.UUID("5f2f63c8-6d0e-4b0c-9f4e-2f6a3c1d7b90")  # of the keys of imported rows


@dataclass(frozen=True)
class Fault:
    """`unknown`: the field whose list does not have the value, which somebody may match."""

    line: int
    column: str
    value: str
    expected: str
    unknown: str = ""
    text: str = ""  # the unknown value, whole


class NotThat(ValueError):
    """A cell is not what its field expects; says what would be."""


class BadRow(Exception):
    """A row cannot be imported; `faults` has one or more."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class Reader:
    """Reads rows with one matching of columns; counts those that say the same."""

    def __init__(
        self,
        *,
        headers: list[str],
        columns: dict[str, str],
        vocabulary: Vocabulary,
        frame: Frame,
        worker: User,
        today: date,
        answers: dict[str, str] | None = None,
        late: bool = False,
    ) -> None:
        """`answers`: to the questions of the file; `late`: its numbers count days from 1904."""
        self.frame, self.worker, self.today = frame, worker, today
        answers = answers or {}
        zero = answers.get(DAY_ZERO, SINCE_1904 if late else SINCE_1900)
        unit = answers.get(DURATION, AS_WRITTEN)
        self.readers = _READERS | {
            "day": partial(_day, order=answers.get(DAY_ORDER, DAY_FIRST), zero=zero),
            "minutes": partial(_minutes, unit=unit),
            "hours": partial(_hours, unit=unit),
        }
        self.vocabulary, self.known = vocabulary, Columns(frame)
        places = {header: number for number, header in enumerate(headers)}
        self.columns = columns
        self.at = {key: places[header] for key, header in columns.items()}
        self.people = {
            key: self.known.audience_of(key) for key in columns if key.startswith(AUDIENCE)
        }
        # Of every row read so far, 16 bytes of what it says: two alike are two activities.
        self.seen: Counter[bytes] = Counter()

    def read(self, row: Row, *, identify: bool = False) -> actions.Draft:
        """The activity of a row, checked as any other is. Raises BadRow.

        With `identify` its key is the one that it has each time the same file is read from its
        first row; the second of two rows that say the same has another key than the first.
        """
        faults: list[Fault] = []
        if self._is_total(row):
            raise BadRow([Fault(row.number, "", "", TOTAL)])
        if row.overflows:
            faults.append(Fault(row.number, "", "", OVERFLOWS))
        values: dict[str, object] = {}
        for key in self.at:
            try:
                values[key] = self._value(key, row.cells[self.at[key]])
            except NotThat as error:
                faults.append(self._fault(row, key, str(error)))
            except KeyError as error:
                faults.append(self._fault(row, key, self.known.fields[key].expected, error.args[0]))
        if faults:
            raise BadRow(faults)
        if (wrong := self._set_duration(values)) is not None:
            raise BadRow([self._fault(row, *wrong)])
        draft = self._draft(values)
        if draft.activity.day > self.today:
            raise BadRow([self._fault(row, "day", FUTURE)])
        if identify:
            said = self._meaning(draft)
            self.seen[said] += 1
            name = f"{self.frame.programme_id}:{said.hex()}:{self.seen[said]}"
            draft.activity.uid = uuid.uuid5(NAMESPACE, name)
        try:
            actions.check_draft(draft, frame=self.frame)
        except ValidationError as error:
            raise BadRow(self._told(row, error)) from error
        return draft

    # --- Cells --------------------------------------------------------------------------------

    def _value(self, key: str, cell: Cell) -> object:
        """Raises NotThat, or KeyError with a text that no list has."""
        field = self.known.fields[key]
        if is_blank(cell):
            lasts = key in ("minutes", "hours") and "ends_at" not in self.at
            if field.required or field.filled or lasts:
                raise NotThat(REQUIRED)
            return None
        if isinstance(cell, str) and ERRORS.fullmatch(cell.strip()):
            raise NotThat(ERROR)
        if key in self.people:
            return _people(cell)
        if key == "theme":
            return self._themes(text_of(cell))
        if field.listed:
            found = self.vocabulary.find(key, text_of(cell))
            return None if found == LEAVE_EMPTY else found
        try:
            return self.readers[key](cell)
        except (ValueError, OverflowError):
            raise NotThat(field.expected) from None

    def _is_total(self, row: Row) -> bool:
        """A row of a table's foot: a word for it, and no day."""
        cell = row.cells[self.at["day"]] if "day" in self.at else None
        if not (is_blank(cell) or (isinstance(cell, str) and TOTALS.fullmatch(fold(cell)))):
            return False
        return any(
            isinstance(row.cells[place], str) and TOTALS.fullmatch(fold(str(row.cells[place])))
            for place in self.at.values()
        )

    def _set_duration(self, values: dict[str, Any]) -> tuple[str, str] | None:
        """From the hours where there is an end; the field that is wrong and why, or nothing."""
        said = values.get("minutes") or values.get("hours")
        starts, ends = values.get("starts_at"), values.get("ends_at")
        values["minutes"] = said
        if ends is None or starts is None:
            return None if said else ("ends_at" if ends is None else "starts_at", REQUIRED)
        minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
        if minutes <= 0:
            minutes += 24 * 60
            if minutes > OVERNIGHT:
                return "ends_at", NOT_AFTER
        if said and said != minutes:
            key = "minutes" if "minutes" in self.at else "hours"
            return key, DISAGREE.format(format_duration(minutes))
        values["minutes"] = minutes
        return None

    def _themes(self, text: str) -> list[Theme]:
        """One, or two in one cell; a name that holds a comma is tried whole first."""
        try:
            found = [self.vocabulary.find("theme", text)]
        except KeyError:
            parts = [part.strip() for part in re.split(r"[,;/|+\n]", text) if part.strip()]
            if len(parts) < 2:
                raise
            found = [self.vocabulary.find("theme", part) for part in parts]
        themes = list(dict.fromkeys(theme for theme in found if theme != LEAVE_EMPTY))
        if len(themes) > 2:
            raise NotThat(TWO_THEMES)
        return themes

    # --- The activity -------------------------------------------------------------------------

    def _draft(self, values: dict[str, Any]) -> actions.Draft:
        day: datetime = values["day"]
        starts_at = values.get("starts_at")
        if "starts_at" not in self.columns and day.time() != time():
            starts_at = day.time().replace(second=0, microsecond=0)  # « 31/01/2024 14:30 »
        themes = [*(values.get("theme") or []), *filter(None, [values.get("second_theme")])]
        theme, second, *_ = (*dict.fromkeys(themes), None, None)
        activity = Activity(
            programme_id=self.frame.programme_id,
            type=values["type"],
            place=values["place"],
            day=day.date(),
            minutes=values["minutes"],
            starts_at=starts_at,
            theme=theme,
            second_theme=second,
            objective=values.get("objective"),
            outcome=values.get("outcome") or "",
            origin=values.get("origin") or "",
            refusal=values.get("refusal") or "",
            conflict_form=values.get("conflict_form") or "",
            partner_kind=values.get("partner_kind") or "",
            consent=values.get("consent") or "",
            internal_note=values.get("internal_note") or "",
            summary=values.get("summary") or "",
            author=values.get("worker") or self.worker,
        )
        counts: HeadCounts = {
            (audience, band): values[key]
            for key, (audience, band) in self.people.items()
            if values.get(key)
        }
        return actions.Draft(activity, counts)

    def _meaning(self, draft: actions.Draft) -> bytes:
        """What the row says, whatever it is written like: before anything is derived from it."""
        activity = draft.activity
        counts = sorted(
            (audience.pk, band, count) for (audience, band), count in draft.head_counts.items()
        )
        said = [
            activity.author_id, activity.day.isoformat(), activity.type, activity.place_id,
            activity.minutes, str(activity.starts_at), activity.theme_id, activity.second_theme_id,
            activity.objective_id, activity.outcome, activity.origin, activity.internal_note,
            activity.summary, counts,
        ]  # fmt: skip
        trade = [getattr(activity, name) for name in (*ONLY_OF, "refusal")]
        if any(trade):
            said.append(trade)  # only then: files that were read before keep their keys
        return hashlib.sha256(json.dumps(said).encode()).digest()[:16]

    # --- Faults -------------------------------------------------------------------------------

    def _fault(self, row: Row, key: str, expected: str, unknown: str | None = None) -> Fault:
        shown = text_of(row.cells[self.at[key]])
        if len(shown) > SHOWN:
            shown = f"{shown[: SHOWN - 1]}…"
        if unknown is None:
            return Fault(row.number, self.columns[key], shown, expected)
        field = Vocabulary.list_of(key)
        return Fault(row.number, self.columns[key], shown, expected, field, unknown)

    def _told(self, row: Row, error: ValidationError) -> list[Fault]:
        """The activity's own rules, told by the column that they concern."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        faults = []
        for name, said in by_field.items():
            key = name if name in self.at else ("hours" if name == "minutes" else "")
            for message in said:
                if key in self.at:
                    faults.append(self._fault(row, key, message))
                else:
                    faults.append(Fault(row.number, "", "", message))
        return faults


def text_of(cell: Cell) -> str:
    """A cell as somebody reads it; without the quote by which a spreadsheet keeps a formula off."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = re.sub(r'^="(.*)"$', r"\1", cell.strip(), flags=re.DOTALL)
        return text[1:] if re.match(r"'[=+\-@]", text) else text
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y}" if cell.time() == time() else f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, bool):
        return "vrai" if cell else "faux"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _day(cell: Cell, order: str = DAY_FIRST, zero: str = SINCE_1900) -> datetime:
    """A day, with its time where the cell has one."""
    if isinstance(cell, datetime):
        return _to_minute(cell.replace(tzinfo=None))
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, str) and SERIAL.fullmatch(cell.strip()):
        cell = float(
            cell.strip().replace(",", ".")
        )  # a date that a spreadsheet wrote as its number
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in SERIALS:
        return _to_minute(datetime.combine(ZEROS[zero], time()) + timedelta(days=cell))
    text = text_of(cell)
    text = spellings.day(re.sub(r"^((?:19|20)\d\d)(\d\d)(\d\d)$", r"\1-\2-\3", text))
    if order == MONTH_FIRST:
        text = re.sub(r"^(\d{1,2})([/. -])(\d{1,2})(?=\2)", r"\3\2\1", text)
    if order == YEAR_FIRST:
        text = re.sub(r"^(\d{2})([/. -])(\d{1,2})\2(\d{1,2})(?!\d)", r"\4\2\3\2\1", text)
    day = parse_day(text)
    if day.year < EARLIEST:
        raise ValueError(text)
    if match := re.search(r"[ t](\d{1,2}[:h]\d{2})(?::\d{2})?", text.casefold(), re.ASCII):
        return datetime.combine(day, parse_time(match[1]))
    return datetime.combine(day, time())


def _to_minute(moment: datetime) -> datetime:
    """Its seconds left out; a spreadsheet's 14:30 may be kept as 14:29:59.999."""
    return (moment + timedelta(milliseconds=500)).replace(second=0, microsecond=0)


def _minutes(cell: Cell, unit: str = AS_WRITTEN, field: str = "minutes") -> int:
    """A clock cell is a duration; a number is minutes, with decimals hours, as where one types,
    unless the `unit` of its column is known."""
    if isinstance(cell, datetime) and cell.date() in OF_NO_DAY:
        cell = cell.time()
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
    elif isinstance(cell, time):
        minutes = cell.hour * 60 + round(cell.minute + cell.second / 60)
    elif (number := number_of(cell)) is not None:
        return minutes_of(number, unit, field)
    else:
        # « 01:30:00 », as spreadsheets write a duration into a CSV
        text = spellings.duration(spellings.of_no_day(text_of(cell)))
        seconds = re.fullmatch(r"(\d{1,3}:\d{2}):(\d{2})", text, re.ASCII)
        minutes = (
            parse_duration(seconds[1]) + round(int(seconds[2]) / 60)
            if seconds
            else (parse_duration(text))
        )
    if not SHORTEST <= minutes <= LONGEST:
        raise ValueError(cell)
    return minutes


def _hours(cell: Cell, unit: str = AS_WRITTEN) -> int:
    """The same in a column of hours: a whole number is hours too."""
    return _minutes(cell, unit, "hours")


def _time(cell: Cell) -> time:
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, timedelta) and timedelta() <= cell < timedelta(days=1):
        cell = (MIDNIGHT + cell).time()
    if isinstance(cell, float) and 0 <= cell < 1:
        cell = (MIDNIGHT + timedelta(minutes=round(cell * 24 * 60))).time()
    if isinstance(cell, time):
        return _to_minute(datetime.combine(MIDNIGHT, cell.replace(tzinfo=None))).time()
    text = text_of(cell)
    if isinstance(cell, str) and re.fullmatch(r"0[.,]\d{3,}", text):
        return _time(float(text.replace(",", ".")))
    return parse_time(spellings.time(text))


def _people(cell: Cell) -> int:
    text = re.sub(r"[ \u00a0\u202f]", "", text_of(cell))
    text = re.sub(
        r"(?:personnes?|pers\.?|p\.?|hab\.?|habitante?s?|jeunes?|adultes?|enfants?|participante?s?)$",
        "",
        text,
        flags=re.IGNORECASE,
    )
    text = "0" if fold(text) in ("neant", "aucun", "aucune") else re.sub(r"[.,]0+$", "", text)
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or int(text) > MOST_PEOPLE:
        raise NotThat("un nombre de personnes, de 0 à 2 000")
    return int(text)


def _uid(cell: Cell) -> uuid.UUID:
    return uuid.UUID(text_of(cell))


def uid_of(cell: Cell) -> uuid.UUID | None:
    """The identity that a cell holds; none where it holds anything else."""
    try:
        return _uid(cell)
    except ValueError:
        return None


def _text(longest: int, cell: Cell) -> str:
    text = text_of(cell)
    if len(text) > longest:
        raise ValueError(longest)
    return text


_READERS: dict[str, Any] = {
    "day": _day,
    "minutes": _minutes,
    "hours": _hours,
    "starts_at": _time,
    "ends_at": _time,
    "uid": _uid,
    "internal_note": partial(_text, 4000),
    "summary": partial(_text, 1000),
}

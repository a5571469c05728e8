"""Ways to write a duration, a day or a time that forms do not ask for and files hold: each is put as
`humanicite.lib.dates` reads it. What can be read two ways stays as it is.
"""

import re
import unicodedata

from humanicite.lib.text import fold

_NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "dix": 10, "quinze": 15, "vingt": 20, "trente": 30, "quarante": 40, "quarante-cinq": 45,
    "cinquante": 50,
}  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b(?!-)")
_HALVES = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
_QUARTERS = {"1/4": 15, "1/2": 30, "3/4": 45}
_HOUR = r"(?:heures?|hours?|hres?|hrs?|h)(?![a-z])\.?"
_MINUTE = r"(?:minutes?|mins?|mns?|mn|m)(?![a-z])\.?"
_PART = re.compile(rf"(1/4|1/2|3/4) ?(?:d'|de )?{_HOUR}")
_WHOLE_AND_PART = re.compile(rf"(\d{{1,3}}) ?{_HOUR} ?(?:et )?(1/4|1/2|3/4)")
_CLOCK = re.compile(
    rf"(\d{{1,3}}) ?{_HOUR} ?(?:,|et)? ?(?:(\d{{1,2}}) ?(?:{_MINUTE}|')?)?(?: ?0{{1,2}} ?s)?",
)
_ISO = re.compile(r"pt(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:0+(?:\.0+)?s)?")
# A clock of no day: « 30/12/1899 01:30:00 », as spreadsheets without durations write one.
_OF_NO_DAY = re.compile(r"(?:30/12/1899|0?1/01/1904|1899-12-30|1904-01-01)[ t](.+)")

_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
]  # fmt: skip
_IN_FRENCH = [
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
    "novembre", "decembre",
]  # fmt: skip
_WEEKDAY = r"(?:lun|mar|mer|jeu|ven|sam|dim)(?:di|credi|dredi|edi|anche)?\.?"
_ENGLISH_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?"
_AMERICAN = re.compile(rf"{_ENGLISH_DAY}([a-z]{{3,9}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})")
_ENGLISH = re.compile(
    rf"{_ENGLISH_DAY}(\d{{1,2}})(?:st|nd|rd|th)?[ -]([a-z]{{3,9}})\.?[ -](\d{{2,4}})"
)
_HALF_DAY = re.compile(r"(\d{1,2})(?:[:h](\d{2}))?(?::\d{2})? ?([ap])\.?m\.?")


def _bare(text: str) -> str:
    """Folded, without marks that nobody sees and what a spreadsheet or a sentence puts around."""
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    for sign, written in _HALVES.items():
        text = text.replace(sign, f" {written}")
    text = fold(text).replace("′", "'")
    if match := re.fullmatch(r'="(.*)"', text):
        text = match[1]
    return text.removeprefix("'").strip().rstrip(" .;,")


def of_no_day(text: str) -> str:
    """The clock alone of « 30/12/1899 01:30:00 »."""
    match = _OF_NO_DAY.fullmatch(_bare(text))
    return match[1] if match else text


def duration(text: str) -> str:
    """« 1h30 » for « une heure et demie », « 1 h 1/2 », « 1 hr 30 mins », « PT1H30M »."""
    said = _WORD.sub(lambda one: str(_NUMBERS[one[0]]), _bare(text))
    said = re.sub(r"\bdemie?\b", "1/2", said)
    said = re.sub(r"\b([13]) quarts?\b", r"\1/4", said)
    said = re.sub(r"^1 (?=1/[24])", "", said).replace("1/2-h", "1/2 h")
    if match := _PART.fullmatch(said):
        return f"{_QUARTERS[match[1]]} min"
    if match := _WHOLE_AND_PART.fullmatch(said):
        return f"{match[1]}h{_QUARTERS[match[2]]}"
    if match := _CLOCK.fullmatch(said):
        return f"{match[1]}h{match[2] or '00'}"
    if match := re.fullmatch(rf"(\d{{1,4}}) ?{_MINUTE}", said):
        return f"{match[1]} min"
    if match := re.fullmatch(rf"(\d{{1,2}}:\d{{2}}) ?{_HOUR}", said):
        return match[1]
    if match := re.fullmatch(rf"([.,]\d{{1,2}}) ?{_HOUR}", said):
        return f"0{match[1]} h"
    if (match := _ISO.fullmatch(said)) and (match[1] or match[2]):
        return f"{match[1] or 0}h{match[2] or '00'}" if match[1] else f"{match[2]} min"
    return text


def day(text: str) -> str:
    """« 10/03/2026 » for « 10 / 03 / 2026 », « 10032026 », « 10.mars.2026 », « March 10, 2026 »."""
    said = _bare(text)
    if match := re.fullmatch(r"(\d{2})(\d{2})((?:19|20)\d{2})", said):
        return "/".join(match.groups())
    said = re.sub(rf",? \(?{_WEEKDAY}\)?$", "", said)
    said = re.sub(r"(?<=\d) (?=[./-])|(?<=\d[./-]) (?=\d)|(?<= [./-]) (?=\d)", "", said)
    said = re.sub(r"^(\d{4})\.(\d{1,2})\.(\d{1,2})(?!\d)", r"\1-\2-\3", said)
    said = re.sub(
        r"^(.{0,12}?\d{1,2})°? ?[ ./-]?([a-z]{3,9})[,./-]? ?(\d{4}|\d{2})(?!\d)", _spaced, said
    )
    if match := _AMERICAN.fullmatch(said):
        return _in_french(match[2], match[1], match[3]) or text
    if (match := _ENGLISH.fullmatch(said)) and (found := _in_french(*match.groups())):
        return found
    said = _HALF_DAY.sub(lambda one: time(one[0]), said)
    return re.sub(r" (\d{1,2}) ?h$", r" \1h00", said)


def _spaced(match: re.Match[str]) -> str:
    return match[0] if match[2] in ("er", "a") else f"{match[1]} {match[2]} {match[3]}"


def _in_french(number: str, month: str, year: str) -> str | None:
    """Of an English month, or its first letters, where French has no other reading of them."""
    found = [n for n, name in enumerate(_MONTHS) if name.startswith(month)]
    return f"{number} {_IN_FRENCH[found[0]]} {year}" if len(found) == 1 else None


def time(text: str) -> str:
    """« 14h30 » for « 2:30 PM », « 14.30 », « à 14 h 30 min », « 14 », « midi », « 10/03/2026 14:30 »."""
    said = of_no_day(_bare(text))
    said = re.sub(r"^\d{1,2}/\d{1,2}/\d{4} |^\d{4}-\d{2}-\d{2}[ t]|^(?:a |t(?=\d))", "", said)
    if match := _HALF_DAY.fullmatch(said):
        hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0)
        return f"{hour}h{match[2] or '00'}" if 1 <= int(match[1]) <= 12 else text
    if said in ("midi", "minuit"):
        return "12h00" if said == "midi" else "0h00"
    if re.fullmatch(r"\d{1,2}", said):
        return f"{said}h00"
    said = re.sub(r"^(\d{1,2})\.(\d{2})$", r"\1h\2", said)
    return (
        re.sub(rf"(?<=\d) ?(?:{_MINUTE}|{_HOUR})$", "", said)
        if re.search(r"\d\D+\d", said)
        else said
    )

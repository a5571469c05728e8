"""What a column may be, which one it seems to be, and what its values stand for."""

import hashlib
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from governance.models import Audience, People, User
from humanicite.lib.text import fold
from mediation.activities.forms import LISTS
from mediation.activities.models import AgeBand
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity

from .headers import FIELDS, Field, field_of, plain
from .tables import Unreadable

LEAVE_EMPTY = ""  # what a value may be matched with, where its field is not required
PEOPLE = "un nombre de personnes, de 0 à 2 000"
AUDIENCE = "audience:"  # then the key of the audience, and the age band
NEEDED = "« {} » n’est associé à aucune colonne : ce champ est obligatoire."


def audience_key(audience: Audience, band: str) -> str:
    return f"{AUDIENCE}{audience.pk}:{band}"


def fingerprint(headers: Iterable[str]) -> str:
    """The same for the same headers in any order."""
    return hashlib.sha256("\n".join(sorted(map(fold, headers))).encode()).hexdigest()


class Columns:
    """The fields of one programme: those of an activity, and a count for each of its publics."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    @cached_property
    def fields(self) -> dict[str, Field]:
        found = {field.key: field for field in FIELDS}
        for audience in self.frame.audiences.values():
            for band in (AgeBand.NON_PRECISE, *(band for band in AgeBand if band != "np")):
                key = audience_key(audience, band)
                age = "" if band == AgeBand.NON_PRECISE else f" ({band.label.lower()})"
                found[key] = Field(key, f"Publics : {audience}{age}", PEOPLE)
        return found

    def audience_of(self, key: str) -> tuple[Audience, str]:
        _, pk, band = key.split(":")
        return self.frame.audiences[int(pk)], band

    def propose(self, headers: list[str]) -> dict[str, str]:
        """Field → header, for the headers that speak for themselves; each field once."""
        found: dict[str, str] = {}
        for header in headers:
            key = self._field_of(header)
            if key and key not in found:
                found[key] = header
        if "minutes" in found:
            found.pop("hours", None)
        return found

    def _field_of(self, header: str) -> str | None:
        name = re.sub(r"^(?:publics?|nb|nombre)(?: de| d')? ?", "", plain(header))
        return self._publics.get(name) or field_of(header)

    @cached_property
    def _publics(self) -> dict[str, str]:
        """« habitants », « habitants (jeunes) » → the field."""
        found = {}
        for audience in self.frame.audiences.values():
            for band in AgeBand:
                name = plain(str(audience))
                if band != AgeBand.NON_PRECISE:
                    name = f"{name} ({fold(band.label)})"
                found[name] = audience_key(audience, band)
        return found

    def faults_of(self, columns: dict[str, str], headers: list[str]) -> list[str]:
        """What is wrong with a matching of columns, in words; nothing when it will do."""
        faults = [
            NEEDED.format(field.label)
            for field in self.fields.values()
            if field.required and field.key not in columns
        ]
        lasts = {"minutes", "hours"} & set(columns)
        if not lasts and not {"starts_at", "ends_at"} <= set(columns):
            faults.append(NEEDED.format("Durée, ou heures de début et de fin"))
        if "ends_at" in columns and "starts_at" not in columns:
            faults.append("Une heure de fin demande une heure de début.")
        if "minutes" in columns and "hours" in columns:
            faults.append("Deux colonnes donnent la durée : n’en gardez qu’une.")
        if "second_theme" in columns and "theme" not in columns:
            faults.append("Une seconde thématique demande une première.")
        for key, header in columns.items():
            if key not in self.fields:
                faults.append(f"« {key[:40]} » n’est pas un champ d’activité.")
            if header not in headers:
                faults.append(f"Le fichier n’a pas de colonne « {header[:60]} ».")
        return faults


class Vocabulary:
    """What the texts of a file stand for: labels, codes and slugs of the programme's lists, then
    what somebody matched by hand (`chosen`: field → text → name of what is meant)."""

    def __init__(self, frame: Frame, chosen: dict[str, dict[str, str]]) -> None:
        self.frame = frame
        self.chosen = {
            field: {fold(text): name for text, name in texts.items()}
            for field, texts in chosen.items()
        }

    def find(self, field: str, text: str) -> Any:
        """The row or code meant; LEAVE_EMPTY where somebody said so; KeyError for an unknown text."""
        by_hand = self.chosen.get(field, {}).get(fold(text))
        if by_hand == LEAVE_EMPTY and by_hand is not None:
            return LEAVE_EMPTY
        if by_hand is not None:
            try:
                return self._named(field, by_hand)
            except KeyError:
                pass  # it was matched with what is gone since
        return self._named(field, text)

    def _named(self, field: str, text: str) -> object:
        found = self._index[self.list_of(field)].get(fold(text))
        if found is None and field == "objective" and (numbers := re.findall(r"\d+", text)):
            found = self._index[field].get(".".join(numbers[:2]))
        if found is None:
            raise KeyError(text)
        return found

    @staticmethod
    def list_of(field: str) -> str:
        return "theme" if field == "second_theme" else field

    def options(self, field: str) -> list[tuple[str, str]]:
        """(name, label) of everything that a text may be matched with."""
        return self._options[self.list_of(field)]

    @cached_property
    def _options(self) -> dict[str, list[tuple[str, str]]]:
        frame = self.frame
        return {
            "type": [(one.value, one.label) for one in ReferenceActivity],
            "place": [
                (place.slug, "\u2003" * place.depth + place.name) for place in frame.places.values()
            ],
            "theme": [(theme.name, theme.name) for theme in frame.themes.values()],
            "objective": [
                (f"{row.axis.number}.{row.number}", str(row)) for row in frame.objectives.values()
            ],
            **{name: [(str(code), str(label)) for code, label in LISTS[name]] for name in LISTS},
            "worker": [(_key_of(user), _told(user, self._workers)) for user in self._workers],
        }

    @cached_property
    def _workers(self) -> list[User]:
        return workers(self.frame.programme_id)

    @cached_property
    def _index(self) -> dict[str, dict[str, object]]:
        """By folded label where it names one thing only, then by code or slug."""
        frame = self.frame
        return {
            "type": _index(
                [(one.label, one.value) for one in ReferenceActivity]
                + [(one.short, one.value) for one in ReferenceActivity],
                [(one.value, one.value) for one in ReferenceActivity],
            ),
            "place": _index(
                [(place.name, place) for place in frame.places.values()],
                [(place.slug, place) for place in frame.places.values()],
            ),
            "theme": _index([(theme.name, theme) for theme in frame.themes.values()], []),
            "objective": _index(
                [(row.text, row) for row in frame.objectives.values()],
                [(f"{row.axis.number}.{row.number}", row) for row in frame.objectives.values()],
            ),
            **{
                name: _index(
                    [(str(label), code) for code, label in choices],
                    [(str(code), code) for code, _ in choices],
                )
                for name, choices in LISTS.items()
            },
            "worker": _index(
                [(str(user), user) for user in self._workers],
                [(user.email, user) for user in self._workers]
                + [(_key_of(user), user) for user in self._workers],
            ),
        }


def workers(programme_id: int) -> list[User]:
    """Those whose records may be imported: the operator's people, past ones included."""
    return People.of_programme(programme_id).of_operator


def _key_of(user: User) -> str:
    return f"user:{user.pk}"


def _told(user: User, users: list[User]) -> str:
    """With the address where two have the same function."""
    return (
        f"{user} ({user.email})" if sum(str(one) == str(user) for one in users) > 1 else str(user)
    )


def _index(labels: list[tuple[str, Any]], codes: list[tuple[str, Any]]) -> dict[str, object]:
    found: dict[str, object] = {}
    ambiguous = set()
    for label, meant in labels:
        name = fold(label)
        if found.setdefault(name, meant) != meant:
            ambiguous.add(name)
    for name in ambiguous:
        del found[name]
    return found | {fold(code): meant for code, meant in codes}


def read_mapping(
    content: object,
) -> tuple[dict[str, str] | None, dict[str, dict[str, str]], dict[str, str]]:
    """(columns, values, answers) of a mapping written by hand: `{"columns": {field: header},
    "values": {field: {text: name}}, "answers": {question: code}}`.

    No columns: they are proposed. Raises Unreadable.
    """
    if not isinstance(content, dict) or not set(content) <= {"columns", "values", "answers"}:
        raise Unreadable('an object with "columns", "values" and "answers" is expected')
    columns, values = content.get("columns"), content.get("values", {})
    answers = content.get("answers", {})
    if not _texts(answers):
        raise Unreadable('"answers": question → code, as texts')
    if columns is not None and not _texts(columns):
        raise Unreadable('"columns": field → header, as texts')
    if not isinstance(values, dict) or not all(_texts(one) for one in values.values()):
        raise Unreadable('"values": field → {text: name}, as texts')
    return columns, values, answers


def _texts(content: object) -> bool:
    return isinstance(content, dict) and all(isinstance(one, str) for one in content.values())

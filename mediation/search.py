"""Words sought in activities, without accents or capitals: each one, in what the reader may read.

A word is found in the row's texts, in the name of its type, of its place or of its themes. The
texts are the folded columns kept with the row: `own_words` for the operator, `shared_words` for
partners. PostgreSQL searches its own index (migration 0005): French stems, and for the last word
any that begins like it. SQLite looks for the word within the text, a plural mark left aside.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler

from governance.models import Place, Theme
from humanicite.lib.text import fold

from .reference import ReferenceActivity

MOST_WORDS = 8
_WORD = re.compile(r"[^\W_]+")
_TYPES = {type_: fold(f"{type_.label} {type_.short}") for type_ in ReferenceActivity}


def words_of(text: str) -> list[str]:
    """The words to seek, folded; of « l’éclairage », not the article."""
    words = _WORD.findall(fold(text))
    telling = [word for word in words if len(word) > 1 or word.isdecimal()]
    return list(dict.fromkeys(telling or words))


class Searched:
    """One reader's search: the column of words it may read, and the names it may see."""

    def __init__(
        self, *, own: bool, places: Mapping[int, Place], themes: Mapping[int, Theme]
    ) -> None:
        self.own = own
        self.places = {pk: fold(place.name) for pk, place in places.items()}
        self.themes = {pk: fold(theme.name) for pk, theme in themes.items()}

    def holding(self, words: Iterable[str]) -> Q:
        """The rows that hold every word."""
        sought = list(words)
        condition = Q()
        for word in sought:
            condition &= self._holding_one(word, is_last=word == sought[-1])
        return condition

    def _holding_one(self, word: str, *, is_last: bool) -> Q:
        bare = singular(word)
        found = self._in_text(word, is_last=is_last)
        types = [type_ for type_, name in _TYPES.items() if bare in name]
        places = [pk for pk, name in self.places.items() if bare in name]
        themes = [pk for pk, name in self.themes.items() if bare in name]
        if types:
            found |= Q(type__in=types)
        if places:
            found |= Q(place__in=places)
        if themes:
            found |= Q(theme__in=themes) | Q(second_theme__in=themes)
        return found

    def _in_text(self, word: str, *, is_last: bool) -> Q:
        if connection.vendor == "postgresql":
            column = "own_search" if self.own else "shared_search"
            return Q(_Indexed(column, word, or_longer=is_last))
        column = "own_words" if self.own else "shared_words"
        return Q(**{f"{column}__contains": singular(word)})


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


class _Indexed(Func):
    """A word in one of the stored vectors, which only PostgreSQL has."""

    output_field = BooleanField()

    def __init__(self, column: str, word: str, *, or_longer: bool) -> None:
        as_is = f"{word}:*" if or_longer else word
        super().__init__(F("pk"), Value(word), Value(as_is))
        self.column = column

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        row, stem, as_is = self.get_source_expressions()
        quote = connection.ops.quote_name
        sql = (
            f"{quote(row.alias)}.{quote(self.column)} @@ "
            "(to_tsquery('french', %s) || to_tsquery('simple', %s))"
        )
        return sql, [stem.value, as_is.value]

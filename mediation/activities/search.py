"""Words sought in activities, without accents or capitals: each one, in what the reader may read.

A word is found in the row's texts, in the name of its type, of its place or of its themes. The
texts are the folded columns kept with the row: `own_words` for the operator, `shared_words` for
partners. PostgreSQL searches its own index (migration 0005): French stems, and for the last word
any that begins like it. SQLite looks for the word within the text, a plural mark left aside. Words
of one or two letters (« hall B ») are whole ones on both.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

from governance.models import Place, Theme
from humanicite.lib.text import fold, singular
from mediation.frame.reference import ReferenceActivity

from .models import ActivityQuerySet

FEW = 1000  # rows
SHORT = 2  # letters of a word that is only ever sought whole
_TYPES = {type_: fold(f"{type_.label} {type_.short}") for type_ in ReferenceActivity}


class Searched:
    """One reader's search: the column of words it may read, and the names it may see."""

    def __init__(
        self, *, own: bool, places: Mapping[int, Place], themes: Mapping[int, Theme]
    ) -> None:
        self.own = own
        self.places = {pk: fold(place.name) for pk, place in places.items()}
        self.themes = {pk: fold(theme.name) for pk, theme in themes.items()}

    def narrow(self, rows: ActivityQuerySet, words: Iterable[str]) -> ActivityQuerySet:
        """The rows, already narrowed by all else, that hold every word.

        Few of them are named by their keys: sought once, whatever is asked of them then, and no
        plan for a page can mistake a rare word for a common one.
        """
        found = rows.filter(self.holding(words))
        keys = _few(found)
        return found if keys is None else rows.filter(pk__in=keys)

    def holding(self, words: Iterable[str]) -> Q:
        """The rows that hold every word."""
        sought = list(words)
        condition = Q()
        for word in sought:
            condition &= self._holding_one(word, is_last=word == sought[-1])
        return condition

    def _holding_one(self, word: str, *, is_last: bool) -> Q:
        named = re.compile(rf"\b{word}\b" if len(word) <= SHORT else singular(word)).search
        found = self._in_text(word, is_last=is_last)
        types = [type_ for type_, name in _TYPES.items() if named(name)]
        places = [pk for pk, name in self.places.items() if named(name)]
        themes = [pk for pk, name in self.themes.items() if named(name)]
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
            return Q(_Indexed(column, word, or_longer=is_last and len(word) > SHORT))
        column = "own_words" if self.own else "shared_words"
        if len(word) <= SHORT:
            return Q(**{f"{column}__regex": rf"\b{word}\b"})
        return Q(**{f"{column}__contains": singular(word)})


def _few(rows: ActivityQuerySet) -> list[int] | None:
    """The keys of rows that are few; None where they are not.

    PostgreSQL plans what is materialised as if all of it were wanted, hence by the index; a plain
    LIMIT would have it read the table in the hope of an early end.
    """
    keys = rows.order_by().values_list("pk", flat=True)
    if connection.vendor != "postgresql":
        found = list(keys[: FEW + 1])
    else:
        try:
            sql, params = keys.query.sql_with_params()
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            # Django's own SQL, its parameters apart.
            first = f"WITH found AS MATERIALIZED ({sql}) SELECT * FROM found LIMIT {FEW + 1}"  # noqa: S608  # nosec B608
            cursor.execute(first, params)
            found = [key for (key,) in cursor]
    return found if len(found) <= FEW else None


class _Indexed(Func):
    """A word in one of the stored vectors, which only PostgreSQL has."""

    output_field = BooleanField()

    def __init__(self, column: str, word: str, *, or_longer: bool) -> None:
        as_is = f"{word}:*" if or_longer else word
        super().__init__(F("pk"), Value(word), Value(as_is))
        self.column = column

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        row, stem, as_is = self.get_source_expressions()
        quote = connection.ops.quote_name
        sql = (
            f"{quote(row.alias)}.{quote(self.column)} @@ "
            "(to_tsquery('french', %s) || to_tsquery('simple', %s))"
        )
        return sql, [stem.value, as_is.value]

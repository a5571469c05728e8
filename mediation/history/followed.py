"""What a model declares for its history to follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.options import Options

# Why a part was removed: it says so in its history, for who brings its subject back.
WITH_ITS_SUBJECT = "with its subject"
NOTHING = "—"
Cell = tuple[Any, ...]  # of columns of any kind
Cells = dict[Cell, Any]  # key of a part → its value
Key = tuple[type[models.Model], object]  # a row's, of a model
Names = Mapping[Key, str]


class Past(Protocol):
    """A row as django-simple-history keeps one version of it, beside the columns of its model."""

    _meta: ClassVar[Options]
    instance_type: ClassVar[type[models.Model]]
    id: int
    pk: int
    programme_id: int
    history_type: str
    history_date: datetime
    history_user_id: int | None
    history_change_reason: str | None


Row = models.Model | Past


@dataclass(frozen=True)
class Parts:
    """Rows saved with a subject, by the name of their relation: which one it is (`cell`, by
    column), and what it says."""

    relation: str
    cell: tuple[str, ...]
    value: str
    label: Callable[[Cell, Callable[[type[models.Model], object], str]], str]
    text: Callable[[Any], str] = str

    def of(self, subject: type[models.Model]) -> "PartRows":
        """The model of the parts, and its field that names their subject."""
        field_: Any = subject._meta.get_field(self.relation)
        return PartRows(field_.related_model, field_.field.attname)

    def pointers(self, subject: type[models.Model]) -> dict[int, type[models.Model]]:
        """The columns of a cell that are keys of another row, and of which model."""
        columns = {
            one.attname: one.related_model
            for one in self.of(subject).model._meta.concrete_fields
            if one.related_model is not None
        }
        return {at: columns[name] for at, name in enumerate(self.cell) if name in columns}


class PartRows(NamedTuple):
    model: Any
    owner: str


@dataclass(frozen=True)
class Followed:
    """Fields of a subject that its history compares, and its parts."""

    fields: tuple[str, ...]
    parts: tuple[Parts, ...] = ()
    texts: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)

    def pointers(self, model: type[models.Model]) -> dict[str, type[models.Model]]:
        """The followed fields that point to another row, and to which model."""
        found = {}
        for name in self.fields:
            related = model._meta.get_field(name).related_model
            if related is not None:
                found[name] = related
        return found


def followed(subject: Row | type[models.Model]) -> Followed:
    """What is declared for a subject, one of its versions, or their model."""
    model = subject if isinstance(subject, type) else type(subject)
    model = getattr(model, "instance_type", model)
    declared = getattr(model, "followed", None)
    if not isinstance(declared, Followed):
        raise ImproperlyConfigured(f"{model.__name__} declares nothing to follow")
    return declared

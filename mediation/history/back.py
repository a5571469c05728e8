"""Going back to an earlier version: each writes a new one through the action that any change takes.

Nothing of the history is lost, and going back can be undone in turn. What a version pointed to may
be gone since: then what is saved now stays, and `Return.said` tells it.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from governance.base import is_current

from .followed import followed
from .versions import State


class NothingToUndo(Exception):
    """What is saved says the same already; `subject` is it."""

    def __init__(self, subject: Any) -> None:
        super().__init__(str(subject.pk))
        self.subject = subject


@dataclass
class Return:
    """What going back did: the subject as saved, and what of its version could not come back."""

    subject: Any
    restored: bool = False
    said: list[str] = field(default_factory=list)


# --- What can come back, and what cannot ----------------------------------------------------------
def reason_of(version: Any) -> str:
    return f"Retour à l’état du {timezone.localtime(version.history_date):%d/%m/%Y à %H:%M}"


def take_fields(back: Return, wanted: State) -> list[str]:
    """Sets the subject's followed fields to the version's; names those that changed."""
    subject, changed = back.subject, []
    declared = followed(subject)
    pointers = declared.pointers(type(subject))
    for name in declared.fields:
        attname = subject._meta.get_field(name).attname
        value = getattr(wanted.row, attname)
        if getattr(subject, attname) == value:
            continue
        if name in pointers and value is not None:
            row = existing(pointers[name], value, subject)
            if row is None:
                label = subject._meta.get_field(name).verbose_name
                back.said.append(f"{str(label).capitalize()} : ce choix n’existe plus.")
                continue
            if not is_current(row, timezone.localdate()):
                back.said.append(
                    f"« {row} » n’est plus proposé dans les listes ; cette saisie le retrouve."
                )
            setattr(subject, name, row)
        else:
            setattr(subject, attname, value)
        changed.append(name)
    return changed


def existing(model: Any, key: Any, subject: Any) -> Any:
    return model._default_manager.of_programme(subject.programme_id).filter(pk=key).first()


def rows_by_key(model: Any, keys: set[Any]) -> dict[Any, Any]:
    return {row.pk: row for row in model._default_manager.filter(pk__in=keys)}

"""Forms whose texts must not name an inhabitant (R25): what seems to is told beside its field, and
kept only where the writer says that it is meant. Knows no app."""

from typing import Any

from django import forms

from . import personal


def keep_personal_field(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class AsksAboutPersons:
    """Put before a form's class. Its field `keep_personal` says that what was found is meant; its
    template shows it by `components/keep_personal.html`."""

    PERSONAL_TEXTS: tuple[str, ...] = ()  # the fields that are read
    data: Any
    fields: dict[str, forms.Field]
    changed_data: list[str]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}  # type: ignore[misc]  # the form’s
        if data.get("keep_personal"):
            return data
        for name in self._read():
            found = personal.find(data.get(name) or "") if name in self.changed_data else []
            if found:
                self.add_error(  # type: ignore[attr-defined]  # the form’s
                    name,
                    f"Ce texte semble identifier quelqu’un : {personal.said(found)}. Remplacez "
                    "ces mots, ou cochez la case pour les garder.",
                )
        return data

    def _read(self) -> list[str]:
        return [name for name in self.PERSONAL_TEXTS if name in self.fields]

    @property
    def asks_about_persons(self) -> bool:
        """Whether the page must offer to keep what it found."""
        return bool(self.data.get("keep_personal")) or any(
            "semble identifier" in str(error)
            for name in self._read()
            for error in self[name].errors  # type: ignore[index]  # the form’s
        )

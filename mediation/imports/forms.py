"""What the import asks: the file and whose it is, what each column is, what a value stands for."""

import hashlib
from itertools import islice
from typing import Any

from django import forms
from django.utils.html import escape

from governance.models import Membership
from humanicite.templatetags.french import plural

from .actions import OTHERS, workers
from .fields import AUDIENCE, LEAVE_EMPTY, Columns, Vocabulary
from .rows import text_of
from .workbooks import Table

NOT_IMPORTED, NOT_CHOSEN, EMPTY_IT = "-", "?", "-"
SAMPLES = 3  # values shown under a header
SAMPLE_LENGTH = 40
MOST_SHOWN = 40  # unknown values on one page


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        help_text="CSV ou Excel (.xlsx), 20 Mo et 50 000 lignes au plus, avec une ligne d’en-têtes.",
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
            "invalid": "Choisissez un fichier.",
        },
    )
    worker: Any = forms.ModelChoiceField(
        label="Médiateur", help_text="Qui a fait ce travail : ces activités seront les siennes.",
        queryset=None, empty_label="Choisir…",
        error_messages={
            "required": "Choisissez le médiateur.",
            "invalid_choice": "Cette personne n’est pas de l’opérateur.",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["worker"]
        field.queryset = workers(membership.programme_id)
        if len(field.queryset) == 1:
            field.initial = field.queryset[0]


class ColumnsForm(forms.Form):
    """A list for each column of the file: what it is, or that it stays out."""

    def __init__(
        self, data: Any, *, table: Table, columns: Columns, chosen: dict[str, str]
    ) -> None:
        super().__init__(data)
        self.table = table
        field_of = {header: key for key, header in chosen.items()}
        own = [(key, f.label) for key, f in columns.fields.items() if not key.startswith(AUDIENCE)]
        people = [(key, f.label) for key, f in columns.fields.items() if key.startswith(AUDIENCE)]
        choices: list[Any] = [
            (NOT_IMPORTED, "Ne pas importer"), ("Activité", own), ("Publics rencontrés", people),
        ]  # fmt: skip
        samples = _samples(table)
        for number, header in enumerate(table.headers):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=header,
                choices=choices,
                initial=field_of.get(header, NOT_IMPORTED),
                # A help is printed as it is, and this comes from a file.
                help_text=escape(_example(samples[number])),
                error_messages={"invalid_choice": "Choisissez dans la liste."},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        seen: dict[str, str] = {}
        for name, key in list(data.items()):
            if key == NOT_IMPORTED:
                continue
            if key in seen:
                self.add_error(name, f"Ce champ est déjà la colonne « {seen[key]} ».")
            else:
                seen[key] = self.fields[name].label  # type: ignore[assignment]
        return data

    @property
    def columns(self) -> dict[str, str]:
        """Field → header."""
        return {
            key: self.table.headers[int(name.removeprefix("column_"))]
            for name, key in self.cleaned_data.items()
            if key != NOT_IMPORTED
        }


def _example(samples: str) -> str:
    return f"Par exemple : {samples}" if samples else "Vide"


def _samples(table: Table) -> list[str]:
    """A few different values of each column, from its first rows."""
    found: list[dict[str, None]] = [{} for _ in table.headers]
    for row in islice(table.rows(), 20):
        for values, cell in zip(found, row.cells, strict=True):
            text = text_of(cell).replace("\n", " ")
            if text and len(values) < SAMPLES:
                values[f"{text[: SAMPLE_LENGTH - 1]}…" if len(text) > SAMPLE_LENGTH else text] = (
                    None
                )
    return [" · ".join(values) for values in found]


class ValuesForm(forms.Form):
    """A list for each value that the programme does not know, the commonest first."""

    def __init__(
        self,
        data: Any,
        *,
        unknown: dict[str, dict[str, int]],
        columns: Columns,
        vocabulary: Vocabulary,
    ) -> None:
        super().__init__(data)
        self.meant: dict[str, tuple[str, str]] = {}
        self.groups: list[tuple[str, list[str]]] = []
        self.has_more = False
        for field, texts in unknown.items():
            known = columns.fields[field]
            choices: list[Any] = [(NOT_CHOSEN, "À choisir…")]
            if not known.required:
                choices.append((EMPTY_IT, "Laisser vide"))
            choices += [(f"={name}", label) for name, label in vocabulary.options(field)]
            commonest = sorted(
                ((text, rows) for text, rows in texts.items() if text != OTHERS),
                key=lambda item: -item[1],
            )
            names: list[str] = []
            for text, rows in commonest[: max(0, MOST_SHOWN - len(self.meant))]:
                # A name of the text itself: what is chosen cannot slip to another one.
                name = f"{field}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
                names.append(name)
                self.meant[name] = (field, text)
                self.fields[name] = forms.ChoiceField(
                    label=f"« {text[:80]} »",
                    help_text=plural(rows, "ligne,lignes"),
                    choices=choices,
                    error_messages={"invalid_choice": "Choisissez dans la liste."},
                )
            self.has_more = self.has_more or len(texts) > len(names)
            if names:
                self.groups.append((known.label, names))

    @property
    def sections(self) -> list[tuple[str, list[Any]]]:
        return [(label, [self[name] for name in names]) for label, names in self.groups]

    @property
    def values(self) -> dict[str, dict[str, str]]:
        """Field → text → what it stands for; only those that somebody chose."""
        found: dict[str, dict[str, str]] = {}
        for name, (field, text) in self.meant.items():
            if (chosen := self.cleaned_data[name]) != NOT_CHOSEN:
                meant = LEAVE_EMPTY if chosen == EMPTY_IT else chosen.removeprefix("=")
                found.setdefault(field, {})[text] = meant
        return found

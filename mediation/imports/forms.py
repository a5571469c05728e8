"""What the import asks: the file and whose it is, what each column is, what a value stands for."""

import hashlib
from itertools import islice
from typing import Any, Unpack

from django import forms
from django.http import QueryDict
from django.utils.html import escape

from governance.models import Membership
from humanicite.lib.forms import Data, Files, FormOptions, own_field
from humanicite.templatetags.french import plural

from .actions import OTHERS, workers
from .fields import AUDIENCE, LEAVE_EMPTY, Columns, Vocabulary
from .questions import Question
from .rows import text_of
from .tables import Table

NOT_IMPORTED, NOT_CHOSEN, EMPTY_IT = "-", "?", "-"
ASK, COLUMN = "ask_", "column_"  # what the names of the fields of the columns page begin with
SAMPLES = 3  # values shown under a header
SAMPLE_LENGTH = 40
MOST_SHOWN = 40  # unknown values on one page


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        help_text=(
            "CSV, Excel ou LibreOffice (.xlsx, .ods, .xls) ; 20 Mo et 50 000 lignes au plus, "
            "avec une ligne d’en-têtes."
        ),
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,.tsv,.xlsx,.ods,.xls"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
            "invalid": "Choisissez un fichier.",
        },
    )
    worker = forms.TypedChoiceField(
        label="Médiateur",
        help_text="Qui a fait ce travail : ces activités seront les siennes.",
        error_messages={
            "required": "Choisissez le médiateur.",
            "invalid_choice": "Cette personne n’est pas de l’opérateur.",
        },
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        people = {str(user.pk): user for user in workers(membership.programme_id)}
        field = own_field(self, "worker", forms.TypedChoiceField)
        field.coerce = people.__getitem__
        offered = [(key, str(user)) for key, user in people.items()]
        field.choices = [("", "Choisir…"), *offered] if len(offered) > 1 else offered


class ReadingForm(forms.Form):
    """Where the table lies in the file, and in which letters it is; only what there is to choose."""

    def __init__(self, table: Table, letters: list[tuple[str, str, str]]) -> None:
        super().__init__()
        self.sure = table.sure
        self.lines = table.first_lines()
        if len(table.sheets) > 1:
            sheets = [
                (name, name if shown else f"{name} (masquée)") for name, shown in table.sheets
            ]
            self.fields["sheet"] = forms.ChoiceField(
                label="Feuille lue", choices=sheets, initial=table.sheet
            )
        if len(self.lines) > 1:
            rows = [(number, _header_label(number, names)) for number, names in self.lines]
            self.fields["header"] = forms.ChoiceField(
                label="Ligne des en-têtes", choices=rows, initial=table.header_number
            )
        if letters:
            self.fields["encoding"] = forms.ChoiceField(
                label="Accents",
                choices=[(code, f"{label} : {sample}") for code, label, sample in letters],
                initial=table.encoding if table.sure else None,
                widget=forms.RadioSelect,
            )


def _header_label(number: int, names: list[str]) -> str:
    shown = " · ".join(names)
    return f"{number} : {shown[:60]}{'…' if len(shown) > 60 else ''}"


class ColumnsForm(forms.Form):
    """A list for each column of the file: what it is, or that it stays out; before them, what the
    file leaves open."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        table: Table,
        columns: Columns,
        chosen: dict[str, str],
        asked: list[Question],
        answers: dict[str, str],
    ) -> None:
        super().__init__(data)
        self.table, self.asked = table, asked
        for question in asked:
            self.fields[f"{ASK}{question.key}"] = forms.ChoiceField(
                label=f"« {question.header} » : {question.text}",
                choices=question.options,
                initial=answers.get(question.key),
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(("required", "invalid_choice"), "choisissez"),
            )
        field_of = {header: key for key, header in chosen.items()}
        own = [(key, f.label) for key, f in columns.fields.items() if not key.startswith(AUDIENCE)]
        people = [(key, f.label) for key, f in columns.fields.items() if key.startswith(AUDIENCE)]
        choices: list[Any] = [
            (NOT_IMPORTED, "Ne pas importer"),
            ("Activité", own),
            ("Publics rencontrés", people),
        ]
        samples = _samples(table)
        for number, header in enumerate(table.headers):
            self.fields[f"{COLUMN}{number}"] = forms.ChoiceField(
                label=header,
                choices=choices,
                initial=field_of.get(header, NOT_IMPORTED),
                # A help is printed as it is, and this comes from a file.
                help_text=escape(_example(samples[number])),
                error_messages={"invalid_choice": "Choisissez dans la liste."},
            )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        seen: dict[str, str] = {}
        for name, key in list(data.items()):
            if not name.startswith(COLUMN) or key == NOT_IMPORTED:
                continue
            if key in seen:
                self.add_error(name, f"Ce champ est déjà la colonne « {seen[key]} ».")
            else:
                seen[key] = str(self.fields[name].label)
        return data

    @property
    def columns(self) -> dict[str, str]:
        """Field → header."""
        return {
            key: self.table.headers[int(name.removeprefix(COLUMN))]
            for name, key in self.cleaned_data.items()
            if name.startswith(COLUMN) and key != NOT_IMPORTED
        }

    @property
    def answers(self) -> dict[str, str]:
        """Question → code."""
        return {one.key: self.cleaned_data[f"{ASK}{one.key}"] for one in self.asked}

    @property
    def questions(self) -> list[object]:
        return [bound for bound in self if bound.name.startswith(ASK)]

    @property
    def lists(self) -> list[object]:
        return [bound for bound in self if bound.name.startswith(COLUMN)]


def columns_in(data: QueryDict, headers: list[str]) -> dict[str, str]:
    """Field → header of columns that are sent, whatever else is wrong with them."""
    sent = {data.get(f"{COLUMN}{number}"): header for number, header in enumerate(headers)}
    return {key: header for key, header in sent.items() if key and key != NOT_IMPORTED}


def _example(samples: str) -> str:
    return f"Par exemple : {samples}" if samples else "Vide"


def _samples(table: Table) -> list[str]:
    """A few different values of each column, from its first rows."""
    found: list[dict[str, None]] = [{} for _ in table.headers]
    for row in islice(table.rows(), 20):
        for values, cell in zip(found, row.cells, strict=True):
            text = text_of(cell).replace("\n", " ")
            text = text.replace(".", ",") if isinstance(cell, float) else text
            if text and len(values) < SAMPLES:
                values[f"{text[: SAMPLE_LENGTH - 1]}…" if len(text) > SAMPLE_LENGTH else text] = (
                    None
                )
    return [" · ".join(values) for values in found]


class ValuesForm(forms.Form):
    """A list for each value that the programme does not know, the commonest first."""

    def __init__(
        self,
        data: QueryDict | None,
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
            if not (known.required or known.filled):
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
    def sections(self) -> list[tuple[str, list[object]]]:
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

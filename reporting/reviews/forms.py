"""The period of a dossier d'audit."""

from datetime import date, timedelta

from django import forms

from humanicite.lib.forms import NO_SUCH_DAY, DayInput

LONGEST = timedelta(days=3 * 366)


class SpanForm(forms.Form):
    du = forms.DateField(
        label="Du", widget=DayInput(),
        error_messages={"invalid": NO_SUCH_DAY, "required": "Indiquez le premier jour."},
    )  # fmt: skip
    au = forms.DateField(
        label="Au", widget=DayInput(),
        error_messages={"invalid": NO_SUCH_DAY, "required": "Indiquez le dernier jour."},
    )  # fmt: skip

    def clean(self) -> dict[str, date]:
        given: dict[str, date] = super().clean() or {}
        first, last = given.get("du"), given.get("au")
        if first and last and last < first:
            self.add_error("au", "Le dernier jour précède le premier.")
        elif first and last and last - first > LONGEST:
            self.add_error("au", "Un dossier couvre trois ans au plus.")
        return given

"""The page of one form that saves: kept when wrong, once when sent twice, never over another's."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from . import resume
from .forms import NO_SUCH_DAY, DayInput, add_errors
from .writes import Done


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    save: Callable[[str], Any],
    said: str,
    back: str,
    template: str,
    context: Mapping[str, object],
    shown: str = "",
) -> HttpResponse:
    """`save` is given the fingerprint that the form was shown with; it may raise Done and
    ValidationError. `shown` is the fingerprint of the row as it is saved now."""
    data = resume.data_of(request)
    seen = shown if data is None else data.get("seen", "")
    if request.method == "POST" and form.is_valid():
        try:
            save(seen)
        except Done as already:
            messages.info(request, f"Déjà enregistré : {already.row}.")
            return redirect(back)
        except ValidationError as error:
            add_errors(form, error)
            seen = shown  # who was told what is saved may replace it
        else:
            messages.success(request, said)
            return redirect(back)
    status = 422 if request.method == "POST" else 200
    return render(request, template, {**context, "form": form, "seen": seen}, status=status)


class RetireForm(forms.Form):
    """From which day on an entry of a list is not chosen any more."""

    on = forms.DateField(
        label="Retiré à partir du",
        widget=DayInput,
        help_text="Ce qui a été saisi garde son nom ; on ne le choisit plus à partir de ce jour.",
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites à partir de quand."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", today)

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if not 2000 <= on.year < 2200:
            raise forms.ValidationError("Cette date est hors du temps du dispositif.")
        return on

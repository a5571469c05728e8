"""The coordination's review list: texts that seem to identify somebody (R25)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.writes import Conflict
from mediation import personal

from .. import actions
from ..models import Activity, Review

PAGE = 20
TEXTS = ("internal_note", "summary")


class TextsForm(forms.Form):
    """The texts of one activity; each is there only where the activity has it."""

    internal_note = forms.CharField(
        label="Note interne",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )
    summary = forms.CharField(
        label="Résumé partageable",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: QueryDict | None, *, activity: Activity) -> None:
        initial = {name: personal.replace(getattr(activity, name)) for name in TEXTS}
        super().__init__(data, initial=initial, auto_id=f"id_{activity.pk}_%s")
        for name in TEXTS:
            if not getattr(activity, name):
                del self.fields[name]


class Entry:
    """One activity of the list: its texts as they stand, what was found, and its form."""

    def __init__(self, activity: Activity, data: Any = None) -> None:
        self.activity = activity
        self.form = TextsForm(data, activity=activity)
        self.said = personal.said(personal.in_texts(*(getattr(activity, name) for name in TEXTS)))
        self.texts = [
            (self.form[name].label, self._marked(name), self.form[name])
            for name in self.form.fields
        ]

    def _marked(self, name: str) -> list[tuple[str, personal.Found | None]]:
        """The text cut at what was found in it; nothing where there is nothing to show."""
        text = getattr(self.activity, name)
        return personal.parts(text) if personal.find(text) else []


@reads(Right.REVIEW_NOTES)
def to_review(request: Request) -> HttpResponse:
    return _list(request)


@writes(Right.REVIEW_NOTES, of=Activity, confirm=False)
def review(request: Request, activity: Activity) -> HttpResponse:
    """One decision on one activity's texts: reword, accept or clear."""
    by: Membership = request.membership
    decision = request.POST.get("decision")
    texts = {name: getattr(activity, name) for name in TEXTS}
    if decision == "clear":
        texts = {name: "" if personal.find(text) else text for name, text in texts.items()}
    elif decision != "accept":
        form = TextsForm(request.POST, activity=activity)
        if not form.is_valid():
            return _list(request, faulty=activity, status=422)
        texts |= form.cleaned_data
    version = request.POST.get("version", "")
    try:
        saved = actions.review_activity(
            activity=activity,
            note=texts["internal_note"],
            summary=texts["summary"],
            accept=decision == "accept",
            by=by,
            read_version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        )
    except Conflict as conflict:
        if conflict.row is None:
            messages.info(request, f"{_said(activity)} : supprimé entre-temps.")
        elif conflict.row.review == Review.PENDING:
            messages.warning(
                request,
                f"{_said(activity)} : modifié entre-temps, rien n’est changé. Voici le texte "
                "tel qu’il est.",
            )
        else:
            messages.info(request, f"{_said(activity)} : déjà relu.")
    except ValidationError as error:
        messages.error(request, f"{_said(activity)} : {' '.join(error.messages)}")
    else:
        _tell(request, saved, decision)
    page = request.GET.get("page", "")
    return redirect(reverse("to_review") + (f"?page={page}" if page.isdecimal() else ""))


def _tell(request: Request, saved: Activity, decision: str | None) -> None:
    if saved.review == Review.PENDING:
        found = personal.said(personal.in_texts(saved.internal_note, saved.summary))
        messages.warning(
            request,
            f"{_said(saved)} : enregistré, mais le texte semble encore identifier quelqu’un, "
            f"{found}. Il reste à relire.",
        )
        return
    done = {"accept": "accepté tel quel", "clear": "texte effacé"}.get(decision or "", "reformulé")
    messages.success(request, f"{_said(saved)} : {done}.")


def _said(activity: Activity) -> str:
    return f"{activity.reference.short}, {activity.day:%d/%m/%Y}"


def _list(request: Request, faulty: Activity | None = None, status: int = 200) -> HttpResponse:
    """Oldest first. A form that is wrong keeps what was typed."""
    rows = Activity.objects.visible_to(request.membership).filter(review=Review.PENDING)
    page = page_of(rows.for_lists().order_by("day", "pk"), request.GET.get("page"), PAGE)
    entries = [Entry(row, request.POST if faulty == row else None) for row in page.rows]
    context = {"page": page, "entries": entries, "total": rows.count()}
    return render(request, "activities/to_review.html", context, status=status)

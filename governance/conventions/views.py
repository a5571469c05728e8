"""The agreement as the parties read it (I, IV–VII), and its changes by the coordination."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.parties.models import Party
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict, Done
from humanicite.templatetags.french import datefr

from . import actions
from .forms import (
    Contributions,
    Instalments,
    PaidForm,
    PartyForm,
    Provisions,
    RenewForm,
    SendingForm,
    Signatories,
    SignForm,
    StateForm,
    TermsForm,
)
from .models import Contribution, Convention, ConventionVersion, Provision
from .page import page_of
from .terms import changed, compare, terms_of

CHANGED = (
    "La convention a été modifiée entre-temps. Votre saisie est conservée : relisez la page de la "
    "convention, puis enregistrez de nouveau pour remplacer ce qui s’y trouve."
)
ALREADY = "C’était déjà enregistré."


def address_of(convention: Convention, part: str = "") -> str:
    return f"{reverse('convention')}?convention={convention.slug}{part and '#' + part}"


@reads(Right.READ_FRAME)
def convention(request: Request) -> HttpResponse:
    """One convention of the programme: the one in force, or the one asked for (`?convention=`)."""
    membership = request.membership
    today = timezone.localdate()
    conventions = list(
        Convention.objects.visible_to(membership).select_related(
            "operator", "finances_by", "renews"
        )
    )
    wanted = request.GET.get("convention")
    shown = next((row for row in conventions if row.slug == wanted), None) or next(
        (row for row in conventions if row.holds(today)), conventions[0] if conventions else None
    )
    if shown is None:
        return render(request, "conventions/convention.html", {"convention": None})
    context = page_of(shown, membership, today) | {
        "conventions": conventions,
        "renewal": next((row for row in conventions if row.renews_id == shown.pk), None),
        "may_edit": membership.may(Right.EDIT_FRAME),
        "may_designate": membership.may(Right.DESIGNATE_CONTACTS),
    }
    return render(request, "conventions/convention.html", context)


@reads(Right.READ_FRAME, of=ConventionVersion)
def version(request: Request, version: ConventionVersion) -> HttpResponse:
    """A version as it was, and what it changed of the one before."""
    before = version.convention.versions.filter(number__lt=version.number).last()
    rows = compare(before.terms if before else version.terms, version.terms)
    context = {
        "version": version,
        "convention": version.convention,
        "before": before,
        "rows": rows,
        "changes": changed(rows),
    }
    return render(request, "conventions/version.html", context)


@reads(Right.READ_FRAME, of=Convention)
def compared(request: Request, convention: Convention) -> HttpResponse:
    """A convention beside the one it renews: what differs is said in words as well."""
    before = convention.renews
    rows = compare(terms_of(before), terms_of(convention)) if before else []
    context = {
        "convention": convention,
        "before": before,
        "rows": rows,
        "changes": changed(rows),
        "may_edit": request.membership.may(Right.EDIT_FRAME),
    }
    return render(request, "conventions/compared.html", context)


@writes(Right.EDIT_FRAME, of=Party)
def edit_party(request: Request, party: Party) -> HttpResponse:
    saved = party.fingerprint
    data = resume.data_of(request)
    form = PartyForm(data, instance=party)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_party(
                party=form.instance,
                seen=request.POST.get("seen", ""),
                fields=form.changed_data,
                by=request.membership,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "La partie est enregistrée.")
            return redirect("convention")
        seen = saved
    else:
        # A form that is wrong keeps what it was shown: only the notice hands out a newer one.
        seen = saved if data is None else data.get("seen", "")
    context = {"form": form, "party": party, "seen": seen}
    return render(request, "conventions/form.html", context)


class _Page:
    """One page that changes a convention: its forms, and what is done when they are right."""

    def __init__(
        self,
        request: Request,
        convention: Convention,
        *forms: Any,
        title: str,
        part: str,
        save: Callable[[SendingForm], object],
        amends: bool = True,
        **context: object,
    ) -> None:
        self.request, self.convention, self.forms = request, convention, forms
        self.title, self.part, self.save, self.context = title, part, save, context
        self.sending = SendingForm(resume.data_of(request), convention=convention, amends=amends)
        self.shown_version = self.sending["version"].value()

    def answer(self) -> HttpResponse:
        back = address_of(self.convention, self.part)
        if self.request.method == "POST":
            sending = self.sending
            is_right = sending.is_valid()
            if is_right and sending.sending.form == self.convention.last_form:
                messages.info(self.request, ALREADY)
                return redirect(back)
            if all([is_right, *(form.is_valid() for form in self.forms)]) and self.try_save():
                messages.success(self.request, "C’est enregistré.")
                return redirect(back)
        return self.show()

    def try_save(self) -> bool:
        try:
            self.save(self.sending)
        except Done:
            pass
        except Conflict as conflict:
            self.sending.add_error(None, CHANGED)
            if conflict.row is not None:
                self.shown_version = conflict.row.version
        except ValidationError as error:
            self.tell(error)
        return not self.sending.errors and not any(_has_errors(form) for form in self.forms)

    def tell(self, error: ValidationError) -> None:
        """Beside the field where it has one in the page's first form, at the head otherwise."""
        first = self.forms[0]
        for name, texts in getattr(error, "message_dict", {"": error.messages}).items():
            is_field = name in getattr(first, "fields", {})
            for text in texts:
                if is_field:
                    first.add_error(name, text)
                else:
                    self.sending.add_error(None, text)

    def show(self) -> HttpResponse:
        forms = [self.sending, *(_single(self.forms))]
        context = {
            "convention": self.convention,
            "sending": self.sending,
            "shown_version": self.shown_version,
            "title": self.title,
            "back": address_of(self.convention, self.part),
            "form": next((form for form in self.forms if not hasattr(form, "forms")), None),
            "formset": next((form for form in self.forms if hasattr(form, "forms")), None),
            "told": [form for form in forms if form.errors],
            **self.context,
        }
        status = 422 if self.request.method == "POST" else 200
        return render(self.request, "conventions/edit.html", context, status=status)


def _has_errors(form: Any) -> bool:
    if hasattr(form, "forms"):
        return bool(form.non_form_errors()) or any(any(row) for row in form.errors)
    return bool(form.errors)


def _single(forms: Sequence[Any]) -> list[Any]:
    return [row for form in forms for row in (getattr(form, "forms", None) or [form])]


def _members(request: Request) -> list[Party]:
    return list(Party.objects.visible_to(request.membership))


@writes(Right.EDIT_FRAME, of=Convention)
def edit_terms(request: Request, convention: Convention) -> HttpResponse:
    data = resume.data_of(request)
    form = TermsForm(data, instance=convention, parties=_members(request))

    def change(saved: Convention) -> list[str]:
        for name in form.changed_data:
            setattr(saved, name, form.cleaned_data[name])
        return form.changed_data

    def save(sending: SendingForm) -> None:
        actions.change_text(
            convention=convention,
            sending=sending.sending,
            change=change,
            amendment=sending.amendment,
            by=request.membership,
        )

    return _Page(request, convention, form, title="Termes", part="signature", save=save).answer()


def _edit_rows(
    request: Request, convention: Convention, kind: Any, title: str, part: str
) -> HttpResponse:
    rows = kind(resume.data_of(request), instance=convention, members=_members(request))

    def save(sending: SendingForm) -> None:
        actions.change_text(
            convention=convention,
            sending=sending.sending,
            change=rows.apply,
            amendment=sending.amendment,
            by=request.membership,
        )

    return _Page(request, convention, rows, title=title, part=part, save=save).answer()


@writes(Right.EDIT_FRAME, of=Convention)
def edit_signatories(request: Request, convention: Convention) -> HttpResponse:
    return _edit_rows(request, convention, Signatories, "Signataires", "parties")


@writes(Right.EDIT_FRAME, of=Convention)
def edit_contributions(request: Request, convention: Convention) -> HttpResponse:
    return _edit_rows(request, convention, Contributions, "Subventions", "financement")


@writes(Right.EDIT_FRAME, of=Convention)
def edit_provisions(request: Request, convention: Convention) -> HttpResponse:
    return _edit_rows(request, convention, Provisions, "Moyens et engagements", "moyens")


@writes(Right.EDIT_FRAME, of=Contribution)
def edit_payments(request: Request, contribution: Contribution) -> HttpResponse:
    """Instalments of a contribution and what is paid of it."""
    data = resume.data_of(request)
    paid = PaidForm(data, initial={"paid_on": contribution.paid_on})
    rows = Instalments(data, instance=contribution)

    def save(sending: SendingForm) -> None:
        actions.set_payments(
            contribution=contribution,
            sending=sending.sending,
            paid_on=paid.cleaned_data["paid_on"],
            instalments=rows.rows(),
            by=request.membership,
            today=timezone.localdate(),
        )

    title = f"Échéances : {contribution}"
    page = _Page(
        request,
        contribution.convention,
        paid,
        rows,
        title=title,
        part="financement",
        save=save,
        amends=False,
        contribution=contribution,
    )
    return page.answer()


@writes(Right.EDIT_FRAME, of=Provision)
def edit_state(request: Request, provision: Provision) -> HttpResponse:
    """How far a means is provided."""
    today = timezone.localdate()
    form = StateForm(resume.data_of(request), instance=provision, today=today)

    def save(sending: SendingForm) -> None:
        actions.set_state(
            provision=form.instance, sending=sending.sending, by=request.membership, today=today
        )

    page = _Page(
        request,
        provision.convention,
        form,
        title=f"État : {provision}",
        part="moyens",
        save=save,
        amends=False,
    )
    return page.answer()


@writes(Right.EDIT_FRAME, of=Convention)
def sign(request: Request, convention: Convention) -> HttpResponse:
    today = timezone.localdate()
    form = SignForm(
        resume.data_of(request),
        initial={"signed_on": today, "originals": convention.originals or ""},
    )
    note = "Une fois signée, la convention ne change plus que par un avenant."
    if convention.signed_on is not None:
        note = f"Cette convention est déjà signée, le {datefr(convention.signed_on)}."

    def save(sending: SendingForm) -> None:
        actions.sign(
            convention=convention,
            sending=sending.sending,
            day=form.cleaned_data["signed_on"],
            place=form.cleaned_data["signing_place"],
            originals=form.cleaned_data["originals"],
            by=request.membership,
            today=today,
        )

    page = _Page(
        request,
        convention,
        form,
        title="Signature",
        part="signature",
        save=save,
        amends=False,
        note=note,
    )
    return page.answer()


@writes(Right.EDIT_FRAME, of=Convention)
def discard(request: Request, convention: Convention) -> HttpResponse:
    """Asks, then removes a draft."""
    if convention.signed_on is not None:
        messages.warning(request, actions.KEPT)
        return redirect(address_of(convention))
    version, status = convention.version, 200
    if request.method == "POST":
        try:
            actions.discard(
                convention=convention,
                version=version_in(request.POST.get("version")),
                by=request.membership,
            )
        except Conflict as conflict:
            version, status = conflict.row.version, 422
        except ValidationError as error:
            messages.warning(request, error.messages[0])
            return redirect(address_of(convention))
        else:
            messages.success(request, f"Projet supprimé : {convention}.")
            return redirect("convention")
    context = {"convention": convention, "version": version, "changed": status == 422}
    return render(request, "conventions/discard.html", context, status=status)


@writes(Right.READ_OPERATOR_FIELDS, of=Convention, confirm=False)
def accept(request: Request, convention: Convention) -> HttpResponse:
    """Norm, charter and discretion, accepted in one press (R20, R21, R25)."""
    try:
        actions.accept_charter(
            convention=convention, by=request.membership, today=timezone.localdate()
        )
    except Done:
        messages.info(request, "Vous l’avez déjà acceptée.")
    else:
        messages.success(request, "C’est noté : vous avez accepté la charte et la discrétion.")
    return redirect(address_of(convention, "cadre"))


@writes(Right.EDIT_FRAME, of=Convention)
def renew(request: Request, convention: Convention) -> HttpResponse:
    """Next year's convention, prepared from this one in one action."""
    new = actions.renewal_of(convention)
    initial: dict[str, str | date | None] = {
        "name": new.name,
        "starts": new.starts,
        "ends": new.ends,
    }
    form = RenewForm(resume.data_of(request), initial=initial)
    known = Convention.objects.visible_to(request.membership).filter(renews=convention).first()
    if known is not None and request.method == "POST":
        messages.info(request, f"Déjà préparée : {known}.")
        return redirect("convention_compared", pk=known.pk)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.renew(convention=convention, by=request.membership, **form.cleaned_data)
        except Done as done:
            return redirect("convention_compared", pk=done.row.pk)
        except ValidationError as error:
            for name, texts in getattr(error, "message_dict", {"": error.messages}).items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            messages.success(request, f"Projet préparé : {made}.")
            return redirect("convention_compared", pk=made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "convention": convention, "known": known}
    return render(request, "conventions/renew.html", context, status=status)

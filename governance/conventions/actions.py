"""Writes on the convention: keyword-only, `by=`, atomic, journalled.

Every change of a convention, of its money or its means takes its version: two writers at once do
not overwrite each other. A signed text changes by an amendment, which says what and from when.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.parties.models import Party
from governance.rights import Right
from humanicite.lib.writes import Conflict, Done

from .models import (
    Acceptance,
    Contribution,
    Convention,
    ConventionVersion,
    Instalment,
    Provision,
    Signatory,
)
from .terms import changed, compare, terms_of

KEPT = "Une convention signée ne se supprime pas : elle change par un avenant."
FEWEST = 2  # parties that sign a convention


@dataclass(frozen=True)
class Sending:
    """One sending of a form: which form, and over which version of the convention."""

    form: uuid.UUID
    version: int


@dataclass(frozen=True)
class Amendment:
    """What a change of a signed text says of itself."""

    text: str
    day: date


@transaction.atomic
def save_party(*, party: Party, seen: str, fields: list[str], by: Membership) -> None:
    """Saves what the coordination changed about a party, with its history.

    `seen` is the fingerprint of the party as it was shown. Raises ValidationError when somebody
    saved another one meanwhile, or the name is taken.
    """
    saved = Party.objects.select_for_update().get(pk=party.pk)
    if saved.fingerprint != seen:
        raise ValidationError(
            f"Cette partie a été modifiée entre-temps : « {saved.name} » "
            f"({saved.short_name}), {saved.address or 'sans adresse'}. Votre saisie est conservée"
            f" : enregistrez de nouveau pour la remplacer."
        )
    party.full_clean()
    party.save()
    record(Act.CHANGE, party, by=by, programme=party.programme_id, fields=fields)


def _take(convention: Convention, sending: Sending, by: Membership) -> Convention:
    """The convention as saved, locked, its version taken.

    Raises Done for a form that is saved already, Conflict for one written over another's change.
    """
    if not by.may(Right.EDIT_FRAME) or convention.programme_id != by.programme_id:
        raise PermissionDenied
    saved: Convention = Convention.objects.select_for_update(of=("self",)).get(pk=convention.pk)
    if saved.last_form == sending.form:
        raise Done(saved)
    if saved.version != sending.version:
        raise Conflict(saved)
    saved.version += 1
    saved.last_form = sending.form
    return saved


def _next_version(convention: Convention, day: date, text: str) -> ConventionVersion:
    last = convention.versions.order_by("-number").first()
    row = ConventionVersion(
        convention=convention,
        number=last.number + 1 if last else 1,
        day=day,
        text=text,
        terms=terms_of(convention),
    )
    row.full_clean(exclude=["convention"])
    row.save()
    return row


def keep_signed_text(convention: Convention) -> None:
    """The text as it was signed becomes version 1; nothing where it is kept, or is a draft."""
    if convention.signed_on is not None and not convention.versions.exists():
        _next_version(convention, convention.signed_on, "")


@transaction.atomic
def change_text(
    *,
    convention: Convention,
    sending: Sending,
    change: Callable[[Convention], list[str]],
    amendment: Amendment | None,
    by: Membership,
) -> ConventionVersion | None:
    """Applies a change to the text of a convention; of a signed one, as an amendment.

    `change` is given the convention as saved, writes, and answers the fields it changed. Answers
    the new version of a signed text. Raises Done, Conflict, PermissionDenied, and ValidationError:
    what `change` refuses, a signed text without an amendment, an amendment that changes nothing or
    whose day lies before the last version.
    """
    saved = _take(convention, sending, by)
    keep_signed_text(saved)
    before = terms_of(saved)
    fields = change(saved)
    saved.full_clean()
    saved.save()
    # Read anew: what `change` wrote beside the convention is part of the text.
    saved = Convention.objects.select_related("operator", "finances_by").get(pk=saved.pk)
    record(Act.CHANGE, saved, by=by, programme=saved.programme_id, fields=fields)
    if saved.signed_on is None:
        return None
    is_changed = bool(changed(compare(before, terms_of(saved))))
    return _amend(saved, amendment, is_changed=is_changed, by=by)


def _amend(
    saved: Convention, amendment: Amendment | None, *, is_changed: bool, by: Membership
) -> ConventionVersion | None:
    """The version that a change of a signed text makes; None for what is no text."""
    if amendment is None and not is_changed:
        return None
    if amendment is None:
        raise ValidationError(
            "La convention est signée : son texte ne change que par un avenant. Dites ce qu’il "
            "change et sa date."
        )
    if not is_changed:
        raise ValidationError("Cet avenant ne change rien au texte de la convention.")
    last = saved.versions.order_by("-number").first()
    if last is not None and amendment.day < last.day:
        raise ValidationError(f"L’avenant est daté d’avant « {last} », du {last.day:%d/%m/%Y}.")
    version = _next_version(saved, amendment.day, amendment.text)
    record(Act.CREATE, version, by=by, programme=saved.programme_id)
    return version


@transaction.atomic
def sign(
    *,
    convention: Convention,
    sending: Sending,
    day: date,
    place: str,
    originals: int,
    by: Membership,
    today: date,
) -> Convention:
    """Marks a draft as signed, with place, date and originals (R92), and keeps its text.

    Each party's head office is written down as it is that day (R2). Raises Done, Conflict,
    ValidationError: signed already, a day to come, or fewer than two signatories.
    """
    if convention.last_form != sending.form and convention.signed_on is not None:
        raise ValidationError(
            f"Cette convention est déjà signée, le {convention.signed_on:%d/%m/%Y}."
        )
    saved = _take(convention, sending, by)
    if day > today:
        raise ValidationError({"signed_on": "Ce jour n’est pas encore venu."})
    signatories = list(saved.signatories.select_related("party"))
    if len(signatories) < FEWEST:
        raise ValidationError(
            "Une convention se signe à deux parties au moins : complétez les signataires."
        )
    for signatory in signatories:
        signatory.head_office = signatory.office
        signatory.save(update_fields=["head_office"])
    saved.signed_on, saved.signing_place, saved.originals = day, place, originals
    saved.full_clean()
    saved.save()
    keep_signed_text(saved)
    fields = ["signed_on", "signing_place", "originals"]
    record(Act.CHANGE, saved, by=by, programme=saved.programme_id, fields=fields)
    return saved


@transaction.atomic
def discard(*, convention: Convention, version: int, by: Membership) -> None:
    """Removes a draft with what it says; the convention that it renews stays, and so does the trace.

    Raises PermissionDenied, Conflict for one that somebody changed meanwhile, ValidationError for
    what was signed.
    """
    if not by.may(Right.EDIT_FRAME) or convention.programme_id != by.programme_id:
        raise PermissionDenied
    saved = Convention.objects.select_for_update(of=("self",)).get(pk=convention.pk)
    if saved.signed_on is not None or saved.versions.exists():
        raise ValidationError(KEPT)
    if saved.version != version:
        raise Conflict(saved)
    record(Act.DELETE, saved, by=by, programme=saved.programme_id)
    saved.delete()


@transaction.atomic
def accept_charter(*, convention: Convention, by: Membership, today: date) -> Acceptance:
    """Somebody of the operator's staff accepts norm, charter and discretion (R20, R21, R25).

    Raises Done for who has, PermissionDenied for anybody else's staff.
    """
    if not by.is_operator or convention.programme_id != by.programme_id:
        raise PermissionDenied
    known = Acceptance.objects.filter(convention=convention, membership=by).first()
    if known is not None:
        raise Done(known)
    row = Acceptance(
        convention=convention,
        membership=by,
        function=by.function or by.get_role_display(),
        accepted_on=today,
    )
    row.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Done(Acceptance.objects.get(convention=convention, membership=by)) from None
    record(Act.CREATE, row, by=by, programme=convention.programme_id)
    return row


@transaction.atomic
def set_payments(
    *,
    contribution: Contribution,
    sending: Sending,
    paid_on: date | None,
    instalments: list[Instalment],
    by: Membership,
    today: date,
) -> None:
    """Replaces the instalments of a contribution; their sum is its amount (R88–R91).

    What is paid when is a fact and no text: a signed convention needs no amendment. Raises Done,
    Conflict, ValidationError.
    """
    saved = _take(contribution.convention, sending, by)
    contribution.convention = saved
    days = [row.due_on for row in instalments]
    if len(days) != len(set(days)):
        raise ValidationError("Deux échéances tombent le même jour : faites-en une.")
    late = [row.paid_on for row in instalments] + [paid_on]
    if any(day is not None and day > today for day in late):
        raise ValidationError("Un versement noté ne peut pas être à venir.")
    contribution.instalments.all().delete()
    contribution.paid_on = paid_on
    for row in instalments:
        row.pk, row.contribution = None, contribution
        row.full_clean()
        row.save(force_insert=True)
    contribution.full_clean()
    contribution.save()
    saved.save(update_fields=["version", "last_form"])
    fields = ["paid_on", "instalments"]
    record(Act.CHANGE, contribution, by=by, programme=saved.programme_id, fields=fields)


@transaction.atomic
def set_state(*, provision: Provision, sending: Sending, by: Membership, today: date) -> None:
    """Notes how far a means is provided, since when (R39–R46). Raises Done, Conflict, ValidationError."""
    saved = _take(provision.convention, sending, by)
    if provision.state_since is not None and provision.state_since > today:
        raise ValidationError({"state_since": "Ce jour n’est pas encore venu."})
    provision.full_clean()
    provision.save()
    saved.save(update_fields=["version", "last_form"])
    fields = ["state", "state_since", "remark"]
    record(Act.CHANGE, provision, by=by, programme=saved.programme_id, fields=fields)


def a_year_later(day: date) -> date:
    """The same day next year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def next_term(ends: date) -> tuple[date, date]:
    """First and last day of the year that follows a term."""
    first = ends + timedelta(days=1)
    return first, a_year_later(first) - timedelta(days=1)


def renewal_of(convention: Convention) -> Convention:
    """Next year's convention as it would be prepared from this one; unsaved."""
    starts, ends = next_term(convention.last_day)
    name = convention.name.replace(str(convention.starts.year), str(starts.year))
    if name == convention.name:
        name = f"{name} ({starts.year})"
    copied = {name: getattr(convention, name) for name in COPIED}
    return Convention(name=name, starts=starts, ends=ends, renews=convention, **copied)


COPIED = (
    "programme", "operator", "cost", "yearly_hours", "weekly_hours", "mediators", "supervision",
    "norm", "charter", "background", "not_replaced", "finances_by", "finances_since", "originals",
    "is_invented",
)  # fmt: skip


@transaction.atomic
def renew(
    *, convention: Convention, name: str, starts: date, ends: date, by: Membership | None
) -> Convention:
    """Prepares next year's convention from this one: a draft with the same terms, signatories,
    money without its payments, and provisions.

    Due days move along with the first day. Raises Done for one that is prepared already,
    PermissionDenied, ValidationError for a bad term. `by` is None for a command.
    """
    if by is not None and (
        not by.may(Right.EDIT_FRAME) or convention.programme_id != by.programme_id
    ):
        raise PermissionDenied
    convention = Convention.objects.select_for_update(of=("self",)).get(pk=convention.pk)
    known = Convention.objects.filter(renews=convention).first()
    if known is not None:
        raise Done(known)
    if starts <= convention.last_day:
        term = f"{convention.last_day:%d/%m/%Y}"
        raise ValidationError(
            {"starts": f"La reconduction commence après la fin du terme, le {term}."}
        )
    new = renewal_of(convention)
    new.name, new.starts, new.ends = name, starts, ends
    new.slug = _free_slug(convention, starts)
    new.full_clean()
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:
        # Two sendings crossed; the constraint let one through.
        raise Done(Convention.objects.get(renews=convention)) from None
    _copy_rows(convention, new)
    record(Act.CREATE, new, by=by, programme=new.programme_id)
    return new


def _free_slug(convention: Convention, starts: date) -> str:
    taken = set(
        Convention.objects.filter(programme=convention.programme_id).values_list("slug", flat=True)
    )
    slug, number = str(starts.year), 2
    while slug in taken:
        slug, number = f"{starts.year}-{number}", number + 1
    return slug


def _copy_rows(old: Convention, new: Convention) -> None:
    Signatory.objects.bulk_create(
        Signatory(
            convention=new,
            party_id=row.party_id,
            represented_by=row.represented_by,
            rank=row.rank,
        )
        for row in old.signatories.all()
    )
    Provision.objects.bulk_create(
        Provision(
            convention=new,
            kind=row.kind,
            party_id=row.party_id,
            text=row.text,
            rank=row.rank,
            state=row.state,
            state_since=row.state_since,
            remark=row.remark,
        )
        for row in old.provisions.all()
    )
    for line in old.contributions.prefetch_related("instalments"):
        copy = Contribution.objects.create(
            convention=new, payer_id=line.payer_id, payee_id=line.payee_id, amount=line.amount
        )
        Instalment.objects.bulk_create(
            Instalment(contribution=copy, amount=row.amount, due_on=a_year_later(row.due_on))
            for row in line.instalments.all()
        )

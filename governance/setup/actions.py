"""A programme set up step by step: keyword-only, `by=`, atomic, journalled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from governance.access.actions import grant_access
from governance.access.models import Membership
from governance.committees.actions import add_committee, add_seat
from governance.committees.models import Committee, Seat
from governance.conventions.actions import keep_signed_text
from governance.conventions.models import Convention, Signatory
from governance.conventions.schema import CommitteeTable
from governance.journal.changes import add_row
from governance.journal.models import Act, record
from governance.parties.models import Party, PartyKind, Programme
from governance.rights import Right, Role
from governance.territory.actions import change_perimeter, perimeter_fingerprint
from governance.territory.models import Place
from humanicite.lib.writes import Done


def _lock(by: Membership) -> None:
    if not by.may(Right.EDIT_FRAME):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=by.programme_id)


def _free(stem: str, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(
        slug
        for slug in (stem, *(f"{stem}-{number}" for number in range(2, len(known) + 3)))
        if slug not in known
    )


@transaction.atomic
def create_programme(*, name: str, today: date, by: Membership) -> Membership:
    """Makes another programme of one's own operator; answers the coordination's access to it.

    Whoever makes it is its coordination, and nobody else reads it yet. Raises Done with the access
    for the same form sent twice, PermissionDenied for who is no coordination.
    """
    if not by.may(Right.CREATE_PROGRAMMES):
        raise PermissionDenied
    # Two sendings at once wait for each other here.
    Party.objects.select_for_update().get(pk=by.party_id)
    own = Membership.objects.on(today).filter(
        user=by.user, role=Role.COORDINATION, party__programme__name__iexact=name
    )
    if (known := own.select_related("party__programme", "user").first()) is not None:
        raise Done(known)
    stem = slugify(name)[:40].strip("-") or "dispositif"
    slugs = Programme.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
    programme = Programme(name=name, slug=_free(stem, slugs), is_demo=by.programme.is_demo)
    programme.full_clean()
    try:
        with transaction.atomic():
            programme.save()
    except IntegrityError as error:
        raise ValidationError("Enregistrez de nouveau : ce nom vient d’être pris.") from error
    operator = Party(
        programme=programme,
        slug=by.party.slug,
        name=by.party.name,
        short_name=by.party.short_name,
        address=by.party.address,
        kind=PartyKind.OPERATOR,
    )
    operator.full_clean()
    operator.save()
    for row in (programme, operator):
        record(Act.CREATE, row, by=by, programme=programme.pk)
    return grant_access(
        email=by.user.email,
        function=by.called,
        party=operator,
        role=Role.COORDINATION,
        starts=today,
        by=by,
    )


@transaction.atomic
def add_party(*, party: Party, by: Membership) -> Party:
    """Raises Done for one that is there word for word, ValidationError for a name that is taken."""
    _lock(by)
    rows = Party.objects.of_programme(by.programme_id)
    party.programme_id = by.programme_id
    stem = slugify(party.short_name)[:40].strip("-") or "partie"
    party.slug = _free(stem, rows.values_list("slug", flat=True))
    twins = rows.filter(name=party.name, short_name=party.short_name, kind=party.kind)
    return add_row(party, twins=twins, by=by)


@transaction.atomic
def retire_party(*, party: Party, on: date, by: Membership) -> None:
    """Retires a party from a day on: nobody chooses it any more, and it keeps what it holds.

    Raises ValidationError for the operator, and for who signs a convention that is in force then.
    """
    _lock(by)
    saved = Party.objects.select_for_update().get(pk=party.pk, programme=by.programme_id)
    if saved.is_operator:
        raise ValidationError("L’opérateur porte le dispositif : il ne se retire pas.")
    signed = Signatory.objects.filter(
        party=saved, convention__signed_on__isnull=False, convention__ends__gte=on
    )
    if (row := signed.select_related("convention").order_by("convention__ends").last()) is not None:
        raise ValidationError(
            {
                "on": f"Elle signe « {row.convention} », jusqu’au {row.convention.ends:%d/%m/%Y} : "
                "retirez-la après cette date, ou des signataires par un avenant."
            }
        )
    if saved.retired_on == on:
        return
    saved.retired_on = on
    saved.save(update_fields=["retired_on"])
    record(Act.END, saved, by=by, programme=by.programme_id, fields=["retired_on"])


@transaction.atomic
def restore_party(*, party: Party, by: Membership) -> None:
    _lock(by)
    saved = Party.objects.select_for_update().get(pk=party.pk, programme=by.programme_id)
    if saved.retired_on is not None:
        saved.retired_on = None
        saved.save(update_fields=["retired_on"])
        record(Act.CHANGE, saved, by=by, programme=by.programme_id, fields=["retired_on"])


@transaction.atomic
def first_perimeters(*, places: Mapping[Party, Place], since: date, by: Membership) -> int:
    """Gives each party that has no places one place with all beneath; answers how many."""
    given = 0
    for party, place in places.items():
        perimeter = getattr(party, "perimeter", None)
        if perimeter is None or not perimeter.places.exists():
            change_perimeter(
                party=party,
                name=place.name,
                places=[place],
                since=since,
                seen=perimeter_fingerprint(party),
                by=by,
            )
            given += 1
    return given


@transaction.atomic
def add_convention(*, convention: Convention, by: Membership) -> Convention:
    """The programme's first convention. Raises Done for the same form sent twice, ValidationError
    for dates that cover another's."""
    _lock(by)
    rows = Convention.objects.of_programme(by.programme_id)
    convention.programme_id = by.programme_id
    stem = slugify(str(convention.starts.year))
    convention.slug = _free(stem, rows.values_list("slug", flat=True))
    same = ("name", "starts", "ends", "cost", "yearly_hours", "weekly_hours", "mediators")
    twins = rows.filter(**{name: getattr(convention, name) for name in same})
    add_row(convention, twins=twins, by=by)
    keep_signed_text(convention)
    return convention


@dataclass(frozen=True)
class Proposed:
    committees: int = 0
    seats: int = 0


@transaction.atomic
def propose_committees(
    *, tables: Iterable[CommitteeTable], parties: Iterable[Party], since: date, by: Membership
) -> Proposed:
    """Makes committees from a proposed list, each with a seat « à désigner » for each party.

    What is there already, by its name, stays as it is.
    """
    _lock(by)
    known = {row.name for row in Committee.objects.of_programme(by.programme_id)}
    committees = seats = 0
    wanted = list(parties)
    for table in tables:
        if table.name in known:
            continue
        committee = Committee(
            programme_id=by.programme_id,
            name=table.name,
            kind=table.kind,
            frequency=table.frequency,
            purpose=table.purpose,
        )
        add_committee(committee=committee, by=by)
        committees += 1
        for party in wanted:
            add_seat(seat=Seat(committee=committee, party=party, starts=since), by=by)
            seats += 1
    return Proposed(committees, seats)

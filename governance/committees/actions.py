"""Writes on committees and their seats: keyword-only, `by=`, atomic, journalled (R47–R68, R84)."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.text import slugify

from governance.base import is_current
from governance.journal.changes import add_row, change_row, fingerprint
from governance.journal.models import Act, record
from governance.parties.models import Programme
from governance.rights import Right
from governance.scoping import Ground, Reader

from .models import Committee, Seat

COMMITTEE_SHOWN = ("name", "kind", "frequency", "purpose", "retired_on")
SEAT_SHOWN = ("party", "label", "function", "on_agenda", "starts", "ends")
STALE = (
    "Ce siège a été modifié entre-temps : {said}. Votre saisie est conservée : enregistrez de "
    "nouveau pour le remplacer."
)


def _lock(by: Reader) -> None:
    if not by.may(Right.EDIT_FRAME):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=by.programme_id)


@transaction.atomic
def add_committee(*, committee: Committee, by: Reader) -> Committee:
    """Raises Done for the same form sent twice, ValidationError for a name that is taken."""
    _lock(by)
    rows = Committee.objects.of_programme(by.programme_id)
    same = {name: getattr(committee, name) for name in COMMITTEE_SHOWN}
    twins = rows.filter(**same)
    if not twins.exists() and rows.filter(name__iexact=committee.name).exists():
        raise ValidationError({"name": "Une instance porte déjà ce nom."})
    committee.programme_id = by.programme_id
    last = rows.aggregate(last=Max("rank"))["last"]
    committee.rank = 0 if last is None else last + 1
    committee.slug = _free_slug(rows, committee.name)
    return add_row(committee, twins=twins, by=by)


def _free_slug(rows: QuerySet[Committee], name: str) -> str:
    stem = slugify(name)[:40].strip("-") or "instance"
    taken = set(rows.values_list("slug", flat=True))
    return next(
        slug
        for slug in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3)))
        if slug not in taken
    )


@transaction.atomic
def change_committee(*, committee: Committee, seen: str, changed: list[str], by: Reader) -> None:
    """Raises ValidationError for a name that is taken, or when somebody changed it meanwhile."""
    _lock(by)
    rows = Committee.objects.of_programme(by.programme_id).exclude(pk=committee.pk)
    if rows.filter(name__iexact=committee.name).exists():
        raise ValidationError({"name": "Une instance porte déjà ce nom."})
    change_row(committee, seen=seen, shown=COMMITTEE_SHOWN, changed=changed, by=by)


@transaction.atomic
def retire_committee(*, committee: Committee, on: date | None, by: Reader) -> None:
    """Retires a committee from a day on; with None it is taken back. Its papers and seats stay."""
    _lock(by)
    if committee.retired_on == on:
        return
    committee.retired_on = on
    committee.save(update_fields=["retired_on"])
    act = Act.CHANGE if on is None else Act.END
    record(act, committee, by=by, programme=by.programme_id, fields=["retired_on"])


@transaction.atomic
def shift_committee(*, committee: Committee, up: bool, today: date, by: Reader) -> None:
    """Moves a committee by one place among those that are current; at the end nothing moves."""
    _lock(by)
    rows = list(Committee.objects.of_programme(by.programme_id).order_by("rank", "pk"))
    peers = [row for row in rows if is_current(row, today)]
    at = peers.index(committee) if committee in peers else -1
    to = at - 1 if up else at + 1
    if at < 0 or not 0 <= to < len(peers):
        return
    here, there = rows.index(committee), rows.index(peers[to])
    rows[here], rows[there] = rows[there], rows[here]
    for rank, row in enumerate(rows):
        if row.rank != rank:
            row.rank = rank
            row.save(update_fields=["rank"])
    record(Act.CHANGE, committee, by=by, programme=by.programme_id, fields=["rank"])


# --- Seats ----------------------------------------------------------------------------------------
def may_fill(by: Reader, seat: Seat) -> bool:
    """Each party its own seats; the coordination all (R84)."""
    own = Ground.PROGRAMME in by.grounds or seat.party_id == by.party_id
    return own and by.may(Right.DESIGNATE_CONTACTS)


def _during(seat: Seat, starts: date, ends: date | None) -> QuerySet[Seat]:
    """The seats of the same party at the same table on some of these days."""
    rows: QuerySet[Seat] = Seat.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=starts), committee=seat.committee, party=seat.party
    ).exclude(pk=seat.pk)
    if seat.party_id is None:
        rows = rows.filter(label=seat.label)
    return rows.filter(starts__lte=ends) if ends else rows


def _refuse_two(seat: Seat, function: str, starts: date, ends: date | None) -> None:
    if not function:
        return
    holder = _during(seat, starts, ends).filter(function__iexact=function).first()
    if holder is not None:
        until = f" au {holder.ends:%d/%m/%Y}" if holder.ends else ""
        raise ValidationError(
            {
                "function": f"« {holder.function} » tient déjà un siège ici, du "
                f"{holder.starts:%d/%m/%Y}{until}."
            }
        )


def rivals(seat: Seat) -> list[Seat]:
    """The seats that the party of a new seat has already at that table, held or not."""
    return list(_during(seat, seat.starts, seat.ends).order_by("rank"))


@transaction.atomic
def add_seat(*, seat: Seat, by: Reader) -> Seat:
    """Raises Done for the same form sent twice, ValidationError for a holder who sits there."""
    _lock(by)
    if seat.committee.programme_id != by.programme_id:
        raise PermissionDenied
    Committee.objects.select_for_update().get(pk=seat.committee_id)
    same = {name: getattr(seat, name) for name in SEAT_SHOWN}
    twins = Seat.objects.filter(committee=seat.committee, **same)
    if not twins.exists():
        _refuse_two(seat, seat.function, seat.starts, seat.ends)
        last = seat.committee.seats.aggregate(last=Max("rank"))["last"]
        seat.rank = 0 if last is None else last + 1
    return add_row(seat, twins=twins, by=by)


@transaction.atomic
def fill_seat(
    *, seat: Seat, function: str, since: date, seen: str, by: Reader, label: str | None = None
) -> Seat:
    """Says which function holds a seat from a day on; empty: « à désigner » again.

    Who held it until then keeps the days before. On the seat's first day, it is a correction.
    Raises PermissionDenied for another party's seat; ValidationError for a holder who sits there
    already, a day outside the seat's, or when somebody changed it meanwhile.
    """
    Committee.objects.select_for_update().get(pk=seat.committee_id)
    saved = Seat.objects.select_related("committee", "party").get(pk=seat.pk)
    if not may_fill(by, saved):
        raise PermissionDenied
    if fingerprint(saved, SEAT_SHOWN) != seen:
        later = Seat.objects.filter(committee=saved.committee, party=saved.party, starts=since)
        if later.filter(function=function, label=saved.label).exists():
            return saved  # the same form, twice
        raise ValidationError(STALE.format(said=saved))
    if since < saved.starts:
        raise ValidationError({"since": f"Ce siège commence le {saved.starts:%d/%m/%Y}."})
    if saved.ends and since > saved.ends:
        raise ValidationError({"since": f"Ce siège finit le {saved.ends:%d/%m/%Y}."})
    if label is not None:
        saved.label = label
    if function == saved.function:
        return _correct(saved, by)
    _refuse_two(saved, function, since, saved.ends)
    if since == saved.starts:
        saved.function = function
        return _correct(saved, by)
    return _succeed(saved, function, since, by)


def _correct(seat: Seat, by: Reader) -> Seat:
    seat.full_clean()
    seat.save()
    record(Act.CHANGE, seat, by=by, programme=by.programme_id, fields=["function"])
    return seat


def _succeed(seat: Seat, function: str, since: date, by: Reader) -> Seat:
    new = Seat(
        committee=seat.committee,
        party=seat.party,
        label=seat.label,
        function=function,
        on_agenda=seat.on_agenda,
        rank=seat.rank,
        starts=since,
        ends=seat.ends,
    )
    seat.ends = since - timedelta(days=1)
    seat.full_clean()
    seat.save()
    new.full_clean()
    new.save()
    record(Act.END, seat, by=by, programme=by.programme_id, fields=["ends"])
    record(Act.CREATE, new, by=by, programme=by.programme_id)
    return new


@transaction.atomic
def end_seat(*, seat: Seat, ends: date, seen: str, by: Reader) -> None:
    """Ends a seat with its last day. Raises ValidationError for a day before its first."""
    _lock(by)
    saved = Seat.objects.select_for_update(of=("self",)).get(pk=seat.pk)
    if fingerprint(saved, SEAT_SHOWN) != seen:
        if saved.ends == ends:
            return  # the same form, twice
        raise ValidationError(STALE.format(said=saved))
    if ends < saved.starts:
        raise ValidationError({"on": f"Ce siège commence le {saved.starts:%d/%m/%Y}."})
    saved.ends = ends
    saved.full_clean()
    saved.save()
    record(Act.END, saved, by=by, programme=by.programme_id, fields=["ends"])

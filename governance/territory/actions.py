"""Writes on places and perimeters: keyword-only, `by=`, atomic, journalled."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from governance.journal.changes import add_row, change_row
from governance.journal.models import Act, record, record_each
from governance.parties.models import Party, Programme
from governance.rights import Right
from governance.scoping import Reader

from .models import Perimeter, Place
from .outline import Line

SHOWN = ("name", "kind", "parent", "to_confirm", "retired_on")


def lock_tree(by: Reader) -> None:
    """One change of the tree at a time: two moves that cross could make a circle."""
    if not by.may(Right.EDIT_FRAME):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=by.programme_id)


def free_slug(programme_id: int, name: str) -> str:
    """An identifier that no place of the programme has."""
    stem = slugify(name)[:44].strip("-") or "lieu"
    taken = set(
        Place.objects.filter(programme=programme_id, slug__startswith=stem).values_list(
            "slug", flat=True
        )
    )
    number = 1
    slug = stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


@transaction.atomic
def add_place(*, place: Place, since: date, by: Reader) -> Place:
    """Adds a place; the perimeters that hold its parent reach it from `since` on.

    Raises Done for the same form sent twice, ValidationError for a name that is taken there.
    """
    lock_tree(by)
    place.programme_id = by.programme_id
    place.slug = free_slug(by.programme_id, place.name)
    siblings = Place.objects.filter(
        programme=by.programme_id, parent=place.parent, name__iexact=place.name
    )
    twins = siblings.filter(kind=place.kind, to_confirm=place.to_confirm, retired_on=None)
    if not twins.exists() and siblings.exists():
        raise ValidationError({"name": "Un lieu de ce nom existe déjà à cet endroit."})
    add_row(place, twins=twins, by=by, unchecked=("path",))
    _refresh(by.programme_id, since)
    return place


@transaction.atomic
def change_place(
    *, place: Place, seen: str, changed: list[str], since: date, by: Reader
) -> list[Perimeter]:
    """Renames a place, or moves it with all beneath; the perimeters follow from `since` on.

    Answers the programme's perimeters after a move. Raises ValidationError for a circle, a name
    that is taken there, or a place that somebody changed meanwhile.
    """
    lock_tree(by)
    if place.parent is not None:
        place.parent.refresh_from_db()
    twins = Place.objects.filter(
        programme=by.programme_id, parent=place.parent, name__iexact=place.name
    )
    if twins.exclude(pk=place.pk).exists():
        raise ValidationError({"name": "Un lieu de ce nom existe déjà à cet endroit."})
    named = [name for name in changed if name != "since"]
    change_row(place, seen=seen, shown=SHOWN, changed=named, by=by, unchecked=("path",))
    return _refresh(by.programme_id, since) if "parent" in named else []


@transaction.atomic
def add_tree(*, lines: Iterable[Line], since: date, by: Reader) -> int:
    """Adds the places that a text names and the tree lacks; what is there stays as it is.

    Answers how many. Raises ValidationError for a second root.
    """
    lock_tree(by)
    made: list[Place] = []
    path: list[Place] = []
    for line in lines:
        path = path[: line.depth]
        parent = path[-1] if path else None
        rows = Place.objects.filter(programme=by.programme_id, parent=parent)
        place = rows.filter(name__iexact=line.name).first()
        if place is None:
            if parent is None and rows.exists():
                raise ValidationError(
                    f"Le lieu racine est « {rows[0]} » : la première ligne doit être celle-là."
                )
            place = Place(
                programme_id=by.programme_id,
                parent=parent,
                name=line.name,
                kind=line.kind,
                slug=free_slug(by.programme_id, line.name),
            )
            place.full_clean(exclude=["path"])
            place.save()
            made.append(place)
        path.append(place)
    record_each(Act.CREATE, made, by=by, programme=by.programme_id)
    if made:
        _refresh(by.programme_id, since)
    return len(made)


def _refresh(programme_id: int, since: date) -> list[Perimeter]:
    rows = list(Perimeter.objects.filter(party__programme=programme_id).select_related("party"))
    for perimeter in rows:
        perimeter.refresh_coverage(since=since)
    return rows


@transaction.atomic
def retire_place(*, place: Place, on: date, by: Reader) -> int:
    """Retires a place and all beneath it from a day on: no new record names them, old ones stay.

    Answers how many were retired. Raises ValidationError for the root.
    """
    lock_tree(by)
    if place.parent_id is None:
        raise ValidationError("Le lieu racine porte tous les autres : il ne se retire pas.")
    beneath = Place.objects.beneath(place)
    rows = list(beneath.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=on)))
    Place.objects.filter(pk__in=[row.pk for row in rows]).update(retired_on=on)
    record_each(Act.END, rows, by=by, programme=by.programme_id)
    return len(rows)


@transaction.atomic
def restore_place(*, place: Place, by: Reader) -> None:
    """Takes a retired place back; raises ValidationError while what contains it is retired."""
    lock_tree(by)
    saved = Place.objects.select_related("parent").get(pk=place.pk)
    if saved.parent is not None and saved.parent.retired_on is not None:
        raise ValidationError(f"Reprenez d’abord le lieu qui le contient : {saved.parent}.")
    if saved.retired_on is not None:
        saved.retired_on = None
        saved.save(update_fields=["retired_on"])
        record(Act.CHANGE, saved, by=by, programme=by.programme_id, fields=["retired_on"])


def perimeter_fingerprint(party: Party) -> str:
    """What somebody was shown of a party's perimeter."""
    row = Perimeter.objects.filter(party=party).first()
    if row is None:
        return "none"
    keys = sorted(row.places.values_list("pk", flat=True))
    return f"{row.name} {keys}"


@transaction.atomic
def change_perimeter(
    *, party: Party, name: str, places: Iterable[Place], since: date, seen: str, by: Reader
) -> Perimeter:
    """Gives a party the places that it sees from a day on (R5, R75).

    Raises ValidationError when somebody changed them meanwhile, or a place is another programme's.
    """
    lock_tree(by)
    wanted = list(places)
    if party.programme_id != by.programme_id or any(
        place.programme_id != by.programme_id for place in wanted
    ):
        raise PermissionDenied
    if perimeter_fingerprint(party) != seen:
        raise ValidationError(
            "Ce périmètre a été modifié entre-temps par quelqu’un d’autre. Votre saisie est "
            "conservée : enregistrez de nouveau pour le remplacer."
        )
    perimeter = Perimeter.objects.filter(party=party).first()
    act = Act.CREATE if perimeter is None else Act.CHANGE
    perimeter = perimeter or Perimeter(party=party)
    perimeter.name = name
    perimeter.full_clean()
    perimeter.save()
    perimeter.places.set(wanted)
    perimeter.refresh_coverage(since=since)
    record(act, perimeter, by=by, programme=by.programme_id, fields=["name", "places"])
    return perimeter

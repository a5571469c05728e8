"""Writes on recommendations: keyword-only, `by=` the membership that acts, atomic, journalled (R79)."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.base import require_same_programme
from governance.models import Act, Membership, Perimeter, Place, Theme, record
from governance.rights import Right
from humanicite.lib.dates import NBSP
from humanicite.lib.writes import save_once, take_version
from mediation import personal
from reporting.naming import outside_names, told_outside
from reporting.periods import Period

from .models import Recommendation, RecommendationState

NOT_YOURS = f"Cette préconisation ne peut pas être enregistrée{NBSP}: rouvrez le formulaire."


def issue(
    *,
    recommendation: Recommendation,
    themes: Sequence[Theme],
    places: Sequence[Place],
    by: Membership,
) -> Recommendation:
    """Writes a new recommendation once, however often its form arrives. It is a draft until a synthesis
    that tells it is published.

    Raises Done, PermissionDenied, ValidationError.
    """
    recommendation.programme_id = by.programme_id

    def save() -> None:
        if not by.may(Right.WRITE_RECOMMENDATIONS):
            raise PermissionDenied
        _check(recommendation, themes, places)
        recommendation.full_clean(exclude=["uid"])
        recommendation.save()
        recommendation.themes.set(themes)
        recommendation.places.set(places)
        record(Act.CREATE, recommendation, by=by, programme=recommendation.programme_id)

    return save_once(
        recommendation, save, is_theirs=lambda row: row.is_visible_to(by), refusal=NOT_YOURS
    )


@transaction.atomic
def change(
    *,
    recommendation: Recommendation,
    themes: Sequence[Theme],
    places: Sequence[Place],
    read_version: int,
    by: Membership,
    fields: list[str],
) -> Recommendation:
    """Saves a changed draft; what is published is answered, and no longer changed.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    if not by.may(Right.WRITE_RECOMMENDATIONS):
        raise PermissionDenied
    take_version(recommendation, read_version)
    if not Recommendation.objects.filter(pk=recommendation.pk, is_draft=True).exists():
        raise ValidationError(
            f"Cette préconisation est publiée{NBSP}: elle ne se modifie plus, elle reçoit une suite."
        )
    _check(recommendation, themes, places)
    recommendation.full_clean()
    recommendation.save()
    recommendation.themes.set(themes)
    recommendation.places.set(places)
    record(Act.CHANGE, recommendation, by=by, programme=recommendation.programme_id, fields=fields)
    return recommendation


@transaction.atomic
def answer(
    *,
    recommendation: Recommendation,
    state: str,
    text: str,
    on: date,
    read_version: int,
    by: Membership,
) -> Recommendation:
    """What became of it: accepted, refused with a reason, done. The party that it is addressed to says
    so, or the operator who heard it.

    Raises Conflict, PermissionDenied, ValidationError by field.
    """
    theirs = by.is_operator or recommendation.party_id == by.party_id
    if not by.may(Right.ANSWER_RECOMMENDATIONS) or not theirs:
        raise PermissionDenied
    take_version(recommendation, read_version, Recommendation.objects.select_related("party"))
    if not recommendation.may_become(state):
        raise ValidationError(
            {"state": f"De «{NBSP}{recommendation.get_state_display().lower()}{NBSP}», cette suite "
             "n’est pas possible."}
        )  # fmt: skip
    recommendation.state, recommendation.answered_on = state, on
    recommendation.answer = " ".join(text.split())
    if state == RecommendationState.REFUSED and not recommendation.answer:
        raise ValidationError({"answer": "Dites pourquoi elle est refusée."})
    if on < recommendation.issued_on:
        raise ValidationError({"on": "Cette date précède la préconisation."})
    if found := personal.find(recommendation.answer):
        raise ValidationError(
            {"answer": f"Ce texte semble identifier quelqu’un{NBSP}: {personal.said(found)}."}
        )
    recommendation.full_clean()
    recommendation.save()
    record(
        Act.CHANGE, recommendation, by=by, programme=recommendation.programme_id, fields=["state"]
    )
    return recommendation


def _check(
    recommendation: Recommendation, themes: Sequence[Theme], places: Sequence[Place]
) -> None:
    for row in [*themes, *places]:
        require_same_programme(recommendation.programme_id, **{type(row).__name__.lower(): row})
    errors: dict[str, list[str]] = {}
    for name in ("title", "text"):
        if found := personal.find(getattr(recommendation, name)):
            errors[name] = [
                f"Ce texte semble identifier quelqu’un{NBSP}: {personal.said(found)}. Dites le sujet, "
                "sans la personne."
            ]
    perimeters = Perimeter.objects.select_related("party")
    perimeter = perimeters.filter(party=recommendation.party_id).first()
    if perimeter is not None and places:
        covered = perimeter.place_ids()
        outside = [place.name for place in places if place.pk not in covered]
        if outside:
            errors["places"] = [
                f"Hors du périmètre de {recommendation.party.short_name}{NBSP}: {', '.join(outside)}."
            ]
    if perimeter is not None:
        names = outside_names(perimeter, Period.holding("mois", recommendation.issued_on))
        for name in ("title", "text"):
            if told := told_outside(getattr(recommendation, name), names):
                errors.setdefault(name, []).append(
                    f"Ce texte nomme {', '.join(told)}, hors du périmètre de "
                    f"{recommendation.party.short_name}."
                )
    if errors:
        raise ValidationError(errors)

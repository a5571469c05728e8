"""How signalements stood at the end of a day that is past, from their versions and their addressees'.

What has happened since then changes nothing of it: a figure told as of a day, and the list behind it,
stay as they were.
"""

from datetime import date, datetime, time, timedelta

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.scoping import Reader

from .models.recipients import Recipient
from .models.signalements import OPEN, Signalement, SignalementQuerySet, SignalementState

VERSIONS = Signalement.history.model
ADDRESSEES = Recipient.history.model


def end_of(day: date) -> datetime:
    """The first moment of the next day, at the clock of Paris."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def stood(rows: SignalementQuerySet, then: date | None) -> SignalementQuerySet:
    """Each with `then_state`, `then_due_on` and `then_closed_on`, at the end of a day; None: now."""
    if then is None:
        return rows.annotate(
            then_state=F("state"), then_due_on=F("due_on"), then_closed_on=F("closed_on")
        )
    versions = VERSIONS.objects.filter(id=OuterRef("pk"), history_date__lt=end_of(then))
    newest = versions.order_by("-history_date", "-history_id")
    # Where no version of that time is kept, the row's own days say what they can.
    unwritten = Case(
        When(closed_on__gt=then, then=Value(SignalementState.ENVOYE.value)), default=F("state")
    )
    return rows.annotate(
        then_state=Coalesce(Subquery(newest.values("state")[:1]), unwritten),
        then_due_on=Coalesce(Subquery(newest.values("due_on")[:1]), F("due_on")),
    ).annotate(
        then_closed_on=Case(
            When(then_state__in=(*OPEN, SignalementState.BROUILLON), then=Value(None)),
            default=Coalesce(Subquery(newest.values("closed_on")[:1]), F("closed_on")),
            output_field=DateField(),
        )
    )


def set_back(row: Signalement) -> None:
    """Shows a row that `stood` read as it was then; it is not to be saved."""
    for name in ("state", "due_on", "closed_on"):
        setattr(row, name, getattr(row, f"then_{name}"))


def with_signs(rows: SignalementQuerySet, then: date | None) -> SignalementQuerySet:
    """Each with `signed_at` and `said_at`: the first sign and the first answer of an addressee."""
    if then is None:
        return rows.annotate(
            signed_at=Min("recipients__acknowledged_at"), said_at=Min("recipients__answered_at")
        )
    return rows.annotate(
        signed_at=_earliest("acknowledged_at", then), said_at=_earliest("answered_at", then)
    )


def _earliest(moment: str, then: date) -> Coalesce:
    of_one = {"signalement": OuterRef("pk")}
    return Coalesce(
        *(
            Subquery(found.order_by(moment).values(moment)[:1])
            for found in (
                _until(Recipient.objects.filter(**of_one), moment, then),
                _written(ADDRESSEES.objects.filter(**of_one), moment, then),
            )
        )
    )


def gave(moment: str, reader: Reader, then: date | None) -> Q:
    """Signalements with an addressee, among those that the reader sees, who gave a sign
    (`acknowledged_at`) or an answer (`answered_at`)."""
    seen = Recipient.objects.visible_to(reader)
    if then is None:
        return Q(pk__in=seen.filter(**{f"{moment}__isnull": False}).values("signalement"))
    written = _written(ADDRESSEES.objects.visible_to(reader), moment, then)
    return Q(pk__in=_until(seen, moment, then).values("signalement")) | Q(
        pk__in=written.values("signalement")
    )


def _until(rows: QuerySet, moment: str, then: date) -> QuerySet:
    return rows.filter(**{f"{moment}__lt": end_of(then)})


def _written(rows: QuerySet, moment: str, then: date) -> QuerySet:
    """The addressees' last versions of that time which name the moment: a reopening takes the
    answer off the row."""
    later = ADDRESSEES.objects.filter(id=OuterRef("id"), history_date__lt=end_of(then)).filter(
        Q(history_date__gt=OuterRef("history_date"))
        | Q(history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id"))
    )
    return rows.filter(
        ~Exists(later), history_date__lt=end_of(then), **{f"{moment}__lt": end_of(then)}
    )

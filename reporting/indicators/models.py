"""Indicators: what is watched, how it is counted, what is aimed at; each version of it is kept (R52, R57)."""

import uuid
from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import (
    Audience,
    Axis,
    Convention,
    Meeting,
    Objective,
    Perimeter,
    Place,
    Programme,
    Theme,
)
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from mediation.frame.reference import ReferenceActivity
from reporting.figures.facts import Aggregation, Unit
from reporting.figures.measures import MEASURES, Measure
from reporting.periods import Period

from .quantities import quantity


class IndicatorKind(models.TextChoices):
    OUTPUT = "realisation", "Réalisation"
    RESULT = "resultat", "Résultat"
    IMPACT = "impact", "Impact"


class Register(models.TextChoices):
    """The five registers of social usefulness by which the trade evaluates itself."""

    COHESION = "cohesion", "Cohésion sociale"
    INNOVATION = "innovation", "Innovation et apprentissage"
    TRANQUILLITY = "tranquillite", "Tranquillité publique"
    ECONOMY = "economie", "Contribution économique"
    RECOGNITION = "reconnaissance", "Reconnaissance"


class Direction(models.TextChoices):
    AT_LEAST = "hausse", "Atteindre au moins la cible"
    AT_MOST = "baisse", "Ne pas dépasser la cible"
    WATCH = "suivi", "À suivre, sans cible"


class PeriodKind(models.TextChoices):
    MONTH = "mois", "Le mois"
    QUARTER = "trimestre", "Le trimestre"
    YEAR = "annee", "L’année"


class Counted(models.TextChoices):
    """In words: `figures.facts.Aggregation`."""

    SUM = Aggregation.SUM.value, "Somme"
    LAST = Aggregation.LAST.value, "Dernière valeur"
    RATIO = Aggregation.RATIO.value, "Rapport de sommes"
    MEDIAN = Aggregation.MEDIAN.value, "Médiane des lignes"


class UnitName(models.TextChoices):
    COUNT = Unit.COUNT.value, "Nombre"
    HOURS = Unit.HOURS.value, "Heures"
    PERCENT = Unit.PERCENT.value, "Pourcentage"
    WORKING_DAYS = Unit.WORKING_DAYS.value, "Jours ouvrés"
    DAYS = Unit.DAYS.value, "Jours"
    SCORE = Unit.SCORE.value, "Note sur 5"
    EUROS = Unit.EUROS.value, "Euros"


class DefinitionState(models.TextChoices):
    PROPOSED = "proposee", "Proposée"
    VALIDATED = "validee", "Validée"
    DECLINED = "ecartee", "Écartée"


class IndicatorQuerySet(ScopedQuerySet):
    def followed(self) -> Self:
        return self.filter(retired_on__isnull=True)

    def in_order(self) -> Self:
        """Key ones first; a total order."""
        return self.order_by("-current__is_key", "current__kind_rank", "current__name", "pk")


class Indicator(ScopedModel):
    """What its versions have in common. Retired with a date, never deleted.

    `current` is the definition that holds: the last validated, or the first proposed while none is.
    `place` is its place: an indicator of one place is not told where a perimeter does not hold it.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="indicators")
    place = models.ForeignKey(Place, models.RESTRICT, related_name="+", editable=False)
    current = models.OneToOneField(
        "Definition", models.SET_NULL, null=True, related_name="+", editable=False
    )
    retired_on = models.DateField("retiré le", null=True, blank=True)
    retired_reason = models.CharField("motif du retrait", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar = IndicatorQuerySet.as_manager()
    shown_with = (
        "current__axis", "current__objective__axis", "current__theme", "current__audience",
        "current__place", "current__serves__axis", "current__meeting__committee",
    )  # fmt: skip
    # The root place is in every perimeter: what is counted on the whole of each is read by all.
    scope = Scope(programme="programme", place="place")
    privacy = Privacy(
        Retention.FRAME,
        shareable=("place", "current", "retired_on", "retired_reason"),
        technical=("id", "uid", "programme", "version"),
    )

    class Meta:
        verbose_name = "indicateur"
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_on__isnull=True) | ~Q(retired_reason=""),
                name="indicator_retired_with_a_reason",
                violation_error_message="Dites pourquoi l’indicateur est retiré.",
            )
        ]

    def __str__(self) -> str:
        return self.current.name if self.current else f"Indicateur {self.pk}"

    @property
    def is_retired(self) -> bool:
        return self.retired_on is not None


class Definition(ScopedModel):
    """One version of an indicator: how it is counted and what is aimed at.

    It changes while it is proposed, never once it is validated: another version then follows. `change`
    says what it changes, and why the target is another one.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="definitions")
    number = models.PositiveSmallIntegerField("version")
    state = models.CharField(
        "état", max_length=8, choices=DefinitionState, default=DefinitionState.PROPOSED
    )
    proposed_by = models.CharField("proposée par", max_length=120)
    proposed_on = models.DateField("proposée le")
    change = models.CharField("ce qui change, et pourquoi", max_length=300, blank=True)
    # The comité de pilotage that validated it, and when.
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="indicator_definitions",
        verbose_name="séance",
    )  # fmt: skip
    settled_on = models.DateField("validée ou écartée le", null=True, blank=True)

    name = models.CharField("intitulé", max_length=120)
    kind = models.CharField("nature", max_length=11, choices=IndicatorKind)
    kind_rank = models.PositiveSmallIntegerField(default=0, editable=False)
    register = models.CharField(
        "registre d’utilité sociale", max_length=14, choices=Register, blank=True
    )
    measure = models.CharField("mesure", max_length=4, blank=True)  # of the catalogue
    type = models.CharField(
        "activité de référence", max_length=4, choices=ReferenceActivity, blank=True
    )
    axis = models.ForeignKey(
        Axis, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name="axe"
    )
    objective = models.ForeignKey(
        Objective, models.RESTRICT, null=True, blank=True, related_name="+",
        verbose_name="objectif",
    )  # fmt: skip
    theme = models.ForeignKey(
        Theme, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name="thématique"
    )
    place = models.ForeignKey(Place, models.RESTRICT, related_name="+", verbose_name="lieu")
    audience = models.ForeignKey(
        Audience, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name="public"
    )
    unit = models.CharField("unité", max_length=14, choices=UnitName)
    direction = models.CharField("sens", max_length=6, choices=Direction)
    period = models.CharField("période", max_length=9, choices=PeriodKind)
    aggregation = models.CharField("agrégation", max_length=8, choices=Counted)
    has_baseline = models.BooleanField("une valeur de départ existe", default=False)
    baseline = models.DecimalField(
        "valeur de départ", max_digits=10, decimal_places=2, null=True, blank=True
    )
    baseline_on = models.DateField("mesurée le", null=True, blank=True)
    baseline_comment = models.CharField("précision", max_length=200, blank=True)
    target = models.DecimalField("cible", max_digits=10, decimal_places=2, null=True, blank=True)
    target_comment = models.CharField("commentaire de la cible", max_length=200, blank=True)
    serves = models.ForeignKey(
        Objective, models.RESTRICT, null=True, blank=True, related_name="indicators",
        verbose_name="objectif de la convention qu’il éclaire",
    )  # fmt: skip
    justification = models.TextField("pourquoi le suivre", max_length=600, blank=True)
    source = models.CharField("source", max_length=200)
    method = models.TextField("méthode", max_length=600, blank=True)
    frequency = models.CharField("fréquence", max_length=80, blank=True)
    responsible = models.CharField("fonction responsable", max_length=120, blank=True)
    known_issues = models.TextField("limites connues des données", max_length=600, blank=True)
    is_key = models.BooleanField("indicateur clé", default=False)

    shown_with = ("indicator", "axis", "objective__axis", "theme", "audience", "place")
    scope = Scope(programme="indicator__programme", place="place")
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "number", "state", "proposed_by", "proposed_on", "change", "meeting", "settled_on",
            "name", "kind", "register", "measure", "type", "axis", "objective", "theme", "place",
            "audience", "unit", "direction", "period", "aggregation", "has_baseline", "baseline",
            "baseline_on", "baseline_comment", "target", "target_comment", "serves",
            "justification", "source", "method", "frequency", "responsible", "known_issues",
            "is_key",
        ),
        technical=("id", "indicator", "kind_rank"),
    )  # fmt: skip

    class Meta:
        verbose_name = "définition d’indicateur"
        verbose_name_plural = "définitions d’indicateurs"
        ordering = ["indicator", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "number"], name="definition_once_a_number"
            ),
            models.UniqueConstraint(
                fields=["indicator"],
                condition=Q(state=DefinitionState.PROPOSED),
                name="definition_proposed_once",
                violation_error_message="Une version de cet indicateur attend déjà sa validation.",
            ),
            models.CheckConstraint(
                condition=Q(state=DefinitionState.PROPOSED, settled_on__isnull=True)
                | Q(state__in=["validee", "ecartee"], settled_on__isnull=False),
                name="definition_settled_on_a_day",
                violation_error_message="Dites quel jour elle a été validée ou écartée.",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(change=""),
                name="definition_says_what_it_changes",
                violation_error_message="Dites ce qui change, et pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(direction=Direction.WATCH, target__isnull=True)
                | ~Q(direction=Direction.WATCH) & Q(target__isnull=False),
                name="definition_aims_at_a_target",
                violation_error_message="Un indicateur sans cible est « à suivre » ; les autres en "
                "ont une.",
            ),
            models.CheckConstraint(
                condition=Q(has_baseline=True, baseline__isnull=False, baseline_on__isnull=False)
                | Q(has_baseline=False, baseline__isnull=True, baseline_on__isnull=True),
                name="definition_baseline_with_its_day",
                violation_error_message="Une valeur de départ a sa date.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=IndicatorKind.values) & Q(period__in=PeriodKind.values),
                name="definition_kind_and_period_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.kind_rank = IndicatorKind.values.index(self.kind)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # as Django's own

    @property
    def programme_id(self) -> int:
        return self.indicator.programme_id

    @property
    def catalogued(self) -> Measure | None:
        return MEASURES.get(self.measure)

    @property
    def by_hand(self) -> bool:
        """Nothing in the records gives it: its values are entered, with their source."""
        return self.catalogued is None or self.catalogued.by_hand

    @property
    def filters(self) -> list[tuple[str, str]]:
        """(what, which) of each filter, in words."""
        found = [
            ("Activité", self.get_type_display() if self.type else ""),
            ("Axe", str(self.axis) if self.axis else ""),
            ("Objectif", str(self.objective) if self.objective else ""),
            ("Thématique", self.theme.name if self.theme else ""),
            ("Public", self.audience.name if self.audience else ""),
            ("Lieu", self.place.name if self.place.parent_id else ""),
        ]
        return [(what, which) for what, which in found if which]

    def said_target(self, target: Decimal | None) -> str:
        """« au moins 70 % », « au plus 3 jours ouvrés », « à suivre »."""
        if target is None:
            return "à suivre"
        bound = "au moins" if self.direction == Direction.AT_LEAST else "au plus"
        return f"{bound} {quantity(self.unit, target)}"

    @property
    def target_said(self) -> str:
        return self.said_target(self.target)

    @property
    def baseline_said(self) -> str:
        return quantity(self.unit, self.baseline)

    def clean(self) -> None:
        require_same_programme(
            self.programme_id, axis=self.axis, theme=self.theme, audience=self.audience,
            place=getattr(self, "place", None),
        )  # fmt: skip
        for name in ("objective", "serves"):
            row = getattr(self, name)
            require_same_programme(self.programme_id, **{name: row.axis if row else None})
        if self.meeting:
            require_same_programme(self.programme_id, meeting=self.meeting.committee)


def period_error(programme_id: int, period: Period, today: date) -> str:
    """Why nothing can be told of a period: it has not begun, or no convention held then; or ''."""
    if period.first > today:
        return f"{period.label.capitalize()} n’a pas commencé."
    first = Convention.objects.of_programme(programme_id).order_by("starts").first()
    if first is None or period.last < first.starts:
        since = f" : la première commence le {first.starts:%d/%m/%Y}" if first else ""
        return f"Aucune convention n’était en vigueur ({period.label}){since}."
    return ""


class OfPeriod(ScopedModel):
    """What is said of an indicator, for one perimeter and one period."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="%(class)ss")
    perimeter = models.ForeignKey(
        Perimeter, models.CASCADE, related_name="+", verbose_name="périmètre"
    )
    period = models.CharField("période", max_length=7)  # a period’s slug
    version = models.PositiveIntegerField(default=1, editable=False)

    scope = Scope(programme="indicator__programme", party="perimeter__party")

    class Meta:
        abstract = True

    @property
    def of_period(self) -> Period:
        return Period.parse(self.period)

    @property
    def programme_id(self) -> int:
        return self.indicator.programme_id

    def clean(self) -> None:
        require_same_programme(self.programme_id, perimeter=getattr(self, "perimeter", None))


class HandValue(OfPeriod):
    """A value that no record gives: a survey, a count made elsewhere; never without its source.

    A share is entered as its two numbers: `value` follows from them.
    """

    uid = models.UUIDField("identifiant de saisie", default=uuid.uuid4)
    value = models.DecimalField("valeur", max_digits=10, decimal_places=2)
    numerator = models.PositiveIntegerField("réponses favorables", null=True, blank=True)
    denominator = models.PositiveIntegerField("réponses", null=True, blank=True)
    source = models.CharField("source", max_length=200)
    wording = models.CharField("question posée", max_length=300, blank=True)
    asked = models.PositiveIntegerField("personnes interrogées", null=True, blank=True)
    first_day = models.DateField("du", null=True, blank=True)
    last_day = models.DateField("au", null=True, blank=True)
    history = HistoricalRecords(bases=[ScopedModel])

    shown_with = ("indicator__current", "perimeter__party")
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "perimeter", "period", "value", "numerator", "denominator", "source", "wording",
            "asked", "first_day", "last_day",
        ),
        technical=("id", "uid", "indicator", "version"),
    )  # fmt: skip

    class Meta:
        verbose_name = "valeur saisie"
        verbose_name_plural = "valeurs saisies"
        ordering = ["period", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "perimeter", "period"],
                name="handvalue_once_a_period",
                violation_error_message="Cette période a déjà sa valeur : corrigez-la.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="handvalue_with_its_source",
                violation_error_message="Dites d’où vient cette valeur.",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(denominator__gte=F("numerator")) & Q(denominator__gte=1),
                name="handvalue_part_of_a_whole",
                violation_error_message="Le total est au moins égal à la part, et au moins d’un.",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="handvalue_ends_after_start",
                violation_error_message="La fin précède le début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.of_period.label}, {self.perimeter}"

    def clean(self) -> None:
        super().clean()
        if self.denominator and self.asked is not None and self.asked < self.denominator:
            raise ValidationError(
                {"asked": "Il y a plus de réponses que de personnes interrogées."}
            )

    @property
    def response_rate(self) -> float | None:
        return self.denominator / self.asked if self.denominator and self.asked else None


class Explanation(OfPeriod):
    """« Écart expliqué »: why a value is off its target, beside it for good."""

    text = models.CharField("explication", max_length=400)
    said_by = models.CharField("par", max_length=120)
    said_on = models.DateField("le")
    history = HistoricalRecords(bases=[ScopedModel])

    privacy = Privacy(
        Retention.FRAME,
        shareable=("perimeter", "period", "text", "said_by", "said_on"),
        technical=("id", "indicator", "version"),
    )

    class Meta:
        verbose_name = "écart expliqué"
        verbose_name_plural = "écarts expliqués"
        ordering = ["period", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "perimeter", "period"], name="explanation_once_a_period"
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="explanation_has_a_text",
                violation_error_message="Dites ce qui explique l’écart.",
            ),
        ]

    def __str__(self) -> str:
        return f"Écart, {self.indicator}, {self.of_period.label}, {self.perimeter}"

"""Activities: one piece of work each, recorded every day (R35, R36)."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import (
    Audience,
    Membership,
    Objective,
    PartyKind,
    Place,
    Programme,
    Theme,
)
from governance.privacy import Privacy, Retention
from governance.rights import Right
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from humanicite.lib.dates import format_duration
from humanicite.lib.text import fold
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity
from mediation.history.followed import Followed, Parts

SHORTEST, LONGEST = 5, 24 * 60  # minutes


class RequestOrigin(models.TextChoices):
    MEDIATEUR = "mediateur", "Initiative du médiateur"
    HABITANT = "habitant", "Habitant"
    ASL = "asl", "ASL"
    SYNDIC = "syndic", "Syndic ou copropriété"
    BAILLEUR = "bailleur", "Bailleur"
    VILLE = "ville", "Ville"
    STRUCTURE = "structure", "Structure"
    POLICE = "police", "Police"
    COMITE = "comite", "Comité"
    AUTRE = "autre", "Autre"


class Outcome(models.TextChoices):
    RESOLU = "resolu", "Résolu"
    AMELIORE = "ameliore", "Amélioré"
    ORIENTE = "oriente", "Orienté"
    RELAIS = "relais", "Relais passé"
    EN_COURS = "en_cours", "En cours"
    SANS_SUITE = "sans_suite", "Sans suite"
    ECHEC = "echec", "Échec"
    REFUSE = "refuse", "Refusé ou retiré"


class Refusal(models.TextChoices):
    """Why a request was refused, or why the service withdrew: each is owed an answer."""

    CADRE = "cadre", "Hors du cadre de la médiation"
    ACCORD = "accord", "Accord d’une personne refusé ou retiré"
    SERVICE = "service", "Relève d’un autre service"
    IMPARTIALITE = "impartial", "Impartialité impossible à tenir"
    SECURITE = "securite", "Sécurité non assurée"
    AUTRE = "autre", "Autre motif"


class ConflictForm(models.TextChoices):
    DIRECT = "direct", "En temps réel"
    NAVETTE = "navette", "Différé, navette"
    TABLE = "table", "Différé, table ronde"


class Consent(models.TextChoices):
    """Whether the person from whom a referral or a signalement comes agreed to it."""

    OUI = "oui", "Oui"
    SANS_OBJET = "so", "Sans objet"


# The operator is who puts in touch, never with whom.
PARTNER_KINDS = [(kind, label) for kind, label in PartyKind.choices if kind != PartyKind.OPERATOR]
# What is only asked of one type of activity.
ONLY_OF = {
    "conflict_form": ReferenceActivity.CONF,
    "partner_kind": ReferenceActivity.RELA,
    "consent": ReferenceActivity.RELA,
}


def _of_its_type(name: str, values: Iterable[str]) -> Q:
    return Q(**{name: ""}) | Q(**{f"{name}__in": [*values], "type": ONLY_OF[name]})


class AgeBand(models.TextChoices):
    ENFANTS = "enfants", "Enfants"
    JEUNES = "jeunes", "Jeunes"
    ADULTES = "adultes", "Adultes"
    SENIORS = "seniors", "Seniors"
    NON_PRECISE = "np", "Non précisé"


class Review(models.TextChoices):
    """Whether a text seems to identify somebody, and what the coordination made of it (R25)."""

    NONE = "", "Rien à relire"
    PENDING = "pending", "À relire"
    ACCEPTED = "accepted", "Relu et accepté"


def must_be_in_term(frame: Frame, day: date | None) -> None:
    """A record lies within the term of a convention, draft or signed (R4)."""
    if day is not None and not frame.in_term(day):
        raise ValidationError(
            {"day": "Aucune convention n’est en vigueur à cette date : vérifiez l’année."}
        )


class ActivityQuerySet(ScopedQuerySet):
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """As Django's, with the words of each that a search reads."""
        made = list(objs)
        for activity in made:
            activity.keep_words()
        return super().bulk_create(made, *args, **kwargs)

    def of_day(self, day: date) -> Self:
        return self.filter(day=day)

    def between(self, first: date, last: date) -> Self:
        return self.filter(day__gte=first, day__lte=last)

    def newest_first(self) -> Self:
        """A total order: no row shows twice or never when pages are turned."""
        return self.order_by("-day", "-starts_at", "-pk")

    def for_lists(self) -> Self:
        """With all that a list or a page shows of each row, in a constant number of queries."""
        return self.select_related(*Activity.shown_with)

    def for_pages(self, *, own: bool) -> Self:
        """The columns of a long list, names left to who has them at hand; `own`: the operator's."""
        shown = [
            "day",
            "type",
            "place",
            "minutes",
            "theme",
            "second_theme",
            "outcome",
            "summary",
            "review",
        ]
        if not own:
            return self.only(*shown)
        return self.only(*shown, "objective", "starts_at", "internal_note", "author")

    def with_theme(self, theme: Theme) -> Self:
        return self.filter(Q(theme=theme) | Q(second_theme=theme))


class Activity(ScopedModel):
    """One piece of work. `day` and `minutes` are known; `starts_at` where somebody noted it.

    Two texts, never one: the internal note stays with the operator (R25); the summary is what
    partners may read. Work at the border of the quarter, or outside, lies on the root place.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="activities")
    type = models.CharField("activité de référence", max_length=4, choices=ReferenceActivity)
    place = models.ForeignKey(
        Place, models.RESTRICT, related_name="activities", verbose_name="lieu"
    )
    day = models.DateField("date")
    minutes = models.PositiveSmallIntegerField(
        "durée",
        validators=[
            MinValueValidator(SHORTEST, "Une activité dure au moins 5 minutes."),
            MaxValueValidator(LONGEST, "Une activité dure au plus 24 heures."),
        ],
    )
    starts_at = models.TimeField("heure de début", null=True, blank=True)
    objective = models.ForeignKey(
        Objective,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name="objectif",
    )
    # Two at most, so two columns: figures and batches read and write one table.
    theme = models.ForeignKey(
        Theme, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name="thématique"
    )
    second_theme = models.ForeignKey(
        Theme,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="seconde thématique",
    )
    origin = models.CharField(
        "origine de la demande", max_length=10, choices=RequestOrigin, blank=True
    )
    outcome = models.CharField("suite donnée", max_length=10, choices=Outcome, blank=True)
    refusal = models.CharField(
        "motif du refus ou du retrait", max_length=10, choices=Refusal, blank=True
    )
    conflict_form = models.CharField(
        "forme du conflit", max_length=8, choices=ConflictForm, blank=True
    )
    partner_kind = models.CharField(
        "type de partenaire", max_length=16, choices=PARTNER_KINDS, blank=True
    )
    consent = models.CharField("accord recueilli", max_length=4, choices=Consent, blank=True)
    internal_note = models.TextField("note interne", max_length=4000, blank=True)
    summary = models.TextField("résumé partageable", max_length=1000, blank=True)
    situation = models.ForeignKey(
        "mediation.Situation",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name="situation",
    )
    planned_action = models.ForeignKey(
        "mediation.PlannedAction",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name="action de la feuille de route",
    )
    review = models.CharField("relecture", max_length=8, choices=Review, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="activities", verbose_name="auteur"
    )
    # What a search reads, folded: for partners the summary alone, while nobody has to reread it.
    shared_words = models.TextField(editable=False, blank=True)
    own_words = models.TextField(editable=False, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("enregistrée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    history = HistoricalRecords(bases=[ScopedModel], excluded_fields=["shared_words", "own_words"])
    objects: ClassVar = ActivityQuerySet.as_manager()
    # The reference data shared by entries that are checked together; otherwise each asks anew.
    checked_against: Frame | None = None
    shown_with = (
        "place",
        "objective__axis",
        "theme",
        "second_theme",
        "planned_action__roadmap",
    )
    followed = Followed(
        fields=(
            "type",
            "place",
            "day",
            "minutes",
            "starts_at",
            "theme",
            "second_theme",
            "objective",
            "origin",
            "outcome",
            "refusal",
            "conflict_form",
            "partner_kind",
            "consent",
            "situation",
            "planned_action",
            "internal_note",
            "summary",
        ),
        parts=(
            Parts(
                "head_counts",
                ("audience_id", "band"),
                "count",
                lambda cell, name: f"{name(Audience, cell[0])} ({AgeBand(cell[1]).label.lower()})",
            ),
        ),
        texts={"minutes": format_duration},
    )
    scope = Scope(programme="programme", place="place", dated="day")
    privacy = Privacy(
        Retention.RECORDS,
        shareable=(
            "type",
            "place",
            "day",
            "minutes",
            "objective",
            "theme",
            "second_theme",
            "outcome",
            "conflict_form",
            "summary",
            "planned_action",
        ),
        confidential=(
            "internal_note",
            "origin",
            "starts_at",
            "situation",
            "review",
            "own_words",
            "refusal",
            "partner_kind",
            "consent",
            "created_at",
            "updated_at",
        ),
        personal=("author",),
        technical=("id", "uid", "programme", "version", "shared_words"),
    )

    class Meta:
        verbose_name = "activité"
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST),
                name="activity_lasts_5_min_to_24_h",
                violation_error_message="Une activité dure entre 5 minutes et 24 heures.",
            ),
            models.CheckConstraint(
                condition=Q(type__in=ReferenceActivity.values),
                name="activity_type_of_the_norm",
                violation_error_message="Ce type d’activité n’est pas dans le référentiel.",
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["", *RequestOrigin.values]),
                name="activity_origin_known",
                violation_error_message="Cette origine n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]),
                name="activity_outcome_known",
                violation_error_message="Cette suite n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.REFUSE, refusal__in=Refusal.values)
                | ~Q(outcome=Outcome.REFUSE) & Q(refusal=""),
                name="activity_refused_for_a_reason",
                violation_error_message="Un refus ou un retrait a son motif, et lui seul.",
            ),
            models.CheckConstraint(
                condition=_of_its_type("conflict_form", ConflictForm.values),
                name="activity_form_of_a_conflict",
                violation_error_message="Seul un conflit a une forme.",
            ),
            models.CheckConstraint(
                condition=_of_its_type("partner_kind", [kind for kind, _ in PARTNER_KINDS]),
                name="activity_partner_of_a_referral",
                violation_error_message="Seule une mise en relation a un type de partenaire.",
            ),
            models.CheckConstraint(
                condition=_of_its_type("consent", Consent.values),
                name="activity_consent_to_a_referral",
                violation_error_message="L’accord se recueille pour une mise en relation.",
            ),
            models.CheckConstraint(
                condition=Q(review__in=Review.values),
                name="activity_review_known",
                violation_error_message="Cet état de relecture n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(second_theme__isnull=True)
                | (Q(theme__isnull=False) & ~Q(theme=F("second_theme"))),
                name="activity_two_different_themes",
                violation_error_message="Les deux thématiques doivent différer.",
            ),
        ]
        indexes = [
            # What figures read in one pass: all their columns, so that no row is fetched
            # (docs/decisions/0031), its key for the head counts included.
            models.Index(
                fields=[
                    "programme",
                    "day",
                    "place",
                    "minutes",
                    "type",
                    "objective",
                    "theme",
                    "second_theme",
                    "starts_at",
                    "id",
                ],
                name="activity_figures",
            ),
            models.Index(fields=["place", "day"], name="activity_by_place"),
            models.Index(fields=["author", "day"], name="activity_by_author"),
            models.Index(
                fields=["programme", "day"],
                condition=Q(review="pending"),
                name="activity_to_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}, {self.day:%d/%m/%Y}"

    @property
    def reference(self) -> ReferenceActivity:
        return ReferenceActivity(self.type)

    def clean(self) -> None:
        require_same_programme(
            self.programme_id,
            place=getattr(self, "place", None),
            objective=self.objective,
            theme=self.theme,
            second_theme=self.second_theme,
            situation=self.situation,
            planned_action=self.planned_action,
        )
        must_be_in_term(self.checked_against or Frame(self.programme_id), self.day)
        self._say_what_its_type_has()

    def _say_what_its_type_has(self) -> None:
        """As the constraints have it, in words and beside the field."""
        faults = {
            name: f"Ne se note que pour « {type_.short} »."
            for name, type_ in ONLY_OF.items()
            if getattr(self, name) and self.type != type_
        }
        if self.outcome == Outcome.REFUSE and not self.refusal:
            faults["refusal"] = "Dites pourquoi : toute demande refusée a une réponse."
        elif self.refusal and self.outcome != Outcome.REFUSE:
            faults["refusal"] = "Ce motif ne va qu’avec la suite « Refusé ou retiré »."
        if faults:
            raise ValidationError(faults)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.keep_words()
        super().save(*args, **kwargs)

    def keep_words(self) -> None:
        """Makes what a search reads true; every way of writing calls it."""
        self.shared_words = fold(self.shared_summary)
        self.own_words = fold(f"{self.summary} {self.internal_note}")

    @property
    def shared_summary(self) -> str:
        """What partners read: nothing while the text seems to identify somebody (R25)."""
        return "" if self.review == Review.PENDING else self.summary

    @property
    def themes(self) -> list[Theme]:
        return [theme for theme in (self.theme, self.second_theme) if theme is not None]

    def may_be_changed_by(self, membership: Membership) -> bool:
        """Its author, or the coordination; each change leaves its trace."""
        if membership.may(Right.CORRECT_ACTIVITIES):
            return True
        return membership.may(Right.LOG_ACTIVITIES) and self.author_id == membership.user_id


class HeadCount(ScopedModel):
    """How many people of one audience and band an activity met; never who (R8).

    Cells are exclusive: a sum counts nobody twice within an activity.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="head_counts")
    audience = models.ForeignKey(
        Audience, models.RESTRICT, related_name="head_counts", verbose_name="public"
    )
    band = models.CharField(
        "tranche d’âge", max_length=8, choices=AgeBand, default=AgeBand.NON_PRECISE
    )
    count = models.PositiveSmallIntegerField(
        "personnes", validators=[MaxValueValidator(2000, "Au plus 2 000 personnes.")]
    )
    history = HistoricalRecords(bases=[ScopedModel])

    scope = Scope(programme="activity__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("audience", "band", "count"),
        technical=("id", "activity"),
    )

    class Meta:
        verbose_name = "public rencontré"
        ordering = ["audience__rank", "band"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "audience", "band"],
                name="head_count_cell_once",
                violation_error_message="Ce public et cette tranche d’âge sont déjà comptés.",
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1, count__lte=2000),
                name="head_count_from_1_to_2000",
                violation_error_message="Comptez entre 1 et 2 000 personnes.",
            ),
            models.CheckConstraint(
                condition=Q(band__in=AgeBand.values),
                name="head_count_band_known",
                violation_error_message="Cette tranche d’âge n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.audience}"

    def clean(self) -> None:
        require_same_programme(self.activity.programme_id, audience=self.audience)

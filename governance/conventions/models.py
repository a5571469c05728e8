"""The programme, its conventions, the parties that sign them and the money (I, VII)."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from governance.base import Dated, DatedQuerySet, require_same_programme
from governance.parties.models import Party, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel


class ConventionQuerySet(DatedQuerySet):
    def in_force(self, on: date) -> "Convention | None":
        row: Any = self.on(on).first()
        return row


class Convention(Dated):
    """The programme's agreement for a term; a record's date says which one is in force."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="conventions")
    slug = models.SlugField("identifiant", max_length=60)
    name = models.CharField("nom", max_length=160)
    operator = models.ForeignKey(
        Party, models.RESTRICT, related_name="operated", verbose_name="opérateur"
    )
    cost = models.DecimalField("coût global net de TVA (€)", max_digits=10, decimal_places=2)
    yearly_hours = models.PositiveIntegerField("heures par an", default=1607)
    weekly_hours = models.DecimalField(
        "heures par semaine", max_digits=4, decimal_places=1, default=Decimal(35)
    )
    mediators = models.PositiveSmallIntegerField("médiateurs", default=1)
    supervision = models.CharField("encadrement", max_length=120, blank=True)
    signed_on = models.DateField("signée le", null=True, blank=True)
    is_invented = models.BooleanField("convention inventée", default=False)

    objects: ClassVar[Any] = ConventionQuerySet.as_manager()
    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=(
            "slug", "name", "operator", "cost", "yearly_hours", "weekly_hours", "mediators",
            "supervision", "signed_on", "is_invented", "starts", "ends",
        ),
        technical=("id", "programme"),
    )  # fmt: skip

    class Meta(Dated.Meta):
        verbose_name = "convention"
        ordering = ["-starts"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "slug"], name="convention_slug_once"),
            models.CheckConstraint(
                condition=Q(cost__gte=0),
                name="convention_cost_positive",
                violation_error_message="Le coût ne peut pas être négatif.",
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=False),
                name="convention_has_a_term",
                violation_error_message="Une convention a un terme : indiquez sa date de fin.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        """Unsigned, it is a draft (R4)."""
        return self.signed_on is None

    def clean(self) -> None:
        operator = getattr(self, "operator", None)
        require_same_programme(self.programme_id, operator=operator)
        if operator is not None and not operator.is_operator:
            raise ValidationError({"operator": "Cette partie n’est pas un opérateur de médiation."})
        if self.starts and self.ends:
            others = Convention.objects.filter(
                programme_id=self.programme_id, starts__lte=self.ends, ends__gte=self.starts
            ).exclude(pk=self.pk)
            if other := others.first():
                raise ValidationError(
                    {"starts": f"Les dates recouvrent celles de la convention « {other} »."}
                )

    def financing(self) -> dict[str, object]:
        """Both sums of the financing, and what the text leaves unstated (R87–R90).

        Euros. `to_operator` sums what is paid to the operator directly; `gap` is the part of the
        cost that no line pays to it.
        """
        lines = list(self.contributions.select_related("payer", "payee"))
        total = sum((line.amount for line in lines), Decimal(0))
        direct = sum(
            (line.amount for line in lines if line.payee_id == self.operator_id), Decimal(0)
        )
        return {
            "lines": lines,
            "total": total,
            "to_operator": direct,
            "gap": self.cost - direct,
            "unfunded": self.cost - total,
        }


class Signatory(ScopedModel):
    """A party's signature of one convention (R1–R4, R92, R93)."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="signatories")
    party = models.ForeignKey(Party, models.RESTRICT, related_name="signatures")
    represented_by = models.CharField("représentée par", max_length=120)
    deliberation = models.CharField("délibérations", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField("ordre", default=0)

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("party", "represented_by", "deliberation", "rank"),
        technical=("id", "convention"),
    )

    class Meta:
        verbose_name = "signataire"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "party"],
                name="signatory_once",
                violation_error_message="Cette partie signe déjà la convention.",
            )
        ]

    def clean(self) -> None:
        require_same_programme(self.convention.programme_id, party=self.party)


class Contribution(ScopedModel):
    """Who pays whom, how much (R88–R91); the text calls each a *subvention*."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="contributions")
    payer = models.ForeignKey(Party, models.RESTRICT, related_name="paid", verbose_name="verse")
    payee = models.ForeignKey(
        Party, models.RESTRICT, related_name="received", verbose_name="reçoit"
    )
    amount = models.DecimalField("montant (€)", max_digits=10, decimal_places=2)
    paid_on = models.DateField("versée le", null=True, blank=True)

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        shareable=("payer", "payee", "amount", "paid_on"),
        technical=("id", "convention"),
    )

    class Meta:
        verbose_name = "financement"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="contribution_positive",
                violation_error_message="Le montant doit être positif.",
            ),
            models.CheckConstraint(
                condition=~Q(payer=F("payee")),
                name="contribution_to_another",
                violation_error_message="Une partie ne se verse rien à elle-même.",
            ),
            models.UniqueConstraint(
                fields=["convention", "payer", "payee"], name="contribution_once"
            ),
        ]

    def clean(self) -> None:
        require_same_programme(self.convention.programme_id, payer=self.payer, payee=self.payee)


class ProvisionKind(models.TextChoices):
    MEANS = "means", "Moyen"
    COMMITMENT = "commitment", "Engagement"


class Provision(ScopedModel):
    """A means that a party provides, or a commitment of all (R39–R46, R83–R86)."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="provisions")
    kind = models.CharField("nature", max_length=12, choices=ProvisionKind)
    party = models.ForeignKey(
        Party, models.RESTRICT, null=True, blank=True, related_name="provisions"
    )
    text = models.CharField("texte", max_length=300)
    rank = models.PositiveSmallIntegerField("ordre", default=0)

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("kind", "party", "text", "rank"),
        technical=("id", "convention"),
    )

    class Meta:
        verbose_name = "moyen ou engagement"
        ordering = ["kind", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "kind", "party", "text"], name="provision_once"
            )
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        require_same_programme(self.convention.programme_id, party=self.party)

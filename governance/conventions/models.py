"""The programme, its conventions, the parties that sign them and the money (I, VII)."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, TypedDict

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Sum

from governance.access.models import Membership
from governance.base import Dated, DatedQuerySet, require_same_programme
from governance.parties.models import Party, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from humanicite.templatetags.french import euros


class Financing(TypedDict):
    """The money of a convention, in euros; what each sum is, `Convention.financing` says."""

    lines: "list[Contribution]"
    total: Decimal
    to_operator: Decimal
    gap: Decimal
    unfunded: Decimal


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
    norm = models.CharField("norme professionnelle", max_length=120, blank=True)
    charter = models.CharField("charte déontologique", max_length=200, blank=True)
    background = models.TextField("historique", max_length=4000, blank=True)
    not_replaced = models.TextField(
        "ce que la médiation ne remplace pas", max_length=2000, blank=True
    )
    finances_by = models.ForeignKey(
        Party,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="finances",
        verbose_name="porte les finances",
    )
    finances_since = models.DateField("depuis le", null=True, blank=True)
    signed_on = models.DateField("signée le", null=True, blank=True)
    signing_place = models.CharField("fait à", max_length=120, blank=True)
    originals = models.PositiveSmallIntegerField("exemplaires originaux", null=True, blank=True)
    renews = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="renewal",
        verbose_name="reconduit",
    )
    # Of the whole text: a change of its money or its means is a change of the convention.
    version = models.PositiveIntegerField("version", default=1, editable=False)
    last_form = models.UUIDField("dernière saisie", null=True, editable=False)
    is_invented = models.BooleanField("convention inventée", default=False)

    objects: ClassVar = ConventionQuerySet.as_manager()
    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=(
            "slug",
            "name",
            "operator",
            "cost",
            "yearly_hours",
            "weekly_hours",
            "mediators",
            "supervision",
            "norm",
            "charter",
            "background",
            "not_replaced",
            "finances_by",
            "finances_since",
            "signed_on",
            "signing_place",
            "originals",
            "renews",
            "is_invented",
            "starts",
            "ends",
        ),
        technical=("id", "programme", "version", "last_form"),
    )

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
            models.CheckConstraint(
                condition=Q(finances_by__isnull=True, finances_since__isnull=True)
                | Q(finances_by__isnull=False, finances_since__isnull=False),
                name="convention_finances_since",
                violation_error_message="Dites qui porte les finances et depuis quand : l’un ne "
                "va pas sans l’autre.",
            ),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=False) | Q(signing_place=""),
                name="convention_signed_somewhere",
                violation_error_message="Un projet n’a pas encore de lieu de signature.",
            ),
            models.CheckConstraint(
                condition=Q(originals__isnull=True) | Q(originals__gte=1),
                name="convention_has_an_original",
                violation_error_message="Une convention a au moins un original.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date:
        """The end of its term, which a constraint makes sure of."""
        return self.ends or self.starts

    @property
    def is_draft(self) -> bool:
        """Unsigned, it is a draft (R4)."""
        return self.signed_on is None

    def clean(self) -> None:
        operator = getattr(self, "operator", None)
        require_same_programme(
            self.programme_id, operator=operator, finances_by=self.finances_by, renews=self.renews
        )
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
        if self.pk is not None and self.cost is not None and self.cost >= 0:
            paid = self.contributions.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
            if paid > self.cost:
                raise ValidationError(
                    {"cost": f"Les subventions, {euros(paid)}, dépasseraient ce coût."}
                )

    def financing(self) -> "Financing":
        """Both sums of the financing, and what the text leaves unstated (R87–R90).

        Euros. `to_operator` sums what is paid to the operator directly; `gap` is the part of the
        cost that no line pays to it.
        """
        lines = list(
            self.contributions.select_related("payer", "payee").prefetch_related("instalments")
        )
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
    represented_by = models.CharField("représentée par, en qualité de", max_length=120)
    # As the text says it: a party may move afterwards. Empty, it is the party's own.
    head_office = models.CharField("siège dans le texte", max_length=200, blank=True)
    deliberation = models.CharField("délibérations", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField("ordre", default=0)

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("party", "represented_by", "head_office", "deliberation", "rank"),
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

    def __str__(self) -> str:
        return f"{self.party}, {self.represented_by}"

    @property
    def office(self) -> str:
        return self.head_office or self.party.address

    def clean(self) -> None:
        require_same_programme(self.convention.programme_id, party=getattr(self, "party", None))


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
                fields=["convention", "payer", "payee"],
                name="contribution_once",
                violation_error_message="Cette partie verse déjà à l’autre : une seule ligne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} → {self.payee}"

    def clean(self) -> None:
        payer, payee = getattr(self, "payer", None), getattr(self, "payee", None)
        require_same_programme(self.convention.programme_id, payer=payer, payee=payee)
        others = Contribution.objects.filter(convention=self.convention).exclude(pk=self.pk)
        left = self.convention.cost - sum((row.amount for row in others), Decimal(0))
        if self.amount is not None and self.amount > left:
            raise ValidationError({"amount": beyond_cost(self.amount - left)})
        due = [row.amount for row in self.instalments.all()] if self.pk is not None else []
        if self.amount is not None and due and sum(due) != self.amount:
            raise ValidationError({"amount": unlike_amount(sum(due, Decimal(0)), self.amount)})
        if due and self.paid_on is not None:
            raise ValidationError({"paid_on": "Avec des échéances, chacune dit sa date."})

    def paid(self) -> Decimal:
        """What has been paid, in euros: each instalment counts for itself."""
        rows = list(self.instalments.all())
        if rows:
            return sum((row.amount for row in rows if row.paid_on), Decimal(0))
        return self.amount if self.paid_on else Decimal(0)


def beyond_cost(over: Decimal) -> str:
    return f"Les subventions dépasseraient le coût de la convention, de {euros(over)}."


def unlike_amount(due: Decimal, amount: Decimal) -> str:
    return f"Les échéances font {euros(due)}, la subvention {euros(amount)}."


class Instalment(ScopedModel):
    """A part of a contribution, due on a day and paid on one."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="instalments")
    amount = models.DecimalField("montant (€)", max_digits=10, decimal_places=2)
    due_on = models.DateField("à verser le")
    paid_on = models.DateField("versée le", null=True, blank=True)

    scope = Scope(programme="contribution__convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        shareable=("amount", "due_on", "paid_on"),
        technical=("id", "contribution"),
    )

    class Meta:
        verbose_name = "échéance"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="instalment_positive",
                violation_error_message="Le montant doit être positif.",
            ),
            models.UniqueConstraint(
                fields=["contribution", "due_on"],
                name="instalment_once_a_day",
                violation_error_message="Une échéance est déjà prévue ce jour-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"{euros(self.amount)} le {self.due_on:%d/%m/%Y}"

    def is_late(self, on: date) -> bool:
        return self.paid_on is None and self.due_on < on


class ProvisionKind(models.TextChoices):
    MEANS = "means", "Moyen"
    COMMITMENT = "commitment", "Engagement"


class ProvisionState(models.TextChoices):
    PROVIDED = "provided", "Fourni"
    PARTIAL = "partial", "Partiel"
    MISSING = "missing", "Manquant"


class Provision(ScopedModel):
    """A means that a party provides, or a commitment of all (R39–R46, R83–R86)."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="provisions")
    kind = models.CharField("nature", max_length=12, choices=ProvisionKind)
    party = models.ForeignKey(
        Party, models.RESTRICT, null=True, blank=True, related_name="provisions"
    )
    text = models.CharField("texte", max_length=300)
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    state = models.CharField("état", max_length=8, choices=ProvisionState, blank=True)
    state_since = models.DateField("depuis le", null=True, blank=True)
    remark = models.CharField("remarque", max_length=200, blank=True)

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("kind", "party", "text", "rank"),
        shareable=("state", "state_since", "remark"),
        technical=("id", "convention"),
    )

    class Meta:
        verbose_name = "moyen ou engagement"
        ordering = ["kind", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "kind", "party", "text"],
                name="provision_once",
                violation_error_message="Ce texte est déjà dans la convention.",
            ),
            models.CheckConstraint(
                condition=Q(state="", state_since__isnull=True, remark="")
                | (~Q(state="") & Q(state_since__isnull=False, kind=ProvisionKind.MEANS)),
                name="provision_state_since",
                violation_error_message="Seul un moyen a un état ; dites depuis quand.",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        require_same_programme(self.convention.programme_id, party=self.party)


class Acceptance(ScopedModel):
    """Somebody of the operator's staff took the norm, the charter and discretion upon them (R20–R25).

    Others read a function and a date, never who.
    """

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="acceptances")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="acceptances")
    function = models.CharField("fonction", max_length=120)
    accepted_on = models.DateField("acceptée le")

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        shareable=("function", "accepted_on"),
        personal=("membership",),
        technical=("id", "convention"),
    )

    class Meta:
        verbose_name = "acceptation de la charte"
        ordering = ["accepted_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "membership"],
                name="acceptance_once",
                violation_error_message="La charte est déjà acceptée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.function}, le {self.accepted_on:%d/%m/%Y}"

    def clean(self) -> None:
        require_same_programme(self.convention.programme_id, membership=self.membership)
        if not self.membership.is_operator:
            raise ValidationError("La charte est acceptée par les personnels de l’opérateur.")


class ConventionVersion(ScopedModel):
    """The text as it was signed (number 1), then as each amendment made it; never changed.

    `terms` are the lines of `terms_of`, as they stood.
    """

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField("numéro")
    day = models.DateField("du")
    text = models.TextField("ce que dit l’avenant", max_length=2000, blank=True)
    terms = models.JSONField("termes")

    scope = Scope(programme="convention__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("number", "day", "text"),
        shareable=("terms",),
        technical=("id", "convention"),
    )
    shown_with = ("convention",)

    class Meta:
        verbose_name = "version de la convention"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["convention", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(text=""),
                name="amendment_says_what",
                violation_error_message="Un avenant dit ce qu’il change.",
            ),
        ]

    def __str__(self) -> str:
        return "Texte signé" if self.number == 1 else f"Avenant n° {self.number - 1}"

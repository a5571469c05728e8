"""The list of signalements: its tabs, its filters, and what a row shows of one."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from governance.models import Membership, Party, Perimeter, Place
from governance.rights import Right
from humanicite.lib.forms import grouped
from humanicite.lib.narrowing import (
    NONE,
    AsOf,
    Choice,
    Flag,
    FromDay,
    Narrowing,
    OneRow,
    OneRowOrNone,
    Search,
    Span,
    UntilDay,
)
from humanicite.lib.text import singular
from mediation.activities.models import Consent
from mediation.frame.vocabulary import Vocabulary, indented

from .models.recipients import Recipient
from .models.signalements import (
    LONG_OPEN,
    OPEN,
    Signalement,
    SignalementQuerySet,
    SignalementState,
    Urgency,
    past_due,
)
from .past import gave, stood

# What a figure counts that no state says.
SIGNED, SAID, CLOSED, LONG = "accuse", "repondu", "clos", "longtemps"
SEQUELS = (
    (SIGNED, "accusé de réception"),
    (SAID, "répondu"),
    (CLOSED, "clos, résolu ou non"),
    (LONG, f"ouvert depuis plus de {LONG_OPEN}\N{NO-BREAK SPACE}jours"),
)
WAITING, GOING, DONE, DRAFTS, ALL = "sans-reponse", "en-cours", "resolus", "brouillons", "tous"
# Tabs: (value, label, states); every state but a draft's stands in one of the first three.
TABS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (WAITING, "Sans réponse", (SignalementState.ENVOYE,)),
    (
        GOING,
        "En cours",
        (
            SignalementState.ACCUSE,
            SignalementState.PRIS_EN_CHARGE,
            SignalementState.RESOLU_DECLARE,
            SignalementState.REORIENTE,
        ),
    ),
    (
        DONE,
        "Résolus",
        (SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU, SignalementState.ANNULE),
    ),
    (DRAFTS, "Brouillons", (SignalementState.BROUILLON,)),
)
STATES_OF = {value: states for value, _, states in TABS}


def tab_of(state: str) -> str:
    return next(value for value, states in STATES_OF.items() if state in states)


class SignalementFilter(Narrowing):
    """What a list of signalements is narrowed to; choices are those that the reader may see."""

    ROUTE = "signalements"
    BESIDE: ClassVar[dict[str, tuple[str, ...]]] = {"onglet": (*STATES_OF, ALL)}

    q = Search("Mot ou numéro", method="by_words")
    periode = Span("Envoyé", "sent_at", every="À toute date", of_moments=True)
    du = FromDay("Du", "sent_at", of_moments=True)
    au = UntilDay("Au", "sent_at", of_moments=True)
    lieu = OneRow("Lieu", method="by_place")
    theme = OneRowOrNone("Thématique", "theme")
    partie = OneRow("Destinataire", method="by_recipient")
    urgence = Choice("Urgence", Urgency.choices, every="Toutes", field_name="urgency")
    etat = Choice("État", SignalementState.choices, field_name="then_state")
    accord = Choice("Accord recueilli", Consent.choices, field_name="consent")
    retard = Flag("En retard", "l’échéance est passée", method="by_overdue")
    # Of a figure's link: shown once set, and let go like the others.
    perimetre = OneRow("Périmètre", method="by_perimeter", widget=forms.HiddenInput)
    suite = Choice("Suite", SEQUELS, method="by_sequel", widget=forms.HiddenInput)
    sans_confidentiels = Flag(
        "Sans les confidentiels",
        "confidentiels laissés de côté",
        method="by_open_course",
        widget=forms.HiddenInput,
    )
    # The other filters, and what is shown of each row, are then of that evening.
    tels_au = AsOf("Tels qu’ils étaient au soir du")

    class Meta:
        model = Signalement
        fields: ClassVar[list[str]] = []

    def __init__(self, data: QueryDict | None, *, membership: Membership, today: date) -> None:
        super().__init__(data, membership=membership, today=today)
        self.names = Vocabulary(membership)
        self.is_team = membership.may(Right.WRITE_SIGNALEMENTS)
        if not self.is_team:
            del self.filters["accord"]

    def make_offers(self) -> None:
        names = self.names
        themes = grouped((theme.group, theme) for theme in names.themes.values())
        self.offer("lieu", names.places, [("", "Tous"), *indented(names.places.values())])
        self.offer("theme", names.themes, [("", "Toutes"), (NONE, "Sans thématique"), *themes])
        self.offer("perimetre", names.perimeters, [])
        parties = [(row.pk, row.name) for row in names.parties.values()]
        self.offer("partie", names.parties, [("", "Tous"), *parties])
        if not self.is_team:
            self.withhold("etat", SignalementState.BROUILLON)

    @cached_property
    def then(self) -> date | None:
        """The day at whose end the signalements are told; None: now."""
        self.is_valid()
        day: date | None = self.cleaned_data.get("tels_au")
        return day if day and day < self.today else None

    def narrow(self, rows: SignalementQuerySet) -> Any:  # type: ignore[override]  # no other rows
        return super().narrow(stood(rows, self.then))

    def by_words(self, rows: QuerySet, name: str, words: list[str]) -> QuerySet:
        for word in words:
            found = Q(words__contains=singular(word))
            if word.isdecimal() and len(word) < 7:
                found |= Q(number=int(word)) | Q(year=int(word))
            rows = rows.filter(found)
        return rows

    def by_place(self, rows: SignalementQuerySet, name: str, place: Place) -> SignalementQuerySet:
        beneath = [pk for pk, one in self.names.places.items() if one.path.startswith(place.path)]
        return rows.filter(place__in=beneath)

    def by_recipient(
        self, rows: SignalementQuerySet, name: str, party: Party
    ) -> SignalementQuerySet:
        return rows.filter(pk__in=self._recipients(party=party))

    def by_perimeter(
        self, rows: SignalementQuerySet, name: str, perimeter: Perimeter
    ) -> SignalementQuerySet:
        return rows.within(perimeter)

    def by_sequel(self, rows: SignalementQuerySet, name: str, value: str) -> SignalementQuerySet:
        if value == CLOSED:
            return rows.filter(
                then_state__in=(SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU)
            )
        if value == LONG:
            before = (self.then or self.today) - timedelta(days=LONG_OPEN)
            return rows.filter(then_state__in=OPEN, sent_at__date__lt=before)
        moment = "acknowledged_at" if value == SIGNED else "answered_at"
        rows = rows.exclude(then_state=SignalementState.ANNULE)
        return rows.filter(gave(moment, self.membership, self.then))

    def by_open_course(
        self, rows: SignalementQuerySet, name: str, value: bool
    ) -> SignalementQuerySet:
        return rows.filter(is_confidential=False)

    def by_overdue(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.filter(past_due(self.then or self.today, of="then_"))

    def _recipients(self, **which: object) -> object:
        """Keys of the signalements with such an addressee, as far as the reader sees addressees."""
        seen = Recipient.objects.visible_to(self.membership)
        return seen.filter(**which).values("signalement")


def in_order(rows: SignalementQuerySet, tab: str, membership: Membership) -> Any:
    """What waits longest first; for who answers, what waits for them before all else."""
    if tab == DRAFTS:
        return rows.order_by("-updated_at", "-pk")
    if tab == DONE:
        return rows.order_by("-closed_on", "-pk")
    if tab == ALL:
        return rows.order_by("-created_at", "-pk")
    if membership.may(Right.ANSWER_SIGNALEMENTS):
        return rows.order_by("-is_awaited", "due_on", "pk")
    return rows.order_by("due_on", "pk")

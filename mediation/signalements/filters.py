"""The list of signalements: its tabs, its filters, and what a row shows of one."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q

from governance.models import Membership, Perimeter, Place, Theme
from governance.rights import Right
from humanicite.lib.forms import DayInput, grouped
from humanicite.lib.narrowing import (
    LONGEST_SEARCH,
    NONE,
    LeanSelect,
    Narrowing,
    RowOrNone,
    choice_field,
    spans,
)
from humanicite.lib.text import singular
from mediation.frame.vocabulary import Vocabulary, indented

from .models.recipients import Recipient
from .models.signalements import LONG_OPEN, OPEN, SignalementQuerySet, SignalementState, Urgency

# What a figure counts that no state says.
SIGNED, SAID, CLOSED, LONG = "accuse", "repondu", "clos", "longtemps"
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


def awaits(membership: Membership) -> Q:
    """Signalements to which a reader's party is an addressee and has said nothing yet."""
    mine = Recipient.objects.filter(signalement=OuterRef("pk"), party=membership.party_id)
    return (
        Q(
            state__in=(
                SignalementState.ENVOYE,
                SignalementState.ACCUSE,
                SignalementState.PRIS_EN_CHARGE,
            )
        )
        & Q(Exists(mine.filter(successor=None)))
        & ~Q(Exists(mine.exclude(reply="")))
    )


class SignalementFilter(Narrowing):
    """What a list of signalements is narrowed to; choices are those that the reader may see."""

    q = forms.CharField(
        label="Recherche",
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(
            {"type": "search", "maxlength": LONGEST_SEARCH, "placeholder": "Mot ou numéro"}
        ),
        error_messages={"max_length": f"Cherchez avec {LONGEST_SEARCH} caractères au plus."},
    )
    periode = forms.ChoiceField(label="Envoyé", required=False, widget=LeanSelect)
    du = forms.DateField(label="Du", required=False, widget=DayInput)
    au = forms.DateField(label="Au", required=False, widget=DayInput)
    lieu = choice_field("Lieu")
    theme = choice_field("Thématique", RowOrNone)
    partie = choice_field("Destinataire")
    urgence = forms.ChoiceField(
        label="Urgence",
        required=False,
        widget=LeanSelect,
        choices=[("", "Toutes"), *Urgency.choices],
    )
    etat = forms.ChoiceField(label="État", required=False, widget=LeanSelect)
    retard = forms.BooleanField(
        label="En retard",
        help_text="l’échéance est passée",
        required=False,
    )
    # Of a figure's link: shown once set, and let go like the others.
    perimetre = choice_field("Périmètre")
    suite = forms.ChoiceField(
        label="Suite", required=False, widget=forms.HiddenInput,
        choices=[
            (SIGNED, "accusé de réception"), (SAID, "répondu"), (CLOSED, "clos, résolu ou non"),
            (LONG, f"ouvert depuis plus de {LONG_OPEN} jours"),
        ],
    )  # fmt: skip

    sans_confidentiels = forms.BooleanField(
        label="Sans les confidentiels", required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, membership: Membership, today: date) -> None:
        super().__init__(data)
        self.membership, self.today = membership, today
        self.names = Vocabulary(membership)
        self.is_team = membership.may(Right.WRITE_SIGNALEMENTS)
        self.spans = spans(today)
        names, fields = self.names, self.fields
        fields["periode"].choices = [  # type: ignore[attr-defined]
            ("", "À toute date"),
            *((key, label) for key, (label, _, _) in self.spans.items()),
        ]
        fields["etat"].choices = [  # type: ignore[attr-defined]
            ("", "Tous"),
            *(
                (value, label)
                for value, label in SignalementState.choices
                if self.is_team or value != SignalementState.BROUILLON
            ),
        ]
        offers: dict[str, tuple[dict[int, Any], list[Any]]] = {
            "lieu": (names.places, [("", "Tous"), *indented(names.places.values())]),
            "theme": (
                names.themes,
                [
                    ("", "Toutes"),
                    (NONE, "Sans thématique"),
                    *grouped((theme.group, theme) for theme in names.themes.values()),
                ],
            ),
            "perimetre": (names.perimeters, []),
            "partie": (
                names.parties,
                [("", "Tous"), *((row.pk, row.name) for row in names.parties.values())],
            ),
        }
        for name, (rows, choices) in offers.items():
            field: Any = fields[name]
            field.rows, field.choices = (lambda known=rows: known), choices
        fields["perimetre"].widget = forms.HiddenInput()

    def _by_q(self, rows: Any, words: list[str]) -> Any:
        for word in words:
            found = Q(words__contains=singular(word))
            if word.isdecimal() and len(word) < 7:
                found |= Q(number=int(word)) | Q(year=int(word))
            rows = rows.filter(found)
        return rows

    def _by_periode(self, rows: Any, key: str) -> Any:
        _, first, last = self.spans[key]
        return rows.filter(sent_at__date__gte=first, sent_at__date__lte=last)

    def _by_du(self, rows: Any, day: date) -> Any:
        return rows.filter(sent_at__date__gte=day)

    def _by_au(self, rows: Any, day: date) -> Any:
        return rows.filter(sent_at__date__lte=day)

    def _by_lieu(self, rows: Any, place: Place) -> Any:
        beneath = [pk for pk, one in self.names.places.items() if one.path.startswith(place.path)]
        return rows.filter(place__in=beneath)

    def _by_theme(self, rows: Any, theme: Theme | str) -> Any:
        return rows.filter(theme=None) if theme == NONE else rows.filter(theme=theme)

    def _by_partie(self, rows: Any, party: Any) -> Any:
        """Addressed to a party, as far as the reader sees addressees."""
        seen = Recipient.objects.visible_to(self.membership).filter(party=party)
        return rows.filter(pk__in=seen.values("signalement"))

    def _by_urgence(self, rows: Any, value: str) -> Any:
        return rows.filter(urgency=value)

    def _by_etat(self, rows: Any, value: str) -> Any:
        return rows.filter(state=value)

    def _by_perimetre(self, rows: Any, perimeter: Perimeter) -> Any:
        return rows.within(perimeter)

    def _by_suite(self, rows: Any, value: str) -> Any:
        if value == CLOSED:
            return rows.filter(
                state__in=(SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU)
            )
        if value == LONG:
            before = self.today - timedelta(days=LONG_OPEN)
            return rows.filter(state__in=OPEN, sent_at__date__lt=before)
        moment = "acknowledged_at" if value == SIGNED else "answered_at"
        gave = Recipient.objects.filter(signalement=OuterRef("pk"), **{f"{moment}__isnull": False})
        return rows.exclude(state=SignalementState.ANNULE).filter(Exists(gave))

    def _by_sans_confidentiels(self, rows: Any, value: bool) -> Any:
        return rows.filter(is_confidential=False)

    def _by_retard(self, rows: Any, value: bool) -> Any:
        return rows.overdue(self.today)


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

"""What is typed about indicators."""

import re
import uuid
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from governance.base import is_current
from governance.models import (
    Axis,
    CommitteeKind,
    Meeting,
    MeetingState,
    Membership,
    Perimeter,
)
from humanicite.lib.dates import NBSP, NNBSP
from humanicite.lib.forms import (
    CHOOSE,
    NO_SUCH_DAY,
    DayInput,
    KnownRow,
    KnownRows,
    grouped,
    named_choices,
    own_field,
    target,
)
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity
from reporting.figures.facts import Unit
from reporting.figures.measures import MEASURES, Measure
from reporting.periods import Period

from .catalogue import BY_HAND, Ready
from .models import (
    Counted,
    Definition,
    DefinitionState,
    Direction,
    HandValue,
    UnitName,
    period_error,
)

HAND = "main"  # of the list of measures: none of the catalogue
SURVEYS = ("I4", "I5")
FILTERS = ("type", "axis", "objective", "theme", "audience", "place")
# What may stand after a number, by what it means.
_UNITS = {
    "h": Unit.HOURS, "heure": Unit.HOURS, "heures": Unit.HOURS, "%": Unit.PERCENT,
    "pour cent": Unit.PERCENT, "j": Unit.DAYS, "jour": Unit.DAYS, "jours": Unit.DAYS,
    "jour ouvré": Unit.WORKING_DAYS, "jours ouvrés": Unit.WORKING_DAYS, "€": Unit.EUROS,
    "euro": Unit.EUROS, "euros": Unit.EUROS, "sur 5": Unit.SCORE, "/5": Unit.SCORE,
}  # fmt: skip
_QUANTITY = re.compile(r"([-−+]?\d[\d ]*(?:[.,]\d{1,2})?)\s*(.*)")
MOST = Decimal("9999999")


class Faults(forms.BaseForm):
    @property
    def faults(self) -> list[tuple[str, str]]:
        """(id of the control, message) of every fault, in the order of the page."""
        found = [("", str(message)) for message in self.non_field_errors()]
        for bound in self:
            found += [(target(bound), str(error)) for error in bound.errors]
        return found


class QuantityField(forms.CharField):
    """A number with the unit that somebody may have typed after it: (number, unit or None)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(required=False, max_length=40, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        bare = re.sub(rf"[{NBSP}{NNBSP}\s]+", " ", text).strip().lower()
        match = _QUANTITY.fullmatch(bare)
        unit = match and match[2].strip()
        if match is None or (unit and unit not in _UNITS):
            raise ValidationError(
                f"«{NBSP}{text[:30]}{NBSP}» n’est pas un nombre{NBSP}: écrivez 70 ou 12,5."
            )
        number = Decimal(match[1].replace(" ", "").replace("−", "-").replace(",", "."))
        if abs(number) > MOST:
            raise ValidationError("Ce nombre est trop grand.")
        return number, _UNITS.get(str(unit)) if unit else None


def fits(given: tuple[Decimal, Unit | None], unit: str, code: str = "") -> str:
    """Why a number is none of a unit, or ''."""
    number, typed = given
    label = UnitName(unit).label.lower()
    same_days = {typed, unit} <= {Unit.DAYS, Unit.WORKING_DAYS}
    if typed is not None and typed != unit and not same_days:
        return (
            f"L’unité de l’indicateur est «{NBSP}{label}{NBSP}»{NBSP}: cette valeur est en "
            f"«{NBSP}{typed.value}{NBSP}»."
        )
    if unit == Unit.PERCENT:
        if 0 < abs(number) < 1 and typed is None:
            meant = f"{(number * 100).normalize():f}".replace(".", ",")
            return f"Écrivez un pourcentage{NBSP}: {meant}{NBSP}% plutôt que {number}."
        # A change runs below zero; what comes back may outnumber what was closed.
        if code not in ("I1", "S8") and not 0 <= number <= 100:
            return f"Un pourcentage va de 0 à 100{NBSP}%."
    elif unit == Unit.SCORE and not 1 <= number <= 5:
        return "Une note va de 1 à 5."
    elif number < 0:
        return "Cette valeur ne peut pas être négative."
    return ""


def written(value: Decimal | None) -> str:
    """A number as it is typed: « 12,5 »."""
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


class DefinitionForm(Faults, forms.ModelForm):
    """A version of an indicator. `measure` without a code: entered by hand."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    measure = forms.ChoiceField(
        label="Mesure", error_messages={"required": "Choisissez ce qui est compté."},
        help_text=f"Ce qui est compté. Les détails de chacune sont dans «{NBSP}Les mesures"
        f"{NBSP}», à la fin de cette page.",
    )  # fmt: skip
    unit = forms.ChoiceField(
        label="Unité", required=False, choices=[("", "Celle de la mesure"), *UnitName.choices],
        help_text="À choisir pour une valeur saisie à la main.",
    )  # fmt: skip
    aggregation = forms.ChoiceField(
        label="Agrégation", required=False,
        choices=[("", "Celle qui convient à la mesure"), *Counted.choices],
        help_text="Comment une période plus longue se déduit des mois.",
    )  # fmt: skip
    type = forms.ChoiceField(
        label="Activité de référence", required=False,
        choices=[("", "Toutes"), *ReferenceActivity.choices],
    )  # fmt: skip
    axis = KnownRow(label="Axe", required=False)
    objective = KnownRow(label="Objectif", required=False)
    theme = KnownRow(label="Thématique", required=False)
    audience = KnownRow(label="Public", required=False)
    place = KnownRow(label="Lieu", required=False)
    serves = KnownRow(label="Objectif de la convention qu’il éclaire", required=False)
    target = QuantityField(
        label="Cible", help_text="Dans l’unité de la mesure : 70 %, 110 h, 3 jours."
    )
    baseline = QuantityField(label="Valeur de départ")

    class Meta:
        model = Definition
        fields: ClassVar[list[str]] = [
            "name", "kind", "register", "is_key", "measure", "unit", "aggregation", "type", "axis",
            "objective", "theme", "audience", "place", "period", "direction", "target",
            "target_comment", "has_baseline", "baseline", "baseline_on", "baseline_comment",
            "serves", "justification", "source", "method", "frequency", "responsible",
            "known_issues", "proposed_by", "change",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "baseline_on": DayInput(),
            "justification": forms.Textarea({"rows": 2}),
            "method": forms.Textarea({"rows": 2}),
            "known_issues": forms.Textarea({"rows": 2}),
            "change": forms.Textarea({"rows": 2}),
        }
        help_texts: ClassVar[dict[str, str]] = {
            "is_key": "Les tableaux de bord et les synthèses montrent les indicateurs clés.",
            "has_baseline": "Sans elle, la valeur de départ est dite « sans objet ».",
            "source": "Laissez vide pour celle de la mesure.",
            "method": "Laissez vide pour celle de la mesure.",
            "change": "Une cible révisée dit pourquoi : l’ancienne reste lisible.",
            "proposed_by": "Une fonction ou une partie, jamais un nom.",
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "name": {"required": "Donnez un intitulé à l’indicateur."},
            "kind": {"required": "Dites s’il suit une réalisation, un résultat ou un impact."},
            "period": {"required": "Choisissez la période sur laquelle il se lit."},
            "source": {"required": "Dites d’où viendront les valeurs."},
            "direction": {"required": "Dites dans quel sens se lit la cible."},
            "proposed_by": {"required": "Dites qui propose cette version."},
            "baseline_on": {"invalid": NO_SUCH_DAY},
        }

    def __init__(
        self,
        data: QueryDict | None,
        *,
        definition: Definition,
        frame: Frame,
        axes: dict[int, Axis],
        today: date,
        uid: uuid.UUID,
        is_first: bool,
    ) -> None:
        super().__init__(data, instance=definition)
        self.frame, self.today = frame, today
        self.initial.update({
            "uid": uid, "target": written(definition.target),
            "baseline": written(definition.baseline),
            "measure": definition.measure or (HAND if definition.pk else ""),
        })  # fmt: skip
        fields: Any = self.fields
        fields["measure"].choices = [
            ("", CHOOSE),
            (HAND, BY_HAND),
            *((code, f"{code} · {one.label}") for code, one in MEASURES.items()),
        ]
        fields["source"].required = False
        fields["register"].choices = [("", "Aucun"), *fields["register"].choices[1:]]
        if is_first:
            del fields["change"]
        self._offer("axis", axes, "Tous")
        self._offer("objective", frame.objectives, "Tous")
        self._offer("serves", frame.objectives, "Aucun en particulier")
        self._offer("audience", frame.audiences, "Tous")
        self._offer("theme", frame.themes, "Toutes")
        self._offer("place", frame.places, "")

    def _offer(self, name: str, rows: dict[int, Any], blank: str) -> None:
        """Retired rows are known, so that what is wrong with them is told, and not offered."""
        field = own_field(self, name, KnownRow)
        field.rows = lambda: rows
        kept = getattr(self.instance, f"{name}_id")
        shown = [row for row in rows.values() if is_current(row, self.today, kept)]
        if name == "theme":
            field.choices = grouped(((row.group, row) for row in shown), blank)
        elif name == "place":
            field.choices = [(row.pk, named_choices(row)) for row in shown]
        else:
            field.choices = [("", blank), *((row.pk, str(row)) for row in shown)]

    def clean_measure(self) -> str:
        chosen: str = self.cleaned_data["measure"]
        return "" if chosen == HAND else chosen

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        measure = MEASURES.get(data.get("measure") or "")
        self._clean_filters(data, measure)
        self._clean_unit(data, measure)
        self._clean_target(data, measure)
        self._clean_baseline(data, measure)
        data["place"] = data.get("place") or next(
            row for row in self.frame.places.values() if row.parent_id is None
        )
        data["source"] = data.get("source") or (measure.source if measure else "")
        if not data["source"] and "source" not in self.errors:
            self.add_error("source", "Dites d’où viendront les valeurs.")
        data["method"] = data.get("method") or (measure.method if measure else "")
        if not data.get("frequency") and data.get("period"):
            data["frequency"] = {
                "mois": "Mensuelle", "trimestre": "Trimestrielle", "annee": "Annuelle"
            }[data["period"]]  # fmt: skip
        return data

    def _clean_filters(self, data: dict[str, Any], measure: Measure | None) -> None:
        given = {name for name in FILTERS if data.get(name)}
        place = data.get("place")
        if place is not None and place.parent_id is None:
            given.discard("place")  # the whole quarter narrows nothing
        for name in sorted(given):
            row = data[name]
            retired_on = getattr(row, "retired_on", None)
            if retired_on and not is_current(row, self.today):
                self.add_error(
                    name,
                    f"«{NBSP}{row}{NBSP}» est retiré depuis le {retired_on:%d/%m/%Y}{NBSP}: un "
                    "indicateur porte sur ce qui se saisit encore.",
                )
            elif measure is not None and name not in measure.filters:
                label = self.fields[name].label
                self.add_error(name, f"Cette mesure ne se filtre pas ainsi ({label}).")
        if measure is not None and measure.needs and not measure.needs & given:
            names = [name for name in FILTERS if name in measure.needs]
            said = " ou ".join(str(self.fields[name].label).lower() for name in names)
            self.add_error(names[0], f"Ce filtre est vide{NBSP}: la mesure porte sur {said}.")

    def _clean_unit(self, data: dict[str, Any], measure: Measure | None) -> None:
        if measure is not None:
            if data.get("unit") and data["unit"] != measure.unit and not measure.by_hand:
                label = UnitName(measure.unit.value).label.lower()
                self.add_error("unit", f"Cette mesure se compte en «{NBSP}{label}{NBSP}».")
            data["unit"] = measure.unit.value
        elif not data.get("unit"):
            self.add_error("unit", "Choisissez l’unité des valeurs qui seront saisies.")
        wanted = data.get("aggregation")
        allowed = [one.value for one in measure.aggregations] if measure else list(Counted.values)
        if data.get("unit") == Unit.PERCENT and (measure is None or measure.by_hand):
            allowed = [Counted.RATIO.value, Counted.LAST.value]
        if not wanted:
            data["aggregation"] = allowed[0]
        elif wanted not in allowed:
            said = " ou ".join(Counted(one).label.lower() for one in allowed)
            self.add_error(
                "aggregation", f"Ici, une période plus longue se lit ainsi{NBSP}: {said}."
            )

    def _clean_target(self, data: dict[str, Any], measure: Measure | None) -> None:
        given, code = data.get("target"), measure.code if measure else ""
        if data.get("direction") == Direction.WATCH:
            if given is not None:
                self.add_error("target", "Un indicateur «\u00a0à suivre\u00a0» n’a pas de cible.")
            data["target"] = None
        elif given is None:
            if "target" not in self.errors:
                self.add_error("target", "Donnez la cible, ou choisissez «\u00a0À suivre\u00a0».")
        elif data.get("unit"):
            if wrong := fits(given, data["unit"], code):
                self.add_error("target", wrong)
            data["target"] = given[0]

    def _clean_baseline(self, data: dict[str, Any], measure: Measure | None) -> None:
        if not data.get("has_baseline"):
            data["baseline"] = data["baseline_on"] = None
            return
        given = data.get("baseline")
        if given is None and "baseline" not in self.errors:
            self.add_error("baseline", "Donnez la valeur de départ, ou décochez la case.")
        elif given is not None and data.get("unit"):
            if wrong := fits(given, data["unit"], measure.code if measure else ""):
                self.add_error("baseline", wrong)
            data["baseline"] = given[0]
        on = data.get("baseline_on")
        if on is None and "baseline_on" not in self.errors:
            self.add_error("baseline_on", "Dites quand la valeur de départ a été mesurée.")
        elif on is not None and on > self.today:
            self.add_error("baseline_on", "Cette date est dans le futur.")

    def _post_clean(self) -> None:
        """The fields go to the row; what the row says of itself is the action's to ask."""
        if not self.errors:
            for name in self.Meta.fields:
                if name in self.cleaned_data:
                    setattr(self.instance, name, self.cleaned_data[name])


def of_ready(ready: Ready, frame: Frame) -> Definition:
    """A definition as the catalogue has it, for the form."""
    measure = MEASURES[ready.measure]
    theme = next(
        (row for row in frame.themes.values() if ready.theme and row.name == ready.theme), None
    )
    return Definition(
        name=ready.name, kind=ready.kind, register=ready.register, measure=ready.measure,
        type=ready.type, theme=theme, unit=measure.unit.value, direction=ready.direction,
        period=ready.period, aggregation=Counted.RATIO.value
        if measure.by_hand and measure.unit == Unit.PERCENT
        else measure.aggregations[0].value,
        target=Decimal(ready.target.replace(",", ".")) if ready.target else None,
        justification=ready.justification, source=measure.source, method=measure.method,
        known_issues=ready.known_issues,
    )  # fmt: skip


class SettleForm(Faults, forms.Form):
    """What the comité de pilotage made of a version."""

    state = forms.ChoiceField(
        label="Décision",
        choices=[(DefinitionState.VALIDATED, "Validée"), (DefinitionState.DECLINED, "Écartée")],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce qui a été décidé."},
    )
    meeting = KnownRow(label="En séance", required=False)
    on = forms.DateField(
        label="Le", required=False, widget=DayInput, error_messages={"invalid": NO_SUCH_DAY},
        help_text="Laissez vide pour le jour de la séance.",
    )  # fmt: skip

    def __init__(self, data: QueryDict | None, *, membership: Membership, today: date) -> None:
        super().__init__(data)
        self.today = today
        found = Meeting.objects.visible_to(membership).filter(
            committee__kind=CommitteeKind.STEERING, day__lte=today
        )
        kept = found.exclude(state__in=(MeetingState.CANCELLED, MeetingState.DRAFT))
        rows = {row.pk: row for row in kept.select_related("committee").order_by("-day")[:20]}
        field = own_field(self, "meeting", KnownRow)
        field.rows = lambda: rows
        field.choices = [("", CHOOSE), *((key, str(row)) for key, row in rows.items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        meeting, on = data.get("meeting"), data.get("on")
        is_validated = data.get("state") == DefinitionState.VALIDATED
        if is_validated and meeting is None and "meeting" not in self.errors:
            self.add_error("meeting", "Dites quelle séance du comité de pilotage l’a validée.")
        if on is None and "on" not in self.errors:
            data["on"] = meeting.day if meeting else self.today
        elif on is not None and on > self.today:
            self.add_error("on", "Cette date est dans le futur.")
        return data


class RetireForm(Faults, forms.Form):
    reason = forms.CharField(
        label="Motif", max_length=200, widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Dites pourquoi l’indicateur est retiré."},
    )  # fmt: skip


class ValueForm(Faults, forms.Form):
    """A value by hand, with its source; a share as its two numbers."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    period = forms.ChoiceField(
        label="Période", error_messages={"required": "Choisissez la période de cette valeur."}
    )
    perimeters = KnownRows(
        label="Périmètres décrits",
        error_messages={"required": "Dites quels périmètres cette valeur décrit."},
    )
    value = QuantityField(label="Valeur")
    numerator = forms.IntegerField(label="Réponses favorables", required=False, min_value=0)
    denominator = forms.IntegerField(label="Réponses en tout", required=False, min_value=1)
    asked = forms.IntegerField(
        label="Personnes interrogées", required=False, min_value=1,
        help_text="Donne le taux de réponse.",
    )  # fmt: skip
    wording = forms.CharField(
        label="Question posée", required=False, max_length=300, widget=forms.Textarea({"rows": 2})
    )
    first_day = forms.DateField(
        label="Du", required=False, widget=DayInput, error_messages={"invalid": NO_SUCH_DAY}
    )
    last_day = forms.DateField(
        label="Au", required=False, widget=DayInput, error_messages={"invalid": NO_SUCH_DAY}
    )
    source = forms.CharField(
        label="Source", max_length=200,
        error_messages={"required": "Dites d’où vient cette valeur."},
        help_text="Qui a recueilli la valeur, et comment.",
    )  # fmt: skip

    def __init__(
        self,
        data: QueryDict | None,
        *,
        definition: Definition,
        perimeters: dict[int, Perimeter],
        row: HandValue | None,
        programme_id: int,
        today: date,
    ) -> None:
        super().__init__(data)
        self.definition, self.today, self.programme_id = definition, today, programme_id
        self.is_share = definition.unit == Unit.PERCENT
        self.initial["uid"] = row.uid if row else uuid.uuid4()
        last = Period.holding(definition.period, today)
        offered = [last]
        while len(offered) < 13:
            offered.append(offered[-1].previous)
        if row is not None and row.of_period not in offered:
            offered.append(row.of_period)
        period: Any = self.fields["period"]
        period.choices = [(one.slug, one.label.capitalize()) for one in offered]
        self.initial["period"] = row.period if row else last.previous.slug
        field = own_field(self, "perimeters", KnownRows)
        field.rows = lambda: perimeters
        field.choices = [(key, str(one)) for key, one in perimeters.items()]
        for name in ("value",) if self.is_share else ("numerator", "denominator"):
            del self.fields[name]
        if row is not None:
            del self.fields["perimeters"]
            names = (
                "numerator",
                "denominator",
                "asked",
                "wording",
                "first_day",
                "last_day",
                "source",
            )
            self.initial.update({name: getattr(row, name) for name in names})
            self.initial["value"] = written(row.value)

    def _clean_fields(self) -> None:
        """A period that is not offered is told apart: before the convention, of another length."""
        typed = str(self.data.get("period", ""))
        offered: Any = self.fields["period"]
        if typed and typed not in dict(offered.choices):
            try:
                period = Period.parse(typed)
            except ValueError:
                pass
            else:
                if period.kind == self.definition.period:
                    offered.choices = [*offered.choices, (typed, typed)]
        super()._clean_fields()  # type: ignore[misc]  # Django's own

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("period"):
            period = Period.parse(data["period"])
            if wrong := period_error(self.programme_id, period, self.today):
                self.add_error("period", wrong)
        if self.is_share:
            self._clean_share(data)
        elif (given := data.get("value")) is None:
            if "value" not in self.errors:
                self.add_error("value", "Donnez la valeur.")
        elif wrong := fits(given, self.definition.unit, self.definition.measure):
            self.add_error("value", wrong)
        else:
            data["value"] = given[0]
        self._clean_survey(data)
        return data

    def _clean_share(self, data: dict[str, Any]) -> None:
        part, whole = data.get("numerator"), data.get("denominator")
        for name in ("numerator", "denominator"):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, "Un pourcentage se donne par ses deux nombres.")
        if part is not None and whole:
            if part > whole:
                self.add_error("numerator", "La part dépasse le total.")
            data["value"] = round(Decimal(100 * part) / whole, 2)

    def _clean_survey(self, data: dict[str, Any]) -> None:
        if self.definition.measure in SURVEYS:
            for name, text in (
                ("wording", "Dites quelle question a été posée."),
                ("asked", "Dites combien de personnes ont été interrogées."),
                ("first_day", "Dites quand l’enquête a commencé."),
                ("last_day", "Dites quand l’enquête a fini."),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, text)
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "La fin précède le début.")
        if last and last > self.today:
            self.add_error("last_day", "Cette date est dans le futur.")
        asked, whole = data.get("asked"), data.get("denominator")
        if asked and whole and asked < whole:
            self.add_error("asked", "Il y a plus de réponses que de personnes interrogées.")


class ExplainForm(Faults, forms.Form):
    text = forms.CharField(
        label="Ce qui explique l’écart", max_length=400, widget=forms.Textarea({"rows": 3}),
        help_text="Lu par la partie de ce périmètre, à côté de la valeur.",
        error_messages={"required": "Dites ce qui explique l’écart."},
    )  # fmt: skip

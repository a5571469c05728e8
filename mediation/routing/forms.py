"""Forms of the rules that propose recipients, and of their trial."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Unpack

from django import forms

from governance.base import is_current
from governance.models import Membership, Party
from humanicite.lib.forms import (
    CHOOSE,
    Data,
    Files,
    FormOptions,
    KnownRow,
    grouped,
    named_choices,
    own_field,
)
from mediation.frame.models import Frame

from .models import RoutingRule


class RuleForm(forms.Form):
    """Whom signalements of a place, and of a theme or a group of themes, are proposed to."""

    place = KnownRow(
        label="Lieu", widget=forms.Select, error_messages={"required": "Choisissez un lieu."}
    )
    about = forms.ChoiceField(
        label="Thématique",
        required=False,
        error_messages={"invalid_choice": "Cette thématique n’existe pas dans ce dispositif."},
    )
    party = KnownRow(
        label="Proposer à",
        widget=forms.Select,
        error_messages={"required": "Choisissez une partie."},
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.membership = membership
        frame = Frame(membership.programme_id)
        place = own_field(self, "place", KnownRow)
        place.rows = lambda: {k: row for k, row in frame.places.items() if is_current(row, today)}
        place.choices = lambda: [
            ("", CHOOSE),
            *((k, named_choices(r)) for k, r in place.rows().items()),
        ]
        self.themes = {k: row for k, row in frame.themes.items() if is_current(row, today)}
        about = own_field(self, "about", forms.ChoiceField)
        about.choices = _abouts(self.themes.values())
        parties = {
            row.pk: row
            for row in Party.objects.visible_to(membership)
            if not row.is_operator and is_current(row, today)
        }
        party = own_field(self, "party", KnownRow)
        party.rows = lambda: parties
        party.choices = [("", "Choisir…"), *((k, row.name) for k, row in parties.items())]

    def rule(self) -> RoutingRule:
        kind, _, value = self.cleaned_data["about"].partition(":")
        return RoutingRule(
            programme_id=self.membership.programme_id,
            place=self.cleaned_data["place"],
            theme=self.themes[int(value)] if kind == "theme" else None,
            group=value if kind == "groupe" else "",
            party=self.cleaned_data["party"],
        )


def _abouts(themes: Iterable[Any]) -> list[Any]:
    """Any theme, then each group as a whole and its themes."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in themes:
        whole = (f"groupe:{row.group}", f"{row.group} : toutes")
        found.setdefault(row.group, [whole]).append((f"theme:{row.pk}", str(row)))
    return [("", "Quelle qu’elle soit"), *found.items()]


class TrialForm(forms.Form):
    """A place and a theme, to see whom the rules propose."""

    lieu = KnownRow(label="Lieu", required=False, widget=forms.Select)
    theme = KnownRow(label="Thématique", required=False, widget=forms.Select)

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        frame = Frame(membership.programme_id)
        lieu = own_field(self, "lieu", KnownRow)
        lieu.rows = lambda: {k: row for k, row in frame.places.items() if is_current(row, today)}
        lieu.choices = lambda: [
            ("", CHOOSE),
            *((k, named_choices(r)) for k, r in lieu.rows().items()),
        ]
        theme = own_field(self, "theme", KnownRow)
        theme.rows = lambda: {k: row for k, row in frame.themes.items() if is_current(row, today)}
        theme.choices = lambda: grouped(((r.group, r) for r in theme.rows().values()), "Aucune")

"""What of the work uses an entry of the frame or a party, told before it is retired."""

from dataclasses import dataclass

from django.db.models import Model, Q

from governance.models import (
    ActionItem,
    Audience,
    Axis,
    Contact,
    Membership,
    Objective,
    Party,
    Place,
    Seat,
    Theme,
)
from mediation.activities.models import Activity, HeadCount
from mediation.frame.models import DefaultObjective
from mediation.presets.models import Preset
from mediation.routing.models import RoutingRule
from mediation.signalements.models.recipients import Recipient
from mediation.signalements.models.signalements import OPEN, Signalement, SignalementState
from mediation.situations.models import Situation


@dataclass(frozen=True)
class Use:
    """`count` rows, in words; `stops` when what uses it will have to choose another."""

    count: int
    words: str  # « one,many »
    stops: bool = True


def uses(row: Model) -> list[Use]:
    """What uses a place, theme, audience, axis, objective or party; nothing that uses it not."""
    found: list[Use] = []
    if isinstance(row, Place):
        found = _of_place(row)
    elif isinstance(row, Theme):
        found = _of_theme(row)
    elif isinstance(row, Audience):
        found = _of_audience(row)
    elif isinstance(row, Axis):
        found = _of_objectives(Q(axis=row), Q(objective__axis=row))
    elif isinstance(row, Objective):
        found = _of_objectives(Q(pk=row.pk), Q(objective=row))
    elif isinstance(row, Party):
        found = _of_party(row)
    return [use for use in found if use.count]


def _of_party(party: Party) -> list[Use]:
    """What it holds stays with it, until the page of each ends it."""
    lasting = {"party": party, "ends__isnull": True}
    addressed = Recipient.objects.in_hand().filter(party=party)
    return [
        Use(RoutingRule.objects.filter(party=party).count(), "règle d’envoi,règles d’envoi"),
        Use(Contact.objects.filter(**lasting).count(), "interlocuteur,interlocuteurs", stops=False),
        Use(Seat.objects.filter(**lasting).count(), "siège,sièges", stops=False),
        Use(Membership.objects.filter(**lasting).count(), "accès,accès", stops=False),
        Use(addressed.values("signalement").distinct().count(), OPEN_ONES, stops=False),
        Use(ActionItem.objects.open().filter(party=party).count(), ACTIONS, stops=False),
    ]


ACTIONS = "action décidée à faire,actions décidées à faire"
DRAFTS = "brouillon de signalement,brouillons de signalement"
ACTIVITIES = "activité saisie,activités saisies"


def _of_place(place: Place) -> list[Use]:
    within = Q(place__programme=place.programme_id, place__path__startswith=place.path)
    signalements = Signalement.objects.filter(within)
    return [
        Use(Place.objects.beneath(place).filter(retired_on=None).count() - 1, BENEATH),
        Use(signalements.filter(state=SignalementState.BROUILLON).count(), DRAFTS),
        Use(RoutingRule.objects.filter(within).count(), "règle d’envoi,règles d’envoi"),
        Use(Preset.objects.filter(within).count(), "modèle,modèles"),
        Use(signalements.filter(state__in=OPEN).count(), OPEN_ONES, stops=False),
        Use(Situation.objects.open().filter(within).count(), SITUATIONS, stops=False),
        Use(Activity.objects.filter(within).count(), ACTIVITIES, stops=False),
    ]


BENEATH = "lieu qu’il contient retiré avec lui,lieux qu’il contient retirés avec lui"
OPEN_ONES = "signalement ouvert,signalements ouverts"
SITUATIONS = "situation en cours,situations en cours"


def _of_theme(theme: Theme) -> list[Use]:
    signalements = Signalement.objects.filter(theme=theme)
    either = Q(theme=theme) | Q(second_theme=theme)
    rules = Q(theme=theme)
    others = Theme.objects.filter(programme=theme.programme_id, group=theme.group, retired_on=None)
    if not others.exclude(pk=theme.pk).exists():
        rules |= Q(programme=theme.programme_id, group=theme.group)
    return [
        Use(signalements.filter(state=SignalementState.BROUILLON).count(), DRAFTS),
        Use(RoutingRule.objects.filter(rules).count(), "règle d’envoi,règles d’envoi"),
        Use(Preset.objects.filter(either).count(), "modèle,modèles"),
        Use(signalements.filter(state__in=OPEN).count(), OPEN_ONES, stops=False),
        Use(Activity.objects.filter(either).count(), ACTIVITIES, stops=False),
    ]


def _of_audience(audience: Audience) -> list[Use]:
    return [
        Use(Preset.objects.filter(audiences=audience).count(), "modèle,modèles"),
        Use(HeadCount.objects.filter(audience=audience).count(), ACTIVITIES, stops=False),
    ]


def _of_objectives(which: Q, through: Q) -> list[Use]:
    objectives = Objective.objects.filter(which).values("pk")
    return [
        Use(Theme.objects.filter(through, retired_on=None).count(), THEMES),
        Use(DefaultObjective.objects.filter(through).count(), REFERENCES),
        Use(Activity.objects.filter(objective__in=objectives).count(), ACTIVITIES, stops=False),
    ]


THEMES = "thématique qui le sert d’ordinaire,thématiques qui le servent d’ordinaire"
REFERENCES = "activité de référence qui le sert,activités de référence qui le servent"

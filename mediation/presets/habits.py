"""Habits turned into a filled-in form: modèles, suggested ones, « refaire »."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from governance.base import is_current
from governance.models import Membership
from humanicite.lib.dates import format_duration
from mediation.activities.models import LONGEST, SHORTEST, Activity
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity

from .models import Preset

ALIKE = 3  # entries after which a modèle is proposed
LOOKED_AT = timedelta(days=45)


@dataclass(frozen=True)
class Prefill:
    """What a new entry starts from. Never a date, a note, a picture or a head count."""

    type: str = ""
    place: int | None = None
    minutes: int | None = None
    themes: tuple[int, ...] = ()
    audiences: tuple[int, ...] = ()
    situation: int | None = None
    planned_action: int | None = None

    @classmethod
    def of(cls, source: Preset | Activity, audiences: Iterable[int] = ()) -> "Prefill":
        themes = (source.theme_id, source.second_theme_id)
        return cls(
            type=source.type,
            place=source.place_id,
            minutes=source.minutes,
            themes=tuple(key for key in themes if key),
            audiences=tuple(audiences),
            situation=getattr(source, "situation_id", None),
            planned_action=getattr(source, "planned_action_id", None),
        )

    @classmethod
    def read(cls, query: Mapping[str, object]) -> "Prefill":
        """From an address; what makes no sense there is left out."""
        lists = getattr(query, "getlist", None)

        def numbers(name: str, most: int) -> list[int]:
            texts = lists(name) if lists else []
            return [int(t) for t in texts if t.isascii() and t.isdigit() and len(t) < 12][:most]

        minutes = next(iter(numbers("duree", 1)), None)
        type_ = str(query.get("type", ""))
        return cls(
            type=type_ if type_ in ReferenceActivity.values else "",
            place=next(iter(numbers("lieu", 1)), None),
            minutes=minutes if minutes and SHORTEST <= minutes <= LONGEST else None,
            themes=tuple(numbers("theme", 2)),
            audiences=tuple(numbers("public", 5)),
            situation=next(iter(numbers("situation", 1)), None),
            planned_action=next(iter(numbers("action", 1)), None),
        )

    @property
    def query(self) -> str:
        pairs: list[tuple[str, object]] = [("type", self.type)] if self.type else []
        pairs += [("lieu", self.place)] if self.place else []
        pairs += [("duree", self.minutes)] if self.minutes else []
        pairs += [("theme", key) for key in self.themes]
        pairs += [("public", key) for key in self.audiences]
        pairs += [("situation", self.situation)] if self.situation else []
        pairs += [("action", self.planned_action)] if self.planned_action else []
        return urlencode(pairs)

    @property
    def url(self) -> str:
        """The form, filled in; everything is in the address, so that it also works offline."""
        return f"{reverse('activity_new')}?{self.query}"

    def initial(self, frame: Frame, on: date) -> dict[str, object]:
        """For the form: what is still in use on a day."""
        found: dict[str, object] = {"type": self.type}
        if self.place in frame.places and is_current(frame.places[self.place], on):
            found["place"] = self.place
        found["minutes"] = self.minutes
        if self.themes:
            rows = frame.themes
            found["themes"] = [k for k in self.themes if k in rows and is_current(rows[k], on)]
        if self.audiences:
            known = frame.audiences
            found["audiences"] = [k for k in self.audiences if k in known]
        if self.situation in (frame.open_situations if self.situation else {}):
            found["situation"] = self.situation
        if self.planned_action in (frame.planned_actions if self.planned_action else {}):
            row = frame.planned_actions[self.planned_action]
            found["planned_action"] = row.pk
            found["objective"] = row.objective_id
        return found


@dataclass(frozen=True)
class Habit:
    """One tap of the strip: its name, and the form it opens."""

    name: str
    prefill: Prefill
    reference: ReferenceActivity
    detail: str = ""
    preset: Preset | None = None

    @property
    def url(self) -> str:
        return self.prefill.url

    @property
    def query(self) -> str:
        return self.prefill.query


# name, type, minutes, theme: what most services do, until somebody has habits of their own.
SUGGESTED = (
    ("Tournée de proximité", ReferenceActivity.PAP, 45, ""),
    ("Médiation de voisinage", ReferenceActivity.CONF, 45, "Conflits de voisinage"),
    ("Aide à une démarche", ReferenceActivity.INCO, 30, "Accès aux droits"),
    ("Constat technique", ReferenceActivity.VEIL, 15, ""),
    ("Orientation", ReferenceActivity.RELA, 30, "Accès aux droits"),
    ("Rencontre d’habitants", ReferenceActivity.CONC, 90, ""),
    ("Atelier collectif", ReferenceActivity.PROJ, 120, "Événements"),
    ("Information", ReferenceActivity.INFO, 30, ""),
)


def suggested(frame: Frame) -> list[Habit]:
    by_name = {theme.name: key for key, theme in frame.themes.items() if not theme.retired_on}
    return [
        Habit(
            name,
            Prefill(type_, minutes=minutes, themes=(by_name[theme],) if theme in by_name else ()),
            type_,
            format_duration(minutes),
        )
        for name, type_, minutes, theme in SUGGESTED
    ]


def own(membership: Membership) -> list[Preset]:
    """A person's modèles in their order, those set aside included; two queries."""
    return list(
        Preset.objects.visible_to(membership)
        .filter(author=membership.user_id)
        .prefetch_related("audiences")
        .order_by("rank", "pk")
    )


def strip(frame: Frame, presets: list[Preset], today: date) -> list[Habit]:
    """What stands above the form and on the day's page: one's own, otherwise the suggested."""
    shown = [preset for preset in presets if not preset.is_hidden]
    if not shown:
        return suggested(frame)
    return [of_preset(preset, frame, today) for preset in shown]


def of_preset(preset: Preset, frame: Frame, today: date) -> Habit:
    place = frame.places.get(preset.place_id or 0)
    if place and not is_current(place, today):
        place = None
    detail = format_duration(preset.minutes)
    return Habit(
        preset.name,
        Prefill.of(preset, [audience.pk for audience in preset.audiences.all()]),
        preset.reference,
        f"{detail}, {place.name}" if place else detail,
        preset,
    )


def proposed(membership: Membership, presets: list[Preset], today: date) -> Activity | None:
    """The latest of three or more entries alike that no modèle holds yet; one query."""
    rows = (
        Activity.objects.visible_to(membership)
        .filter(author=membership.user_id, day__gt=today - LOOKED_AT, day__lte=today)
        .select_related("place", "theme")
        .order_by("-day", "-pk")[:200]
    )
    known = {_likeness(preset) for preset in presets}
    found = list(rows)
    counts = Counter(_likeness(row) for row in found)
    for row in found:
        if counts[_likeness(row)] >= ALIKE and _likeness(row) not in known:
            return row
    return None


def _likeness(row: Preset | Activity) -> tuple[object, ...]:
    return row.type, row.place_id, row.minutes, row.theme_id


def name_for(row: Activity) -> str:
    """A name to start from: what is done, where."""
    return f"{row.reference.short}, {row.place.name}"[:40]

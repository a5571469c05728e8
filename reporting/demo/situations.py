"""Invented situations for the demonstration, threaded with its activities. Nobody is in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from governance.models import Committee, Party, Place, Programme, User
from humanicite.lib.dates import is_day_off
from mediation.frame.reference import ReferenceActivity as Kind
from mediation.models import (
    Activity,
    AgendaLine,
    Involvement,
    Situation,
    SituationOutcome,
    SituationState,
)

NEXT_SESSION = 6  # days ahead
THREAD = 6  # activities of a situation, at most


@dataclass(frozen=True)
class Told:
    """One situation. Days are counted back from today; `next_in` ahead of it, late when negative.

    `steps` are (days ago, what it became), the opening left out; `agenda` (committee, days, line).
    """

    title: str
    place: str
    kinds: tuple[Kind, ...]
    description: str
    opened: int
    parties: dict[str, str]
    steps: tuple[tuple[int, SituationState], ...] = ()
    next_step: str = ""
    next_in: int | None = None
    outcome: str = ""
    closing_note: str = ""
    agenda: tuple[tuple[str, int, str], ...] = field(default=())


TOLD = (
    Told(
        "Nuisances répétées la nuit", "hall-vinci-sud", (Kind.CONF, Kind.PAP),
        "Deux foyers ne se parlent plus. Chacun a été entendu, un premier accord n’a pas tenu.",
        74,
        {"asl": "Relayer auprès du syndic", "capinghem": "Rappeler le règlement aux deux foyers"},
        ((60, SituationState.SUIVIE),),
        "Rencontre entre les voisins et le syndic", 4,
        agenda=(("suivi", -NEXT_SESSION, "Un conflit de voisinage qui dure, surtout la nuit"),),
    ),
    Told(
        "Occupation d’un hall en soirée", "residence-vinci", (Kind.PAP, Kind.CONF),
        "Regroupements en fin de journée, tensions avec des résidents. Le dialogue est possible.",
        41,
        {"asl": "Revoir l’accès au hall"},
        ((33, SituationState.SUIVIE), (19, SituationState.EN_ATTENTE)),
        "Relancer la copropriété sur l’accès au hall", -6,
        agenda=(("suivi", 24, "L’occupation d’un hall en soirée"),),
    ),
    Told(
        "Éclairage éteint, cheminement évité", "allee-nord", (Kind.VEIL,),
        "Des habitants font un détour le soir. Signalé deux fois de vive voix.",
        9, {"mel": "Remettre l’éclairage en service", "lille-lomme": "Appuyer la demande"},
        next_step="Vérifier sur place", next_in=12,
    ),
    Told(
        "Partage des parcelles", "jardins-partages", (Kind.PROJ, Kind.CONF),
        "Désaccord sur les parcelles libres et sur l’usage de l’eau.",
        130, {"ath": "Accueillir la réunion des jardiniers"},
        ((110, SituationState.SUIVIE), (55, SituationState.CLOSE), (20, SituationState.OUVERTE)),
        "Réunion des jardiniers à caler",
        outcome=SituationOutcome.AMELIORE, closing_note="Un tour d’arrosage est affiché et suivi.",
    ),
    Told(
        "Isolement après un emménagement", "residence-etudiante", (Kind.RELA, Kind.INFO),
        "Plusieurs passages, un lien s’est fait avec la vie de la résidence.",
        160, {"icl": "Proposer l’accompagnement de la vie étudiante"},
        ((150, SituationState.SUIVIE), (62, SituationState.CLOSE)),
        outcome=SituationOutcome.ORIENTE,
        closing_note="Accompagnement pris par la vie étudiante, plus de démarche en cours ici.",
    ),
    Told(
        "Stationnement sur le parvis", "parvis-hopital", (Kind.INFO, Kind.PAP, Kind.VEIL),
        "Véhicules sur le cheminement aux heures de visite.",
        215, {"mel": "Marquer au sol", "lille-lomme": "Informer les visiteurs"},
        ((200, SituationState.EN_ATTENTE), (96, SituationState.CLOSE)),
        outcome=SituationOutcome.AMELIORE,
        closing_note="Le marquage est fait ; les passages libres sont respectés la plupart du temps.",
        agenda=(("suivi", 125, "Des véhicules sur un cheminement piéton"),),
    ),
)  # fmt: skip


def make_situations(
    programme: Programme, author: User, today: date, activities: list[Activity]
) -> None:
    """Saves the situations with their history, and puts unsaved activities into their threads."""
    places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
    parties = {row.slug: row for row in Party.objects.of_programme(programme.pk)}
    committees = {row.slug: row for row in Committee.objects.of_programme(programme.pk)}
    for told in TOLD:
        opened = today - timedelta(days=told.opened)
        situation = Situation(
            programme=programme,
            place=places[told.place],
            title=told.title,
            author=author,
            description=told.description,
            opened_on=opened,
        )
        _set_next(situation, told, today, last=not told.steps)
        _save(situation, author, opened)
        for slug, part in told.parties.items():
            _save(Involvement(situation=situation, party=parties[slug], part=part), author, opened)
        for day, happened in _happened(told, today):
            situation.version += 1
            if isinstance(happened, SituationState):
                _become(situation, happened, day, told, today)
                _save(situation, author, day)
            else:
                slug, session, text = happened
                line = AgendaLine(
                    situation=situation, committee=committees[slug], day=session, line=text
                )
                _save(situation, author, day)
                _save(line, author, day)
        for activity in _thread(told, activities, situation, today):
            activity.situation = situation


def _happened(told: Told, today: date) -> list[tuple[date, SituationState | tuple[str, date, str]]]:
    """What became of a situation and what was put on agendas, in the order of time."""
    found: list[tuple[date, SituationState | tuple[str, date, str]]] = [
        (today - timedelta(days=ago), state) for ago, state in told.steps
    ]
    for slug, ago, text in told.agenda:
        session = today - timedelta(days=ago)
        while is_day_off(session):
            session += timedelta(days=1)
        found.append((min(session, today) - timedelta(days=3), (slug, session, text)))
    return sorted(found, key=lambda each: each[0])


def _become(
    situation: Situation, state: SituationState, day: date, told: Told, today: date
) -> None:
    closed = state == SituationState.CLOSE
    situation.state = state
    situation.closed_on = day if closed else None
    situation.outcome = told.outcome if closed else ""
    situation.closing_note = told.closing_note if closed else ""
    _set_next(situation, told, today, last=state == told.steps[-1][1])


def _set_next(situation: Situation, told: Told, today: date, *, last: bool) -> None:
    situation.next_step, situation.next_on = "", None
    if last and not situation.is_closed:
        situation.next_step = told.next_step
        if told.next_in is not None:
            situation.next_on = today + timedelta(days=told.next_in)


def _thread(
    told: Told, activities: list[Activity], situation: Situation, today: date
) -> Iterator[Activity]:
    """The first activities of the right kind at that place, while the situation was open."""
    until = situation.closed_on or today
    found = (
        activity
        for activity in activities
        if activity.place_id == situation.place_id
        and activity.type in told.kinds
        and situation.opened_on <= activity.day <= until
    )
    for _, activity in zip(range(THREAD), found, strict=False):
        yield activity


def _save(row: Any, author: User, day: date) -> None:
    row.full_clean()
    row._history_user = author
    row._history_date = timezone.make_aware(datetime.combine(day, time(17, 30)))
    row.save()


def remove_histories(programme_id: int) -> None:
    """What is left of invented situations once their programme is gone."""
    situations = Situation.history.filter(programme_id=programme_id)
    for model in (Involvement, AgendaLine):
        model.history.filter(situation_id__in=situations.values("id")).delete()
    situations.delete()

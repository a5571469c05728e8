"""Invented roadmaps for the demonstration: the year's, its months so far, and what was logged for them."""

from datetime import date
from random import Random

from governance.models import CommitteeKind, Meeting, MeetingState, Objective, Place, Programme
from mediation.models import Activity, PlannedAction, PlannedState, Roadmap, RoadmapState

SEED = 33
GOALS = (
    "Garder une présence régulière en soirée autour des halls, aider les nouveaux habitants à trouver "
    "leurs interlocuteurs, et faire avancer avec les villes les signalements qui durent."
)
# Objective, what, type, place, months, how many, expected.
Planned = tuple[str, str, str, str, tuple[int, int], int | None, str]
PLAN: tuple[Planned, ...] = (
    (
        "1.1", "Tournées de fin de journée", "PAP", "hall-vinci-sud", (1, 12), 90,
        "Moins de regroupements tardifs dans les halls",
    ),
    (
        "1.2", "Médiations de voisinage suivies jusqu’au bout", "CONF", "", (1, 12), 60,
        "Deux conflits sur trois apaisés",
    ),
    (
        "2.1", "Relevé des dépôts sauvages avec les services", "VEIL", "", (3, 10), 40,
        "Un passage par semaine, chaque dépôt signalé sous deux jours",
    ),
    (
        "3.1", "Café des voisins", "PROJ", "", (2, 11), 10,
        "Dix voisins à chaque fois, deux nouveaux",
    ),
    (
        "4.1", "Accueil des nouveaux habitants", "INFO", "", (9, 12), 8,
        "Chaque nouvel arrivant connaît son interlocuteur",
    ),
    ("4.2", "Guide du quartier en trois langues", "INFO", "", (5, 9), None, "Un guide imprimé"),
)  # fmt: skip
MONTHS = 3  # that are planned before this one


def make_roadmaps(programme: Programme, today: date, activities: list[Activity]) -> None:
    """`activities`, not saved yet, are noted for the actions that they suit."""
    yearly = Roadmap.objects.create(
        programme=programme, year=today.year, goals=GOALS, state=RoadmapState.PROPOSED
    )
    objectives = {
        f"{row.axis.number}.{row.number}": row
        for row in Objective.objects.of_programme(programme.pk).select_related("axis")
    }
    places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
    pick = Random(SEED)  # noqa: S311  # nosec B311: invented data
    for rank, (number, title, kind, place, (first, last), quantity, expected) in enumerate(PLAN, 1):
        months = [Roadmap(year=today.year, month=month) for month in (first, last)]
        action = PlannedAction.objects.create(
            roadmap=yearly,
            objective=objectives[number],
            title=title,
            type=kind,
            place=places.get(place),
            starts=months[0].first,
            ends=months[1].last,
            rank=rank,
            expected=expected,
            quantity=quantity,
        )
        if quantity is None:
            action.state, action.reason = PlannedState.CARRIED, "Traductions attendues au printemps"
            action.save()
            continue
        for month in range(max(first, today.month - MONTHS), min(last, today.month) + 1):
            part = _part(yearly, action, month, len(range(first, last + 1)))
            if part.ends < today:
                part.state = PlannedState.DONE
                part.save()
            _note(part, activities, pick)
        _note(action, activities, pick)


def _part(yearly: Roadmap, action: PlannedAction, month: int, months: int) -> PlannedAction:
    roadmap, _ = Roadmap.objects.get_or_create(
        programme=yearly.programme,
        year=yearly.year,
        month=month,
        defaults={"state": RoadmapState.PROPOSED},
    )
    return PlannedAction.objects.create(
        roadmap=roadmap,
        parent=action,
        objective=action.objective,
        title=action.title,
        type=action.type,
        place=action.place,
        starts=roadmap.first,
        ends=roadmap.last,
        expected=action.expected,
        quantity=max(1, (action.quantity or 0) // months),
        rank=action.rank,
    )


def _note(action: PlannedAction, activities: list[Activity], pick: Random) -> None:
    """Some of the days' activities that are of its kind, up to what was planned and a little more."""
    suited = [
        row
        for row in activities
        if row.planned_action_id is None
        and row.type == action.type
        and action.starts <= row.day <= action.ends
    ]
    wanted = min(len(suited), round((action.quantity or 0) * pick.uniform(0.25, 0.6)))
    for row in pick.sample(suited, wanted):
        row.planned_action = action


def validate_roadmap(programme: Programme, today: date) -> None:
    """The year's was validated by the first comité de pilotage of the year, where one met (R51)."""
    met = Meeting.objects.filter(
        committee__programme=programme,
        committee__kind=CommitteeKind.STEERING,
        state=MeetingState.HELD,
        day__year=today.year,
    )
    meeting = met.order_by("day").first()
    yearly = Roadmap.objects.get(programme=programme, year=today.year, month__isnull=True)
    if meeting is not None:
        yearly.meeting, yearly.validated_on = meeting, meeting.day
        yearly.state = RoadmapState.VALIDATED
        yearly.save()


def remove_roadmap_histories(programme_id: int) -> None:
    roadmaps = Roadmap.history.filter(programme_id=programme_id)
    PlannedAction.history.filter(roadmap_id__in=roadmaps.values("id")).delete()
    roadmaps.delete()

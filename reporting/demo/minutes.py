"""Invented minutes for the demonstration: approved for the meetings of the comité de suivi, with what
was decided, done and not done; those of the last comité de pilotage are submitted to observations."""

from datetime import date, datetime, time, timedelta
from itertools import count

from django.utils import timezone

from governance.minutes.actions.stages import next_numbers
from governance.minutes.content import build
from governance.models import (
    ActionItem,
    ActionState,
    AgendaItem,
    Attendance,
    CommitteeKind,
    Decision,
    ItemOutcome,
    Meeting,
    MeetingState,
    Minutes,
    MinutesStage,
    Observation,
    Party,
    Programme,
)

# Of a point: what was said, what was decided, and the action with the kind of party it falls to.
SAID = {
    "Bilan des activités du mois": (
        "Les tournées du soir sont appréciées ; les habitants demandent un passage plus tard le "
        "vendredi.",
        "Décaler d’une heure la tournée du vendredi, à l’essai pour deux mois.",
        ("Adapter le planning des tournées", "operator"),
    ),
    "Signalements en attente": (
        "Trois signalements d’éclairage attendent depuis plus de dix jours ouvrés.",
        "",
        ("Répondre aux signalements d’éclairage en attente", "town"),
    ),
    "Propreté et encombrants": (
        "Les dépôts se concentrent près du local de tri.",
        "Organiser un ramassage commun avant la fin du trimestre.",
        ("Proposer une date de ramassage des encombrants", "town"),
    ),
    "Présence en soirée": (
        "La présence de 18 h à 21 h apaise l’allée nord.",
        "Maintenir la présence en soirée, avec un point chaque mois.",
        None,
    ),
    "Préparation de la fête du quartier": (
        "Les associations tiennent les stands ; il manque une scène.",
        "Retenir le parvis comme lieu de la fête.",
        ("Réserver la scène et les barrières", "town"),
    ),
    "Éclairage de l’allée nord": (
        "Les lampes datent de la construction.",
        "Remplacer les lampes de l’allée nord par tranches.",
        ("Chiffrer le remplacement des lampes", "owners"),
    ),
    "Accueil des nouveaux habitants": (
        "Un livret court suffirait, avec le téléphone de service.",
        "",
        ("Rédiger un livret d’accueil de quatre pages", "operator"),
    ),
    "Stationnement aux abords de l’hôpital": (
        "Les rues proches sont saturées entre 9 h et 11 h.",
        "Demander un comptage avant toute mesure.",
        ("Organiser un comptage du stationnement", "town"),
    ),
    "Objectifs et indicateurs": (
        "Les objectifs de l’année sont passés en revue ; deux indicateurs sont à préciser.",
        "Retenir la cible de 120 heures de présence par mois.",
        ("Préciser la définition des deux indicateurs", "operator"),
    ),
}
DONE = (
    "Fait, point clos avec les services.",
    "Réalisé ; retour fait aux habitants.",
    "C’est fait.",
)


def make_minutes(programme: Programme, today: date) -> None:
    """After the meetings. Of the comité de suivi, the last but one left two actions late."""
    parties: dict[str, list[Party]] = {}
    for party in Party.objects.of_programme(programme.pk).order_by("pk"):
        parties.setdefault(party.kind, []).append(party)
    held = Meeting.objects.of_programme(programme.pk).filter(state=MeetingState.HELD)
    turns = count()
    steering = [row for row in held if row.committee.kind == CommitteeKind.STEERING]
    reviewed = max(steering, key=lambda row: row.day, default=None)
    suivi = sorted(row.day for row in held if row.committee.kind == CommitteeKind.FOLLOW_UP)
    for meeting in sorted(held, key=lambda row: (row.day, row.pk)):
        is_recent = meeting.day in suivi[-2:] and meeting.committee.kind == CommitteeKind.FOLLOW_UP
        for item in meeting.items.order_by("rank", "pk"):
            _write(item, parties, next(turns), today, is_recent=is_recent)
        meeting.invitations.filter(attendance="").update(attendance=Attendance.PRESENT)
        if meeting == reviewed:
            _submit(meeting, today)
        else:
            _approve(meeting)


def _write(
    item: AgendaItem, parties: dict[str, list[Party]], turn: int, today: date, *, is_recent: bool
) -> None:
    if item.outcome != ItemOutcome.TREATED:
        return
    notes, decision, action = SAID.get(item.title, ("", "", None))
    item.notes = notes
    item.save()
    if decision:
        Decision.objects.create(item=item, text=decision, rank=1)
    if action is None:
        return
    text, kind = action
    of_kind = parties.get(kind) or next(iter(parties.values()))
    party = of_kind[turn % len(of_kind)]
    day = item.meeting.day
    row = ActionItem(
        item=item,
        text=text,
        rank=1,
        party=party,
        contact=party.contacts.filter(ends=None).first(),
        due_on=day + timedelta(days=21),
    )
    closed_on = day + timedelta(days=10 + turn % 14)
    # Of the last two meetings every other one is done; of the others, all but one.
    if closed_on < today and not (is_recent and turn % 2):
        row.closed_on, row.closing_note = closed_on, DONE[turn % len(DONE)]
        row.state = ActionState.DONE
        if turn % 17 == 5:
            row.state, row.closing_note = ActionState.DROPPED, "Sans objet depuis les travaux."
    row.full_clean()
    row.save()


def _approve(meeting: Meeting) -> None:
    """As it was a week later; its PDF is drawn when somebody asks for it."""
    numbers = next_numbers(meeting)
    content = build(meeting, numbers) | {"version": 1}
    for pk, (year, number) in numbers.items():
        Decision.objects.filter(pk=pk).update(year=year, number=number)
    Decision.objects.filter(item__meeting=meeting).update(is_internal=False)
    ActionItem.objects.filter(item__meeting=meeting).update(is_internal=False)
    Minutes.objects.create(
        meeting=meeting,
        stage=MinutesStage.APPROVED,
        content=content,
        submitted_at=_at(meeting.day + timedelta(days=1)),
        observations_until=meeting.day + timedelta(days=6),
        approved_at=_at(meeting.day + timedelta(days=7)),
    )


def _submit(meeting: Meeting, today: date) -> None:
    minutes = Minutes.objects.create(
        meeting=meeting,
        stage=MinutesStage.REVIEW,
        content=build(meeting),
        submitted_at=_at(today - timedelta(days=2)),
        observations_until=today + timedelta(days=5),
    )
    there = meeting.invitations.filter(attendance=Attendance.PRESENT).first()
    if there is not None:
        Observation.objects.create(
            minutes=minutes,
            invitation=there,
            function=str(there)[:160],
            text="La cible de 120 heures s’entend hors formation : merci de le préciser.",
            at=_at(today - timedelta(days=1)),
        )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(11)))

"""Invented data for a demonstration: fourteen months of one médiateur's work, relative to today.

The 2019 convention is real; its renewals up to the current year and every activity are invented.
The seed is fixed: the same day gives the same data. Everything lies in a programme of its own, so
that removing it touches nothing else.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.access.actions import grant_access
from governance.conventions.schema import read
from governance.models import (
    Audience,
    Contact,
    JournalEntry,
    Membership,
    Objective,
    Party,
    PartyKind,
    Perimeter,
    Place,
    Programme,
    QuarterNews,
    Theme,
    User,
)
from governance.rights import Role
from humanicite.lib.dates import is_day_off
from mediation.frame.conventions import load
from mediation.frame.reference import ReferenceActivity
from mediation.models import (
    Activity,
    AgeBand,
    ConflictForm,
    Consent,
    DefaultObjective,
    HeadCount,
    Outcome,
    Preset,
    Refusal,
    RequestOrigin,
    Review,
    TimeEntry,
    TimeKind,
)
from mediation.signalements.emails.outbox import remove_mails
from reporting.indicators.models import Indicator
from reporting.syntheses.actions import Draw
from reporting.syntheses.edition import one_by_one

from .conventions import make_convention_life, renew_until
from .indicators import make_indicators, remove_indicator_histories
from .meetings import make_meetings, remove_meetings
from .minutes import make_minutes
from .news import make_news
from .roadmaps import make_roadmaps, remove_roadmap_histories, validate_roadmap
from .signalements import make_signalements, remove_signalement_histories
from .situations import make_situations, remove_histories
from .syntheses import make_syntheses

SLUG = "humanicite-demo"
PASSWORD = "demo-humanicite"  # noqa: S105  # nosec B105: printed on the sign-in page of the demo
MONTHS = 14
SUPERVISED_ON = 1  # Tuesday mornings (R30)
FULL_DAY = 7 * 60  # minutes of activities after which a day is full
ACCOUNTS = (
    ("mediateur@example.org", "Médiateur", "citeo", Role.MEDIATEUR),
    ("coordination@example.org", "Manager coordinateur", "citeo", Role.COORDINATION),
    ("asl@example.org", "Représentant du Conseil de Direction", "asl", Role.PARTENAIRE),
    ("capinghem@example.org", "Maire", "capinghem", Role.PARTENAIRE),
    ("lomme@example.org", "Maire délégué", "lille-lomme", Role.PARTENAIRE),
    ("ateliers@example.org", "Directeur", "ath", Role.INVITE),
)
# Invited by mail, days ago, and not come in yet: one whose link holds, one whose link is over.
INVITED = (
    ("voirie-lomme@example.org", "Responsable de la voirie", "lille-lomme", 2),
    ("adjoint-capinghem@example.org", "Adjoint au cadre de vie", "capinghem", 12),
)
CONVENTION = Path(settings.BASE_DIR) / "governance" / "conventions" / "humanicite-2019.toml"


@dataclass(frozen=True)
class Habit:
    """How one reference activity is usually done. Weights are relative, minutes are choices."""

    weight: int
    minutes: tuple[int, ...]
    places: tuple[str, ...]
    themes: tuple[str, ...]
    people: tuple[int, int]
    notes: tuple[str, ...]
    summaries: tuple[str, ...] = ()
    evening: float = 0.04


OUTSIDE = (
    "parc-capinghem",
    "parvis-hopital",
    "allee-nord",
    "metro",
    "humanicite",
    "jardins-partages",
)
HALLS = ("residence-vinci", "hall-vinci-sud", "residence-etudiante")
HABITS = {
    ReferenceActivity.PAP: Habit(
        30, (30, 30, 45, 45, 60), (*OUTSIDE, *HALLS),
        ("", "", "Regroupements", "Incivilités", "Nuisances sonores"), (2, 14),
        ("Tournée calme, échanges avec des habitants.", "Présence au pied des halls en fin de journée.",
         "Tournée au parc, plusieurs familles rencontrées.", "Passage au métro à l’heure de sortie."),
        ("Tournée de proximité.", ""), 0.10,
    ),
    ReferenceActivity.VEIL: Habit(
        19, (15, 15, 20, 30), (*OUTSIDE, *HALLS),
        ("Éclairage", "Dépôts sauvages", "Encombrants", "Dégradations", "Voirie", "Stationnement",
         "Espaces verts", "Ascenseurs et accès", "Jets", "Épaves"), (0, 2),
        ("Constat fait sur place, photo prise.", "Le problème signalé la semaine passée demeure.",
         "Vérification après signalement."),
        ("Point de vigilance relevé sur l’espace public.", "Équipement à vérifier.", ""),
    ),
    ReferenceActivity.CONF: Habit(
        10, (30, 45, 60, 60, 90), (*HALLS, "jardins-partages", "ilot-verger"),
        ("Conflits de voisinage", "Nuisances sonores", "Conflits d’usage", "Occupation de halls"),
        (2, 6),
        ("Écoute séparée des deux parties, puis rencontre.", "Rappel du règlement, accord oral trouvé.",
         "Tension dans le hall, apaisée par le dialogue."),
        ("Médiation entre voisins.", "Désaccord d’usage apaisé.", ""), 0.12,
    ),
    ReferenceActivity.INCO: Habit(
        9, (20, 30, 45), (*HALLS, "ateliers"),
        ("Accès aux droits", "Stationnement", "Chantiers"), (1, 3),
        ("Explication d’un courrier du syndic.", "Rappel des démarches auprès de la mairie."),
        ("Explication d’une démarche administrative.", ""),
    ),
    ReferenceActivity.RELA: Habit(
        12, (15, 30, 30, 45), ("ateliers", *HALLS, "parvis-hopital"),
        ("Accès aux droits", "Isolement", "Détresse"), (1, 2),
        ("Orientation vers le service social de la commune.", "Prise de contact avec une structure."),
        ("Orientation vers un partenaire.", ""),
    ),
    ReferenceActivity.CONC: Habit(
        6, (60, 90, 120), ("ateliers", "humanicite"),
        ("Conflits d’usage", "Chantiers", "Stationnement"), (4, 16),
        ("Réunion d’habitants, demandes relevées.", "Tour de table sur le stationnement."),
        ("Rencontre entre habitants et institutions.",), 0.35,
    ),
    ReferenceActivity.PROJ: Habit(
        6, (60, 90, 120, 150), ("jardins-partages", "ateliers", "parc-capinghem"),
        ("Événements", "Accueil des nouveaux habitants"), (5, 30),
        ("Atelier aux jardins partagés.", "Préparation de la fête du quartier avec des habitants."),
        ("Atelier collectif avec des habitants.", "Préparation d’un temps fort du quartier."), 0.3,
    ),
    ReferenceActivity.INFO: Habit(
        8, (20, 30, 45, 60), ("ateliers", "residence-etudiante", "parvis-hopital", *HALLS),
        ("Accueil des nouveaux habitants", "Encombrants", "Incivilités"), (2, 12),
        ("Distribution du guide d’accueil.", "Information sur la collecte des encombrants."),
        ("Action d’information.", ""),
    ),
}  # fmt: skip
AUDIENCES = {
    "Habitants": 8,
    "Nouveaux habitants": 2,
    "Résidents des structures médico-sociales": 2,
    "Salariés": 2,
    "Étudiants": 4,
    "Chalands": 1,
}
OUTCOMES = {
    ReferenceActivity.CONF: (
        Outcome.RESOLU,
        Outcome.RESOLU,
        Outcome.AMELIORE,
        Outcome.EN_COURS,
        Outcome.ECHEC,
    ),
    ReferenceActivity.RELA: (Outcome.ORIENTE, Outcome.ORIENTE, Outcome.RESOLU, Outcome.EN_COURS),
    ReferenceActivity.VEIL: ("", Outcome.EN_COURS, Outcome.RESOLU, Outcome.SANS_SUITE),
}
# Objectives that a médiateur picks by hand, against what type and theme would give.
ON_PURPOSE = {
    ReferenceActivity.CONC: ("3.1", "3.2", "4.1"),
    ReferenceActivity.PROJ: ("2.3", "3.1", "2.2"),
    ReferenceActivity.INFO: ("2.1", "4.2"),
    ReferenceActivity.INCO: ("2.1",),
}


class DemoRefused(RuntimeError):
    """Invented data was about to be loaded where real data lives."""


@transaction.atomic
def load_demo(
    today: date, *, scale: int = 1, published: int = 0, draw: Draw = one_by_one
) -> Programme:
    """Makes the demonstration; an earlier one stays as it is.

    Raises DemoRefused unless HUMANICITE_DEMO is set. `scale` multiplies the activities; of `published`
    months the syntheses are published, each of which takes a few seconds to draw.
    """
    if not settings.DEMO:
        raise DemoRefused("set HUMANICITE_DEMO=1: invented data never mixes with real data")
    known = Programme.objects.filter(slug=SLUG).first()
    if known:
        return known
    content = read(CONVENTION)
    programme = load(content, programme_slug=SLUG, is_demo=True).programme
    renew_until(content, today, programme_slug=SLUG)
    _make_accounts(programme, today)
    make_convention_life(programme, today)
    _make_contacts(programme)
    _make_presets(programme)
    work = _Work(programme, today, scale)
    work.make()
    make_signalements(programme, work.author, today)
    make_meetings(programme, today)
    validate_roadmap(programme, today)
    make_minutes(programme, today)
    make_news(programme, today)
    make_indicators(programme, today)
    make_syntheses(programme, today, published, draw)
    return programme


def _make_accounts(programme: Programme, today: date) -> None:
    hashed = make_password(PASSWORD)
    for email, function, party, role in ACCOUNTS:
        access = grant_access(
            email=email,
            function=function,
            role=role,
            starts=date(today.year - 1, 1, 1),
            by=None,
            party=Party.objects.get(programme=programme, slug=party),
        )
        User.objects.filter(pk=access.user_id).update(password=hashed)
    for email, function, party, days in INVITED:
        day = today - timedelta(days=days)
        access = grant_access(
            email=email,
            function=function,
            role=Role.PARTENAIRE,
            starts=day,
            by=None,
            party=Party.objects.get(programme=programme, slug=party),
        )
        access.note_invitation(timezone.make_aware(datetime.combine(day, time(10))))


# name, type, place, minutes, theme: what the médiateur notes by a touch.
PRESETS = (
    ("Tournée du matin", ReferenceActivity.PAP, "humanicite", 45, ""),
    ("Présence au parc", ReferenceActivity.PAP, "parc-capinghem", 30, "Regroupements"),
    ("Halls Vinci", ReferenceActivity.PAP, "residence-vinci", 30, "Occupation de halls"),
    ("Constat d’éclairage", ReferenceActivity.VEIL, "allee-nord", 15, "Éclairage"),
    ("Permanence", ReferenceActivity.INCO, "ateliers", 60, "Accès aux droits"),
    ("Médiation de voisinage", ReferenceActivity.CONF, None, 45, "Conflits de voisinage"),
)
# Two entries whose note seems to tell a dwelling: something to reread.
TO_REREAD = ("Échange au logement 204, situation à suivre.", "Appel reçu de la chambre 12.")


def _make_presets(programme: Programme) -> None:
    author = User.objects.get(email=ACCOUNTS[0][0])
    places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
    themes = {row.name: row for row in Theme.objects.of_programme(programme.pk)}
    for rank, (name, type_, place, minutes, theme) in enumerate(PRESETS, start=1):
        Preset.objects.create(
            programme=programme,
            author=author,
            name=name,
            type=type_,
            minutes=minutes,
            rank=rank,
            place=places.get(place or ""),
            theme=themes.get(theme),
        )


def _make_contacts(programme: Programme) -> None:
    for contact in Contact.objects.of_programme(programme.pk).select_related("party"):
        contact.email = f"contact-{contact.party.slug}@example.org"
        contact.full_clean()
        contact.save()


class _Work:
    """Fourteen months of activities and of other work, day by day."""

    def __init__(self, programme: Programme, today: date, scale: int) -> None:
        self.random = random.Random(2019)  # noqa: S311  # nosec B311: invented data, not a secret
        # Its own, so that other work changes nothing of the activities.
        self.random_trade = random.Random(600)  # noqa: S311  # nosec B311: invented data
        self.random_hours = random.Random(1607)  # noqa: S311  # nosec B311: invented data
        self.programme, self.today, self.scale = programme, today, scale
        self.author = User.objects.get(email=ACCOUNTS[0][0])
        self.places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
        self.themes = {
            row.name: row
            for row in Theme.objects.of_programme(programme.pk).select_related("objective")
        }
        self.audiences = {row.name: row for row in Audience.objects.of_programme(programme.pk)}
        self.defaults: dict[str, Objective] = {
            row.type: row.objective
            for row in DefaultObjective.objects.of_programme(programme.pk).select_related(
                "objective"
            )
        }
        self.objectives = {
            f"{row.axis.number}.{row.number}": row
            for row in Objective.objects.of_programme(programme.pk).select_related("axis")
        }
        self.activities: list[Activity] = []
        self.head_counts: list[HeadCount] = []
        self.hours: list[TimeEntry] = []

    def make(self) -> None:
        first = self.today.replace(day=1)
        for _ in range(MONTHS - 1):
            first = (first - timedelta(days=1)).replace(day=1)
        day = first
        while day <= self.today:
            before = len(self.activities)
            for _ in range(self.scale):
                self.fill(day)
            if len(self.activities) > before and not is_day_off(day):
                self.work_beside(day)
            day += timedelta(days=1)
        make_situations(self.programme, self.author, self.today, self.activities)
        make_roadmaps(self.programme, self.today, self.activities)
        for activity, note in zip(self.activities[-40::20], TO_REREAD, strict=True):
            activity.internal_note, activity.review = note, Review.PENDING
        made = bulk_create_with_history(
            self.activities, Activity, batch_size=500, default_user=self.author
        )
        for count, activity in zip(self.head_counts, self._owners(made), strict=True):
            count.activity = activity
        bulk_create_with_history(
            self.head_counts, HeadCount, batch_size=500, default_user=self.author
        )
        bulk_create_with_history(self.hours, TimeEntry, batch_size=500, default_user=self.author)

    def _owners(self, made: list[Activity]) -> list[Activity]:
        by_uid = {row.uid: row for row in made}
        return [by_uid[count.activity.uid] for count in self.head_counts]

    def fill(self, day: date) -> None:
        """One day: a full one, a quiet one in August, now and then a Saturday, never a holiday."""
        pick = self.random
        if is_day_off(day):
            saturday = day.weekday() == 5 and pick.random() < 0.3
            wanted = pick.randint(2, 4) if saturday else 0
        else:
            supervised = day.weekday() == SUPERVISED_ON
            wanted = pick.randint(4, 6) if supervised else pick.randint(7, 12)
            if day.month == 8:
                wanted = wanted // 2 if day.day < 12 or day.day > 22 else 0
        if day == self.today:
            wanted = 4
        first_hour = 14 if day.weekday() == SUPERVISED_ON else 9
        at = datetime.combine(day, time(first_hour, pick.choice((0, 15, 30))))
        kinds = pick.choices(
            list(HABITS), weights=[habit.weight for habit in HABITS.values()], k=wanted
        )
        worked = 0
        # What happens in the evening comes last in the day.
        late = [pick.random() < HABITS[kind].evening and day != self.today for kind in kinds]
        for kind, evening in sorted(zip(kinds, late, strict=True), key=lambda pair: pair[1]):
            if evening and at.hour < 19:
                at = datetime.combine(day, time(19, pick.choice((0, 15))))
            self.add(kind, day, at.time())
            minutes = self.activities[-1].minutes
            at += timedelta(minutes=minutes + pick.choice((0, 5, 10)))
            worked += minutes
            if at.hour >= 21 or worked >= FULL_DAY:
                break

    # Long: one activity from beginning to end, in the order in which chance is asked.
    def add(self, kind: ReferenceActivity, day: date, starts_at: time) -> None:
        pick, habit = self.random, HABITS[kind]
        theme = self.themes.get(pick.choice(habit.themes))
        # The south halls grow restless through the last spring: a trend to find.
        place = self.places[pick.choice(habit.places)]
        if kind == ReferenceActivity.CONF and day > self.today - timedelta(days=200):
            place = self.places["hall-vinci-sud"] if pick.random() < 0.4 else place
        objective = (theme.objective if theme else None) or self.defaults.get(kind)
        if kind in ON_PURPOSE and pick.random() < 0.6:
            objective = self.objectives[pick.choice(ON_PURPOSE[kind])]
        noted = pick.random() < 0.6
        activity = Activity(
            uid=self._uid(),
            programme=self.programme,
            type=kind,
            place=place,
            day=day,
            minutes=pick.choice(habit.minutes),
            starts_at=starts_at if pick.random() < 0.9 else None,
            theme=theme,
            objective=objective,
            origin=pick.choice(RequestOrigin.values)
            if pick.random() < 0.4
            else RequestOrigin.MEDIATEUR,
            outcome=pick.choice(OUTCOMES.get(kind, ("",))),
            internal_note=pick.choice(habit.notes) if noted else "",
            summary=pick.choice(habit.summaries) if noted and habit.summaries else "",
            author=self.author,
        )
        self.add_what_its_type_has(activity)
        self.activities.append(activity)
        people = pick.randint(*habit.people)
        names = pick.choices(list(AUDIENCES), weights=list(AUDIENCES.values()), k=2)
        for name in sorted(set(names)):
            if people > 0:
                share = people if name == names[-1] else pick.randint(1, people)
                self.head_counts.append(
                    HeadCount(
                        activity=activity,
                        audience=self.audiences[name],
                        count=share,
                        band=pick.choice((AgeBand.ADULTES, AgeBand.JEUNES, AgeBand.NON_PRECISE)),
                    )
                )
                people -= share

    def add_what_its_type_has(self, activity: Activity) -> None:
        """Its chance is its own: what the rest of the demonstration tells does not depend on it."""
        pick = self.random_trade
        if activity.type == ReferenceActivity.CONF and pick.random() < 0.8:
            activity.conflict_form = pick.choices(ConflictForm.values, weights=(6, 3, 1))[0]
        if activity.type == ReferenceActivity.RELA:
            activity.partner_kind = pick.choice(
                (PartyKind.TOWN, PartyKind.LANDLORD, PartyKind.HEALTH, PartyKind.OTHER, "")
            )
            activity.consent = pick.choice((Consent.OUI, Consent.OUI, Consent.SANS_OBJET, ""))
            if pick.random() < 0.3:
                activity.outcome = Outcome.RELAIS
        if activity.outcome == Outcome.ECHEC and pick.random() < 0.3:
            activity.outcome, activity.refusal = Outcome.REFUSE, pick.choice(Refusal.values)

    def work_beside(self, day: date) -> None:
        """What fills the week to about 35 hours, and half a day of supervision apart (R28, R30)."""
        pick = self.random_hours
        self.spend(
            TimeKind.PREPARATION,
            day,
            pick.choice((30, 45, 45)),
            time(8, 30),
            pick.choice(("Saisie de la veille", "Préparation de la journée", "")),
        )
        if day == self.today:
            return
        if day.weekday() == SUPERVISED_ON:
            self.spend(TimeKind.ENCADREMENT, day, 210, time(9), "Point hebdomadaire")
        if day.weekday() in (0, 2):
            self.spend(TimeKind.DEPLACEMENT, day, pick.choice((20, 30)), None, "")
        if day.weekday() in (0, 3):
            self.spend(
                TimeKind.REUNION,
                day,
                pick.choice((60, 90)),
                time(13, 30),
                pick.choice(("Réunion d’équipe", "Rencontre avec un partenaire")),
            )
        if day.weekday() == 4 and day.day <= 7:
            self.spend(TimeKind.FORMATION, day, 120, time(14), "Médiation et droit")
        if day.weekday() == 4 and 15 <= day.day <= 21:
            self.spend(TimeKind.ANALYSE, day, 120, time(14), "Séance de groupe")

    def spend(
        self, kind: TimeKind, day: date, minutes: int, starts_at: time | None, note: str
    ) -> None:
        self.hours.append(
            TimeEntry(
                uid=self._uid(self.random_hours),
                programme=self.programme,
                user=self.author,
                kind=kind,
                day=day,
                minutes=minutes,
                starts_at=starts_at,
                note=note,
            )
        )

    def _uid(self, draw: random.Random | None = None) -> uuid.UUID:
        return uuid.UUID(int=(draw or self.random).getrandbits(128), version=4)


@transaction.atomic
def remove_demo() -> bool:
    """Removes the demonstration whole, history and journal included; False when there was none."""
    programme = Programme.objects.filter(slug=SLUG, is_demo=True).first()
    if programme is None:
        return False
    key = programme.pk
    parties = list(Party.objects.of_programme(key).values_list("pk", flat=True))
    users = list(
        User.objects.filter(memberships__party__in=parties)
        .exclude(memberships__party__programme__is_demo=False)
        .values_list("pk", flat=True)
    )
    indicators = list(Indicator.objects.of_programme(key).values_list("pk", flat=True))
    remove_mails(programme)
    remove_meetings(programme)
    programme.delete()
    # Deleting leaves a last version of each row behind; with invented data that goes too.
    activities = Activity.history.filter(programme_id=key)
    HeadCount.history.filter(activity_id__in=activities.values("id")).delete()
    activities.delete()
    TimeEntry.history.filter(programme_id=key).delete()
    QuarterNews.history.filter(programme_id=key).delete()
    remove_roadmap_histories(key)
    remove_indicator_histories(indicators)
    remove_histories(key)
    remove_signalement_histories(key)
    Party.history.filter(programme_id=key).delete()
    Perimeter.history.filter(party_id__in=parties).delete()
    Membership.history.filter(party_id__in=parties).delete()
    JournalEntry.objects.purge_demo(key)
    EmailAddress.objects.filter(user__in=users).delete()
    User.objects.filter(pk__in=users).delete()
    return True

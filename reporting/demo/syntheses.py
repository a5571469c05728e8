"""Invented syntheses: the last months published, the running one begun, advice in every state."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from governance.models import Membership, Party, Place, Programme, Theme
from governance.rights import Role
from humanicite.lib.dates import add_working_days
from mediation.models import Activity
from reporting.figures.people import settle_month
from reporting.models import MonthlySynthesis, Recommendation, RecommendationState
from reporting.periods import Period
from reporting.syntheses import actions, texts

PUBLISHED_ON = 8  # the working day of the next month
TITLES = (
    "La présence continue, les halls s’apaisent",
    "Un mois soutenu, des suites qui avancent",
    "Moins de tensions, des équipements à réparer",
)
SAID = {
    "demande": "Dire au prochain comité de suivi qui répare ce qui reste signalé, et pour quand.",
    "activites": (
        "La présence de proximité garde la première place\u00a0: elle permet d’entendre tôt ce qui "
        "n’irait jamais jusqu’à un courrier.\nLes conflits traités l’ont été le plus souvent par des "
        "allers et retours entre les personnes, sans table ronde."
    ),
    "axes": (
        "Le cadre de vie occupe toujours l’essentiel du temps. La part des projets collectifs dépend "
        "du calendrier des partenaires, plus que des besoins."
    ),
    "lieux": (
        "Les nuisances sonores restent le premier motif, en soirée surtout. L’accès aux droits "
        "progresse avec les permanences partagées."
    ),
    "signalements": (
        "Les accusés de réception arrivent vite. Ce qui dure tient à des travaux dont la date n’est "
        "pas fixée\u00a0: les dire en comité évite de relancer."
    ),
    "indicateurs": (
        "La présence et les tournées tiennent leurs cibles. Les conflits apaisés restent sous une cible "
        "ambitieuse\u00a0: deux situations longues pèsent sur le trimestre."
    ),
}
REVIEWED = {
    **SAID,
    "demande": "Fixer au prochain comité de pilotage les priorités de l’année qui vient.",
    "logements": "1 240",
    "cadre": (
        "La convention lie les communes, l’association et l’opérateur autour d’un même quartier, à "
        "cheval sur deux territoires. Elle confie au médiateur une présence quotidienne, et aux parties "
        "le soin de donner suite."
    ),
    "moyens": (
        "Les heures suivent le rythme convenu. Les soirées pèsent davantage l’été, et sont reprises en "
        "repos les semaines suivantes."
    ),
    "partenariat": (
        "Les relais sont connus et répondent. Les mises en relation aboutissent mieux quand le premier "
        "rendez-vous est pris avec la personne."
    ),
    "projets": (
        "Les projets menés avec les habitants se préparent au printemps. Deux idées attendent un lieu "
        "et un budget."
    ),
    "impacts": (
        "Les écarts relevés ne disent pas leur cause. Sur le terrain, les mêmes lieux se calment quand "
        "l’éclairage et l’entretien suivent."
    ),
    "utilite": (
        "La tranquillité est le premier registre en temps passé. La reconnaissance progresse\u00a0: les "
        "habitants viennent d’eux-mêmes vers la médiation."
    ),
    "perspectives": (
        "Poursuivre les tournées du soir, ouvrir une permanence d’accès aux droits, et dater en comité "
        "les réparations attendues."
    ),
}
# Kind, what, to whom, state, days ago, what was answered, theme.
ADVICE = (
    ("ajustement", "Avancer d’une heure les tournées du vendredi soir", "asl",
     RecommendationState.DONE, 95, "Fait depuis septembre.", "Nuisances sonores"),
    ("action", "Tenir une permanence d’accès aux droits chaque quinzaine", "lille-lomme",
     RecommendationState.ACCEPTED, 60, "Accord de principe, salle à trouver.", "Accès aux droits"),
    ("action", "Réunir les bailleurs sur les dépôts d’encombrants", "asl",
     RecommendationState.PROPOSED, 25, "", "Encombrants"),
    ("ajustement", "Afficher le numéro du service dans les halls", "capinghem",
     RecommendationState.REFUSED, 70, "L’affichage relève des copropriétés.", "Incivilités"),
    ("action", "Fixer un calendrier des réparations d’éclairage", "capinghem",
     RecommendationState.PROPOSED, 20, "", "Éclairage"),
)  # fmt: skip


def make_syntheses(programme: Programme, today: date, published: int, draw: actions.Draw) -> None:
    """The last `published` months that are over, the oldest first, then the running month's draft."""
    by = Membership.objects.select_related("party__programme", "user").get(
        party__programme=programme, role=Role.COORDINATION
    )
    _advise(programme, today)
    running = Period.holding("mois", today)
    months = running.previous.months_until_end(published) if published else []
    worked = Activity.objects.of_programme(programme.pk).filter(day__lt=running.first)
    for first in worked.order_by().values_list("day__year", "day__month").distinct():
        settle_month(programme=programme, month=Period("mois", *first), today=today)
    for number, month in enumerate(months):
        synthesis = _written(programme, month, by, today, TITLES[number % len(TITLES)])
        day = min(add_working_days(month.last, PUBLISHED_ON), today)
        now = timezone.make_aware(datetime.combine(day, time(10, 30)))
        _entered_in_time(programme, month)
        actions.validate(synthesis=synthesis, by=by, now=now)
        actions.publish(synthesis=synthesis, by=by, now=now, is_sent=False, draw=draw)
    if published:
        _review(programme, today, by, draw)
    draft, _ = actions.prepare(programme=programme, period=running, by=by, today=today)
    for key in ("activites", "signalements"):
        _write(draft, key, SAID[key], by)


def _review(programme: Programme, today: date, by: Membership, draw: actions.Draw) -> None:
    """The bilan of the last half-year that is over, published; that of the running year begun."""
    half = Period.holding("semestre", today).previous
    review, _ = actions.prepare(programme=programme, period=half, by=by, today=today)
    for key, text in {
        texts.TITLE: "Une présence installée, des suites à dater",
        **REVIEWED,
    }.items():
        _write(review, key, text, by)
    day = min(add_working_days(half.last, 20), today)
    now = timezone.make_aware(datetime.combine(day, time(11)))
    actions.validate(synthesis=review, by=by, now=now)
    actions.publish(synthesis=review, by=by, now=now, is_sent=False, draw=draw)
    year = Period.holding("annee", today)
    draft, _ = actions.prepare(programme=programme, period=year, by=by, today=today)
    for key in ("cadre", "partenariat"):
        _write(draft, key, REVIEWED[key], by)


def _written(
    programme: Programme, month: Period, by: Membership, today: date, title: str
) -> MonthlySynthesis:
    synthesis, _ = actions.prepare(programme=programme, period=month, by=by, today=today)
    _write(synthesis, texts.TITLE, title, by)
    for key, text in SAID.items():
        _write(synthesis, key, text, by)
    return synthesis


def _write(synthesis: MonthlySynthesis, key: str, text: str, by: Membership) -> None:
    actions.write_passage(
        synthesis=synthesis, key=key, perimeter=None, text=text, read_version=0, by=by
    )


def _entered_in_time(programme: Programme, month: Period) -> None:
    """As if each activity of the month had been noted by its end, and none after its publication."""
    noted = timezone.make_aware(datetime.combine(month.last, time(19)))
    rows = Activity.objects.of_programme(programme.pk).between(month.first, month.last)
    rows.update(created_at=noted, updated_at=noted)


def _advise(programme: Programme, today: date) -> None:
    parties = {row.slug: row for row in Party.objects.of_programme(programme.pk)}
    root = Place.objects.get(programme=programme, parent=None)
    for kind, title, to, state, ago, answer, theme in ADVICE:
        issued = today - timedelta(days=ago)
        row = Recommendation.objects.create(
            programme=programme,
            kind=kind,
            title=title,
            party=parties[to],
            issued_on=issued,
            is_draft=False,
            state=state,
            answer=answer,
            answered_on=None if state == RecommendationState.PROPOSED else issued + timedelta(14),
        )
        row.places.add(root)
        row.themes.set(Theme.objects.filter(programme=programme, name=theme))

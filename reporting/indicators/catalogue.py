"""Ready indicators of the trade: chosen, read over and saved."""

from dataclasses import dataclass

from humanicite.lib.dates import NBSP

from .models import Direction, IndicatorKind, PeriodKind, Register


@dataclass(frozen=True)
class Ready:
    """`theme`: the name of the programme's theme that it is about, where it has such a one."""

    key: str
    name: str
    kind: str
    register: str
    measure: str
    direction: str
    period: str
    target: str = ""
    justification: str = ""
    type: str = ""
    theme: str = ""
    known_issues: str = ""
    unit: str = ""


_OUT, _RES, _IMP = IndicatorKind.OUTPUT, IndicatorKind.RESULT, IndicatorKind.IMPACT
_MORE, _LESS, _WATCH = Direction.AT_LEAST, Direction.AT_MOST, Direction.WATCH
_MONTH, _QUARTER, _YEAR = PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR
_COH, _INN, _TRA, _ECO, _REC = Register

READY = (
    Ready(
        "heures", "Heures d’activité de médiation", _OUT, _TRA, "R1", _MORE, _MONTH, "110",
        "La convention promet un temps de présence\u00a0: c’est le premier engagement à vérifier.",
    ),
    Ready(
        "presence", "Part du temps en présence de proximité", _OUT, _TRA, "R2", _MORE, _MONTH, "30",
        "La présence régulière prévient plus qu’elle ne répare.", type="PAP",
    ),
    Ready(
        "tournees", "Tournées de proximité", _OUT, _TRA, "R3", _MORE, _MONTH, "40",
        "Des passages réguliers font connaître le service et rassurent.",
    ),
    Ready(
        "contacts", "Contacts avec les habitants et les usagers", _OUT, _COH, "R4", _WATCH, _MONTH,
        "", "Donne l’ordre de grandeur de la présence, pas le nombre d’habitants touchés.",
        known_issues="Contacts additionnés\u00a0: une même personne peut être rencontrée plusieurs fois.",
    ),
    Ready(
        "decalees", "Part du temps en soirée, le week-end ou un jour férié", _OUT, _TRA, "R6", _MORE,
        _QUARTER, "25", "Les tensions se jouent souvent hors des heures de bureau.",
        known_issues="Les activités sans heure de début ne comptent pas comme soirée.",
    ),
    Ready(
        "signalements", "Signalements transmis", _OUT, _TRA, "R7", _WATCH, _MONTH, "",
        "Dit ce que la veille fait remonter aux partenaires.",
    ),
    Ready(
        "orientations", "Mises en relation avec un partenaire", _OUT, _COH, "R8", _MORE, _MONTH, "10",
        "Le médiateur ne remplace aucun service\u00a0: il y conduit.",
    ),
    Ready(
        "projets", "Projets et chantiers accompagnés", _OUT, _COH, "R15", _MORE, _YEAR, "4",
        "Les projets collectifs créent les liens qui durent après la médiation.",
    ),
    Ready(
        "feuille", "Avancement de la feuille de route", _OUT, _REC, "R11", _MORE, _QUARTER, "80",
        "Ce qui a été prévu ensemble est-il fait\u00a0?",
    ),
    Ready(
        "demandes", "Part des interventions à la demande", _OUT, _REC, "R13", _WATCH, _QUARTER, "",
        "Un service reconnu est un service auquel on fait appel.",
    ),
    Ready(
        "formation", "Personnes informées ou formées", _OUT, _INN, "R16", _MORE, _QUARTER, "60",
        "Transmettre aux habitants de quoi régler eux-mêmes leurs différends.",
    ),
    Ready(
        "semaine", "Couverture de la semaine", _OUT, _TRA, "R17", _MORE, _MONTH, "50",
        "Montre les moments où personne n’est jamais là.",
    ),
    Ready(
        "conflits", "Conflits apaisés", _RES, _TRA, "S1", _MORE, _QUARTER, "70",
        "Le cœur du métier\u00a0: ce que deviennent les conflits dont le médiateur s’est occupé.",
    ),
    Ready(
        "resolus", "Signalements résolus, vérifiés sur place", _RES, _TRA, "S2", _MORE, _QUARTER, "60",
        "Un signalement n’a d’effet que s’il est suivi jusqu’au bout.",
    ),
    Ready(
        "accuses", "Signalements accusés par un destinataire", _RES, _REC, "S3", _MORE, _MONTH, "90",
        "La première marque du partenariat\u00a0: savoir que c’est reçu.",
    ),
    Ready(
        "delai", "Délai médian d’accusé de réception", _RES, _REC, "S4", _LESS, _MONTH, "3",
        "Mesure la réactivité du réseau, sans que quelques retards la masquent.",
    ),
    Ready(
        "cloture", "Délai médian de clôture d’un signalement", _RES, _ECO, "S5", _LESS, _QUARTER, "20",
        "Plus une dégradation dure, plus elle coûte et plus elle en appelle d’autres.",
    ),
    Ready(
        "recurrence", "Récurrence au même lieu après clôture", _RES, _ECO, "S8", _LESS, _YEAR, "20",
        "Ce qui revient n’a pas été traité dans sa cause.",
    ),
    Ready(
        "actions", "Actions décidées en comité faites à temps", _RES, _REC, "S9", _MORE, _QUARTER, "75",
        "Les comités servent à décider\u00a0: on vérifie que les décisions sont suivies.",
    ),
    Ready(
        "preconisations", "Préconisations acceptées", _RES, _INN, "S10", _MORE, _YEAR, "60",
        "Dit si ce que la médiation observe change la façon de faire des partenaires.",
    ),
    Ready(
        "prise", "Signalements pris en main sous 3\u00a0jours ouvrés", _RES, _REC, "S11", _MORE,
        _QUARTER, "70", "Complète le délai médian\u00a0: la part de ceux qui n’attendent pas.",
    ),
    Ready(
        "refus", "Refus et réorientations d’une thématique", _RES, _REC, "S13", _LESS, _YEAR, "15",
        "Beaucoup de réorientations\u00a0: les rôles sont à clarifier entre partenaires.",
    ),
    Ready(
        "bruit", "Évolution des nuisances sonores sur un an", _IMP, _TRA, "I1", _LESS, _QUARTER, "0",
        "La tranquillité se juge dans la durée, à saison égale.", theme="Nuisances sonores",
        known_issues="Plus de présence fait aussi voir davantage de situations.",
    ),
    Ready(
        "climat", "Climat rencontré en tournée", _IMP, _TRA, "I2", _MORE, _MONTH, "3,5",
        "Un ressenti noté de la même façon à chaque tournée finit par dire quelque chose.",
        known_issues="Note donnée par le médiateur\u00a0: elle dépend de qui la donne.",
    ),
    Ready(
        "utiles", "Habitants qui jugent la médiation utile", _IMP, _COH, "I4", _MORE, _YEAR, "75",
        "La parole des premiers concernés, recueillie par enquête.",
        known_issues="Ceux qui répondent ne représentent pas tous les habitants.",
    ),
    Ready(
        "effet", "Partenaires qui constatent un effet", _IMP, _REC, "I5", _MORE, _YEAR, "75",
        "Ceux qui travaillent dans le quartier voient-ils une différence\u00a0?",
    ),
)  # fmt: skip
BY_KEY = {one.key: one for one in READY}
BY_HAND = f"Valeur saisie à la main{NBSP}: une enquête, un relevé fait ailleurs"

"""What an activity's fields are called in the headers of other people's files."""

import re
from dataclasses import dataclass

from humanicite.lib.dates import format_duration
from humanicite.lib.text import fold
from mediation.activities.exports import IDENTITY
from mediation.activities.models import LONGEST, SHORTEST


@dataclass(frozen=True)
class Field:
    """`names`: what a header that is this field begins with, folded. `listed`: its values are
    those of a list, so that an unknown one can be matched by hand. `filled`: optional, but a column
    that is it has a value in each row."""

    key: str
    label: str
    expected: str
    names: str = ""
    required: bool = False
    listed: bool = False
    filled: bool = False


def _known(of: str) -> str:
    return f"{of}, ou une valeur que vous associez"


DURATION = (
    f"une durée de {format_duration(SHORTEST)} à {format_duration(LONGEST)} : 45, 45 min, 1h30 ou "
    "1,5 h"
)
FIELDS = (
    Field("day", "Date", "une date passée : 31/01/2024 ou 2024-01-31",
          r"date(?! (?:de |d')?(?:saisie|creation|modification|mise a jour|envoi|naissance))|jour",
          required=True),
    Field("type", "Type d’activité", _known("un des huit types, son code ou son libellé"),
          r"type(?! (?:de |du |d')?(?:public|habitant|logement|partenaire|conflit))|activite|action|nature"
          "|categorie",
          required=True, listed=True),
    Field("place", "Lieu", _known("un lieu du dispositif"),
          "lieu|endroit|adresse|secteur|site|ilot|emplacement|quartier|residence|batiment",
          required=True, listed=True),
    Field("minutes", "Durée", DURATION,
          r"(?:duree|temps|tps)(?! (?:du |de )?(?:trajet|deplacement))|minutes|nb minutes|nombre de minutes"),
    Field("hours", "Durée, en heures", f"{DURATION} ; un nombre seul est en heures",
          r"(?:duree|temps).*\b(?:heures?|h)\b|heures(?: travaillees)?$|nb (?:d')?heures|nombre d'heures"),
    Field("ends_at", "Heure de fin", "une heure : 16h ou 16:00",
          r"(?:h(?:eure)? (?:de )?)?fin|heure d'arret"),
    Field("starts_at", "Heure de début", "une heure : 14h30 ou 14:30", "heure|(?:h (?:de )?)?debut|horaire"),
    Field("second_theme", "Seconde thématique", _known("une thématique du dispositif"),
          r"(?:second\w*|deuxieme|2e) them\w*|them\w* 2", listed=True),
    Field("theme", "Thématique (une ou deux)", _known("une ou deux thématiques du dispositif"),
          "theme|thematique|sujet", listed=True),
    Field("objective", "Objectif", _known("un objectif par son numéro, comme 2.3"), "objectif",
          listed=True),
    Field("outcome", "Suite donnée", _known("une suite connue"), "suite|resultat|issue",
          listed=True),
    Field("origin", "Origine de la demande", _known("une origine connue"),
          "origine|demande|source", listed=True),
    Field("refusal", "Motif du refus ou du retrait", _known("un motif connu"),
          "motif|raison du refus", listed=True),
    Field("conflict_form", "Forme du conflit", _known("une forme connue"),
          "(?:forme|type) (?:de |du )?conflit", listed=True),
    Field("partner_kind", "Type de partenaire", _known("un type de partenaire connu"),
          "(?:type (?:de |du )?)?partenaire", listed=True),
    Field("consent", "Accord recueilli", _known("oui ou sans objet"), "accord|consentement",
          listed=True),
    Field("worker", "Médiateur", _known("un médiateur du dispositif"),
          r"(?:nom (?:du |de l')?)?(?:mediateur|mediatrice|intervenante?|agent|salariee?|auteur)|"
          "(?:fait|realise|saisi) par", listed=True, filled=True),
    Field("internal_note", "Note interne", "un texte de 4 000 caractères au plus",
          "note|observation|commentaire|remarque|description|descriptif|detail"),
    Field("summary", "Résumé partageable", "un texte de 1 000 caractères au plus",
          "resume|synthese"),
    Field("uid", IDENTITY.title, "l’identifiant que nos exports écrivent",
          "identifiant humanicite"),
)  # fmt: skip
HOURS = next(field for field in FIELDS if field.key == "hours")


def plain(text: str) -> str:
    """A header without accents, capitals, signs and line breaks."""
    return " ".join(re.sub(r"[^\w'() ]|_", " ", fold(text)).split())


def in_minutes(header: str) -> bool:
    """Whether a header says that its numbers are minutes."""
    return bool(re.search(r"\bmin", plain(header)))


def field_of(header: str) -> str | None:
    """The key of the field that a header names, but for the people met."""
    name = plain(header)
    for field in (HOURS, *FIELDS):
        if field is HOURS and in_minutes(header):
            continue
        if field.names and re.match(rf"(?:{field.names})(?!\w)|(?:{field.names})s\b", name):
            return field.key
    return None


def fields_named(headers: list[str]) -> int:
    """How many different fields a row of a table would name, were it the header."""
    return len({key for key in map(field_of, headers) if key})

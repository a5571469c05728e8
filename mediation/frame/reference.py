"""The eight reference activities of social mediation (its norm is the convention’s; R20, R22)."""

from django.db.models import TextChoices


class ReferenceActivity(TextChoices):
    PAP = "PAP", "Assurer une présence active de proximité"
    CONF = "CONF", "Prévenir et gérer les situations conflictuelles"
    INCO = "INCO", "Lever les incompréhensions entre les personnes et les institutions"
    VEIL = "VEIL", "Participer à une veille sociale et technique territoriale"
    RELA = "RELA", "Mettre en relation avec un partenaire"
    CONC = "CONC", "Faciliter la concertation entre les habitants et les institutions"
    PROJ = "PROJ", "Favoriser les projets collectifs, supports de médiation sociale"
    INFO = "INFO", "Informer, sensibiliser et/ou former"

    @property
    def short(self) -> str:
        """Two words for a tile on a phone or a row of a chart."""
        return SHORT[self]

    @property
    def tile(self) -> str:
        """The same, with a place where the longest word may break on a narrow phone."""
        return self.short.replace("Incompréhensions", "Incompré\u00adhensions")


SHORT = {
    ReferenceActivity.PAP: "Présence de proximité",
    ReferenceActivity.CONF: "Conflits",
    ReferenceActivity.INCO: "Incompréhensions",
    ReferenceActivity.VEIL: "Veille",
    ReferenceActivity.RELA: "Mise en relation",
    ReferenceActivity.CONC: "Concertation",
    ReferenceActivity.PROJ: "Projets collectifs",
    ReferenceActivity.INFO: "Information",
}

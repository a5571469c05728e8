"""The text of a convention as lines: what a version keeps, and what is compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.template.defaultfilters import floatformat

from humanicite.templatetags.french import datefr, euros, number

from .models import Convention, ProvisionKind

# [section, key, label, value]: a list, since a version keeps it as JSON.
Line = list[str]
KINDS = {ProvisionKind.MEANS: "Moyens", ProvisionKind.COMMITMENT: "Engagements"}


@dataclass(frozen=True)
class Difference:
    """One line of two texts; None where a text does not have it."""

    section: str
    label: str
    before: str | None
    after: str | None

    @property
    def state(self) -> str:
        """« identique », « modifié », « ajouté » or « retiré »."""
        if self.before == self.after:
            return "identique"
        if self.before is None:
            return "ajouté"
        return "retiré" if self.after is None else "modifié"


def _day(value: date | None) -> str:
    return datefr(value) if value else ""


def terms_of(convention: Convention) -> list[Line]:
    """The whole text, in the order of the page; what was done since (payments, states) is not text."""
    return [
        *_own(convention),
        *_signatories(convention),
        *_money(convention),
        *_provisions(convention),
    ]


def _own(convention: Convention) -> Iterable[Line]:
    carrier = str(convention.finances_by or "")
    values = (
        ("Termes", "name", "Nom", convention.name),
        ("Termes", "starts", "Du", _day(convention.starts)),
        ("Termes", "ends", "Au", _day(convention.ends)),
        ("Termes", "operator", "Opérateur", str(convention.operator)),
        ("Termes", "background", "Historique", convention.background),
        ("Cadre", "norm", "Norme", convention.norm),
        ("Cadre", "charter", "Charte", convention.charter),
        ("Cadre", "not_replaced", "Ne remplace pas", convention.not_replaced),
        ("Moyens humains", "mediators", "Médiateurs", str(convention.mediators)),
        ("Moyens humains", "yearly_hours", "Heures par an", number(convention.yearly_hours)),
        (
            "Moyens humains",
            "weekly_hours",
            "Heures par semaine",
            floatformat(convention.weekly_hours),
        ),
        ("Moyens humains", "supervision", "Encadrement", convention.supervision),
        ("Termes", "originals", "Exemplaires originaux", str(convention.originals or "")),
        ("Financement", "cost", "Coût, net de TVA", euros(convention.cost)),
        ("Financement", "finances_by", "Porte les finances", carrier),
        ("Financement", "finances_since", "Depuis le", _day(convention.finances_since)),
    )
    return ([*line] for line in values if line[3])


def _signatories(convention: Convention) -> Iterable[Line]:
    for row in convention.signatories.select_related("party"):
        said = (row.represented_by, row.office, row.deliberation)
        key = f"signatory-{row.party_id}"
        yield ["Signataires", key, row.party.name, " · ".join(part for part in said if part)]


def _money(convention: Convention) -> Iterable[Line]:
    for row in convention.contributions.select_related("payer", "payee"):
        key = f"contribution-{row.payer_id}-{row.payee_id}"
        yield ["Financement", key, f"{row.payer} verse à {row.payee}", euros(row.amount)]


def _provisions(convention: Convention) -> Iterable[Line]:
    for row in convention.provisions.select_related("party"):
        key = f"provision-{row.kind}-{row.party_id}-{row.text}"
        yield [KINDS[ProvisionKind(row.kind)], key, str(row.party or "Signataires"), row.text]


def compare(before: list[Line], after: list[Line]) -> list[Difference]:
    """Line by line, in the order of `after`; what it dropped comes at the end of its section."""
    old = {key: (section, label, value) for section, key, label, value in before}
    new = {key: (section, label, value) for section, key, label, value in after}
    sections = list(dict.fromkeys(row[0] for row in [*after, *before]))
    rows = [
        Difference(section, label, old[key][2] if key in old else None, value)
        for key, (section, label, value) in new.items()
    ] + [
        Difference(section, label, value, None)
        for key, (section, label, value) in old.items()
        if key not in new
    ]
    return sorted(rows, key=lambda row: sections.index(row.section))


def changed(rows: Iterable[Difference]) -> list[Difference]:
    return [row for row in rows if row.state != "identique"]

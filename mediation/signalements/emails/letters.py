"""What a mail about signalements says."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from governance.models import ActionItem, Contact, Programme
from humanicite.lib.dates import MONTHS, NBSP

from ..links import link_token
from ..models.deliveries import DeliveryKind
from ..models.recipients import Recipient, Reply
from ..models.signalements import Signalement, Urgency

# What a place's name may begin with and still be written small within a sentence.
_COMMON = re.compile(
    r"(Allée|Avenue|Bâtiment|Boulevard|Chemin|Cour|Entrée|Esplanade|Gare|Hall|Îlot|Jardin|Parc|"
    r"Parking|Parvis|Passage|Place|Quai|Résidence|Rue|Square|Station|Terrain|Tour)\b"
)


@dataclass
class Letter:
    """What the mail's templates show."""

    recipients: list[Recipient]
    kind: str
    today: date
    has_pdf: bool
    copies: int = 0
    copy_of: Recipient | None = None
    text: str = ""
    phone: str = ""
    # With the link by which each is said to be done.
    actions: list[tuple[ActionItem, str]] = field(default_factory=list)

    @property
    def first(self) -> Recipient:
        return self.recipients[0]

    @property
    def items(self) -> list["Item"]:
        return [Item(row, self.today) for row in self.recipients]

    @property
    def programme(self) -> Programme:
        return self.first.signalement.programme

    @property
    def is_urgent(self) -> bool:
        return any(row.signalement.urgency == Urgency.IMMEDIATE for row in self.recipients)

    @property
    def is_reminder(self) -> bool:
        return self.kind == DeliveryKind.REMINDER

    @property
    def asks_for_news(self) -> bool:
        """Of signalements that were all taken up."""
        return self.is_reminder and all(row.acknowledged_at for row in self.recipients)

    @property
    def is_link(self) -> bool:
        return self.kind == DeliveryKind.LINK

    @property
    def is_mixed(self) -> bool:
        """Of signalements some of which were taken up."""
        return self.is_reminder and any(row.acknowledged_at for row in self.recipients)

    @property
    def is_notice(self) -> bool:
        return self.kind == DeliveryKind.NOTICE

    @property
    def is_over(self) -> bool:
        """Of a signalement that takes no answer any more; such a mail is about one signalement."""
        return self.first.signalement.has_ended

    @property
    def succeeds(self) -> Recipient | None:
        """Whose signalement it was, for who takes it over."""
        if self.kind != DeliveryKind.SIGNALEMENT or self.first.pk is None:
            return None
        return max(self.first.predecessors.all(), key=lambda row: row.pk, default=None)

    @property
    def takes_replies(self) -> bool:
        return bool(settings.REPLY_ADDRESS)


@dataclass
class Item:
    """One signalement within a mail, and the links of its answers."""

    recipient: Recipient
    today: date

    @property
    def signalement(self) -> Signalement:
        return self.recipient.signalement

    @property
    def has_answered(self) -> bool:
        return bool(self.recipient.reply)

    @property
    def is_late(self) -> bool:
        return self.signalement.is_overdue(self.today)

    @property
    def link(self) -> str:
        path = reverse("signalement_answer", kwargs={"token": link_token(self.recipient)})
        return f"{settings.SITE_URL}{path}"

    @property
    def received(self) -> str:
        return self._choice(Reply.RECU)

    @property
    def taken(self) -> str:
        return self._choice(Reply.EN_CHARGE)

    @property
    def elsewhere(self) -> str:
        return self._choice(Reply.AUTRE)

    def _choice(self, reply: str) -> str:
        return f"{self.link}?{urlencode({'choix': str(reply)})}"


def service_phone(programme_id: int, today: date) -> str:
    """The number that the operator gave for its function, if it did."""
    found = Contact.service_phones(programme_id, today)
    return found.values_list("phone", flat=True).first() or ""


def subject(signalement: Signalement, prefix: str = "") -> str:
    """« Signalement 2026-142 : éclairage éteint, allée nord (réponse au plus tard le 14 mars) »."""
    where = signalement.where or signalement.place.name
    if _COMMON.match(where):
        where = where[0].lower() + where[1:]
    what = signalement.title.strip().rstrip(".")
    if what[1:2].islower():
        what = what[0].lower() + what[1:]
    kind = f"{prefix}signalement" if prefix else "Signalement"
    by_when = "" if signalement.has_ended else f" ({_by_when(signalement)})"
    return f"{kind} {signalement.reference}{NBSP}: {what}, {where}{by_when}"


def _by_when(signalement: Signalement) -> str:
    day = signalement.due_on
    if day is None:
        return "réponse attendue"
    said = f"{'1er' if day.day == 1 else day.day}{NBSP}{MONTHS[day.month - 1]}"
    if day.year != signalement.year:
        said += f" {day.year}"
    if signalement.urgency == Urgency.IMMEDIATE:
        return f"urgent, réponse le {said}"
    return f"réponse au plus tard le {said}"

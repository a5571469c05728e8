"""Invented signalements for the demonstration: about ten a month, in every state. No mail leaves.

What was followed up is what `followup.due` says of the days gone by, so that the timer finds the
demonstration as it would find real work.
"""

import random
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from governance.models import Contact, Membership, Party, Place, Programme, Theme, User
from governance.rights import Role
from humanicite.lib.dates import add_working_days, is_day_off, working_days_between
from humanicite.lib.mail.inbound import Incoming, Kind
from mediation.followup import steps
from mediation.inbound.actions import take
from mediation.models import (
    Activity,
    Channel,
    Delivery,
    DeliveryKind,
    EventKind,
    Recipient,
    RecipientState,
    Relay,
    Reminder,
    Reply,
    RoutingRule,
    Signalement,
    SignalementEvent,
    SignalementState,
    Urgency,
)
from mediation.signalements.actions.answers import end_round
from mediation.signalements.actions.state import due_on
from mediation.signalements.emails.outbox import keep_as_sent

MONTHS = 6
A_MONTH = 10
# Numbers that the regulator keeps for fiction.
PHONE = "03 53 01 {:02d} {:02d}"

# (party, function, is back-up): beside the contacts that the agreement names.
CONTACTS = (
    ("asl", "Gestionnaire technique", True),
    ("capinghem", "Direction des services techniques", True),
    ("lille-lomme", "Responsable du cadre de vie", True),
    ("mel", "Unité territoriale, voirie", False),
    ("icl", "Vie étudiante", False),
    ("citeo", "Médiateur, téléphone de service", False),
)
# (place, group of themes or theme or nothing, party)
RULES = (
    ("humanicite", "", "asl"),
    ("cote-capinghem", "Propreté", "capinghem"),
    ("cote-capinghem", "Équipement", "capinghem"),
    ("cote-capinghem", "Mobilité", "capinghem"),
    ("cote-lomme", "Propreté", "lille-lomme"),
    ("cote-lomme", "Mobilité", "lille-lomme"),
    ("cote-lomme", "Équipement", "lille-lomme"),
    ("cote-lomme", "Voirie", "mel"),
    ("residence-vinci", "", "asl"),
    ("hall-vinci-sud", "", "asl"),
    ("residence-etudiante", "", "icl"),
)


@dataclass(frozen=True)
class Subject:
    """What is often reported: where, on what theme, in which words, to which party."""

    theme: str
    title: str
    place: str
    party: str
    expected: str
    description: str
    where: str = ""
    urgency: Urgency = Urgency.NORMALE
    also: tuple[str, ...] = ()  # places where the same is seen


SUBJECTS = (
    Subject("Éclairage", "Éclairage éteint", "allee-nord", "lille-lomme",
            "Remettre en service", "Trois candélabres éteints, l’allée est sombre dès 18 h.",
            "entre le métro et les Ateliers", also=("metro", "parvis-hopital", "ilot-ateliers")),
    Subject("Dépôts sauvages", "Dépôt de gravats", "parc-capinghem", "capinghem",
            "Enlever le dépôt", "Gravats et sacs, le tas grossit.", "derrière l’aire de jeux",
            also=("ilot-verger", "ilot-vinci", "cote-capinghem")),
    Subject("Encombrants", "Encombrants au pied de l’immeuble", "residence-vinci", "asl",
            "Faire enlever", "Matelas et meubles hors du jour de collecte.", "côté parking",
            also=("hall-vinci-sud", "ilot-vinci")),
    Subject("Voirie", "Nid-de-poule", "parvis-hopital", "mel",
            "Reboucher", "Un trou dans le passage piéton, dangereux pour les fauteuils.",
            also=("allee-nord", "metro", "ilot-hopital")),
    Subject("Espaces verts", "Branche cassée au-dessus du chemin", "jardins-partages", "capinghem",
            "Sécuriser, puis élaguer", "La branche pend au-dessus du passage.", "",
            Urgency.HAUTE, ("parc-capinghem", "ilot-verger")),
    Subject("Ascenseurs et accès", "Porte du hall qui ne ferme plus", "hall-vinci-sud", "asl",
            "Réparer le ferme-porte", "La porte reste ouverte jour et nuit.", "entrée sud",
            also=("residence-vinci", "ilot-verger")),
    Subject("Dégradations", "Banc cassé", "parc-capinghem", "capinghem",
            "Réparer ou déposer", "Une latte manque, des vis dépassent.", "près du kiosque",
            also=("jardins-partages", "ilot-vinci")),
    Subject("Épaves", "Véhicule abandonné", "metro", "lille-lomme",
            "Enlever le véhicule", "Sans plaque, vitre cassée.", "niveau bas",
            also=("ilot-hopital", "ilot-ateliers", "allee-nord")),
    Subject("Stationnement", "Stationnement sur le cheminement piéton", "parvis-hopital",
            "lille-lomme", "Empêcher l’accès", "Chaque jour aux heures de visite.",
            also=("allee-nord", "ateliers")),
    Subject("Jets", "Objets jetés des fenêtres", "residence-etudiante", "icl",
            "Rappeler le règlement", "Bouteilles et mégots sur la terrasse du dessous.", "",
            Urgency.FAIBLE, ("ilot-ateliers",)),
    Subject("Éclairage", "Lampadaire qui clignote", "residence-vinci", "asl",
            "Changer la lampe", "Clignote toute la nuit devant les chambres.", "allée centrale",
            also=("hall-vinci-sud", "ilot-vinci", "ilot-verger")),
    Subject("Dépôts sauvages", "Sacs déposés près des jardins", "jardins-partages", "capinghem",
            "Enlever, poser un rappel", "Le dépôt revient chaque semaine.",
            also=("ilot-verger", "cote-capinghem")),
)  # fmt: skip


@dataclass(frozen=True)
class Fate:
    """What became of a signalement. Days are working days: after the sending, until the reply and until
    the closure; without a reply the recipient stays silent."""

    state: SignalementState
    reply: Reply | None = None
    replied_after: int = 1
    closed_after: int = 0
    reason: str = ""
    redirect_to: str = ""
    promised_in: int | None = None
    failed: bool = False
    is_confidential: bool = False
    called: bool = False
    redirected: str = ""  # the party that it was then sent to
    mail: tuple[Kind, str, str] | None = None  # that came in from its recipient: subject and text


DONE = SignalementState.RESOLU_VERIFIE
# What becomes of most of them, months ago.
USUAL: tuple[tuple[int, Fate], ...] = (
    (9, Fate(DONE, Reply.RESOLU, 2, 9)),
    (6, Fate(DONE, Reply.EN_CHARGE, 1, 14)),
    (4, Fate(DONE, Reply.RESOLU, 5, 21)),
    (2, Fate(DONE, Reply.RECU, 0, 6)),
    (2, Fate(SignalementState.NON_RESOLU, Reply.RECU, 4, 35, "Sans suite après deux relances")),
    (1, Fate(SignalementState.ANNULE, None, 0, 3, "Déjà traité par les services")),
    (1, Fate(SignalementState.REORIENTE, Reply.AUTRE, 3, 3, redirect_to="Métropole, voirie")),
)
# (working days ago, subject, fate): those that show each state, the most recent last.
TOLD: tuple[tuple[int, int, Fate], ...] = (
    (23, 3, Fate(SignalementState.PRIS_EN_CHARGE, Reply.EN_CHARGE, 2, promised_in=12)),
    (19, 9, Fate(SignalementState.ENVOYE, called=True)),
    (17, 0, Fate(SignalementState.ACCUSE, Reply.RECU, 1)),
    (14, 2, Fate(SignalementState.RESOLU_DECLARE, Reply.RESOLU, 6)),
    (12, 6, Fate(SignalementState.ENVOYE, mail=(
        Kind.AUTO, "Réponse automatique : absence",
        "Le service est fermé jusqu’à lundi. Votre message sera lu au retour."))),
    (9, 8, Fate(SignalementState.ENVOYE, Reply.AUTRE, 2, redirect_to="Métropole, voirie",
                redirected="mel")),
    (8, 11, Fate(SignalementState.PRIS_EN_CHARGE, Reply.EN_CHARGE, 1, promised_in=14, mail=(
        Kind.PERSON, "Re: Sacs déposés près des jardins",
        "Bonjour,\nl’équipe propreté passe jeudi matin. Nous poserons aussi un panneau."))),
    (6, 7, Fate(SignalementState.ENVOYE, failed=True)),
    (5, 5, Fate(SignalementState.ACCUSE, Reply.RECU, 2, is_confidential=True)),
    (4, 1, Fate(SignalementState.ENVOYE)),
    (2, 10, Fate(SignalementState.PRIS_EN_CHARGE, Reply.EN_CHARGE, 1, promised_in=9)),
    (1, 4, Fate(SignalementState.ENVOYE)),
)  # fmt: skip


def make_signalements(programme: Programme, author: User, today: date) -> None:
    """Contacts with their back-ups, the rules that propose them, and six months of signalements."""
    _make_contacts(programme, today)
    prefetch_related_objects([programme], "reminder_days")
    _Signalements(programme, author, today).make()


def _make_contacts(programme: Programme, today: date) -> None:
    parties = {row.slug: row for row in Party.objects.of_programme(programme.pk)}
    first = date(today.year - 1, 1, 1)
    for slug, function, is_backup in CONTACTS:
        local = f"contact-{slug}{'-suppleant' if is_backup else ''}"
        contact = Contact(
            party=parties[slug],
            function=function,
            is_backup=is_backup,
            starts=first,
            email=f"{local}@example.org",
        )
        contact.full_clean()
        contact.save()
    for n, contact in enumerate(Contact.objects.of_programme(programme.pk).order_by("pk")):
        contact.phone = PHONE.format(n // 100, n % 100)
        contact.save()
    places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
    themes = {row.name: row for row in Theme.objects.of_programme(programme.pk)}
    for place, what, party in RULES:
        rule = RoutingRule(
            programme=programme,
            place=places[place],
            party=parties[party],
            theme=themes.get(what),
            group="" if what in themes else what,
        )
        rule.full_clean()
        rule.save()


class _Signalements:
    """Six months of signalements, in the order of their sending."""

    def __init__(self, programme: Programme, author: User, today: date) -> None:
        self.random = random.Random(72)  # noqa: S311  # nosec B311: invented data, not a secret
        self.programme, self.author, self.today = programme, author, today
        self.places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
        self.themes = {row.name: row for row in Theme.objects.of_programme(programme.pk)}
        contacts = Contact.objects.of_programme(programme.pk).select_related("party")
        self.main = {row.party.slug: row for row in contacts if not row.is_backup}
        self.coordination = Membership.objects.filter(
            party__programme=programme, role=Role.COORDINATION
        ).first()
        self.numbers: dict[int, int] = {}
        self.subjects: list[Subject] = []
        self.fates: list[Fate] = []

    def make(self) -> None:
        told = {self._ago(days): (SUBJECTS[which], fate) for days, which, fate in TOLD}
        oldest_told = min(told)
        day = self.today - timedelta(days=30 * MONTHS)
        plan: list[tuple[date, Subject, Fate]] = []
        for n in range(MONTHS * A_MONTH - len(TOLD)):
            sent = day + timedelta(days=n * (30 * MONTHS - 34) // (MONTHS * A_MONTH - len(TOLD)))
            while is_day_off(sent):
                sent += timedelta(days=1)
            if sent < oldest_told:
                plan.append((sent, self._subject(), self._usual(sent)))
        plan += [(sent, *what) for sent, what in told.items()]
        for sent, subject, fate in sorted(plan, key=lambda each: each[0]):
            self._one(sent, subject, fate)
        self._draft()
        self._keep_mails()
        # One that names no signalement: the coordination says whose it is.
        self._mail(
            Kind.PERSON,
            "services-techniques@example.org",
            "Éclairage de l’allée nord",
            "Bonjour,\nune équipe est passée hier soir : il manque une pièce, attendue mardi.",
            self._at(self._ago(1), 9, 12),
        )

    def _mail(
        self, kind: Kind, sender: str, subject: str, text: str, at: datetime, answers: str = ""
    ) -> None:
        """A mail that came in; `answers`: the Message-ID of ours that it answers."""
        name = f"<{self._uid().hex}@example.org>"
        incoming = Incoming(
            name,
            name,
            kind,
            sender,
            references=[answers] if answers else [],
            subject=subject,
            text=text,
        )
        take(incoming, now=at)

    def _subject(self) -> Subject:
        """Each as often as the others, in no order, here and there."""
        if not self.subjects:
            self.subjects = self.random.sample(SUBJECTS, len(SUBJECTS))
        subject = self.subjects.pop()
        place = self.random.choice((subject.place, *subject.also))
        return subject if place == subject.place else replace(subject, place=place, where="")

    def _usual(self, sent: date) -> Fate:
        """One that is over by now; over the months each as often as `USUAL` says."""
        if not any(self._is_over(fate, sent) for fate in self.fates):
            deck = [fate for weight, fate in USUAL for _ in range(weight)]
            self.fates += self.random.sample(deck, len(deck))
        fate = next(fate for fate in self.fates if self._is_over(fate, sent))
        self.fates.remove(fate)
        return fate

    def _is_over(self, fate: Fate, sent: date) -> bool:
        return add_working_days(sent, fate.closed_after) < self.today

    def _ago(self, working_days: int) -> date:
        day = self.today
        while working_days_between(day, self.today) < working_days or is_day_off(day):
            day -= timedelta(days=1)
        return day

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    def _uid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def _new(self, subject: Subject, day: date) -> Signalement:
        theme = self.themes[subject.theme]
        seen = Activity.objects.of_programme(self.programme.pk).filter(
            theme=theme, day__lte=day, day__gte=day - timedelta(days=7), signalements=None
        )
        return Signalement(
            uid=self._uid(),
            programme=self.programme,
            title=subject.title,
            place=self.places[subject.place],
            where=subject.where,
            theme=theme,
            since=self.random.choice(("", "la veille", "trois jours", "une semaine")),
            description=subject.description,
            expected=subject.expected,
            urgency=subject.urgency,
            observed_on=day,
            author=self.author,
            activity=seen.order_by("-day", "pk").first(),
        )

    def _draft(self) -> None:
        day = self._ago(1)
        signalement = self._new(SUBJECTS[3], day)
        signalement.title = "Bordure descellée"
        self._save(signalement, self._at(day, 17))
        signalement.chosen.set([self.main["mel"]])

    def _save(self, row: Any, at: datetime) -> None:
        row.full_clean()
        row._history_user, row._history_date = self.author, at
        row.save()

    # Long: a course from beginning to end, in the order of its days.
    def _one(self, day: date, subject: Subject, fate: Fate) -> None:
        signalement = self._new(subject, day)
        at = self._at(day, self.random.randint(9, 16), self.random.choice((5, 20, 40)))
        self._save(signalement, at - timedelta(minutes=15))
        self.numbers[day.year] = self.numbers.get(day.year, 0) + 1
        signalement.year, signalement.number = day.year, self.numbers[day.year]
        signalement.sent_at, signalement.due_on = at, due_on(signalement, day)
        signalement.is_confidential = fate.is_confidential
        signalement.is_open_to_perimeter = not fate.is_confidential
        signalement.state = SignalementState.ENVOYE
        self._save(signalement, at)
        recipient = self._recipient(signalement, subject.party, at, failed=fate.failed)
        self._tell(signalement, EventKind.SENT, at, "Envoyé", user=self.author)
        if not fate.failed:
            self._tell(
                signalement,
                EventKind.HANDED,
                at,
                "Remis au serveur de courriel",
                recipient=recipient,
            )
        replied_on = add_working_days(day, fate.replied_after) if fate.reply else None
        taken: dict[str, date] = {}
        over = add_working_days(day, fate.closed_after) if fate.closed_after else self.today
        self._follow(recipient, taken, day, min(replied_on or over, over), called=fate.called)
        if fate.reply and replied_on:
            self._reply(signalement, recipient, fate, replied_on)
        if fate.redirected:
            again = self._at(add_working_days(day, fate.replied_after + 1), 10)
            other = self._recipient(signalement, fate.redirected, again)
            self._tell(
                signalement,
                EventKind.REDIRECTED,
                again,
                f"Adressé à {other}",
                recipient=other,
                user=self.author,
            )
            self._follow(other, {}, again.date(), self.today)
        self._end(signalement, fate, day)
        if fate.mail:
            kind, about, text = fate.mail
            self._mail(
                kind,
                recipient.email,
                about,
                text,
                self._at(add_working_days(day, 1), 14, 25),
                answers=recipient.deliveries.get().message_id,
            )
        if replied_on:
            self._follow(recipient, {}, replied_on, self.today)
        Signalement.objects.filter(pk=signalement.pk).update(created_at=at, updated_at=at)

    def _keep_mails(self) -> None:
        """Those of open signalements lie in the demonstration's mailbox, to be answered at once."""
        waiting = Delivery.objects.filter(
            recipient__signalement__programme=self.programme,
            recipient__signalement__closed_on__isnull=True,
            recipient__successor__isnull=True,
            kind=DeliveryKind.SIGNALEMENT,
            handed_at__isnull=False,
        )
        for delivery in waiting.order_by("handed_at", "pk"):
            keep_as_sent(delivery)

    # Long: every date of a recipient's row, in the order in which they come.
    def _recipient(
        self, signalement: Signalement, party: str, at: datetime, *, failed: bool = False
    ) -> Recipient:
        contact = self.main[party]
        handed = None if failed else at + timedelta(minutes=1)
        row = Recipient(
            signalement=signalement,
            party=contact.party,
            contact=contact,
            function=contact.function,
            email=contact.email,
            handed_at=handed,
            nonce=self._uid(),
            state=RecipientState.ECHEC if failed else RecipientState.REMIS,
        )
        self._save(row, at)
        Recipient.objects.filter(pk=row.pk).update(added_at=at)
        row.added_at = at
        error = "550 5.1.1 Adresse inconnue" if failed else ""
        Delivery.objects.create(
            recipient=row,
            kind=DeliveryKind.SIGNALEMENT,
            handed_at=handed,
            attempts=1,
            error=error,
            failed_at=at + timedelta(minutes=1) if failed else None,
            message_id=f"<signalement.{self._uid().hex}@example.org>",
        )
        if failed:
            contact.bounced_on = timezone.localtime(at).date()
            contact.save()
            self._tell(
                signalement,
                EventKind.FAILED,
                at,
                f"Envoi en échec : {row}",
                recipient=row,
                text=error,
                is_internal=True,
            )
        return row

    def _follow(
        self,
        recipient: Recipient,
        taken: dict[str, date],
        day: date,
        until: date,
        *,
        called: bool = False,
    ) -> None:
        """The steps that the days between two called for; today's are the timer's."""
        signalement, last = recipient.signalement, min(until, self.today)
        while (day := day + timedelta(days=1)) < last:
            step = steps.due(recipient, taken, day)
            if step is None:
                continue
            taken[step] = day
            done_on = add_working_days(day, 1) if called and step == steps.Step.CALL else None
            Reminder.objects.create(recipient=recipient, step=step, day=day, done_on=done_on)
            at = self._at(day, 8)
            if step in steps.BY_MAIL:
                self._tell(
                    signalement,
                    EventKind.REMINDED,
                    at,
                    f"{step.label} : {recipient}",
                    recipient=recipient,
                )
            elif step == steps.Step.CALL:
                self._to_call(signalement, recipient, at)
                if done_on:
                    self._call(signalement, recipient, done_on)
            else:
                self._tell(
                    signalement,
                    EventKind.COMMITTEE,
                    at,
                    f"Proposé au comité, sans réponse : {recipient}",
                    recipient=recipient,
                    is_internal=True,
                )

    def _to_call(self, signalement: Signalement, recipient: Recipient, at: datetime) -> None:
        if recipient.state != RecipientState.ECHEC:
            recipient.state = RecipientState.SILENCIEUX
            self._save(recipient, at)
            self._tell(
                signalement,
                EventKind.SILENT,
                at,
                f"Sans réponse : {recipient}",
                recipient=recipient,
            )
        self._tell(
            signalement,
            EventKind.CALL,
            at,
            f"À appeler : {recipient}",
            recipient=recipient,
            is_internal=True,
        )

    def _call(self, signalement: Signalement, recipient: Recipient, day: date) -> None:
        note = "Message laissé, rappel demandé."
        Relay.objects.create(
            uid=self._uid(),
            programme=self.programme,
            signalement=signalement,
            party=recipient.party,
            contact=recipient.contact,
            channel=Channel.TELEPHONE,
            day=day,
            note=note,
            author=self.coordination.user if self.coordination else self.author,
        )
        self._tell(
            signalement,
            EventKind.RELAY,
            self._at(day, 11),
            f"Téléphone : {recipient.party}",
            text=note,
            is_internal=True,
        )

    def _reply(self, signalement: Signalement, recipient: Recipient, fate: Fate, day: date) -> None:
        at = self._at(min(day, self.today), 10, 30)
        recipient.reply = str(fate.reply)
        recipient.acknowledged_at = at
        recipient.state = RecipientState.ACCUSE
        if fate.reply != Reply.RECU:
            recipient.state, recipient.answered_at = RecipientState.REPONDU, at
        recipient.redirect_to = fate.redirect_to
        if fate.reply == Reply.EN_CHARGE:
            recipient.promised_on = add_working_days(day, fate.promised_in or 8)
        end_round(recipient)
        self._save(recipient, at)
        self._tell(
            signalement, EventKind.REPLIED, at, recipient.get_reply_display(), recipient=recipient
        )

    def _end(self, signalement: Signalement, fate: Fate, day: date) -> None:
        """Where it stands now, and how it came there."""
        if fate.state == SignalementState.ENVOYE:
            return
        closed_on = add_working_days(day, fate.closed_after) if fate.closed_after else None
        at = self._at(closed_on or min(add_working_days(day, fate.replied_after), self.today), 11)
        signalement.state, signalement.closed_on, signalement.reason = (
            fate.state,
            closed_on,
            fate.reason,
        )
        signalement.version += 1
        self._save(signalement, at)
        if closed_on:
            self._tell(
                signalement,
                EventKind.STATE,
                at,
                signalement.get_state_display(),
                user=self.author,
                text=fate.reason,
            )

    def _tell(
        self, signalement: Signalement, kind: EventKind, at: datetime, title: str, **more: object
    ) -> None:
        SignalementEvent.objects.create(
            signalement=signalement, kind=kind, at=at, title=title, **more
        )


def remove_signalement_histories(programme_id: int) -> None:
    """What is left of invented signalements once their programme is gone."""
    signalements = Signalement.history.filter(programme_id=programme_id)
    Recipient.history.filter(signalement_id__in=signalements.values("id")).delete()
    signalements.delete()

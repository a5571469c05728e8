"""The whole life of one comité de suivi, from the date that proposes itself to the next meeting,
which reviews what this one asked for. Mails, mailbox and calendars are real; the clock is turned."""

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as hour
from email.message import EmailMessage
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import page as pdf_checker
import pypdf
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect

from governance.meetings.links import reply_address
from governance.models import ActionItem, Invitation, Meeting, Minutes
from humanicite.lib.mail.sending import send_due

from ..imap import Imap
from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check

PARIS = ZoneInfo("Europe/Paris")
TOWN, OWNERS = "contact-town-a-essai@example.org", "contact-owners-essai@example.org"
LAMPS, BINS = "Chiffrer le remplacement des lampes", "Écrire aux résidents sur les bacs"


@dataclass
class Life:
    """Who takes part: a quarter, its browsers, its mails as a server has them, its clock."""

    world: World
    visit: Callable[..., Page]
    smtp: Any
    imap: Imap
    turn: Callable[[datetime], None]

    def to(self, day: date, at: hour = hour(10)) -> None:
        self.turn(datetime.combine(day, at, PARIS))

    def mails(self, address: str) -> list[EmailMessage]:
        send_due()
        found = [self.smtp.read(number) for number in range(len(self.smtp.messages))]
        return [mail for mail in found if mail["To"] == address]

    def last(self, address: str) -> EmailMessage:
        return self.mails(address)[-1]

    def link(self, address: str, beginning: str, after: str = "") -> str:
        """The address of a page that the last mail to somebody leads to, `after` some words."""
        said = said_in(self.last(address)).partition(after)[2] if after else ""
        said = said or said_in(self.last(address))
        return next(word for word in said.split() if f"/{beginning}/" in word)

    def by_link(self, address: str, beginning: str, after: str = "") -> Page:
        """That page, on a phone, without an account."""
        page = self.visit(None, PHONE)
        page.goto(self.link(address, beginning, after))
        return page

    def event(self, address: str) -> tuple[str, str, int, Any]:
        """METHOD, UID, SEQUENCE of the last calendar that somebody was sent, and its event."""
        part = next(one for one in self.last(address).walk() if is_calendar(one))
        calendar = Calendar.from_ical(part.get_content())
        event = calendar.walk("VEVENT")[0]
        assert part.get_param("method") == calendar["METHOD"]
        return str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), event

    def reply(self, invitation: Invitation, partstat: str, sequence: int) -> str:
        """As a calendar answers by mail; what `fetch_replies` says."""
        self.imap.put(itip(invitation, partstat, sequence))
        said = io.StringIO()
        call_command("fetch_replies", stdout=said)
        return said.getvalue().strip()


def is_calendar(part: Any) -> bool:
    return bool(part.get_content_type() == "text/calendar")


def words(mail: EmailMessage) -> list[str]:
    body: Any = mail.get_body(("plain",))
    return str(body.get_content()).split()


def said_in(mail: EmailMessage) -> str:
    return " ".join(words(mail))


def itip(invitation: Invitation, partstat: str, sequence: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = invitation.email, reply_address(invitation)
    mail["Subject"] = "Réponse : Comité de suivi"
    mail["Message-ID"] = f"<{partstat}.{sequence}.{invitation.pk}@example.org>"
    mail.set_content("Réponse de l’agenda.")
    text = "\r\n".join([
        "BEGIN:VCALENDAR", "PRODID:-//Agenda//FR", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:seance-{invitation.meeting.uid.hex}@humanicite", f"SEQUENCE:{sequence}",
        "DTSTAMP:20260401T090000Z",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{invitation.email}",
        "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    mail.make_alternative()
    part = MIMEText(text, "calendar", "utf-8")
    part.set_param("method", "REPLY")
    mail.attach(part)
    return mail


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Imap]:
    started = Imap()
    yield started
    started.stop()


@pytest.fixture
def life(
    world: World, visit: Any, smtp: Any, mailbox: Imap, settings: Any, live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Life:  # fmt: skip
    cache.clear()  # what an earlier test asked too often
    settings.SITE_URL, settings.REPLY_ADDRESS = live_server.url, "reponses@example.org"
    settings.IMAP_URL = mailbox.url
    world.contact("town-a").__class__.objects.create(
        party=world.parties["owners"], function="Présidente", email=OWNERS,
        starts=date(2024, 1, 1),
    )  # fmt: skip

    def turn(to: datetime) -> None:
        since = time.monotonic()
        passed = lambda: timedelta(seconds=time.monotonic() - since)  # noqa: E731
        monkeypatch.setattr(timezone, "now", lambda: to + passed())

    made = Life(world, visit, smtp, mailbox, turn)
    made.to(date(2026, 3, 18))
    return made


# --- Before ---------------------------------------------------------------------------------------
def propose(life: Life) -> Meeting:
    """The séance that proposes itself, and its date found together."""
    page = life.visit("coordination", LAPTOP)
    page.goto("/comites/")
    page.get_by_role("button", name=re.compile("Préparer la séance du 21")).click()
    expect(page.get_by_text("Rien n’est envoyé")).to_be_visible()
    meeting = Meeting.objects.get(state="draft")
    page.get_by_role("link", name="Trouver une date").click()
    for number, day in enumerate((14, 15, 16), 1):
        group = page.get_by_role("group", name=f"Créneau {number}")
        group.get_by_label("Date").fill(f"2026-04-{day}")
        group.get_by_label("Début").fill("14h")
        group.get_by_label("Fin").fill("16h")
    page.get_by_role("button", name="Proposer ces dates").click()
    expect(page.get_by_text("Dates proposées : les invités sont prévenus")).to_be_visible()
    for address, suits in ((TOWN, (1, 2)), (OWNERS, (1,))):
        theirs = life.by_link(address, "seance")
        for number in range(3):
            group = theirs.get_by_role("group").nth(number)
            group.get_by_role("radio", name="Oui" if number in suits else "Non").check()
        confirm(theirs, "Confirmer")
        expect(theirs.get_by_text("Vos réponses sont enregistrées")).to_be_visible()
    page.reload()
    page.get_by_role("button", name=re.compile("Retenir le 15")).click()
    expect(page.get_by_text("Il reste à convoquer")).to_be_visible()
    meeting.refresh_from_db()
    assert meeting.day == date(2026, 4, 15)
    return meeting


def confirm(page: Page, button: str) -> None:
    """By a person, who has read the page first."""
    page.wait_for_timeout(2100)
    page.get_by_role("button", name=button).click()


def convene(life: Life, meeting: Meeting, *points: str, accepted: tuple[str, ...] = ()) -> None:
    page = life.visit("coordination", LAPTOP)
    page.goto(f"/comites/seances/{meeting.pk}/ordre-du-jour/")
    for title in accepted:
        page.get_by_role("button", name=f"Retenir : {title}").click()
        expect(page.get_by_text(f"À l’ordre du jour : « {title}")).to_be_visible()
    for title in points:
        page.get_by_label("Point", exact=True).fill(title)
        page.get_by_role("button", name="Ajouter").click()
        expect(page.get_by_text(f"Ajouté : « {title} »")).to_be_visible()
    page.get_by_role("link", name="Convoquer").click()
    page.get_by_role("button", name="Convoquer").click()
    expect(page.get_by_text("courriels partent")).to_be_visible()


def convocation(life: Life, meeting: Meeting) -> None:
    """As mailboxes and calendars have it."""
    mail = life.last(TOWN)
    assert "Action en retard" in said_in(mail)
    assert "Éclairage du parvis" in said_in(mail)
    pdf = next(one for one in mail.walk() if one.get_content_type() == "application/pdf")
    assert "Éclairage du parvis" in text_of(pdf.get_payload(decode=True))
    for address in (TOWN, OWNERS):
        method, uid, sequence, event = life.event(address)
        assert (method, uid, sequence) == ("REQUEST", f"seance-{meeting.uid.hex}@humanicite", 0)
        assert event["ATTENDEE"] == f"mailto:{address}"
        assert event.decoded("DTSTART") == datetime(2026, 4, 15, 14, tzinfo=PARIS)


def answers(life: Life, meeting: Meeting) -> None:
    """By the link of the mail, and from the calendar."""
    theirs = life.visit(None, PHONE)
    theirs.goto(f"{life.link(TOWN, 'seance')}?choix=present")
    confirm(theirs, "Confirmer")
    expect(theirs.get_by_text("Votre réponse est enregistrée : présent")).to_be_visible()
    owners = meeting.invitations.get(email=OWNERS)
    assert life.reply(owners, "ACCEPTED", 0) == "matched: 1"
    assert set(meeting.invitations.values_list("answer", flat=True)) == {"present"}


def update(life: Life, meeting: Meeting) -> None:
    """Other hours: told once to everybody, in their calendar too, and asked anew."""
    page = life.visit("coordination", LAPTOP)
    page.goto(f"/comites/seances/{meeting.pk}/modifier/")
    page.get_by_label("Fin", exact=True).fill("17h")
    page.get_by_label("Lieu").fill("Mairie annexe")
    page.get_by_role("button", name="Enregistrer et prévenir").click()
    expect(page.get_by_text("seront prévenus des changements")).to_be_visible()
    life.to(date(2026, 3, 18), hour(11))
    for address in (TOWN, OWNERS):
        method, uid, sequence, event = life.event(address)
        assert (method, uid, sequence) == ("REQUEST", f"seance-{meeting.uid.hex}@humanicite", 1)
        assert event["LOCATION"] == "Mairie annexe"
    owners = meeting.invitations.get(email=OWNERS)
    assert owners.answer == ""
    life.reply(owners, "DECLINED", 0)  # to the hours before
    owners.refresh_from_db()
    assert owners.answer == ""
    life.reply(owners, "DECLINED", 1)
    owners.refresh_from_db()
    assert owners.answer == "excused"
    theirs = life.visit(None, PHONE)
    theirs.goto(f"{life.link(TOWN, 'seance')}?choix=present")
    confirm(theirs, "Confirmer")
    expect(theirs.get_by_text("Votre réponse est enregistrée : présent")).to_be_visible()


# --- During, and after ----------------------------------------------------------------------------
def write(life: Life, meeting: Meeting) -> None:
    """Two writers, in two browsers at once."""
    first, second, third = meeting.items.order_by("rank", "pk")
    address = f"/comites/seances/{meeting.pk}/compte-rendu/"
    one, two = life.visit("mediateur", LAPTOP), life.visit("coordination", LAPTOP)
    one.goto(address), two.goto(address)
    expect(one.get_by_role("heading", name="D’abord : les actions")).to_be_visible()
    point = one.locator(f"#point-{first.pk}")
    point.get_by_label("Information").fill("Les lampes sont anciennes.")
    point.get_by_label("Décision").first.fill("Remplacer les lampes de l’allée.")
    action(point, LAMPS, "town-a")
    theirs = two.locator(f"#point-{second.pk}")
    theirs.get_by_label("Information").fill("Les bacs restent dehors.")
    action(theirs, BINS, "owners")
    for where in (point, theirs):
        expect(where.locator("[data-saved]")).to_contain_text("Enregistré à")
    expect(one.locator(f"#point-{second.pk}").get_by_label("Information")).to_have_value(
        "Les bacs restent dehors."
    )
    last = one.locator(f"#point-{third.pk}")
    last.get_by_role("radio", name="Non abordé").check()
    expect(last.locator("[data-saved]")).to_contain_text("Enregistré à")
    two.reload()
    expect(two.locator(f"#point-{first.pk}").get_by_label("Information")).to_have_value(
        "Les lampes sont anciennes."
    )
    presences = two.locator("#presences")
    there = meeting.invitations.get(email=TOWN).pk
    expect(presences.locator(f"[name=etat-{there}][value=present]")).to_be_checked()
    two.get_by_role("button", name="Enregistrer les présences").click()
    expect(two.get_by_text("Présences enregistrées")).to_be_visible()
    check(two)


def action(point: Any, what: str, who: str) -> None:
    line = point.locator("[data-lines=action] [data-line]").first
    line.get_by_label("Quoi").fill(what)
    line.get_by_label("Qui").select_option(label=who)
    line.get_by_label("Pour le").fill("2026-05-06")


def approve(life: Life, meeting: Meeting) -> Minutes:
    """A project, an observation by link, then what is approved."""
    page = life.visit("coordination", LAPTOP)
    page.goto(f"/comites/seances/{meeting.pk}/compte-rendu/soumettre/")
    page.get_by_role("button", name="Envoyer le projet").click()
    expect(page.get_by_text("Projet envoyé à")).to_be_visible()
    assert "Projet de compte rendu" in str(life.last(TOWN)["Subject"])
    assert "Projet" not in str(life.last(OWNERS)["Subject"])  # excused
    theirs = life.by_link(TOWN, "compte-rendu")
    theirs.get_by_role("textbox").first.fill("L’allée est celle du nord.")
    confirm(theirs, "Envoyer l’observation")
    expect(theirs.get_by_role("heading", name="Vos observations")).to_be_visible()
    page.reload()
    page.get_by_role("button", name=re.compile("Traitée.*l’observation")).click()
    page.get_by_role("link", name="Approuver et diffuser").click()
    page.get_by_role("button", name="Approuver et diffuser").click()
    expect(page.get_by_text("Compte rendu approuvé et diffusé")).to_be_visible()
    check(page)
    minutes = Minutes.objects.get(meeting=meeting)
    assert minutes.is_approved
    return minutes


def text_of(content: Any) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


def paper(life: Life, minutes: Minutes, folder: Path) -> None:
    """The PDF that the mail brought is the one that is kept: archivable, and read aloud."""
    files = [one for one in life.last(OWNERS).walk() if one.get_content_type() == "application/pdf"]
    content: Any = files[0].get_payload(decode=True)
    with minutes.pdf.open() as kept:
        assert kept.read() == content
    (folder / "compte-rendu.pdf").write_bytes(content)
    said = text_of(content)
    for text in ("Remplacer les lampes", LAMPS, BINS, "Non abordé", "2026-1", "Excusés"):
        assert text in said, text
    for profile in (
        pdf_checker.ValidationProfile.PDF_A_3A,
        pdf_checker.ValidationProfile.PDF_UA_1,
    ):
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, found
    # Who was invited finds them by the same link as the séance.
    page = life.visit(None, PHONE)
    page.goto(f"/seance/{token_of(life, TOWN)}/")
    page.get_by_role("link", name="Lire le compte rendu").click()
    expect(page.get_by_role("link", name="Télécharger le PDF")).to_be_visible()


def token_of(life: Life, address: str) -> str:
    """Of the link of somebody's convocation."""
    all_words = [word for mail in life.mails(address) for word in words(mail)]
    found = [re.search(r"/seance/([^/?]+)/", word) for word in all_words]
    return next(match[1] for match in reversed(found) if match)


def remind(life: Life) -> None:
    """Two working days before, once; done by the link of the mail."""
    life.to(date(2026, 5, 4))
    before = {address: len(life.mails(address)) for address in (TOWN, OWNERS)}
    for _ in range(2):
        call_command("send_reminders", stdout=io.StringIO())
    for address, text in ((TOWN, LAMPS), (OWNERS, BINS)):
        assert len(life.mails(address)) == before[address] + 1
        assert text in said_in(life.last(address))
    theirs = life.by_link(TOWN, "action", LAMPS)
    confirm(theirs, "C’est fait")
    expect(theirs.get_by_text("C’est noté comme fait")).to_be_visible()
    assert ActionItem.objects.get(text=LAMPS).state == "done"


def cancel(life: Life) -> None:
    """A séance that is called off leaves everybody's calendar."""
    meeting = prepare(life)
    convene(life, meeting, "Bilan du mois")
    assert life.event(TOWN)[2] == 0
    page = life.visit("coordination", LAPTOP)
    page.goto(f"/comites/seances/{meeting.pk}/annuler/")
    page.get_by_label("Motif").fill("Salle inondée")
    page.get_by_role("button", name="Annuler la séance et prévenir").click()
    expect(page.get_by_text("Séance annulée").first).to_be_visible()
    for address in (TOWN, OWNERS):
        method, uid, sequence, event = life.event(address)
        assert (method, uid, sequence) == ("CANCEL", f"seance-{meeting.uid.hex}@humanicite", 1)
        assert event["STATUS"] == "CANCELLED"
        assert "Salle inondée" in said_in(life.last(address))


def prepare(life: Life) -> Meeting:
    """The first séance that proposes itself."""
    page = life.visit("coordination", LAPTOP)
    page.goto("/comites/")
    page.get_by_role("button", name=re.compile("Préparer la séance du")).first.click()
    expect(page.get_by_text("Rien n’est envoyé")).to_be_visible()
    return Meeting.objects.get(state="draft")


def review(life: Life) -> None:
    """The next séance begins with what is open, and takes up what was not reached."""
    meeting = prepare(life)
    convene(life, meeting, "Bilan du mois")
    life.to(meeting.day, hour(16))
    page = life.visit("mediateur", PHONE)
    page.goto(f"/comites/seances/{meeting.pk}/compte-rendu/")
    headings = page.get_by_role("main").get_by_role("heading", level=2)
    expect(headings.first).to_have_text("D’abord : les actions décidées auparavant")
    expect(page.get_by_text(LAMPS)).to_have_count(0)  # done before
    page.get_by_role("button", name=f"Faite : {BINS}").click()
    expect(page.get_by_text("Action : faite.")).to_be_visible()
    check(page)
    assert not ActionItem.objects.open().filter(text__in=(LAMPS, BINS)).exists()


def test_the_life_of_a_comite_de_suivi(life: Life, tmp_path: Path) -> None:
    before = life.world.meeting("held", day=date(2026, 2, 17))
    point = life.world.item(before, title="Éclairage du parvis", outcome="carried")
    life.world.action(point, text="Relever les lampes éteintes", due_on=date(2026, 3, 4))
    meeting = propose(life)
    late = "Action en retard : Relever les lampes éteintes"
    convene(life, meeting, "Bacs sur le trottoir", accepted=("Éclairage du parvis", late))
    convocation(life, meeting)
    answers(life, meeting)
    update(life, meeting)
    life.to(date(2026, 4, 15), hour(16, 30))
    write(life, meeting)
    minutes = approve(life, meeting)
    paper(life, minutes, tmp_path)
    remind(life)
    cancel(life)
    review(life)

"""Mails as programs and servers write them: what is new in them, who wrote, what cannot be read."""

import os
import random
from email.message import EmailMessage
from typing import Any

import pytest

from humanicite.lib.mail.html import text_of
from humanicite.lib.mail.inbound import Kind, read
from humanicite.lib.mail.quotation import reply_of

QUOTED = "\n> Éclairage éteint, allée nord\n> Répondez avant le 14 mars\n"


def mail(text: str = "Bien reçu.", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Voirie <voirie@example.org>"
    made["To"] = "reponses+1-abc@example.org"
    made["Subject"] = "Re: Signalement 2026-142 : éclairage éteint"
    made["Message-ID"] = "<un@example.org>"
    made.set_content(text)
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    return made


@pytest.mark.parametrize(
    "text",
    [
        "Bien reçu.",
        "Bien reçu.\n\nLe lun. 16 mars 2026 à 09:12, Médiation <m@example.org> a écrit :" + QUOTED,
        "Bien reçu.\n\nLe 16/03/2026 à 09:12, Service de médiation du quartier\n<m@example.org> a\n"
        "écrit :\n\n" + QUOTED,
        "Bien reçu.\n\nLe 16/03/2026 à 09:12, Médiation a écrit :" + QUOTED,
        "Bien reçu.\n\nOn Mon, Mar 16, 2026 at 9:12 AM M <m@example.org> wrote:" + QUOTED,
        "Bien reçu.\n\n-----Message d'origine-----\nDe : M\nEnvoyé : lundi\nÀ : V\nObjet : x\n\nCité",
        "Bien reçu.\n\n________________________________\nDe : M <m@example.org>\nEnvoyé : lundi 16\n"
        "À : Voirie\nObjet : Signalement\n\nCité",
        "Bien reçu.\n\nDe : M <m@example.org>\nEnvoyé : lundi 16\nÀ : Voirie\nObjet : x\n\nCité",
        "Bien reçu.\n\n*De :* M <m@example.org>\n*Date :* lundi\n*À :* Voirie\n*Objet :* x\n\nCité",
        "Bien reçu.\n\nFrom: M <m@example.org>\nSent: Monday\nTo: V\nSubject: x\n\nCité",
        "Bien reçu.\n-- \nService voirie\n03 20 00 00 00",
        "Bien reçu.\n\nEnvoyé de mon iPhone\n\nLe 16 mars 2026 à 09:12, M a écrit :" + QUOTED,
        "Le 16 mars 2026 à 09:12, M <m@example.org> a écrit :" + QUOTED + "\nBien reçu.",
        "Bien reçu.\r\n\r\nLe 16 mars 2026 à 09:12, M a écrit :\r\n> x\r\n",
    ],
)  # fmt: skip
def test_what_was_quoted_is_cut(text: str) -> None:
    assert reply_of(text.replace("\r\n", "\n")) == "Bien reçu."
    assert read(mail(text).as_bytes()).text == "Bien reçu."


def test_an_answer_between_the_lines_is_kept() -> None:
    text = "Le 16 mars 2026, M a écrit :\n> Où ?\nAllée nord.\n> Quand ?\nMardi."
    assert reply_of(text) == "Allée nord.\nMardi."


@pytest.mark.parametrize(
    "text",
    ["Le syndic a écrit :\nrien à faire.", "De : rien.\nMerci à vous.", "Le 3 mars on passe.",
     "Passage prévu - 2 agents\n- un matin", "3 > 2, donc oui"],
)  # fmt: skip
def test_what_only_looks_like_a_quotation_is_kept(text: str) -> None:
    assert reply_of(text) == text


def test_a_mail_of_html_alone_is_read_as_text() -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Bien&nbsp;reçu,<br>merci."
        "</p><ul><li>un</li><li>deux</li></ul><script>x</script>"
        "<div>Le 16 mars 2026 à 09:12, M &lt;m@example.org&gt; a écrit :</div>"
        "<blockquote><p>Cité</p><blockquote>Cité encore</blockquote></blockquote></body></html>"
    )
    made = mail()
    made.set_content(html, subtype="html")
    assert read(made.as_bytes()).text == "Bien reçu,\nmerci.\n\n- un\n\n- deux"
    outlook = '<p>Vu.</p><div id="appendonsend"></div><div id="divRplyFwdMsg"><b>De :</b> M</div>'
    assert text_of(outlook) == "Vu."


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, Kind.PERSON),
        ({"Auto-Submitted": "no"}, Kind.PERSON),
        ({"Auto-Submitted": "auto-replied"}, Kind.AUTO),
        ({"Auto-Submitted": "auto-generated; x=1"}, Kind.AUTO),
        ({"X-Autoreply": "yes"}, Kind.AUTO),
        ({"Precedence": "auto_reply"}, Kind.AUTO),
        ({"Return-Path": "<>"}, Kind.AUTO),
        ({"Subject": "Réponse automatique : Signalement 2026-142"}, Kind.AUTO),
        ({"Subject": "Absence : Re: Signalement"}, Kind.AUTO),
        ({"Subject": "Absence du bureau"}, Kind.AUTO),
        ({"Subject": "Out of Office: Signalement"}, Kind.AUTO),
        ({"Subject": "Absence d’éclairage allée nord"}, Kind.PERSON),
        ({"Subject": "Re: Absence de collecte"}, Kind.PERSON),
    ],
)  # fmt: skip
def test_machines_are_told_from_people(headers: dict[str, str], kind: Kind) -> None:
    made = mail()
    for name, value in headers.items():
        del made[name]
        made[name] = value
    assert read(made.as_bytes()).kind is kind


BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@example.org>
To: reponses@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <retour@example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

The mail system: user unknown.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; Voirie@Example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: {kind}

Message-ID: <signalement.1@example.org>
Subject: Signalement

--b--
"""


def bounce(
    action: str = "failed", status: str = "5.1.1", kind: str = "text/rfc822-headers"
) -> bytes:
    return BOUNCE.format(action=action, status=status, kind=kind).encode()


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_what_a_server_tells_of_a_mail_is_read(kind: str) -> None:
    found = read(bounce(kind=kind))
    assert found.kind is Kind.BOUNCE
    assert found.references[0] == "<signalement.1@example.org>"
    [failure] = found.failures
    assert (failure.address, failure.status) == ("voirie@example.org", "5.1.1")
    assert failure.is_unknown
    assert "User unknown" in failure.diagnostic
    assert not read(bounce("delayed", "4.4.1")).failures[0].is_final
    for status in ("4.4.7", "5.2.2", "5.7.1", "5.4.7", "5.3.4", "5.1.8"):
        assert not read(bounce("failed", status)).failures[0].is_unknown


def test_files_are_told_and_pictures_kept() -> None:
    made = mail()
    made.add_attachment(b"x" * 10, maintype="image", subtype="jpeg", filename="avant.jpg")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="devis.pdf")
    made.add_attachment(b"y", maintype="image", subtype="gif", filename="logo.gif")
    found = read(made.as_bytes())
    assert found.pictures == [("avant.jpg", b"x" * 10)]
    assert found.left_out == ["devis.pdf", "logo.gif"]
    assert found.text == "Bien reçu."


def test_without_a_message_id_a_mail_has_a_digest() -> None:
    made = mail()
    del made["Message-ID"]
    one, two = read(made.as_bytes()), read(made.as_bytes())
    assert one.message_id == two.message_id == one.digest
    assert read(made.as_bytes() + b"x").message_id != one.message_id
    made["Message-ID"] = f"<{'x' * 400}@example.org>"
    assert read(made.as_bytes()).message_id.endswith("@digest>")


BROKEN: list[bytes] = [
    b"", b"\0\0\0", b"\xff" * 1000, b"Subject", b"Subject: =?utf-8?b?%%%?=\n\n",
    b"Subject: =?nowhere?q?=e9?=\n\nx", b"From: <<<@>>\nTo: ,,,;\nDate: never\n\n\xe9",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nreste",
    b"Content-Type: multipart/mixed\n\nsans limite",
    b"Content-Type: text/plain; charset=martien\n\n\xe9t\xe9",
    b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!pas du base64",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\n\xff\xfe\n--b--",
    b"Content-Type: message/delivery-status\nFrom: postmaster@example.org\n\nFinal-Recipient: x\n",
    b"Content-Type: text/html\n\n<p <b></i><![CDATA[ <blockquote>" + b"<div>" * 5000 + b"fin",
    b"Content-Type: message/rfc822\n\n" * 50,
]  # fmt: skip


@pytest.mark.parametrize("raw", BROKEN, ids=range(len(BROKEN)))
def test_nothing_in_a_mail_makes_reading_fail(raw: bytes) -> None:
    found = read(raw)
    assert found.message_id
    assert "\0" not in found.text + found.subject


def test_a_broken_mail_is_read_as_far_as_it_goes() -> None:
    found = read(BROKEN[7])
    assert found.text == "reste"
    assert "mal formé" in found.notes[0]
    assert read(BROKEN[9]).text == "été"


def test_chance_makes_reading_fail_no_more() -> None:
    chance = random.Random(142)
    whole = bounce() + mail("Bien reçu." + QUOTED).as_bytes()
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        start = chance.randrange(len(raw))
        read(bytes(raw[start:]))


@pytest.mark.parametrize(
    "text",
    ["Le 1 " * 40_000, "\n" * 200_000, "De : \n" * 30_000, ("Le 1 aaaa a écrit :\n>\n" * 9000),
     "On 1 " + " \n" * 90_000, "*" * 200_000, "a écrit :" * 20_000, "<" * 200_000],
)  # fmt: skip
def test_a_text_made_to_tire_a_reader_does_not(text: str, benchmark_seconds: Any) -> None:
    with benchmark_seconds(3):
        read(mail(text).as_bytes())
        made = mail()
        made.set_content(text, subtype="html")
        read(made.as_bytes())


@pytest.fixture
def benchmark_seconds() -> Any:
    """Fails above so many seconds of processor time."""
    import time
    from contextlib import contextmanager

    @contextmanager
    def within(most: float) -> Any:
        start = time.process_time()
        yield
        assert time.process_time() - start < most

    return within


def test_a_heavy_mails_beginning_keeps_no_file() -> None:
    made = mail()
    made.add_attachment(
        os.urandom(100_000), maintype="image", subtype="jpeg", filename="grande.jpg"
    )
    found = read(made.as_bytes()[:50_000], whole=False)
    assert found.text == "Bien reçu."
    assert found.pictures == []
    assert found.left_out == ["grande.jpg"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=utf-8", b"<a " * 90_000), ("text/html", b"<!--" * 70_000),
        ("text/html", b"<a href='" * 40_000), ("text/html", b"<" * 300_000),
        ("text/plain; charset=punycode", b"a-b1" * 300_000),
        ("text/plain; charset=idna", b"xn--a." * 200_000),
        ("text/plain; charset=utf-7", b"+2AA-+2AA-" * 1000),
        ("text/plain; charset=punycode", b"a-\xe9b1" * 300_000),
        ("text/html", b"<a x='" * 60_000), ("text/html", b"<script>" + b"</" * 150_000),
        ("text/html", b"a<b>" * 75_000), ("text/html", b"&#" + b"9" * 300_000),
        ("text/plain" + ';a="x' * 60_000, b"x"),
        ("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 100_000),
        (
            "multipart/mixed; boundary=b",
            b"".join(
                b"\r\n--b%s\r\nContent-Type: multipart/mixed; boundary=b%d\r\n" % (last, n)
                for n, last in enumerate([b"", *(str(n).encode() for n in range(899))])
            )
            + b"\r\n" + b"x\n" * 200_000,
        ),
    ],
)  # fmt: skip
def test_a_small_mail_made_to_stop_its_reader_does_not(
    kind: str, body: bytes, benchmark_seconds: Any
) -> None:
    """And what is read of it can be written down."""
    with benchmark_seconds(5):
        made = read(f"From: x@example.org\r\nContent-Type: {kind}\r\n\r\n".encode() + body)
    made.text.encode()


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: " + b"=?u?q?" * 100_000, b"Subject: =?punycode?q?" + b"a-b1" * 100_000 + b"?=",
        b"Subject: =?utf-7?q?+2AA-?=", b"Content-Disposition: attachment; filename=" + b';"' * 99_999,
        b"Content-Disposition: attachment; filename*=punycode''" + b"a-b1" * 100_000,
        b"Content-Disposition: attachment; filename*=utf-7''+2AA-", b"To: " + b"(" * 300_000,
        b"References: " + b"<a@example.org> " * 60_000, b"In-Reply-To: <a\0b@example.org>",
    ],
    ids=range(9),
)  # fmt: skip
def test_a_header_made_to_stop_its_reader_does_not(header: bytes, benchmark_seconds: Any) -> None:
    with benchmark_seconds(5):
        made = read(b"From: x@example.org\r\n" + header + b"\r\n\r\nBonjour")
    for text in (made.subject, made.sender, *made.references, *made.left_out, *made.addressed):
        text.encode()
        assert "\0" not in text
    assert len(made.references) < 1000


def test_of_many_pictures_six_are_read() -> None:
    made = mail()
    for number in range(9):
        made.add_attachment(b"x", maintype="image", subtype="png", filename=f"{number}.png")
    found = read(made.as_bytes())
    assert [name for name, _ in found.pictures] == [f"{n}.png" for n in range(6)]
    assert found.left_out == ["6.png", "7.png", "8.png"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p title="a > b">Vu</p>', "Vu"), ("<p>3 < 5 et <5</p>", "3 < 5 et <5"),
        ("Vu<!-- <p>caché</p> --> oui", "Vu oui"), ("<STYLE>p{}</STYLE>Vu", "Vu"),
        ("<script>if (a<b) x()</script>Vu", "Vu"), ("Vu &amp; noté&#233;&#99999999;", "Vu & notéé"),
        ("<p>İ</p><style>x</style>Vu", "İ\nVu"), ("Vu <b>hier", "Vu hier"),
        ("<a href='x>Vu</a>", "Vu"), ("<blockquote>Cité</blockquote>Vu", "> Cité\nVu"),
    ],
)  # fmt: skip
def test_html_as_mail_programs_and_people_write_it(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("charset", "text"), [("iso-8859-15", "Prêt à 3 €"), ("utf-16", "Été"), ("cp1252", "Bœuf")]
)
def test_charsets_of_mails_are_read(charset: str, text: str) -> None:
    head = f"From: x@example.org\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    assert read(head.encode() + text.encode(charset)).text == text


@pytest.mark.parametrize(
    "subject",
    [
        "Réponse automatique : absence", "Absent du 3 au 10 mars", "Je suis en congés jusqu’au 3",
        "Congés annuels", "Hors du bureau",
    ],
)  # fmt: skip
@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_an_absence_is_told_in_bytes_as_well(subject: str, charset: str) -> None:
    raw = b"From: x@example.org\r\nSubject: " + subject.encode(charset) + b"\r\n\r\nBonjour"
    mail = read(raw)
    assert mail.subject == subject
    assert mail.kind is Kind.AUTO


@pytest.mark.parametrize(
    "subject", ["Re: Signalement 2026-1 : banc cassé", "Absence d’éclairage allée nord", "Congé"]
)
def test_what_people_write_is_no_absence(subject: str) -> None:
    raw = b"From: x@example.org\r\nSubject: " + subject.encode() + b"\r\n\r\nBonjour"
    assert (read(raw).kind is Kind.PERSON) is (subject != "Congé")


@pytest.mark.parametrize(
    "said",
    [
        "Service, voirie <voirie@example.org>", "Service voirie voirie@example.org",
        "'voirie@example.org' <voirie@example.org>", "groupe@example.org via Voirie <voirie@example.org>",
        "Voirie [mailto:voirie@example.org]", "Voirie <mailto:voirie@example.org>",
        "Mairie ; Voirie <voirie@example.org>", "Voirie @ Mairie <VOIRIE@example.org>",
        '"Maire <maire@example.org>" <voirie@example.org>', "Mairie: Voirie <voirie@example.org>",
        "=?utf-8?Q?Maire_=3Cmaire=40example=2Eorg=3E?= <voirie@example.org>", "<voirie@example.org",
        "=?utf-8?Q?Voirie_=3Cvoirie=40example=2Eorg=3E?=", "Voirie <voirie@example.org>, M <m@example.org>",
    ],
)  # fmt: skip
def test_who_wrote_is_the_address_and_nothing_in_a_name(said: str) -> None:
    raw = f"From: {said}\r\nSubject: Re: x\r\n\r\nVu."
    assert read(raw.encode()).sender == "voirie@example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Autogenerated", "Reply"), ("X-Vacation", "yes"), ("X-FC-MachineGenerated", "true"),
     ("X-Mailer", "vacation 1.2"), ("Preference", "auto_reply"), ("Return-Path", "< >"),
     ("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent"),
     ("Subject", "Répondeur : Signalement"), ("Subject", "[Absence] Signalement"),
     ("Subject", "Indisponible du 3 au 8 mars"), ("Subject", "Fermeture de la mairie"),
     ("Subject", "En déplacement jusqu’au 4 mars"), ("Subject", "Notification d'absence")],
)  # fmt: skip
def test_other_machines_that_answer_for_who_is_away(name: str, value: str) -> None:
    raw = f"From: x@example.org\r\n{name}: {value}\r\n\r\nBonjour"
    assert read(raw.encode()).kind is Kind.AUTO

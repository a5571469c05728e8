"""Mails of several parts: the one that says something, files by their bytes, words that are sealed."""

import base64

import pytest

from humanicite.lib.mail.inbound import Kind, read

from ..mails import HTML, PLAIN, case, made, parts_of, several

SAYS = "<html><body><p>Bonjour,</p><p>La réparation est prévue jeudi 27 novembre.</p></body></html>"
SAID = "Bonjour,\n\nLa réparation est prévue jeudi 27 novembre."
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + b"x" * 50).decode()


def file(
    kind: str, name: str = "", how: str = "attachment", content: str = "", key: str = ""
) -> tuple[str, str]:
    head = f'{kind}; name="{name}"' if name else kind
    content = content or (JPEG if kind == "image/jpeg" else "JVBERi0xLjc=")
    head += f"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: {how}"
    return head + (f"\r\nContent-ID: <{key}>" if key else ""), content


@pytest.mark.parametrize(
    "plain",
    [
        "Ce message est au format HTML. Votre logiciel ne peut pas l’afficher.",
        "Votre logiciel de messagerie ne prend pas en charge le HTML.", "", " \r\n\r\n",
        "Your email client does not support HTML.", "This is a multi-part message in MIME format.",
        "Diese E-Mail ist im HTML-Format.", "Bonjour,", "[image: logo]", "https://example.org/voir",
    ],
)  # fmt: skip
def test_a_plain_part_that_says_nothing_gives_way(plain: str) -> None:
    mail = read(several("multipart/alternative", (PLAIN, plain), (HTML, SAYS)))
    assert mail.text == SAID
    assert read(several("multipart/alternative", (HTML, SAYS), (PLAIN, plain))).text == SAID


def test_the_part_of_the_case_that_says_something_is_read() -> None:
    assert read(case("06")).text == SAID


@pytest.mark.parametrize("html", [SAYS, "", "<p></p>", "<img src='x'>"])
def test_a_plain_part_that_says_it_all_is_read(html: str) -> None:
    mail = read(several("multipart/alternative", (PLAIN, SAID), (HTML, html)))
    assert mail.text == SAID


def test_parts_of_a_mixed_mail_add_up() -> None:
    footer = (PLAIN, "Ce courriel a été vérifié par la passerelle.")
    mail = read(several("multipart/mixed", (HTML, SAYS), footer))
    assert mail.text == f"{SAID}\n\nCe courriel a été vérifié par la passerelle."
    around = (
        (PLAIN, "Avant la photo."),
        file("image/jpeg", "vue.jpg", "inline"),
        (PLAIN, "Et après."),
    )
    mail = read(several("multipart/mixed", *around))
    assert mail.text == "Avant la photo.\n\nEt après."
    assert [name for name, _ in mail.pictures] == ["vue.jpg"]
    assert not mail.inline
    quoting = (
        (PLAIN, "Vu.\n\nLe 16 mars 2026 à 09:12, M a écrit :\n> x"),
        (HTML, "<p>Passage lundi.</p>"),
    )
    assert read(several("multipart/mixed", *quoting)).text == "Vu.\n\nPassage lundi."
    exchange = (PLAIN, "Avant."), (f'{PLAIN}; name="ATT00001.txt"', "Et après.")
    assert read(several("multipart/mixed", *exchange)).text == "Avant.\n\nEt après."


def test_an_alternative_within_a_mixed_mail_is_one_text() -> None:
    inner = parts_of((PLAIN, "Votre logiciel ne lit pas le HTML."), (HTML, SAYS), boundary="AAA")
    mail = read(
        several("multipart/mixed", ("multipart/alternative; boundary=AAA", inner), (PLAIN, "Pied."))
    )
    assert mail.text == f"{SAID}\n\nPied."
    apple = parts_of((HTML, "<p>Bonjour,</p>"), file("image/jpeg", "vue.jpg", "inline"),
                     (HTML, "<p>La réparation est prévue jeudi 27 novembre.</p>"),
                     boundary="AAA")  # fmt: skip
    mail = read(
        several(
            "multipart/alternative", (PLAIN, "Bonjour,"), ("multipart/mixed; boundary=AAA", apple)
        )
    )
    assert mail.text == SAID
    assert len(mail.pictures) == 1


@pytest.mark.parametrize(
    "kind", ["application/octet-stream", "image/jpg", "image/pjpeg", "application/x-unknown"]
)
@pytest.mark.parametrize("start", [b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBP"])
def test_a_picture_is_known_by_its_bytes(kind: str, start: bytes) -> None:
    content = base64.b64encode(start + b"x" * 20).decode()
    mail = read(
        several("multipart/mixed", (PLAIN, "Vu."), file(kind, "IMG_1.JPG", content=content))
    )
    assert [name for name, _ in mail.pictures] == ["IMG_1.JPG"]
    other = base64.b64encode(b"%PDF-1.7").decode()
    mail = read(several("multipart/mixed", (PLAIN, "Vu."), file(kind, "devis.pdf", content=other)))
    assert (mail.pictures, mail.left_out) == ([], ["devis.pdf"])
    assert [name for name, _ in read(case("09")).pictures] == ["IMG_2041.JPG"]


def test_what_the_text_shows_is_told_from_what_is_attached() -> None:
    page = (HTML, '<p>Vu.</p><img src="cid:logo@x">')
    shown = file("image/png", "logo.png", "inline", base64.b64encode(b"y" * 9).decode(), "logo@x")
    mail = read(several("multipart/related", page, shown))
    assert len(mail.inline) == 1
    mail = read(
        several("multipart/mixed", page, shown, file("image/jpeg", "vue.jpg", key="autre@x"))
    )
    assert [name for name, _ in mail.pictures] == ["vue.jpg", "logo.png"], "attached ones first"
    assert len(mail.inline) == 1
    assert len(read(case("08")).inline) == 1


def test_a_photo_behind_many_icons_is_not_the_one_too_many() -> None:
    icons = [
        file("image/png", f"i{n}.png", "inline", base64.b64encode(b"i%d" % n).decode(), f"i{n}")
        for n in range(8)
    ]
    shown = "".join(f"<img src='cid:i{n}'>" for n in range(8))
    mail = read(
        several(
            "multipart/mixed", (HTML, f"<p>Vu</p>{shown}"), *icons, file("image/jpeg", "vue.jpg")
        )
    )
    assert mail.pictures[0][0] == "vue.jpg"


SEALED = {
    "winmail": several("multipart/mixed", (PLAIN, " "), file("application/ms-tnef", "winmail.dat")),
    "winmail, by its name": several("multipart/mixed", file("application/octet-stream", "winmail.dat")),
    "smime": made("MIAG", 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
                  Content_Transfer_Encoding="base64"),
    "smime, signed alone": made("MIAG", "application/x-pkcs7-mime; smime-type=signed-data"),
    "smime, with words": several("multipart/mixed", (PLAIN, "Ce message est chiffré (S/MIME)."),
                                 file("application/pkcs7-mime", "smime.p7m")),
    "pgp": several("multipart/encrypted; protocol=application/pgp-encrypted",
                   ("application/pgp-encrypted", "Version: 1"),
                   file("application/octet-stream", "encrypted.asc")),
    "pgp, in the text": made("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"),
    "winmail, by its bytes": several("multipart/mixed", (PLAIN, ""), file(
        "application/octet-stream", "ATT00001.dat", content=base64.b64encode(b"\x78\x9f\x3e\x22x").decode())),
    "smime, by its end": several("multipart/mixed", file("application/octet-stream", "courrier.P7M")),
    "microsoft, later": several("multipart/mixed", (HTML, "<p>ST vous a envoyé un message protégé.</p>"),
                                file("application/octet-stream", "message_v4.rpmsg")),
    "microsoft": several("multipart/mixed", (PLAIN, "ST vous a envoyé un message protégé."),
                         file("application/x-microsoft-rpmsg-message", "message_v2.rpmsg")),
}  # fmt: skip


@pytest.mark.parametrize("raw", SEALED.values(), ids=SEALED)
def test_words_that_nobody_reads_here_are_told(raw: bytes) -> None:
    mail = read(raw)
    assert mail.sealed
    assert mail.kind is Kind.PERSON
    assert any("la réponse est dans la boîte" in note for note in mail.notes)
    assert read(case("10")).sealed == "winmail.dat"


def test_what_goes_with_words_seals_nothing() -> None:
    signed = "multipart/signed; protocol=application/pkcs7-signature"
    mail = read(
        several(
            signed, (PLAIN, "Nous passons mardi."), file("application/pkcs7-signature", "smime.p7s")
        )
    )
    assert (mail.text, mail.sealed, mail.left_out, mail.notes) == (
        "Nous passons mardi.",
        "",
        [],
        [],
    )
    mail = read(
        several(
            "multipart/mixed",
            (PLAIN, "Nous passons mardi."),
            file("application/ms-tnef", "winmail.dat"),
        )
    )
    assert (mail.text, mail.sealed, mail.left_out) == ("Nous passons mardi.", "", ["winmail.dat"])
    head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
    armoured = f"{head}Nous passons.\n-----BEGIN PGP SIGNATURE-----\n\niQ\n"
    assert read(made(armoured)).text == "Nous passons."


CALENDAR = (
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:st@example.org\r\n"
    "SUMMARY:Visite du\r\n  hall B\r\nDTSTART;TZID=Europe/Paris:20251202T083000\r\n"
    "COMMENT:Avec le gardien\\, merci.\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_an_invitation_that_is_answered_says_so() -> None:
    assert read(case("16")).text == "Le service technique a accepté : visite du hall B."
    said = (
        "Invitation acceptée : Visite du hall B\nLe : 02/12/2025 à 08:30\nAvec le gardien, merci."
    )
    alone = read(made(CALENDAR, "text/calendar; method=REPLY; charset=utf-8"))
    assert alone.text.replace("\N{NO-BREAK SPACE}", " ") == said
    empty = several(
        "multipart/alternative", (PLAIN, " "), ("text/calendar; method=REPLY", CALENDAR)
    )
    assert read(empty).text == alone.text
    mixed = several("multipart/mixed", (PLAIN, " "), ("text/calendar; method=REPLY", CALENDAR))
    assert read(mixed).text == alone.text


def test_an_answer_that_is_sent_on_as_it_came_is_read() -> None:
    held = made("La porte sera posée jeudi.", Subject="Porte")
    mail = read(several("multipart/mixed", (PLAIN, ""), ("message/rfc822", held)))
    assert mail.text == "La porte sera posée jeudi."
    mail = read(
        several("multipart/mixed", (PLAIN, "Voir la réponse jointe."), ("message/rfc822", held))
    )
    assert mail.text == "Voir la réponse jointe."
    assert mail.left_out == ["courriel joint «\N{NO-BREAK SPACE}Porte\N{NO-BREAK SPACE}»"]


def test_a_file_without_a_word_is_told() -> None:
    mail = read(several("multipart/mixed", (PLAIN, ""), file("application/pdf", "reponse.pdf")))
    assert "la réponse est peut-être dans un fichier" in mail.notes[0]
    assert mail.left_out == ["reponse.pdf"]


def test_a_table_and_a_page_without_breaks_are_read() -> None:
    page = (
        "<table><tr><td>Passage</td><td>mardi</td></tr><tr><td>Heure</td><td>9 h</td></tr></table>"
    )
    assert read(made(page, HTML)).text.split() == ["Passage", "mardi", "Heure", "9", "h"]


ENCLOSED = made("Porte posée jeudi.", Subject="porte", From="s@example.org")
INVITATION = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Visite\nLOCATION:Hall B\nEND:VEVENT\n"
    "END:VCALENDAR"
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (made("<html><body><p>Vu, mardi.</p></body></html>"), "Vu, mardi."),
        (made("Vu.\n\nMardi à 9 h.", HTML), "Vu.\n\nMardi à 9 h."),
        (made("3 < 5 et 7 > 2, <p>vu"), "3 < 5 et 7 > 2, <p>vu"),
        (made("Vu **mardi**.", "text/markdown; charset=utf-8"), "Vu **mardi**."),
        (several("multipart/mixed", ("text/plain; name=mail.txt\r\nContent-Disposition: inline", "Vu.")),
         "Vu."),
        (made("--X\r\nContent-Type: text/plain\r\n\r\nVu.\r\n--X--", "multipart/mixed"), "Vu."),
        (made("--X\r\nContent-Type: text/plain\r\n\r\nVu.\r\n--X--", "multipart/mixed; boundary=Y"), "Vu."),
        (made("Vu.", 'multipart/alternative; boundary=""'), "Vu."),
        (several("multipart/mixed", ("application/ics; name=invite.ics", INVITATION)),
         "Invitation\u00a0: Visite\nLieu\u00a0: Hall B"),
        (several("multipart/mixed", ("application/octet-stream; name=invite.ics", INVITATION)),
         "Invitation\u00a0: Visite\nLieu\u00a0: Hall B"),
        (several("multipart/mixed", (PLAIN, ""), ("message/rfc822\r\nContent-Transfer-Encoding: base64",
                                                 base64.encodebytes(ENCLOSED))), "Porte posée jeudi."),
        (made("Nous passons mardi et \r\nrefaisons.\r\n\r\n-- \r\nService", f"{PLAIN}; format=flowed"),
         "Nous passons mardi et refaisons."),
        (made("Nous pas \r\nsons mardi.", f"{PLAIN}; format=flowed; delsp=yes"), "Nous passons mardi."),
        (made('<div style="display:none">aperçu <div>caché</div></div><p>Mardi.</p>', HTML), "Mardi."),
        (made('<div style="display:none"><p>Mardi.</p>', HTML), "Mardi."),
    ],
)  # fmt: skip
def test_what_is_labelled_or_built_wrong_is_read(raw: bytes, text: str) -> None:
    assert read(raw).text == text


def test_other_forms_of_the_same_words_are_no_files() -> None:
    forms = [(PLAIN, "Vu."), ("text/x-amp-html", "<html amp>"), ("text/watch-html", "<p>Vu.</p>")]
    mail = read(several("multipart/alternative", *forms, (HTML, "<p>Vu.</p>")))
    assert (mail.text, mail.left_out) == ("Vu.", [])


def test_a_picture_among_the_words_of_a_page_is_kept_and_hides_none() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 400_000).decode()
    mail = read(
        made(f'<p>Avant.</p><img src="data:image/png;base64,{picture}"><p>Après.</p>', HTML)
    )
    assert mail.text == "Avant.\n\nAprès."
    assert len(mail.pictures) == len(mail.inline) == 1


def test_a_file_of_before_mime_is_told() -> None:
    mail = read(made("Voici.\n\nbegin 644 porte.jpg\n#0V%T\n`\nend\n"))
    assert (mail.text, mail.left_out) == ("Voici.", ["porte.jpg"])


def test_a_picture_that_says_it_is_text_is_one() -> None:
    mail = read(
        several("multipart/mixed", (PLAIN, "Vu."), file("text/plain", "a.jpg", content=JPEG))
    )
    assert [name for name, _ in mail.pictures] == ["a.jpg"]

"""Labels that lie: what a mail is written in is what its bytes are."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from humanicite.lib.mail.charsets import decoded, mended
from humanicite.lib.mail.inbound import read

from ..mails import HTML, PLAIN, case, made

TEXT = "L’ascenseur est réparé… coût 120 €, main-d’œuvre comprise."
LATIN = "Réparé ce matin : coût 120 €, main-d'œuvre comprise."


def test_what_says_latin_and_is_windows_is_read() -> None:
    mail = read(case("01"))
    assert mail.subject == "Re: Signalement – l’ascenseur"
    assert mail.text == ("Bonjour, l’ascenseur est réparé… coût 120 €, main-d’œuvre comprise.")


@pytest.mark.parametrize(
    "label",
    ["iso-8859-1", "ISO-8859-15", "latin1", "us-ascii", "windows-1252", "utf-8", "unknown-8bit",
     "x-unknown", "martien", "", "iso-8859-9", "windows-1254"],
)  # fmt: skip
@pytest.mark.parametrize("written", ["cp1252", "utf-8"])
def test_a_label_is_no_evidence(label: str, written: str) -> None:
    kind = f"text/plain; charset={label}" if label else ""
    assert read(made(TEXT.encode(written), kind)).text == TEXT
    subject = made("x")
    raw = subject.replace(b"Re: Signalement", TEXT.encode(written))
    assert read(raw).subject == TEXT


@pytest.mark.parametrize("label", ["iso-8859-1", "iso-8859-15", "utf-8", "us-ascii", ""])
def test_the_euro_of_latin_9_is_one(label: str) -> None:
    assert decoded(LATIN.encode("iso8859-15"), label) == LATIN


@pytest.mark.parametrize(
    ("label", "text"),
    [("iso-8859-2", "Łódź, ulica Główna"), ("koi8-r", "Привет, сосед"), ("big5", "你好"),
     ("windows-1251", "Привет"), ("ibm850", "Réparé à l'école"), ("utf-16", "Été"),
     ("iso-8859-7", "Καλημέρα"), ("macintosh", "Réparé à l’école")],
)  # fmt: skip
def test_a_label_that_can_be_true_is_believed(label: str, text: str) -> None:
    assert decoded(text.encode(label), label) == text


@pytest.mark.parametrize(
    ("label", "written"),
    [("x-mac-roman", "mac-roman"), ("iso-8859-1", "mac-roman"), ("utf-8", "mac-roman"),
     ("us-ascii", "cp850"), ("cp-850", "cp850"), ("utf-8", "utf-16-le"), ("utf-8", "utf-16-be"),
     ("unicode-1-1-utf-7", "utf-7"), ("latin-9", "iso8859-15"), ("gb2312", "gb18030"),
     ("ansi", "cp1252"), ("default", "utf-8"), ("iso-8859-8-i", "utf-8")],
)  # fmt: skip
def test_what_no_label_tells_is_weighed(label: str, written: str) -> None:
    text = "L'équipe passe à l'école, côté forêt : déjà prévu, où ça gêne."
    assert read(made(text.encode(written), f"text/plain; charset={label}")).text == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [(PLAIN, "L&#8217;&eacute;quipe passe &agrave; 9 h"),
     (HTML, "<p>L&amp;#8217;&amp;eacute;quipe passe &agrave; 9 h</p>")],
)  # fmt: skip
def test_letters_of_a_page_in_plain_text_or_twice_are_read(kind: str, text: str) -> None:
    assert read(made(text, kind)).text == "L’équipe passe à 9 h"
    assert read(made("R&D ; a &lt; b &eacute", PLAIN)).text == "R&D ; a &lt; b &eacute"


def test_a_part_in_another_charset_is_read_as_well() -> None:
    """A gateway's line in UTF-8 below an answer in Windows' characters, and the reverse."""
    one, other = "Réparé à l’étage\n", "Message vérifié à l’arrivée 👍"
    assert decoded(one.encode("cp1252") + other.encode(), "iso-8859-1") == one + other
    assert decoded(other.encode() + one.encode("cp1252"), "utf-8") == other + one


def test_capitals_before_windows_signs_stay_letters() -> None:
    """In UTF-8 « É… » of Windows would be another letter."""
    for label in ("iso-8859-1", "windows-1252", "us-ascii", ""):
        assert decoded("FERMÉ…".encode("cp1252"), label) == "FERMÉ…"


@pytest.mark.parametrize("text", [TEXT, "Été", "Où êtes-vous ? Ça marche, à bientôt"])
def test_what_was_written_in_utf_8_twice_is_mended(text: str) -> None:
    twice = text.encode().decode("cp1252").encode()
    assert read(made(twice)).text == text


@pytest.mark.parametrize(
    "text",
    ["ÉTÉ À L’ÉCOLE", "18 m² à 20 m³, n° 5, ½ journée", "Ø 12 mm, 30 ° à 45 °", "PÂTE À PAPIER",
     "« Ça va » : 5 %, œuvre, Straße, São João"],
)  # fmt: skip
def test_what_is_right_is_not_mended(text: str) -> None:
    assert mended(text) == text


WORDS = [
    "réparé", "à", "l’école", "ça", "où", "«", "»", "120 €", "œuvre", "près…", "FERMÉ", "naïf",
    "–", "été", "ÀÉÇ", "n°", "m²", "“là”", "et", "mardi",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), min_size=1), st.sampled_from(["cp1252", "utf-8"]))
def test_french_is_read_under_any_label(words: list[str], written: str) -> None:
    text = " ".join(words)
    for label in ("iso-8859-1", "iso-8859-15", "utf-8", "us-ascii", "nothing"):
        assert mended(decoded(text.encode(written), label)) == text


@pytest.mark.parametrize(
    ("how", "body", "text"),
    [
        ("base64", "w4lsYWdhZ2UgcHLDqXZ1\r\nIG1hcmRpLg==", "Élagage prévu mardi."),
        ("base64", "w4lsYWdhZ2UgcHL!Dq*XZ1\r\nIG1hcmRpLg", "Élagage prévu mardi."),
        ("base64", "w4lsYWdhZ2Ug\r\nOiBtYXJkaS4=\r\n\r\n-- \r\nListe du quartier", "Élagage : mardi."),
        ("base64", "Nous passons mardi, comme prévu.", "Nous passons mardi, comme prévu."),
        ("base64", "Bonjour\r\nNous passons mardi.", "Bonjour\nNous passons mardi."),
        ("quoted-printable", "R=E9par=E9 =\r\nmardi, 3=3D3, 5=6 =ZZ", "Réparé mardi, 3=3, 5=6 =ZZ"),
        ("7bit", "R=C3=A9par=C3=A9 mardi =3D fait", "Réparé mardi = fait"),
        ("7bit", "Voir https://example.org/?q=E9a", "Voir https://example.org/?q=E9a"),
        ("nothing-known", "Réparé", "Réparé"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_coding_is_no_evidence_either(how: str, body: str, text: str) -> None:
    assert read(made(body, Content_Transfer_Encoding=how)).text == text


def test_a_page_names_its_charset_where_the_mail_does_not() -> None:
    page = '<html><head><meta charset="koi8-r"></head><body>Привет</body></html>'
    assert read(made(page.encode("koi8-r"), "text/html")).text == "Привет"


def test_a_subject_that_is_broken_loses_nobody_the_rest() -> None:
    mail = read(made("Vu.", Subject="=?utf-8?b?%%%?=", In_Reply_To="<deux@example.org>"))
    assert (mail.text, mail.references) == ("Vu.", ["<deux@example.org>"])
    split = "=?utf-8?Q?R=C3?= =?utf-8?Q?=A9paration?="
    assert read(made("Vu.", Subject=split)).subject == "Réparation"


def test_two_answered_mails_and_a_date_that_is_none() -> None:
    mail = read(case("18"))
    assert mail.text == "Élagage prévu « lundi » 🌳."
    assert len(mail.references) == 2


def test_addresses_are_compared_in_small_letters() -> None:
    mail = read(case("20"))
    assert mail.sender == "contact-asl@example.org"
    assert mail.addressed == ["reponses+43-774a5f1e738f410617a6@example.org"]


@pytest.mark.parametrize(
    "text", ["Ã©\x92 â€™abc" * 30_000, "\x81\x92\x85" * 100_000, "Ã" * 300_000, "Ã©" * 150_000]
)
def test_what_is_made_to_tire_who_mends_does_not(text: str) -> None:
    start = time.process_time()
    mended(decoded(text.encode(), "utf-8"))
    decoded(base64.b64encode(text.encode()) + b"\xe9" * 600_000, "utf-8")
    assert time.process_time() - start < 3

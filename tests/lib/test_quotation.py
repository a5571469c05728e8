"""What is cut from an answer has a mark that programs make; no text is lost in silence."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humanicite.lib.mail.inbound import Incoming, Kind, read
from humanicite.lib.mail.quotation import reply_of

from ..mails import HTML, case, made

ANSWER = "Bien reçu, nous passons mardi."
FRENCH = "De : Médiation <reponses@example.org>\nEnvoyé : lundi 24 novembre 2025 08:12\n"

QUOTATIONS = {
    "outlook": FRENCH + "À : Service technique\nObjet : Signalement\n\nBonjour",
    "outlook, with a line": "_" * 32 + "\nDe : Médiation\nEnvoyé : lundi\nÀ : ST\nObjet : x\n\nBonjour",
    "outlook, bold": "*De :* M <m@example.org>\n*Envoyé :* lundi\n*À :* V\n*Objet :* x\n\nBonjour",
    "outlook, mailto": "De : M [mailto:m@example.org]\nEnvoyé : lundi\n\nBonjour",
    "outlook, English": "From: M\nSent: Monday\nTo: V\nSubject: x\n\nBonjour",
    "outlook, German": "Von: M <m@example.org>\nGesendet: Montag\nAn: V\nBetreff: x\n\nBonjour",
    "outlook, Dutch": "Van: M\nVerzonden: maandag\nAan: V\nOnderwerp: x\n\nBonjour",
    "gmail": "Le lun. 24 nov. 2025 à 08:12, Médiation <m@example.org> a écrit :\n\n> Bonjour",
    "gmail, wrapped": "Le lun. 24 nov. 2025 à 08:12, Médiation <m@example.org> a\nécrit :\n\n> Bonjour",
    "gmail, without marks": "Le 24/11/2025 à 08:12, Médiation <m@example.org> a écrit :\n\nBonjour",
    "thunderbird": "Le 24/11/2025 à 08:12, Médiation a écrit :\n> Bonjour",
    "thunderbird, German": "Am 24.11.25 um 08:12 schrieb Médiation:\n> Bonjour",
    "apple, Dutch": "Op 24 nov. 2025 om 08:12 schreef M <m@example.org>:\n> Bonjour",
    "yahoo": "En date de : Lundi 24 novembre 2025 08h12, M <m@example.org> a écrit :\n\nBonjour",
    "zimbra": '----- Mail original -----\nDe: "M" <m@example.org>\nÀ: "V" <v@example.org>\n\nBonjour',
    "orange": '> Message du 24/11/25 08:12\n> De : "M" <m@example.org>\n> A : v@example.org\n>\n> Bonjour',
    "sfr": "De: m@example.org\nEnvoyé: 24/11/2025 08:12\nÀ: v@example.org\nObjet: x\n\nBonjour",
    "nextcloud": '"Médiation" <m@example.org> – 24 novembre 2025 08:12\n> Bonjour',
    "notes": "De :\tMédiation/ORG\nPour :\tST/ORG@ORG\nDate :\t24/11/2025 08:12\nObjet :\tx\n\nBonjour",
    "notes, old": "Médiation <m@example.org>\n24/11/2025 08:12\n\nA\n\tService\ncc\n\nObjet\n\tx\n\nBonjour",
    "notes, on the web": "-----m@example.org a écrit : -----\nA : x\nDe : y\nObjet : z\n\nBonjour",
    "notes, date last": "M <m@example.org> a écrit le 24/11/2025 08:12 :\n> Bonjour",
    "horde": "Médiation <m@example.org> a écrit :\n\n> Bonjour",
    "horde, quoting": "Quoting Médiation <m@example.org>:\n\n> Bonjour",
    "squirrel": "Selon Médiation <m@example.org>, le 24.11.2025 08:12 :\n\nBonjour",
    "imp": "En réponse à Médiation <m@example.org>:\n\n> Bonjour",
    "claws": "Le 24/11/2025 08:12, Médiation écrivait :\n> Bonjour",
    "sogo": "Le Lundi, Novembre 24, 2025 08:12 CET, Médiation <m@example.org> a écrit :\n \nBonjour",
    "la poste, without marks": "Message du 24/11/25 08:12\nDe : m@example.org\nA : v@example.org\n"
    "Copie à : \nObjet : x\n\nBonjour",
    "samsung, in one line": "-------- Message d’origine --------De : M <m@example.org> Date : 24/11/2025 "
    "08:12 (GMT+01:00) À : v@example.org Objet : x\nBonjour",
    "thunderbird, sent on": "Sujet : x\nDate : Mon, 24 Nov 2025\nDe : M <m@example.org>\nPour : v\n\nBonjour",
    "gmx": 'Envoyé: lundi 24 novembre 2025 à 08:12\nDe: "M" <m@example.org>\nÀ: v@example.org\n\nBonjour',
    "gmx, English": "Sent: Monday\nFrom: M <m@example.org>\nTo: v@example.org\nSubject: x\n\nBonjour",
    "groupwise": ">>> Médiation <m@example.org> 24/11/2025 08:12 >>>\nBonjour",
    "ticket tool": "##- Veuillez écrire votre réponse au-dessus de cette ligne -##\n\nBonjour",
    "exchange": "-----Message d'origine-----\nDe : M\nEnvoyé : lundi\n\nBonjour",
    "exchange, German": "-----Ursprüngliche Nachricht-----\nVon: M\n\nBonjour",
}  # fmt: skip


@pytest.mark.parametrize("quotation", QUOTATIONS.values(), ids=QUOTATIONS)
def test_what_is_quoted_is_cut_and_the_whole_is_at_hand(quotation: str) -> None:
    text = f"{ANSWER}\n\n{quotation}"
    assert reply_of(text) == ANSWER
    mail = read(made(text))
    assert mail.text == ANSWER
    assert mail.whole.split() == text.split()


DEVICES = [
    "Envoyé de mon iPhone", "Envoyé depuis mon appareil Samsung Galaxy", "Envoyé de mon iPad.",
    "Envoyé à partir de Outlook pour Android", "Envoyé depuis l’application Mail Orange",
    "Envoyé depuis un mobile Bouygues Telecom", "Envoyé avec la messagerie sécurisée Proton Mail.",
    "Envoyé depuis Yahoo Mail pour iPhone", "Envoyé depuis ma messagerie SFR", "Envoyé par Mailo",
    "Obtenir Outlook pour iOS<https://aka.ms/o0ukef>", "Obtenir Outlook pour iOS",
    "Télécharger Outlook pour Android<https://aka.ms/x>", "Get Outlook for iOS",
    "Obtenez Outlook pour Android", "Provenance : Courrier pour Windows",
    "Provenance : Courrier pour Windows 10", "Sent from Mail for Windows", "Sent from my Galaxy S21",
    "Von meinem iPhone gesendet", "Outlook für iOS beschaffen<https://aka.ms/x>",
    "Verzonden vanaf mijn iPhone", "Verzonden vanaf Outlook voor iOS",
    "Envoyé depuis mon iPhone avec l’app Mail", "Message envoyé depuis mon iPhone",
    "Mail envoyé depuis mon téléphone", "Expédié de mon iPhone", "Obtenir BlueMail pour Android",
    "Envoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
    "Sent from Samsung tablet", "Garanti sans virus. www.avast.com", "Sans virus.www.avast.com",
    "L'absence de virus dans ce courrier électronique a été vérifiée par le logiciel antivirus Avast.",
    "Gesendet von Mail für Windows", "Sent from Outlook for iOS", "Envoyé de mon téléphone Orange",
]  # fmt: skip


@pytest.mark.parametrize("device", DEVICES)
def test_a_device_that_is_known_is_cut(device: str) -> None:
    assert reply_of(f"{ANSWER}\n\n{device}") == ANSWER
    assert reply_of(f"{ANSWER}\n\n{device}\n\n{QUOTATIONS['outlook']}") == ANSWER


KEPT = [
    "Nous intervenons mardi 2 décembre.\nDe : 8 h 30\nÀ : 12 h\nMerci de prévenir le gardien.",
    "De : 8h30\nÀ : 12h\nDate : mardi 2 décembre\nObjet : élagage",
    "Le 12 novembre, le gardien nous a écrit :\nla porte est voilée.\nNous la remplaçons jeudi.",
    "Le 12 novembre à 9h30, le gardien nous a écrit :\nla porte est voilée.",
    "Le 12/11 à 09:30, la locataire du 3e a écrit :\nla porte est voilée.",
    "Le syndic a écrit :\nrien à faire.", "Le 3 mars, M. le gardien a écrit :\n« porte voilée ».",
    "On 3 May the caretaker wrote:\nthe door is bent.",
    "Envoyé de la mairie par coursier ce matin.", "Envoyé depuis l’atelier : les clés arrivent.",
    "Envoyé depuis mon téléphone car le bureau est fermé, je reviens lundi.",
    "Envoyé par La Poste hier.", "Envoyé avec les plans au bureau d’études.",
    "De : la place\nÀ : l’école\nles bancs seront repeints.", "Date : mardi 3\nObjet : visite\nPassage.",
    "Je vous joins ceci.\n________________\nLe planning : lundi.", "Mardi à 9 h.\n-----\nDeux agents.",
    "À : Madame la directrice\nDe : le service\nObjet : porte\nDate : ce jour\n\nNous la posons jeudi.",
    "Sujet : porte\nDate : mardi\nDe : l’atelier\nPour : vous\nNous la posons.", "Message du maire : merci.",
    "Nous passons mardi.\nMessage du 24/11/25 08:12\nlu ce matin.", "Selon le gardien :\nelle est cassée.",
    "En réponse à votre mail du 24 novembre à 08:12 :\nnous passons mardi.",
    "Le dossier est au-dessus de la pile.", "Sans virus ni panne depuis lundi.",
    "Objet : visite\nDate : mardi\nLieu : hall B", "Cordialement, mais la date reste à fixer.",
    "Voici :\nA : l’atelier\nDe : 9 h à 12 h", "Message d’origine inconnue sur la porte.",
    "Je transfère la réponse du bailleur :\n\n---------- Message transféré ----------\n"
    "Objet : porte\nElle sera posée jeudi.",
    "Voici la réponse :\n\n---------- Forwarded message ---------\nDe : Serrurerie <s@example.org>\n"
    "Date : lundi\nObjet : porte\nÀ : ST <st@example.org>\n\nElle sera posée jeudi.",
    "Début du message transféré :\n\nDe: S <s@example.org>\nObjet: porte\nDate: lundi\n\nElle arrive.",
    "----- Réacheminé par ST/ORG le 24/11/2025 09:00 -----\n\nDe :\tS\nA :\tST\nDate :\tlundi\n"
    "Objet :\tporte\n\nElle arrive.",
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_a_sentence_that_looks_like_a_quotation_is_kept(text: str) -> None:
    assert reply_of(text) == text
    mail = read(made(text))
    assert mail.text == text
    assert not mail.whole


@pytest.mark.parametrize("name", ["02", "03"])
def test_the_sentences_of_the_cases_are_kept(name: str) -> None:
    raw = case(name)
    body = raw.partition(b"\r\n\r\n")[2].decode().replace("\r\n", "\n").strip()
    mail = read(raw)
    assert (mail.text, mail.whole) == (body, "")


def test_what_stands_below_a_line_of_a_signature_is_the_answer_where_nothing_stands_above() -> None:
    assert read(made("--\nLa porte est refaite.")).text == "La porte est refaite."
    assert read(made("Refaite.\n\n-- \nService")).text == "Refaite."


ANNOUNCED = [
    "Mes réponses dans le texte ci-dessous.", "Réponses en rouge dans votre message.",
    "Voir mes commentaires plus bas.", "Nos remarques sont en bleu ci-dessous.", "Voir ci-dessous.",
    "Please see my answers below.", "My comments inline.", "Meine Antworten im Text unten.",
]  # fmt: skip


@pytest.mark.parametrize("said", ANNOUNCED)
def test_answers_within_the_quoted_mail_are_kept_where_they_are_announced(said: str) -> None:
    quoted = QUOTATIONS["outlook"] + "\nQuand passez-vous ?\n[ST] Mardi au matin."
    assert "[ST] Mardi au matin." in read(made(f"{said}\n\n{quoted}")).text


def test_answers_within_the_quoted_mail_are_at_hand_where_nothing_announces_them() -> None:
    quoted = QUOTATIONS["outlook"] + "\nQuand passez-vous ?\n[ST] Mardi au matin."
    mail = read(made(f"Bonjour,\n\n{quoted}"))
    assert mail.text == "Bonjour,"
    assert mail.whole.endswith("[ST] Mardi au matin.")
    mail = read(made(quoted))
    assert (mail.text, mail.notes) == ("", ["Sans autre texte que le message cité."])
    assert mail.whole.endswith("[ST] Mardi au matin.")
    assert "[ST] Mardi 2 décembre au matin." in read(case("05")).text


PAGES = {
    "gmail": '<div dir="ltr">{}</div><div class="gmail_quote"><div>Le lun. 24 nov. 2025 à 08:12, '
    'M &lt;<a href="mailto:m@example.org">m@example.org</a>&gt; a écrit :<br></div>x</div>',
    "outlook": "<p>{}<o:p></o:p></p><div style='border-top:solid #E1E1E1 1.0pt'><p><b>De&nbsp;:</b> M "
    "&lt;m@example.org&gt; <br><b>Envoyé&nbsp;:</b> lundi<br><b>À&nbsp;:</b> ST</p></div>",
    "outlook, iOS": '<div>{}</div><div>Obtenir <a href="https://aka.ms/x">Outlook pour iOS</a></div><hr>'
    '<div id="divRplyFwdMsg"><b>De :</b> M</div><div>x</div>',
    "apple": '{}<br><div><br>Envoyé de mon iPhone</div><blockquote type="cite">Le 24 nov. 2025 à 08:12, M '
    "&lt;m@example.org&gt; a écrit :<br></blockquote><blockquote>x</blockquote>",
    "notes": "<font>{}</font><br><table><tr><td>De :</td><td>M/ORG</td></tr><tr><td>A :</td><td>ST</td></tr>"
    "<tr><td>Date :</td><td>24/11/2025</td></tr><tr><td>Objet :</td><td>x</td></tr></table><hr>x",
    "windows": '<p>{}</p><p>Provenance : <a href="https://go.example.org/x">Courrier</a> pour Windows</p>'
    "<p><b>De : </b>M<br><b>Envoyé le :</b>lundi<br><b>À : </b>ST<br><b>Objet :</b>x</p>",
    "proton": '<div>{}</div><div class="protonmail_quote">Le lundi 24 novembre 2025 à 08:12, M '
    "&lt;m@example.org&gt; a écrit :<br><blockquote>x</blockquote></div>",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_what_pages_of_mail_programs_quote_is_cut(page: str) -> None:
    mail = read(made(page.format(ANSWER), HTML))
    assert mail.text == ANSWER
    assert mail.whole.startswith(ANSWER)


@pytest.mark.parametrize(
    "mark",
    ['<div id="appendonsend"></div>', '<div id="divRplyFwdMsg">', '<hr id="zwchr">',
     '<div data-marker="__DIVIDER__">', '<div class="yahoo_quoted">', "<blockquote>"],
)  # fmt: skip
def test_what_a_page_quotes_is_cut_and_at_hand(mark: str) -> None:
    page = f"<p>Bonjour, on passe.</p>{mark}<p>Quand ?</p><p>[ST] Mardi.</p>"
    mail = read(made(page, HTML))
    assert mail.text == "Bonjour, on passe."
    assert "[ST] Mardi." in mail.whole
    page = page.replace("on passe", "mes réponses ci-dessous")
    assert "[ST] Mardi." in read(made(page, HTML)).whole + read(made(page, HTML)).text


def test_what_a_mail_that_is_sent_on_quotes_is_cut() -> None:
    sent_on = (
        "---------- Message transféré ---------\nDe : S <s@example.org>\nObjet : porte\n\nJeudi."
    )
    assert reply_of(f"{sent_on}\n\n{QUOTATIONS['outlook']}") == sent_on


def test_device_and_block_of_the_case_are_cut() -> None:
    assert read(case("19")).text == "Nous passons mardi."


def words(text: str) -> set[str]:
    return {word.lstrip(">") for word in text.split()} - {""}


def nothing_is_lost(mail: Incoming, text: str) -> None:
    held = words(mail.whole or mail.text)
    assert words(text) <= held | set(mail.whole.split())


LINES = st.sampled_from(
    [*(line for text in [*QUOTATIONS.values(), *KEPT] for line in text.split("\n")), *DEVICES,
     "> cité", ">> encore", "-- ", "--", "", "", ANSWER, "Mardi.", "\ue01e", "a" * 600]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_of_no_text_that_programs_write_a_word_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines).replace("\ue01e", "")
    mail = read(made("\n".join(lines)))
    nothing_is_lost(mail, text)
    if mail.kind is Kind.PERSON:
        assert words(mail.text) <= words(text), "nor is one invented"


# What no mending changes: no controls, and none of the letters that a text written twice begins with.
WRITTEN = st.characters(exclude_categories=["C", "Z"], exclude_characters="ÂÃâ") | st.sampled_from(
    " \n"
)


@settings(max_examples=200, deadline=None)
@given(st.text(WRITTEN, max_size=400))
def test_of_no_text_at_all_a_word_is_lost(text: str) -> None:
    mail = read(made(text.encode("utf-8", "ignore")))
    held = mail.whole or mail.text
    assert "".join(held.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "line",
    ["De : x\n", "Le 24/11 à 08:12, M a écrit :\n>\n", "Le 1 2 3 4 5\n", "A\nObjet\nDe\n", "-----\n",
     "Envoyé de mon iPhone A A A A A A A A A !\n", "m@example.org a écrit le 24/11/2025\n",
     "réponse " * 30 + "\n", "24/11/2025 08:12\nA\nObjet\n", "_____\nDe : a@example.org\n",
     "<a@example.org> – 1\n"],
)  # fmt: skip
def test_lines_made_to_tire_a_reader_do_not(line: str) -> None:
    start = time.process_time()
    read(made(line * (200_000 // len(line))))
    assert time.process_time() - start < 3

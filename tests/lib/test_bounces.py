"""Servers and machines that say in words what no header says."""

import base64
import time

import pytest

from humanicite.lib.mail.inbound import Kind, read

from ..mails import HTML, case, made, several

SERVER = {"From": "Mail Delivery System <MAILER-DAEMON@mx.example.org>"}
NOT_THERE = [
    ("Message non distribué",
     "Votre message n’a pas pu être remis à :\n\n<voirie@example.org> : utilisateur inconnu"),
    ("Non remis : Signalement", "Échec de la remise à ces destinataires :\n\nvoirie@example.org\n"
     "L’adresse de messagerie que vous avez entrée est introuvable.\n\n#550 5.1.1 RecipNotFound"),
    ("Échec de la remise", "voirie@example.org\n550 5.1.1 User unknown"),
    ("Undelivered Mail Returned to Sender", "<voirie@example.org>: host mx[192.0.2.5] said: 550 5.1.1 "
     "<voirie@example.org>: Recipient address rejected"),
    ("failure notice", "I'm afraid I wasn't able to deliver your message.\n\n<voirie@example.org>:\n"
     "Sorry, no mailbox here by that name. (#5.1.1)"),
    ("Mail delivery failed: returning message to sender", "A permanent error.\n\n  voirie@example.org\n"
     "    550 No such user"),
    ("Courrier non délivré", "L'adresse voirie@example.org n'existe pas."),
    ("Unzustellbar: Signalement", "voirie@example.org\nEmpfänger unbekannt, konnte nicht zugestellt werden."),
    ("Undeliverable: Signalement", "voirie@example.org wasn't found. 550 5.1.10 RecipientNotFound"),
    ("Non remis : Signalement", "Votre message à voirie@example.org n’a pas pu être remis.\n"
     "voirie n’a pas été trouvé à l’adresse example.org."),
    ("RAPPORT D'ECHEC DE DISTRIBUTION Signalement", "n'a pas pu être distribué à : voirie@example.org\n"
     "Raison : utilisateur absent de l'Annuaire Domino"),
    ("Retour: Signalement", "Adresse inconnue : voirie@example.org"),
    ("Rapport de non-remise", "Échec de remise pour voirie@example.org : destinataire inconnu"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), NOT_THERE)
@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", HTML])
def test_a_mail_that_came_back_is_read_in_its_words(subject: str, text: str, kind: str) -> None:
    copy = "\n\n------ Ceci est une copie du message ------\n"
    copy += "Message-ID: <fiche.1@example.org>\nTo: autre@example.org"
    if kind == HTML:
        text, copy = (
            text.replace("<", "&lt;").replace("\n", "<br>"),
            copy.replace("<", "&lt;").replace("\n", "<br>"),
        )
    mail = read(made(text + copy, kind, Subject=subject, **SERVER))
    assert mail.kind is Kind.BOUNCE
    assert mail.references[0] == "<fiche.1@example.org>"
    assert [failure.address for failure in mail.failures] == ["voirie@example.org"]
    assert mail.failures[0].is_unknown


@pytest.mark.parametrize(
    ("text", "status", "is_final"),
    [
        ("voirie@example.org : boîte aux lettres pleine", "5.2.2", True),
        ("voirie@example.org 552 5.2.2 quota exceeded", "5.2.2", True),
        ("voirie@example.org : 550 5.7.1 refusé par la politique", "5.7.1", True),
        ("Remise retardée : voirie@example.org, 4.4.1 sans réponse", "4.4.1", False),
        ("n’a pas encore pu être remis à voirie@example.org, nouvelles tentatives ; delivery delayed, "
         "failed so far: could not be delivered", "", False),
        ("Distribution incomplète. Un problème temporaire est survenu lors de l'envoi de votre message à "
         "voirie@example.org ; Gmail continuera d'essayer pendant 45 heures.", "", False),
        ("Le message destiné à voirie@example.org n'a pas encore été remis.", "", False),
        ("Votre message à voirie@example.org a été bloqué par notre filtre.", "", True),
        ("voirie@example.org : 550 5.5.0 utilisateur inconnu", "5.1.1", True),
        ("Le 5.12.2025 depuis 192.0.5.1, échec de la remise à voirie@example.org", "", True),
    ],
)  # fmt: skip
def test_the_code_is_given_or_what_the_words_mean(text: str, status: str, is_final: bool) -> None:
    mail = read(made(text, Subject="Message non remis", **SERVER))
    assert mail.kind is Kind.BOUNCE
    [failure] = mail.failures
    assert (failure.status, failure.is_final) == (status, is_final)


def test_reports_name_addresses_in_a_header_or_of_another_server() -> None:
    mail = read(made("Could not be delivered.", Subject="Undelivered",
                     X_Failed_Recipients="voirie@example.org", **SERVER))  # fmt: skip
    assert [failure.address for failure in mail.failures] == ["voirie@example.org"]
    exchange = {"From": "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615@example.org>"}
    mail = read(
        made(
            "voirie@example.org introuvable, 5.1.10", Subject="Non remis : Signalement", **exchange
        )
    )
    assert mail.kind is Kind.BOUNCE
    report = several("multipart/report; report-type=delivery-status",
                     ("text/plain", "voirie@example.org n'existe pas"),
                     Subject="Non remis", **SERVER)  # fmt: skip
    assert read(report).kind is Kind.BOUNCE
    assert read(case("15")).failures[0].status == "5.1.1"


@pytest.mark.parametrize(
    ("subject", "sender"),
    [("Message status - undeliverable", "System.Administrator"), ("Message bloqué : x", "quarantaine"),
     ("Avertissement : message différé de 24 h", "MAILER-DAEMON")],
)  # fmt: skip
def test_other_names_of_servers_and_reports_are_known(subject: str, sender: str) -> None:
    text = "Le message n’a pas été remis à : voirie@example.org"
    mail = read(made(text, Subject=subject, From=f"{sender}@example.org"))
    assert mail.kind is Kind.BOUNCE
    assert [failure.address for failure in mail.failures] == ["voirie@example.org"]


REPORT = (
    "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; voirie@example.org\r\n"
    "Action: failed\r\nStatus: 5.1.1\r\n"
)


@pytest.mark.parametrize(
    "part",
    [
        ("message/delivery-status\r\nContent-Transfer-Encoding: base64",
         base64.encodebytes(REPORT.encode())),
        ("text/plain; name=details.txt\r\nContent-Disposition: attachment", REPORT),
    ],
    ids=["in base64", "a file of text"],
)  # fmt: skip
def test_a_report_that_travels_against_the_rules_is_read(part: tuple[str, str | bytes]) -> None:
    kind = "multipart/report; report-type=delivery-status"
    mail = read(several(kind, ("text/plain", "Non remis"), part, Subject="Non remis", **SERVER))
    assert mail.kind is Kind.BOUNCE
    [failure] = mail.failures
    assert (failure.address, failure.status) == ("voirie@example.org", "5.1.1")
    assert failure.is_unknown


@pytest.mark.parametrize(
    ("subject", "text"),
    [("Re: Non remis : Signalement", "Écrivez à voirie@example.org, l’autre adresse n’existe plus."),
     ("Re: Signalement", "Le courrier n’a pas pu être distribué : boîte aux lettres pleine, hall B."),
     ("Échec de la livraison des bancs", "Le camion n’est pas venu.")],
)  # fmt: skip
def test_people_who_write_of_what_came_back_are_people(subject: str, text: str) -> None:
    assert read(made(text, Subject=subject)).kind is Kind.PERSON


@pytest.mark.parametrize(
    ("subject", "text", "sender"),
    [
        ("Accusé de réception : votre demande n° 4512", "Bonjour.", "st@example.org"),
        ("[GRU] Accusé de réception de votre demande", "Bonjour.", "st@example.org"),
        ("Votre demande n° 12 a bien été enregistrée", "Bonjour.", "st@example.org"),
        ("Confirmation de réception", "Bonjour.", "st@example.org"),
        ("Nous avons bien reçu votre message", "Bonjour.", "st@example.org"),
        ("Your request (4512) has been received", "Hello.", "st@example.org"),
        ("SVE : accusé d’enregistrement électronique", "Bonjour.", "st@example.org"),
        ("[GLPI #0001234] Nouveau ticket", "Bonjour.", "st@example.org"),
        ("Merci pour votre message", "Bonjour.", "st@example.org"),
        ("Lu : Signalement 2026-3", "Votre message a été lu le 3 mars.", "st@example.org"),
        ("Re: Signalement", "Ceci est une réponse automatique.", "st@example.org"),
        ("Re: Signalement", "Bonjour.\n\nMessage automatique.", "st@example.org"),
        ("Re: Signalement", "Cette boîte aux lettres n’est plus consultée.", "st@example.org"),
        ("Re: Signalement", "J’ai quitté mes fonctions. Écrivez à l’accueil.", "st@example.org"),
        ("Authentification", "Confirmez que vous n’êtes pas un robot.", "st@example.org"),
        (
            "Re: Signalement",
            "Je suis actuellement en congés jusqu’au 4 mars.\nEn mon absence, écrivez à l’accueil.",
            "st@example.org",
        ),
        ("Eingangsbestätigung", "Guten Tag.", "st@example.org"),
        (
            "Re: Signalement",
            "Votre demande est enregistrée.\n\nCeci est un message automatique.",
            "st@example.org",
        ),
        (
            "Re: Signalement",
            "Demande 12.\nCe courriel a été envoyé automatiquement.",
            "st@example.org",
        ),
        ("Re: Signalement", "Demande 12. Merci de ne pas répondre à ce message.", "st@example.org"),
        ("Re: Signalement", "Demande 12 créée.", "ne-pas-repondre@example.org"),
        ("Re: Signalement", "This is an automated message.", "noreply@example.org"),
    ],
)
def test_a_machine_that_says_it_is_one_is_believed(subject: str, text: str, sender: str) -> None:
    assert read(made(text, Subject=subject, From=f"ST <{sender}>")).kind is Kind.AUTO


@pytest.mark.parametrize(
    ("subject", "text"),
    [("Re: Signalement", "Votre demande a bien été transmise à l’équipe, qui passe mardi."),
     ("Re: Accusé de réception", "Nous passons mardi."),
     ("Re: Signalement", "Vu.\n\nLe 16 mars 2026 à 09:12, M a écrit :\n> Ceci est un message automatique."),
     ("Portail automatique en panne", "La porte automatique est réparée."),
     ("Re: Signalement", "Je suis en congés lundi, mon collègue passe mardi."),
     ("Re: Signalement", "Le bureau est fermé, en cas d’urgence le gardien a la clé." * 20),
     ("Re: Signalement", "La boîte aux lettres n’est plus fermée à clé."),
     ("Message bloqué dans l’interphone", "Réparé."), ("Luminaire : fait", "Changé."),
     ("Indisponibilité de la nacelle", "Nous passons mardi."),
     ("Votre signalement", "Nous passons mardi.")],
)  # fmt: skip
def test_a_person_who_writes_much_the_same_is_one(subject: str, text: str) -> None:
    assert read(made(text, Subject=subject)).kind is Kind.PERSON


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a@example.org " * 30_000, "5.1.1 " * 40_000, "utilisateur " * 20_000]
)
def test_words_made_to_tire_who_reads_a_report_do_not(text: str) -> None:
    start = time.process_time()
    read(made(text, Subject="Message non remis", **SERVER))
    assert time.process_time() - start < 3

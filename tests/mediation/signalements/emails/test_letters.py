"""What a recipient reads, in a real mail of a real server."""

import io
from datetime import date

import pypdf
import pytest
from django.db import transaction

from governance.models import Contact
from mediation.models import (
    Delivery,
    EventKind,
)  # fmt: skip
from mediation.signalements import links
from mediation.signalements.emails.outbox import (
    queue_link,
    queue_reminders,
)
from mediation.signalements.links import recipient_of, recipient_of_address, reply_address

from ....conftest import NOW
from ....world import TODAY
from .sent import kinds, recipient, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_signalement_arrives_as_text_html_and_pdf_with_three_links(world, smtp, settings) -> None:
    settings.SITE_URL = "https://mediation.example.org"
    signalement = send(
        world, title="Éclairage éteint", where="Allée nord", since="lundi soir",
        description="Trois lampes sur quatre.", expected="Remplacer les lampes",
    )  # fmt: skip
    message = smtp.read()
    assert smtp.subject() == (
        "Signalement 2026-1 : éclairage éteint, allée nord (réponse au plus tard le 1er avril)"
    )
    assert message["To"] == recipient(signalement).email
    assert message["Cc"] is message["Bcc"] is None
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for said in ("Lieu hall-a", "Allée nord", "lundi soir", "Trois lampes", "Remplacer les lampes",
                 "mercredi 1er\u00a0avril 2026", "Interlocuteur town-a"):  # fmt: skip
        assert said in text
        assert said in html
    for choice in ("recu", "charge", "autre"):
        assert text.count(f"/?choix={choice}") == html.count(f"/?choix={choice}") == 1
    link = text[text.index("https://mediation.example.org/repondre/") :].split("/?")[0]
    assert recipient_of(link.rsplit("/", 1)[1], TODAY) == (recipient(signalement), True)
    (file,) = message.iter_attachments()
    assert file.get_filename() == "signalement-2026-1.pdf"
    assert file.get_content().startswith(b"%PDF")


def test_it_says_that_a_program_wrote_it(world, smtp) -> None:
    send(world)
    message = smtp.read()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<signalements.essai.example.org>"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert "NDR" not in message["X-Auto-Response-Suppress"]


def test_it_names_no_other_addressee_no_author_and_no_note(world, smtp) -> None:
    activity = world.activity(internal_note="chez les voisins du deuxième")
    send(world, 3, activity=activity)
    assert len(smtp.messages) == 3
    addresses = {envelope.rcpt_tos[0] for envelope in smtp.messages}
    for envelope in smtp.messages:
        whole = str(smtp.read(smtp.messages.index(envelope)))
        (own,) = envelope.rcpt_tos
        assert not [other for other in addresses - {own} if other in whole]
        assert world.user("mediateur").email not in whole
        assert "deuxième" not in whole
    (content,) = {  # one file for all
        next(smtp.read(n).iter_attachments()).get_content() for n in range(3)
    }
    paper = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert not [known for known in (*addresses, "deuxième") if known in paper]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title": "VMC arrêtée"}, ": VMC arrêtée, Lieu hall-a"),
        ({"title": "Banc cassé.", "where": "Capinghem, arrêt de bus"}, ": banc cassé, Capinghem"),
        ({"urgency": "immediate"}, "(urgent, réponse le 18 mars)"),
        ({"due_on": date(2027, 1, 4)}, "(réponse au plus tard le 4 janvier 2027)"),
    ],
)
def test_the_subject_is_french_whatever_the_words(world, smtp, values, said) -> None:
    send(world, **values)
    assert said in smtp.subject()


def test_a_template_within_a_text_is_text(world, smtp) -> None:
    send(world, title="Affiche {% load x %} {{ settings.SECRET_KEY }} {# #} & <b>")
    message = smtp.read()
    assert "{% load x %} {{ settings.SECRET_KEY }} {# #} & <b>" in smtp.subject()
    assert "&amp; &lt;b&gt;" in message.get_body(("html",)).get_content()


def test_the_service_phone_stands_where_the_operator_gave_one(world, smtp) -> None:
    Contact.objects.create(
        party=world.parties["operator"], function="Médiateur", phone="03 00 00 00 00",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    send(world)
    assert "téléphone de service\u00a0: 03 00 00 00 00" in str(
        smtp.read().get_body(("plain",)).get_content()
    )


def test_mails_of_one_signalement_are_one_thread(world, smtp) -> None:
    signalement = send(world)
    first = smtp.read()
    with transaction.atomic():
        queue_link(recipient(signalement), now=NOW)
    second = smtp.read()
    assert second["In-Reply-To"] == first["Message-ID"]
    root = first["References"]
    assert second["References"].split() == [root, first["Message-ID"]]
    assert second["Message-ID"] != first["Message-ID"]
    assert smtp.subject().startswith("Nouveau lien, signalement 2026-1 : ")
    assert kinds(signalement) == [EventKind.SENT, EventKind.HANDED, EventKind.HANDED]


def test_a_reminder_of_several_signalements_is_one_mail_and_its_copy_another(world, smtp) -> None:
    rows = [recipient(send(world, title=f"Banc {number}")) for number in range(3)]
    smtp.messages.clear()
    with transaction.atomic():
        queue_reminders(rows, to=rows[0].email, copies=["suppleant@example.org"], now=NOW)
    assert [envelope.rcpt_tos for envelope in smtp.messages] == [
        [rows[0].email], ["suppleant@example.org"],
    ]  # fmt: skip
    text = smtp.read(0).get_body(("plain",)).get_content()
    assert [f"Banc {number}" in text for number in range(3)] == [True] * 3
    assert text.count("choix=recu") == 3
    assert "suppleant@" not in str(smtp.read(0))
    reminders = Delivery.objects.filter(kind="reminder")
    told = list(reminders.order_by("pk").values_list("recipient", flat=True))
    assert told == [row.pk for row in rows] * 2, "the copy's as well"
    assert len(set(reminders.values_list("message_id", flat=True))) == 2
    assert not reminders.filter(handed_at=None).exists()


def test_a_reply_goes_to_a_signed_address_that_says_whose_it_is(world, smtp, settings) -> None:
    settings.REPLY_ADDRESS = "reponses@example.org"
    one, other = recipient(send(world)), recipient(send(world))
    address = smtp.read(0)["Reply-To"]
    assert address == reply_address(one)
    assert recipient_of_address(address.upper()) == one
    assert recipient_of_address(f"Service <{links.reply_address(other)}>") == other
    key, _, signature = address.partition("+")[2].partition("@")[0].partition("-")
    for forged in (
        f"reponses+{other.pk}-{signature}@example.org", f"reponses+{key}-{'0' * 20}@example.org",
        f"reponses+{key}-{signature}@127.0.0.1", "reponses@example.org", "", "reponses+@example.org",
        f"autres+{key}-{signature}@example.org", f"reponses+{'9' * 18}-{signature}@example.org",
    ):  # fmt: skip
        assert recipient_of_address(forged) is None
    settings.REPLY_ADDRESS = ""
    assert recipient_of_address(address) is None

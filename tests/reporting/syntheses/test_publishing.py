"""From a draft to editions that are frozen: what stands against it, what is kept, who is told (R76)."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from post_office.models import Email

from governance.models import Contact
from reporting.models import Edition, EditionRead, MonthlySynthesis, Passage
from reporting.syntheses import actions, checks, edition, texts
from reporting.syntheses.document import compose, gather

from ...conftest import NOW
from ...pages import plain
from ...world import TODAY, World
from .conftest import write

pytestmark = pytest.mark.usefixtures("plain_paper")


def errors_of(synthesis: MonthlySynthesis, today: date = TODAY) -> str:
    known = texts.Texts.of(synthesis)
    drafts = checks.drafts_of(synthesis, known, today)
    found = checks.errors_in(checks.run(synthesis, drafts, known, today))
    return " | ".join(check.text for check in found).replace("\u00a0", " ")


def test_every_perimeter_has_its_frozen_edition(worked: World, written, publish) -> None:
    outcome = publish(written)
    assert {row.perimeter.party.slug for row in outcome.published} == {
        "operator", "owners", "town-a", "town-b",
    }  # fmt: skip
    assert not outcome.failed
    for row in Edition.objects.all():
        assert row.sha256 == edition.checksum(row.pdf)
        assert "WeasyPrint" in row.engine
        assert row.number == 1
    written.refresh_from_db()
    assert written.is_published


def test_what_is_published_does_not_follow_the_figures(
    worked: World, written, publish, sign_in
) -> None:
    publish(written)
    row = Edition.objects.get(perimeter=worked.perimeters["town-a"])
    client = sign_in(worked, "town-a")
    first = client.get(f"/syntheses/editions/{row.pk}.pdf").content
    page = plain(client.get(f"/syntheses/editions/{row.pk}/"))
    assert "16 activités" in page
    worked.activity("hall-a", day=date(2026, 2, 20), minutes=600)
    worked.parties["town-a"].name = "Un autre nom"
    worked.parties["town-a"].save()
    assert client.get(f"/syntheses/editions/{row.pk}.pdf").content == first == bytes(row.pdf)
    assert "16 activités" in plain(client.get(f"/syntheses/editions/{row.pk}/"))


def test_publishing_twice_makes_each_edition_once(worked: World, written, publish) -> None:
    publish(written)
    again = publish(written)
    assert not again.published
    assert Edition.objects.count() == 4


def test_one_that_fails_is_told_and_the_others_go_on(
    worked: World, written, publish, monkeypatch
) -> None:
    draw = edition.to_pdf

    def fails(made: edition.Synthesis) -> bytes:
        if made.document["slug"] == "town-b":
            raise RuntimeError("encre épuisée")
        return draw(made)

    monkeypatch.setattr(edition, "to_pdf", fails)
    outcome = publish(written)
    assert [(row.party.slug, reason) for row, reason in outcome.failed] == [
        ("town-b", "encre épuisée")
    ]
    assert len(outcome.published) == 3
    monkeypatch.setattr(edition, "to_pdf", draw)
    assert [row.perimeter.party.slug for row in publish(written).published] == ["town-b"]


# --- What stands against it -----------------------------------------------------------------------
def test_a_month_that_is_not_over(worked: World, written) -> None:
    assert "Le mois de février 2026 n’est pas terminé" in errors_of(written, date(2026, 2, 28))
    assert errors_of(written, date(2026, 3, 1)) == ""


def test_a_text_that_is_missing_or_too_long(worked: World, written) -> None:
    Passage.objects.filter(key="activites").delete()
    Passage.objects.filter(key="titre").update(text="t" * 300)
    said = errors_of(written)
    assert "Analyse : Activités : à rédiger" in said
    assert "Titre : 300 caractères, 60 au plus" in said


def test_figures_that_changed_since_the_validation(worked: World, written, publish) -> None:
    by = worked.reader("coordination")
    actions.validate(synthesis=written, by=by, now=NOW)
    worked.activity("hall-b", day=date(2026, 2, 20))
    with pytest.raises(ValidationError) as refused:
        actions.publish(synthesis=written, by=by, now=NOW)
    said = " ".join(refused.value.messages)
    assert "town-b" in said
    assert "ont changé depuis la validation" in said
    assert "town-a" not in said, "its figures are the same"
    assert not Edition.objects.exists()


def test_a_comment_that_waits(worked: World, written) -> None:
    comment = worked.comment(worked.consultation("town-a"))
    assert "observation" in errors_of(written)
    actions.deal_with(comment=comment, by=worked.reader("coordination"))
    assert errors_of(written) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mme Durand s’est plainte.", "semble identifier quelqu’un"),
        ("Le calme מרכז est revenu.", "ne sait pas écrire « מרכז »"),
        ("Vu au Lieu hall-b essai.", "l’édition de town-a nommerait Lieu hall-b essai"),
        ("Voir le signalement 2026-1.", "l’édition de town-a nommerait signalement 2026-1"),
    ],
)
def test_what_a_text_must_not_say(worked: World, text: str, said: str) -> None:
    worked.sent("hall-b", "town-b")
    synthesis = worked.synthesis()
    write(worked, synthesis, lieux=text)
    assert said in errors_of(synthesis)


def test_emoji_are_said_in_words_and_long_words_are_cut(worked: World) -> None:
    synthesis = worked.synthesis()
    write(worked, synthesis, activites="Le 🔥 est éteint. " + "x" * 150)
    assert errors_of(synthesis) == ""


def test_a_text_kept_from_an_edition_stands_in_the_others(worked: World, publish) -> None:
    synthesis, by = worked.synthesis(), worked.reader("coordination")
    write(worked, synthesis, lieux="Vu au Lieu hall-b essai.")
    for of in ("town-a",):
        actions.keep_from_edition(
            synthesis=synthesis, perimeter=worked.perimeters[of], key="lieux", what="tout", by=by
        )
    publish(synthesis)
    documents = {row.perimeter.party.slug: str(row.document) for row in Edition.objects.all()}
    assert "hall-b" in documents["town-b"]
    assert "hall-b" not in documents["town-a"]
    assert "Lieux et thématiques" not in documents["town-a"]


# --- Versions -------------------------------------------------------------------------------------
def test_a_correction_is_a_second_version_and_tells_who_downloaded(
    worked: World, written, publish, sign_in
) -> None:
    Contact.objects.all().delete()
    publish(written)
    first = Edition.objects.get(perimeter=worked.perimeters["town-a"])
    sign_in(worked, "town-a").get(f"/syntheses/editions/{first.pk}.pdf")
    by = worked.reader("coordination")
    with pytest.raises(ValidationError):
        actions.begin_version(
            synthesis=written, kind="correction", reason=" ", is_substantial=True, by=by
        )
    written.refresh_from_db()
    actions.begin_version(
        synthesis=written, kind="correction", reason="Un mot était faux", is_substantial=True, by=by
    )
    passage = Passage.objects.get(key="activites")
    actions.write_passage(
        synthesis=written, key="activites", perimeter=None, text="Corrigé.",
        read_version=passage.version, by=by,
    )  # fmt: skip
    publish_at = NOW + timedelta(hours=1)
    actions.validate(synthesis=written, by=by, now=publish_at)
    outcome = actions.publish(synthesis=written, by=by, now=publish_at)
    assert {row.number for row in outcome.published} == {2}
    first.refresh_from_db()
    assert first.replaced_at == publish_at
    assert b"Corrig" not in bytes(first.pdf)
    [mail] = Email.objects.all()
    assert mail.to == ["town-a-essai@example.org"]
    assert "Un mot était faux" in mail.message
    second = Edition.objects.get(perimeter=worked.perimeters["town-a"], number=2)
    page = plain(sign_in(worked, "town-a").get(f"/syntheses/editions/{first.pk}/"))
    assert "Une version plus récente remplace celle-ci" in page
    assert f"/syntheses/editions/{second.pk}/" in page
    assert "Un mot était faux" in str(second.document)


def test_an_edition_is_written_once(worked: World) -> None:
    row = worked.edition()
    row.title = "Autre chose"
    with pytest.raises(TypeError):
        row.save()


def test_two_versions_are_never_both_in_force(worked: World) -> None:
    worked.edition()
    with pytest.raises(IntegrityError), transaction.atomic():
        worked.edition(number=2, kind="revision", reason="plus tard")


def test_what_came_late_is_listed(worked: World, written, publish, sign_in) -> None:
    publish(written)
    worked.activity("hall-a", day=date(2026, 2, 20), type="INFO")
    page = plain(sign_in(worked, "coordination").get("/syntheses/2026-02/"))
    assert "Saisi ou modifié après la publication" in page


# --- Who ------------------------------------------------------------------------------------------
def test_each_party_is_sent_its_own(worked: World, written, publish) -> None:
    publish(written)
    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    assert set(mails) == {"contact-town-a-essai@example.org", "contact-town-b-essai@example.org"}
    [file] = mails["contact-town-a-essai@example.org"].attachments.all()
    assert file.name == "synthese-town-a-2026-02.pdf"
    with file.file.open() as sent:
        assert sent.read() == bytes(Edition.objects.get(perimeter=worked.perimeters["town-a"]).pdf)


@pytest.mark.parametrize("who", ["mediateur", "town-a"])
def test_only_the_coordination_validates_and_publishes(worked: World, written, who: str) -> None:
    by = worked.reader(who)
    for act in (actions.validate, actions.publish):
        with pytest.raises(PermissionDenied):
            act(synthesis=written, by=by, now=NOW)


def test_a_party_reads_its_own_published_editions_only(
    worked: World, elsewhere: World, written, publish, sign_in
) -> None:
    publish(written)
    own = Edition.objects.get(perimeter=worked.perimeters["town-a"])
    other = Edition.objects.get(perimeter=worked.perimeters["town-b"])
    client = sign_in(worked, "town-a")
    listed = plain(client.get("/syntheses/"))
    assert f"/syntheses/editions/{own.pk}.pdf" in listed, "sign in, Synthèses, PDF"
    assert client.get("/syntheses/2026-02/")["Location"] == f"/syntheses/editions/{own.pk}/"
    for ending in ("/", ".pdf", ".xlsx", ".docx"):
        assert client.get(f"/syntheses/editions/{own.pk}{ending}").status_code == 200
        assert client.get(f"/syntheses/editions/{other.pk}{ending}").status_code == 404
    for path in ("redaction/", "valider/", "publier/", "version/"):
        assert client.post(f"/syntheses/2026-02/{path}").status_code == 403
    assert sign_in(worked, "invite").get("/syntheses/").status_code == 403


def test_readings_are_of_parties_and_told_once(worked: World, written, publish, sign_in) -> None:
    publish(written)
    own = Edition.objects.get(perimeter=worked.perimeters["town-a"])
    for who in ("town-a", "town-a", "coordination"):
        client = sign_in(worked, who)
        client.get(f"/syntheses/editions/{own.pk}/")
        client.get(f"/syntheses/editions/{own.pk}.pdf")
    assert sorted(EditionRead.objects.values_list("what", "membership__role")) == [
        ("lue", "partenaire"), ("telechargee", "partenaire"),
    ]  # fmt: skip
    page = plain(sign_in(worked, "coordination").get("/syntheses/2026-02/"))
    assert "Téléchargée par Fonction town-a essai" in page


def test_a_link_hands_out_its_own_edition_to_a_press_of_the_button(
    worked: World, written, publish, client
) -> None:
    publish(written)
    mail = Email.objects.get(to="contact-town-a-essai@example.org")
    path = next(word for word in mail.message.split() if "/lien/" in word).split("8000")[-1]
    path = path[path.index("/syntheses/") :]
    assert client.get(path).status_code == 200
    assert not EditionRead.objects.exists(), "scanners open links"
    answer = client.post(path)
    own = Edition.objects.get(perimeter=worked.perimeters["town-a"])
    assert answer.content == bytes(own.pdf)
    assert EditionRead.objects.get().contact.email == "contact-town-a-essai@example.org"
    assert client.get(path.replace("/lien/", "/lien/x")).status_code == 404
    Contact.objects.all().update(ends=date(2026, 3, 1))
    assert client.post(path).status_code == 404


# --- Scope ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", ["a", "b"])
def test_no_edition_holds_what_lies_outside(worked: World, written, publish, side: str) -> None:
    other = "b" if side == "a" else "a"
    worked.sent(f"hall-{other}", f"town-{other}", title="MARQUE-TITRE")
    worked.recommendation(f"town-{other}", title="MARQUE-CONSEIL", issued_on=date(2026, 2, 20))
    worked.recommendation("owners", title="MARQUE-LIEU").places.add(worked.places[f"hall-{other}"])
    for n in range(7):
        worked.activity(f"hall-{other}", type="INFO", minutes=77, day=date(2026, 2, 10 + n))
    own = gather(worked.perimeters[f"town-{side}"], written.period, TODAY, written)
    document = compose(own, texts.Texts.of(written))
    said = json.dumps(document, ensure_ascii=False)
    for word in ("MARQUE", f"hall-{other}", f"ilot-{other}", f"cote-{other}", "note-secrete"):
        assert word not in said, word
    assert "16 activités" in said.replace("\u00a0", " ")


# --- All at once ----------------------------------------------------------------------------------
def test_a_command_publishes_what_was_validated_and_tells_what_failed(
    worked: World, written, monkeypatch, capsys
) -> None:
    by = worked.reader("coordination")
    call_command("publish_syntheses", "2026-02")
    assert not Edition.objects.exists(), "a draft is no one's to publish"
    actions.validate(synthesis=written, by=by, now=NOW)
    draw = edition.to_pdf
    monkeypatch.setattr(
        edition, "to_pdf", lambda made: draw(made) if made.document["slug"] != "town-b" else 1 / 0
    )
    with pytest.raises(CommandError, match="1 edition"):
        call_command("publish_syntheses", "2026-02")
    assert "3 published, 1 failed" in capsys.readouterr().out
    monkeypatch.setattr(edition, "to_pdf", draw)
    call_command("publish_syntheses", "2026-02")
    assert "1 published, 0 failed" in capsys.readouterr().out
    assert Edition.objects.count() == 4
    with pytest.raises(CommandError, match="no month"):
        call_command("publish_syntheses", "2026-T1")

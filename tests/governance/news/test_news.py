"""What the parties pass on of the quarter: who reads it, from when to when, who changes it (R11, R83)."""

import io
import uuid
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from governance.models import JournalEntry, NewsFile, QuarterNews

from ...pages import text_of
from ...world import TODAY, World

DAY = TODAY.isoformat()


def typed(world: World, place: str = "hall-a", **changes: Any) -> dict[str, Any]:
    return {
        "uid": str(uuid.uuid4()), "kind": "works", "title": "Coupure d’eau", "text": "Allée nord.",
        "place": world.places[place].pk, "starts": DAY, "ends": "2026-03-20",
    } | changes  # fmt: skip


def post(client: Any, data: dict[str, Any], path: str = "/informations/nouvelle/") -> Any:
    return client.post(path, data)


def titles(client: Any, query: str = "") -> str:
    return text_of(client.get(f"/informations/{query}"))


def test_a_partner_publishes_for_a_place_of_its_perimeter(world: World, sign_in) -> None:
    answer = post(sign_in(world, "town-a"), typed(world))
    news = QuarterNews.objects.get()
    assert answer["Location"] == f"/informations/{news.pk}/"
    assert (news.party, news.author, news.state) == (
        world.parties["town-a"], world.user("town-a"), "published",
    )  # fmt: skip
    assert JournalEntry.objects.filter(kind="information du quartier", act="create").count() == 1
    for who, sees in (("mediateur", True), ("owners", True), ("town-b", False)):
        assert ("Coupure d’eau" in titles(sign_in(world, who))) is sees, who


def test_a_double_click_makes_one(world: World, sign_in) -> None:
    client, data = sign_in(world, "town-a"), typed(world)
    first, second = post(client, data), post(client, data)
    assert QuarterNews.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_the_form_of_somebody_else_is_not_taken_for_ones_own(world: World, sign_in) -> None:
    data = typed(world, "quartier")
    post(sign_in(world, "town-a"), data)
    answer = post(sign_in(world, "town-b"), data)
    assert answer.status_code == 422
    assert "rouvrez le formulaire" in text_of(answer)
    assert QuarterNews.objects.get().party == world.parties["town-a"]


def test_of_the_whole_quarter_everybody_reads(world: World, sign_in) -> None:
    post(sign_in(world, "town-a"), typed(world, "quartier"))
    assert "Coupure d’eau" in titles(sign_in(world, "town-b"))


def test_an_invited_stakeholder_reads_none(world: World, sign_in) -> None:
    news = world.news("quartier")
    client = sign_in(world, "invite")
    assert client.get("/informations/").status_code == 403
    assert client.get(f"/informations/{news.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "  "}, "Donnez un titre"),
        ({"kind": "guerre"}, "Sélectionnez un choix valide"),
        ({"place": ""}, "Choisissez un lieu"),
        ({"ends": "2026-03-17"}, "Cette date est passée"),
        ({"starts": "2026-03-25", "ends": "2026-03-20"}, "La date de fin précède"),
        ({"starts": "2026-02-30"}, "Cette date n’existe pas"),
        ({"ends": "2029-03-20"}, "Deux ans au plus"),
        ({"title": "x" * 121}, "120"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_kept(world, sign_in, changes, said) -> None:
    answer = post(sign_in(world, "town-a"), typed(world) | changes)
    text = text_of(answer)
    assert answer.status_code == 422
    assert said in text
    assert "Allée nord." in text
    assert not QuarterNews.objects.exists()


def test_a_place_outside_is_refused_like_one_that_does_not_exist(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    for key in (world.places["hall-b"].pk, 999_999):
        assert "Ce choix n’existe pas" in text_of(
            post(client, typed(world, place="hall-a") | {"place": key})
        )
    assert not QuarterNews.objects.exists()


def test_a_party_without_perimeter_is_told_what_to_ask(world: World, sign_in) -> None:
    world.perimeters["town-a"].delete()
    client = sign_in(world, "town-a")
    assert "n’a pas encore de périmètre" in text_of(client.get("/informations/nouvelle/"))
    assert post(client, typed(world)).status_code == 422


def test_it_ends_by_itself_and_stays_to_be_found(world: World, sign_in, clock) -> None:
    world.news(title="Finie", starts=date(2026, 3, 1), ends=date(2026, 3, 17))
    world.news(title="Dernier jour", starts=date(2026, 3, 1), ends=TODAY)
    client = sign_in(world, "town-a")
    now = titles(client)
    assert "Dernier jour" in now
    assert "Finie" not in now
    past = titles(client, "?etat=terminees")
    assert "Finie" in past
    assert "Dernier jour" not in past


def test_in_force_comes_first_then_what_is_to_come(world: World, sign_in) -> None:
    world.news(title="Plus tard", starts=date(2026, 4, 20), ends=date(2026, 4, 21))
    world.news(title="Bientôt", starts=date(2026, 3, 20), ends=date(2026, 5, 1))
    world.news(title="Longtemps", starts=date(2026, 1, 1), ends=date(2026, 12, 31))
    world.news(title="Encore deux jours", starts=date(2026, 3, 1), ends=date(2026, 3, 20))
    text = titles(sign_in(world, "mediateur"))
    places = [
        text.index(f">{one}<") for one in ("Encore deux jours", "Longtemps", "Bientôt", "Plus tard")
    ]
    assert places == sorted(places)


def test_filters_by_nature_place_and_days(world: World, sign_in) -> None:
    world.news("hall-a", title="Au hall", kind="event")
    world.news("cote-b", title="De l’autre côté")
    world.news("hall-b", title="En mai", starts=date(2026, 5, 2), ends=date(2026, 5, 9))
    client = sign_in(world, "coordination")
    for query, seen in (
        ("?nature=event", {"Au hall"}),
        (f"?lieu={world.places['cote-b'].pk}", {"De l’autre côté", "En mai"}),
        ("?du=2026-05-01&au=2026-05-31", {"En mai"}),
        ("?au=2026-03-31", {"Au hall", "De l’autre côté"}),
    ):
        text = titles(client, query)
        assert {one for one in ("Au hall", "De l’autre côté", "En mai") if one in text} == seen, (
            query
        )


# --- Changing, withdrawing, publishing ------------------------------------------------------------


def test_its_party_changes_it_and_nobody_elses(world: World, sign_in) -> None:
    news = world.news("hall-a", "town-a")
    path = f"/informations/{news.pk}/modifier/"
    data = typed(world, title="Coupure levée", version=1)
    for who in ("owners", "mediateur", "coordination"):
        assert post(sign_in(world, who), data, path).status_code == 403, who
    assert post(sign_in(world, "town-b"), data, path).status_code == 404
    assert post(sign_in(world, "town-a"), data, path).status_code == 302
    news.refresh_from_db()
    assert (news.title, news.version, news.history.count()) == ("Coupure levée", 2, 2)


def test_two_writers_do_not_overwrite_each_other(world: World, sign_in) -> None:
    news = world.news("hall-a", "town-a")
    path, client = f"/informations/{news.pk}/modifier/", sign_in(world, "town-a")
    post(client, typed(world, title="La première", version=1), path)
    answer = post(client, typed(world, title="La seconde", version=1), path)
    assert answer.status_code == 422
    text = text_of(answer)
    assert "modifiée entre-temps" in text
    assert "La seconde" in text
    assert QuarterNews.objects.get().title == "La première"
    assert 'name="version" value="2"' in text


@pytest.mark.parametrize("who", ["town-a", "coordination"])
def test_withdrawn_by_its_party_or_the_coordination(world: World, sign_in, who) -> None:
    news = world.news("hall-a", "town-a")
    path = f"/informations/{news.pk}/retirer/"
    for other in ("owners", "mediateur"):
        assert sign_in(world, other).post(path, {"version": 1}).status_code == 403
    client = sign_in(world, who)
    assert client.get(path).status_code == 200
    for _ in range(2):
        assert client.post(path, {"version": 1}).status_code == 302
    news.refresh_from_db()
    assert (news.state, news.is_published, news.history.count()) == ("withdrawn", False, 2)
    assert sign_in(world, "owners").get(f"/informations/{news.pk}/").status_code == 404
    assert "Retirée" in text_of(sign_in(world, "town-a").get(f"/informations/{news.pk}/"))


def test_what_changed_since_it_was_read_is_not_withdrawn(world: World, sign_in) -> None:
    news = world.news("hall-a", "town-a", version=3)
    sign_in(world, "coordination").post(f"/informations/{news.pk}/retirer/", {"version": 2})
    assert QuarterNews.objects.get().is_published


def test_a_draft_is_its_partys_and_the_operators_until_a_press(world: World, sign_in) -> None:
    news = world.news("quartier", "town-a", state="draft", title="Par courriel")
    path = f"/informations/{news.pk}/"
    for who in ("owners", "town-b"):
        assert sign_in(world, who).get(path).status_code == 404, who
        assert sign_in(world, who).post(f"{path}publier/").status_code == 404, who
    assert sign_in(world, "mediateur").post(f"{path}publier/").status_code == 403
    assert "information reçue" in titles(sign_in(world, "town-a"))
    client = sign_in(world, "coordination")
    for _ in range(2):
        assert client.post(f"{path}publier/").status_code == 302
    news.refresh_from_db()
    assert (news.state, news.version) == ("published", 2)
    assert sign_in(world, "town-b").get(path).status_code == 200


def test_what_is_over_is_not_published(world: World, sign_in) -> None:
    news = world.news("quartier", "town-a", state="draft", ends=date(2026, 3, 17))
    answer = sign_in(world, "town-a").post(f"/informations/{news.pk}/publier/", follow=True)
    assert "changez sa date de fin" in text_of(answer)
    assert not QuarterNews.objects.get().is_published


# --- Files ----------------------------------------------------------------------------------------


def picture() -> SimpleUploadedFile:
    exif = Image.Exif()
    exif[0x010F] = "TELEPHONE-SECRET"
    written = io.BytesIO()
    Image.new("RGB", (2400, 1200), "seagreen").save(written, "JPEG", exif=exif)
    return SimpleUploadedFile("moi.jpg", written.getvalue(), "image/jpeg")


def pdf(content: bytes = b"%PDF-1.7\n...", name: str = "Arrêté.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def test_a_picture_is_made_anew_and_a_pdf_kept(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    post(client, typed(world, picture=picture(), document=pdf()))
    photo, document = NewsFile.objects.get(kind="picture"), NewsFile.objects.get(kind="document")
    kept = photo.file.read()
    assert b"TELEPHONE-SECRET" not in kept
    assert Image.open(io.BytesIO(kept)).size == (1600, 800)
    answer = client.get(f"/informations/fichiers/{document.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7\n..."
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    small = client.get(f"/informations/fichiers/{photo.pk}/?taille=vignette")
    assert Image.open(io.BytesIO(small.content)).size == (480, 240)
    assert sign_in(world, "town-b").get(f"/informations/fichiers/{document.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"document": pdf(b"PK\x03\x04", "Plan.docx")}, "n’est pas un PDF"),
        ({"document": pdf(b"%PDF-" + bytes(5 * 1024 * 1024))}, "dépasse 5"),
        ({"document": pdf(b"")}, "vide"),
        ({"picture": pdf(b"<svg/>", "x.svg")}, "n’est pas une photo lisible"),
    ],
)
def test_another_file_is_refused_beside_its_field(world, sign_in, files, said) -> None:
    answer = post(sign_in(world, "town-a"), typed(world) | files)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not QuarterNews.objects.exists()


def test_files_are_replaced_and_removed_with_their_bytes(
    world: World, sign_in, django_capture_on_commit_callbacks
) -> None:
    client = sign_in(world, "town-a")
    post(client, typed(world, picture=picture(), document=pdf()))
    news = QuarterNews.objects.get()
    old = {row.kind: row.file for row in news.files.all()}
    data = typed(world, version=1, document=pdf(b"%PDF-2"), remove_picture="on")
    with django_capture_on_commit_callbacks(execute=True):
        assert post(client, data, f"/informations/{news.pk}/modifier/").status_code == 302
    left = NewsFile.objects.get()
    assert (left.kind, left.file.read()) == ("document", b"%PDF-2")
    assert not any(file.storage.exists(file.name) for file in old.values())


def test_no_file_stays_of_what_is_refused(world: World, sign_in, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    data = typed(world) | {"document": pdf()}
    other = world.news("quartier", "town-b")
    post(sign_in(world, "town-a"), data | {"uid": str(other.uid)})
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_text_that_seems_to_name_somebody_is_asked_about(world: World, sign_in) -> None:
    client, data = sign_in(world, "town-a"), typed(world, title="Départ de M. Martin")
    answer = post(client, data)
    assert answer.status_code == 422
    assert "semble identifier quelqu’un" in text_of(answer)
    assert not QuarterNews.objects.exists()
    assert post(client, data | {"keep_personal": "on"}).status_code == 302


def test_one_press_does_not_publish_a_name_that_came_by_mail(world: World, sign_in) -> None:
    news = world.news(party="town-a", text="Mme Durand déménage.", state="draft")
    client = sign_in(world, "town-a")
    answer = client.post(f"/informations/{news.pk}/publier/")
    assert answer.status_code == 422
    assert "semble identifier quelqu’un" in text_of(answer)
    news.refresh_from_db()
    assert not news.is_published
    client.post(f"/informations/{news.pk}/publier/", {"garder": "1"})
    news.refresh_from_db()
    assert news.is_published

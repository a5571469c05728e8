"""Photos: what is kept of a file, who reads it, and what becomes of it (R25, R75)."""

import contextlib
import errno
import io
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile, ImageOps

from governance.models import JournalEntry
from humanicite.lib import pictures, uploads
from mediation.activities.actions import delete_activity
from mediation.models import Activity, Photo
from mediation.photos import actions

from ...pages import text_of
from ...world import World


def picture(size: tuple[int, int] = (40, 30), fmt: str = "JPEG", **options: Any) -> bytes:
    """Left half red, right half blue: what is turned or mirrored shows."""
    image = Image.new(options.pop("mode", "RGB"), size, "red")
    image.paste(Image.new(image.mode, (size[0] // 2, size[1]), "blue"), (size[0] // 2, 0))
    written = io.BytesIO()
    image.save(written, fmt, **options)
    return written.getvalue()


def upload(content: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def stored() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "photos"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def add(world: World, activity: Activity, who: str = "mediateur", **options: Any) -> Photo:
    given = {"upload": upload(picture()), "uid": uuid.uuid4()}
    return actions.add_photo(activity=activity, by=world.reader(who), **(given | options))


def opened(photo: Photo) -> Image.Image:
    with photo.file.open("rb") as file:
        return Image.open(io.BytesIO(file.read()))


def colours(image: Image.Image) -> tuple[str, str]:
    def name(pixel: Any) -> str:
        return "red" if pixel[0] > 128 else "blue"

    width, height = image.size
    return name(image.getpixel((2, height // 2))), name(image.getpixel((width - 3, height // 2)))


# --- What is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_shrunk_and_becomes_a_jpeg(fmt: str) -> None:
    made = pictures.made_anew(upload(picture((4000, 3000), fmt)))
    assert (made.width, made.height) == (1600, 1200)
    image = Image.open(made.content)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1600, 1200))
    assert colours(image) == ("red", "blue")


def test_a_small_picture_is_not_enlarged() -> None:
    assert pictures.made_anew(upload(picture((40, 30)))).width == 40


def test_nothing_of_the_camera_is_kept() -> None:
    """Neither where and when, nor a comment, a thumbnail, a profile or what follows the image."""
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "MARQUE", "2026:03:10 10:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    content = picture(
        exif=exif, comment=b"COMMENTAIRE", dpi=(300, 300),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )  # fmt: skip
    assert b"MARQUE" in content
    assert b"COMMENTAIRE" in content
    made = pictures.made_anew(upload(content + b"APRES")).content.read()
    image = Image.open(io.BytesIO(made))
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                               "progression"}  # fmt: skip
    for word in (b"MARQUE", b"COMMENTAIRE", b"APRES", b"ICC_PROFILE", b"Exif"):
        assert word not in made


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_as_it_was_held(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = picture((80, 60), exif=exif)
    made = Image.open(pictures.made_anew(upload(content)).content)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert made.size == expected.size
    assert colours(made) == colours(expected)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (50, 40)).save(written, "PNG")
    assert Image.open(pictures.made_anew(upload(written.getvalue())).content).mode == "RGB"


def test_what_was_transparent_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(written, "PNG")
    made = Image.open(pictures.made_anew(upload(written.getvalue())).content)
    assert made.getpixel((10, 10)) == (255, 255, 255)


def test_colours_of_another_space_are_converted() -> None:
    """A profile is applied, not kept: Lab values read as RGB would show false colours."""
    written = io.BytesIO()
    Image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(written, "JPEG")
    made = Image.open(pictures.made_anew(upload(written.getvalue())).content)
    assert made.mode == "RGB"
    assert colours(made) == ("red", "red")
    broken = picture(icc_profile=b"no profile at all")
    assert colours(Image.open(pictures.made_anew(upload(broken)).content)) == ("red", "blue")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"bonjour, ceci est un texte", "pas une photo lisible"),
        (b"%PDF-1.7 rien", "pas une photo lisible"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "pas une photo lisible"),
        (b"GIF89a" + bytes(40), "pas une photo lisible"),
        (picture((400, 300))[:900], "pas une photo lisible"),
        (bytes([0, 0, 0, 24]) + b"ftypheic" + bytes(200), "HEIC"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "dépasse 10"),
    ],
    ids=["empty", "text", "pdf", "svg", "gif", "cut", "heic", "heavy"],
)
def test_what_is_no_photo_gets_a_message(content: bytes, said: str, monkeypatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as once a PDF was drawn
    with pytest.raises(ValidationError, match=said):
        pictures.made_anew(upload(content))


@pytest.mark.parametrize("size", [(10_000, 7_001), (9_500, 9_500), (20_000, 20_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    """A few kilobytes that would unfold to a gigabyte; beyond what Pillow itself warns of, too."""
    written = io.BytesIO()
    Image.new("1", size).save(written, "PNG")
    assert len(written.getvalue()) < 100_000
    with pytest.raises(ValidationError, match="trop de pixels"):
        pictures.made_anew(upload(written.getvalue()))


def test_a_small_file_of_one_colour_does_not_fill_the_memory() -> None:
    written = io.BytesIO()
    Image.new("P", (6000, 4000)).save(written, "PNG")
    with pytest.raises(ValidationError, match="trop de pixels"):
        pictures.made_anew(upload(written.getvalue()))


GOOD = picture((64, 48), exif=Image.Exif())


@hypothesis_settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1))
def test_a_damaged_file_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for at, value in changes:
        content[at] = value
    with contextlib.suppress(ValidationError):
        assert Image.open(pictures.made_anew(upload(bytes(content))).content).format == "JPEG"


# --- Adding, sharing, removing --------------------------------------------------------------------


def test_a_photo_is_added_once_however_often_it_is_sent(world: World) -> None:
    activity, uid = world.activity(), uuid.uuid4()
    photo = add(world, activity, uid=uid)
    assert stored() >= {f"{uid.hex}.jpg"}
    assert (photo.width, photo.height, photo.is_shared) == (40, 30, False)
    assert photo.author == world.user("mediateur")
    with pytest.raises(actions.AlreadyAdded) as again:
        add(world, activity, uid=uid)
    assert again.value.photo == photo
    with pytest.raises(ValidationError, match="ne peut pas être enregistrée"):
        add(world, world.activity(), uid=uid)
    assert Photo.objects.count() == 1
    entry = JournalEntry.objects.get(kind="photo")
    assert (entry.act, entry.actor) == ("create", world.user("mediateur").email)


def test_a_fourth_is_refused(world: World) -> None:
    activity, before = world.activity(), stored()
    for _ in range(3):
        add(world, activity)
    with pytest.raises(ValidationError, match="3 photos au plus"):
        add(world, activity)
    assert len(stored() - before) == 3


def test_only_who_may_change_the_activity_adds_or_removes(world: World) -> None:
    activity = world.activity()
    photo = add(world, activity)
    for who in ("autre-mediateur", "town-a"):
        by = world.reader(who)
        with pytest.raises(PermissionDenied):
            add(world, activity, who)
        with pytest.raises(PermissionDenied):
            actions.share_photo(photo=photo, is_shared=True, by=by)
        with pytest.raises(PermissionDenied):
            actions.delete_photo(photo=photo, by=by)
    add(world, activity, "coordination")


def test_a_full_disk_is_told_and_leaves_nothing(world: World, monkeypatch) -> None:
    def half(self: Any, *args: Any) -> Any:
        yield b"half a picture"
        raise OSError(errno.ENOSPC, "No space left on device")

    activity, before = world.activity(), stored()
    monkeypatch.setattr(ContentFile, "chunks", half)
    with pytest.raises(ValidationError, match="n’a pas pu être écrite"):
        add(world, activity)
    assert stored() == before
    assert not Photo.objects.exists()
    assert Activity.objects.filter(pk=activity.pk).exists()


def test_a_row_that_fails_leaves_no_file(world: World, monkeypatch) -> None:
    activity, before = world.activity(), stored()

    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fails)
    with pytest.raises(RuntimeError):
        add(world, activity)
    assert stored() == before
    assert not Photo.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_files_go_with_their_rows(world: World) -> None:
    """By hand, with the activity, in bulk; and stay where the transaction fails."""
    before = stored()
    kept, gone = world.activity(), world.activity()
    photo = add(world, kept)
    for _ in range(2):
        add(world, gone)
    actions.delete_photo(photo=photo, by=world.reader("mediateur"))
    assert len(stored() - before) == 2

    def delete_and_fail() -> None:
        with transaction.atomic():
            delete_activity(activity=gone, read_version=1, by=world.reader("mediateur"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        delete_and_fail()
    assert len(stored() - before) == 2
    delete_activity(activity=gone, read_version=1, by=world.reader("mediateur"))
    assert stored() == before
    add(world, kept)
    Photo.objects.all().delete()
    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_six_at_once_leave_three(world: World) -> None:
    activity, by, before = world.activity(), world.reader("mediateur"), stored()
    done: list[str] = []

    def send() -> None:
        try:
            actions.add_photo(
                activity=activity, upload=upload(picture()), uid=uuid.uuid4(), by=by
            )  # fmt: skip
            done.append("saved")
        except ValidationError:
            done.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["refused"] * 3 + ["saved"] * 3
    assert Photo.objects.filter(activity=activity).count() == 3
    assert len(stored() - before) == 3


# --- Reading --------------------------------------------------------------------------------------


def test_partners_read_what_is_shared_in_their_perimeter(world: World, elsewhere: World, sign_in):
    photo = add(world, world.activity("hall-a"))
    path = f"/photos/{photo.pk}/"
    expected = {"mediateur": 200, "autre-mediateur": 200, "coordination": 200}
    for who in ("mediateur", "autre-mediateur", "coordination", "town-a", "town-b", "owners"):
        assert sign_in(world, who).get(path).status_code == expected.get(who, 404), who
    actions.share_photo(photo=photo, is_shared=True, by=world.reader("mediateur"))
    for who in ("town-a", "owners"):
        assert sign_in(world, who).get(path).status_code == 200
    assert sign_in(world, "town-b").get(path).status_code == 404
    assert sign_in(world, "invite").get(path).status_code == 404
    assert sign_in(elsewhere, "coordination").get(path).status_code == 404
    activity = f"/activites/{photo.activity_id}/"
    assert path in text_of(sign_in(world, "town-a").get(activity))
    actions.share_photo(photo=photo, is_shared=False, by=world.reader("mediateur"))
    page = text_of(sign_in(world, "town-a").get(activity))
    assert "photos" not in page.lower()
    acts = JournalEntry.objects.filter(kind="photo", act="change")
    assert [entry.fields for entry in acts] == [["is_shared"]] * 2


def test_a_picture_is_kept_by_no_cache_and_says_nothing_in_its_name(world: World, sign_in) -> None:
    photo = add(world, world.activity(), upload=upload(picture((2000, 1000))))
    client = sign_in(world, "mediateur")
    for query, width in (("", 1600), ("?taille=vignette", 480)):
        answer = client.get(f"/photos/{photo.pk}/{query}")
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"] == f'inline; filename="photo-{photo.pk}.jpg"'
        assert Image.open(io.BytesIO(answer.getvalue())).width == width
    photo.file.storage.delete(photo.file.name)
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


# --- The pages ------------------------------------------------------------------------------------


def test_the_page_adds_several_and_tells_what_it_refuses(world: World, sign_in) -> None:
    activity, client = world.activity(), sign_in(world, "mediateur")
    sent = {"uid": str(uuid.uuid4()), "photos": [
        upload(picture()), upload(b"pas une image", "liste.txt"), upload(picture(), "deux.jpg"),
    ]}  # fmt: skip
    answer = client.post(f"/activites/{activity.pk}/photos/", sent, follow=True)
    text = text_of(answer)
    assert "2 photos ajoutées" in text
    assert "«\u00a0liste.txt\u00a0»\u00a0: Ce fichier n’est pas une photo lisible" in text
    assert 'alt="Photo 2 sur 2\u00a0: Présence de proximité' in text
    for file in sent["photos"]:
        file.seek(0)
    answer = client.post(f"/activites/{activity.pk}/photos/", sent, follow=True)
    assert "est déjà ajoutée" in text_of(answer)
    assert activity.photos.count() == 2
    more = [upload(picture(), f"{n}.jpg") for n in range(5)]
    answer = client.post(f"/activites/{activity.pk}/photos/", {"photos": more}, follow=True)
    assert text_of(answer).count("3 photos au plus") == 1
    assert activity.photos.count() == 3
    assert "Choisissez une photo" in text_of(client.post(
        f"/activites/{activity.pk}/photos/", follow=True
    ))  # fmt: skip


def test_three_as_taken_pass_and_more_gets_a_message(world: World, sign_in) -> None:
    """Three of just under 10 MB are read; a request beyond all is answered, not cut."""
    activity, client = world.activity(), sign_in(world, "mediateur")
    heavy = picture() + bytes(pictures.MOST_BYTES - 20_000)
    sent = {"photos": [upload(heavy, f"{n}.jpg") for n in range(3)]}
    client.post(f"/activites/{activity.pk}/photos/", sent)
    assert activity.photos.count() == 3
    sent = {"photos": [upload(bytes(uploads.MOST_BYTES + 1)), upload(picture())]}
    answer = client.post(f"/activites/{activity.pk}/photos/", sent, follow=True)
    assert "trop lourd" in text_of(answer)
    answer = client.post("/photos/envoi/", {"uid": uuid.uuid4(), "file": sent["photos"][0]})
    assert answer.json()["state"] == "refused"
    # Fields that are no file have their own limit, and a page that says so.
    answer = client.post("/photos/envoi/", {"uid": "x" * 3_000_000})
    assert answer.status_code == 400
    assert "Cet envoi n’a pas pu être lu" in text_of(answer)


def test_a_phone_sends_a_photo_of_an_entry_it_knows_by_its_key(world, elsewhere, sign_in) -> None:
    activity, uid = world.activity(), uuid.uuid4()
    client = sign_in(world, "mediateur")

    def send(client: Any = client, **given: Any) -> dict[str, str]:
        data = {"activity": activity.uid, "uid": uid, "file": upload(picture())} | given
        answer = client.post("/photos/envoi/", data)
        assert answer.status_code == 200
        return answer.json()

    assert send()["state"] == "saved"
    assert send()["state"] == "known"
    assert send(file=upload(b"rien"), uid=uuid.uuid4())["message"] == pictures.NO_PICTURE
    for wrong in ({"activity": uuid.uuid4()}, {"activity": "x"}, {"uid": ""}, {"file": ""},
                  {"activity": elsewhere.activity().uid}):  # fmt: skip
        assert send(**({"uid": uuid.uuid4()} | wrong))["state"] == "refused"
    assert send(sign_in(world, "autre-mediateur"), uid=uuid.uuid4())["state"] == "refused"
    assert Photo.objects.count() == 1
    assert sign_in(world, "town-a").post("/photos/envoi/").status_code == 403


def test_sharing_and_removing_from_the_page(world: World, sign_in) -> None:
    photo = add(world, world.activity())
    client = sign_in(world, "mediateur")
    for wanted, said in (("oui", "Photo partagée"), ("oui", "Photo partagée"), ("non", "retirée")):
        answer = client.post(
            f"/photos/{photo.pk}/partager/", {"partagee": wanted}, follow=True
        )  # fmt: skip
        assert said in text_of(answer)
        photo.refresh_from_db()
        assert photo.is_shared is (wanted == "oui")
    assert JournalEntry.objects.filter(kind="photo", act="change").count() == 2
    other = sign_in(world, "autre-mediateur")
    assert other.get(f"/photos/{photo.pk}/supprimer/").status_code == 403
    assert other.post(f"/photos/{photo.pk}/partager/").status_code == 403
    assert "Supprimer cette photo" in text_of(client.get(f"/photos/{photo.pk}/supprimer/"))
    assert Photo.objects.exists()
    client.post(f"/photos/{photo.pk}/supprimer/")
    assert not Photo.objects.exists()
    assert JournalEntry.objects.filter(kind="photo", act="delete").count() == 1

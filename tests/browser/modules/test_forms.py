"""What the forms are made of: faults, words that identify, pictures, lines, recipients, a copy to keep."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from mediation import personal
from tests.mediation.phrasings import PHRASINGS

FORM = """<div data-faults></div>
<form>
  <input type="hidden" name="uid" value="d1"><input type="hidden" name="csrf" value="jeton">
  <fieldset class="field"><legend>Lieu <span class="optional">(facultatif)</span></legend>
    <label><input type="radio" name="place" value="1" checked><span>Rési\u00addence A</span></label>
    <label><input type="radio" name="place" value="2"><span>Résidence B</span></label></fieldset>
  <div class="field"><label for="theme">Thème</label>
    <select id="theme" name="theme"><option value="">—</option><option value="1" selected>Voisinage</option></select></div>
  <details><summary>Détail</summary><div class="field"><label for="note">Note interne</label>
    <textarea id="note" name="note">Deux\nlignes</textarea></div></details>
  <div hidden><label for="other">Autre</label><input id="other" name="other" value="caché"></div>
  <div class="field"><label for="id_photos">Photos</label><input type="file" id="id_photos" name="photos" multiple>
    <ul data-picks></ul></div>
  <label for="secret">Secret</label><input type="password" id="secret" name="secret" value="x">
</form>"""  # noqa: E501


@pytest.fixture
def form(blank: Page) -> Page:
    blank.evaluate("(html) => { document.body.innerHTML = html; }", FORM)
    return blank


def test_what_was_typed_is_said_by_its_labels(form: Page) -> None:
    text = form.evaluate(
        """import('/static/js/offline/rescue.js').then(({ typedText }) =>
            typedText(document.querySelector('form')))"""
    )
    assert text == (
        "Lieu\u00a0: Résidence A\nThème\u00a0: Voisinage\nNote interne\u00a0: Deux\nlignes"
    )


def test_a_copy_that_is_not_permitted_points_to_the_other_way(form: Page) -> None:
    form.context.clear_permissions()
    form.evaluate(
        """async () => {
            const { handBack } = await import('/static/js/offline/rescue.js');
            navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
            handBack(document.querySelector('[data-faults]'), document.querySelector('form'), null);
        }"""
    )
    expect(form.get_by_role("alert")).to_be_focused()
    form.get_by_role("button", name="Copier ma saisie").click()
    expect(form.get_by_text("téléchargez la saisie")).to_be_visible()
    with form.expect_download() as taken:
        form.get_by_role("link", name="Télécharger ma saisie").click()
    assert "Deux\nlignes" in taken.value.path().read_text()


def test_faults_are_beside_their_fields_and_go_away(form: Page) -> None:
    show = """(faults) => import('/static/js/activities/faults.js').then(({ showFaults }) =>
        showFaults(document.querySelector('form'), faults))"""
    form.evaluate(
        show, [{"field": "note", "message": "Trop long."}, {"field": None, "message": "De tout."}]
    )
    alert = form.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("2\u00a0points à corriger")
    note = form.get_by_label("Note interne")
    assert note.get_attribute("aria-invalid") == "true"
    assert note.get_attribute("aria-describedby") == "note-fault"
    expect(note).to_be_visible()  # its fold is open
    form.evaluate(show, [{"field": "theme", "message": "Choisissez."}])
    assert note.get_attribute("aria-invalid") is None
    expect(form.locator(".errorlist")).to_have_count(1)
    expect(note).to_have_value("Deux\nlignes")


@pytest.mark.parametrize(
    "text",
    [
        "Vu M. Untel, appt 12, au calme.",
        "mme Untel rappelle.",
        "Son numéro : 06 12 34 56 78.",
        "Rien à dire.",
        *(typed for typed, _ in PHRASINGS),
    ],
)
def test_words_that_identify_are_replaced_as_the_server_replaces_them(blank, text: str) -> None:
    given = [text, personal.PATTERNS]
    replaced = blank.evaluate(
        """([text, patterns]) => import('/static/js/activities/persons.js').then(
            ({ withoutPersons }) => withoutPersons(text, patterns))""",
        given,
    )
    assert replaced == personal.replace(text)


def camera_picture(path: Any) -> Any:
    """48 megapixels, heavier than what the server takes."""
    from PIL import Image

    Image.effect_noise((6000, 8000), 60).save(path, quality=90)
    assert path.stat().st_size > 15_000_000
    return path


def test_a_picture_is_made_smaller_and_kept(form: Page, tmp_path: Any) -> None:
    camera_picture(tmp_path / "photo.jpg")
    (tmp_path / "faux.jpg").write_bytes(b"rien d'une image")
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 20)
    form.evaluate(
        """async () => {
            const store = await import('/static/js/offline/store.js');
            const { takePictures } = await import('/static/js/activities/pictures.js');
            await store.ready;
            await store.takeKey({ owner: 'me', secret: 'ab'.repeat(32) });
            document.querySelector('#id_photos').addEventListener('change',
                () => takePictures(document.querySelector('form')));
        }"""
    )
    form.locator("#id_photos").set_input_files(
        [tmp_path / name for name in ("photo.jpg", "faux.jpg", "IMG_1.HEIC")]
    )
    expect(form.get_by_role("img", name="Photo 1 sur 1, à envoyer")).to_be_visible()
    expect(form.get_by_text("faux.jpg n’est pas une image lisible")).to_be_visible()
    expect(form.get_by_text("IMG_1.HEIC est au format HEIC")).to_be_visible()
    size = form.evaluate(
        """async () => {
            const store = await import('/static/js/offline/store.js');
            const image = await createImageBitmap((await store.photos('d1'))[0].blob);
            return [image.width, image.height];
        }"""
    )
    assert size == [1200, 1600]
    # Without the store they travel with the form.
    assert form.evaluate(
        """async () => {
            const { putBackPictures } = await import('/static/js/activities/pictures.js');
            await putBackPictures(document.querySelector('form'));
            return [...document.querySelector('#id_photos').files].map((file) => file.name);
        }"""
    ) == ["photo-1.jpg"]
    form.get_by_role("button", name="Retirer la photo 1").click()
    expect(form.get_by_role("img")).to_have_count(0)


def test_a_plain_form_sends_pictures_made_smaller(blank: Page, tmp_path: Any) -> None:
    blank.evaluate(
        """() => {
            document.body.innerHTML = `<form><input type="file" name="photos" multiple
                accept="image/jpeg,image/png"><button>Envoyer</button></form>`;
            window.sent = [];
            document.querySelector('form').addEventListener('submit', (event) => {
                event.preventDefault();
                window.sent.push([...document.querySelector('input').files]
                    .map((file) => [file.name, file.size < 2000000]));
            });
            return import('/static/js/photos/picker.js');
        }"""
    )
    (tmp_path / "faux.jpg").write_bytes(b"rien d'une image")
    picked = [camera_picture(tmp_path / "photo.jpg"), tmp_path / "faux.jpg"]
    blank.locator("input").set_input_files(picked)
    blank.get_by_role("button", name="Envoyer").click()  # at once: it waits for them
    blank.wait_for_function("window.sent.length", timeout=20_000)
    assert blank.evaluate("window.sent") == [[["photo.jpg", True], ["faux.jpg", True]]]


LINE = """<fieldset data-line><input type="hidden" name="l{n}-uid"><input name="l{n}-starts_at">
<select name="l{n}-type" aria-label="Type {n}"><option value=""></option><option>VEIL</option></select>
<select name="l{n}-place" aria-label="Lieu {n}"><option value=""></option><option>A</option></select>
<input name="l{n}-minutes" aria-label="Durée {n}"></fieldset>"""


def test_the_day_adds_up_and_grows_by_a_line(blank: Page) -> None:
    blank.evaluate(
        "(html) => { document.body.innerHTML = html; }",
        f"""<form data-day-entry data-beside="30" data-most="2"><input type="hidden" name="total" value="1">
        <div data-lines>{LINE.format(n=0)}</div><strong data-total></strong>
        <button name="ajouter">Ajouter</button></form>
        <template data-pattern>{LINE.replace("{n}", "__n__")}</template>
        <script type="application/json" id="usual-minutes">{{"VEIL": 45}}</script>""",
    )
    blank.evaluate("import('/static/js/day_entry/lines.js').then(() => null)")
    total = blank.locator("[data-total]")
    expect(total).to_have_text("30\u00a0min")
    blank.get_by_label("Lieu 0").select_option("A")
    blank.get_by_label("Type 0").select_option("VEIL")
    expect(blank.get_by_label("Durée 0")).to_have_value("45\u00a0min")
    expect(total).to_have_text("1\u00a0h\u00a015")
    blank.get_by_label("Type 1").select_option("VEIL")
    expect(blank.get_by_label("Lieu 1")).to_have_value("A")
    expect(total).to_have_text("2\u00a0h")
    blank.get_by_label("Durée 1").fill("1h")
    expect(total).to_have_text("2\u00a0h\u00a015")
    expect(blank.locator("[data-line]")).to_have_count(2)  # as many as may be
    assert blank.locator("[name=l1-uid]").input_value()


def test_recipients_follow_until_somebody_chooses(blank: Page) -> None:
    blank.route(
        "**/proposes*",
        lambda route: route.fulfill(
            json={"main": [1, 2], "backups": [], "undesignated": ["SERVICE"], "alike": []}
        ),
    )
    box = """<div data-party{other}><label><input type="checkbox" name="contacts" value="{n}" data-contact
        aria-label="Contact {n}"><span data-proposed hidden>proposé</span></label></div>"""
    blank.evaluate(
        "(html) => { document.body.innerHTML = html; }",
        f"""<form data-signalement-form data-proposals="/proposes" data-but="">
        <select name="place" aria-label="Lieu"><option value="" selected></option><option>1</option></select>
        <select name="theme"><option value="" selected></option></select>
        <div data-alike></div><p data-undesignated hidden><span></span></p>
        <input type="radio" name="urgency" value="normal" checked>
        <input type="radio" name="urgency" value="immediate" aria-label="Immédiat">
        <div data-immediate>Appelez</div>
        <div data-recipients>{box.format(n=1, other="")}
        {box.format(n=2, other=" data-other")}</div></form>""",
    )
    blank.evaluate("import('/static/js/signalements/form.js').then(() => null)")
    expect(blank.get_by_text("Appelez")).to_be_hidden()
    blank.get_by_label("Immédiat").check()
    expect(blank.get_by_text("Appelez")).to_be_visible()
    blank.get_by_label("Contact 1").check()
    blank.get_by_label("Contact 1").uncheck()  # somebody's choice from here on
    blank.get_by_label("Lieu").select_option("1")
    expect(blank.get_by_label("Contact 2")).to_be_checked()
    expect(blank.get_by_label("Contact 1")).not_to_be_checked()
    expect(blank.locator("[data-undesignated] span")).to_have_text("SERVICE")


def test_a_check_goes_on_by_itself_and_gives_the_button_back(blank: Page) -> None:
    page = """<main><form data-continue method="post" action="/verifier"><p data-progress>{n}</p>
        <progress max="9" value="{n}"></progress><div class="actions">Continuer</div></form></main>"""
    pieces = iter([1, 2])

    def answer(route: Route) -> None:
        n = next(pieces, None)
        if n is None:
            route.abort()
        else:
            route.fulfill(body=page.format(n=n), content_type="text/html")

    blank.route("**/verifier", answer)
    blank.evaluate("(html) => { document.body.innerHTML = html; }", page.format(n=0))
    blank.evaluate("import('/static/js/imports/progress.js').then(() => null)")
    expect(blank.locator("[data-progress]")).to_have_text("2")
    expect(blank.get_by_text("Continuer")).to_be_visible()


def test_a_working_time_says_what_is_typed(blank: Page) -> None:
    blank.evaluate(
        "(html) => { document.body.innerHTML = html; }",
        """<form data-time-form><div data-other="minutes"><input id="id_minutes_other" value="1,25 h"></div>
        <p data-echo></p></form>""",
    )
    blank.evaluate("import('/static/js/worktime/form.js').then(() => null)")
    expect(blank.locator("[data-echo]")).to_have_text("= 1\u00a0h\u00a015")

"""What every page's modules share."""

import re
import uuid

import pytest
from playwright.sync_api import Page

from humanicite.lib.dates import format_duration, parse_duration

DURATIONS = "import('/static/js/lib/durations.js')"
TYPED = (
    "45", " 45 ", "45 min", "45mn", "45 m", "45 minutes", "45’", "45'", "1h30", "1 h 30", "1H05", "1:30",
    "1h", "2 heures", "2 heures 15", "1h30min", "1,5 h", "1.25h", "0,75", "1\u00a0h\u202f30",
    "", "une heure", "1h60", "-5", "1,5,5", "12345", "h30", "30h h",
)  # fmt: skip


def server(text: str) -> int | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None


@pytest.mark.parametrize("text", TYPED)
def test_a_duration_means_what_the_server_takes_it_for(blank: Page, text: str) -> None:
    script = f"(text) => {DURATIONS}.then(({{ minutesOf }}) => minutesOf(text))"
    assert blank.evaluate(script, text) == server(text)


def test_a_duration_is_said_as_the_server_says_it(blank: Page) -> None:
    minutes = [5, 45, 59, 60, 61, 65, 90, 120, 605, 1440]
    said = blank.evaluate(f"(all) => {DURATIONS}.then(({{ said }}) => all.map(said))", minutes)
    assert said == [format_duration(number) for number in minutes]


def test_a_chip_and_its_free_field_let_go_of_each_other(blank: Page) -> None:
    blank.set_content(
        """<form><input type="radio" name="minutes" value="30" aria-label="30">
        <div data-other="minutes"><input aria-label="Autre"></div><p></p></form>"""
    )
    blank.evaluate(
        f"""{DURATIONS}.then(({{ pairChips, sayBack }}) => {{
            const form = document.querySelector('form');
            pairChips(form);
            sayBack(form.querySelector('[aria-label=Autre]'), form.querySelector('p'));
        }})"""
    )
    blank.get_by_label("30").check()
    blank.get_by_label("Autre").fill("1h10")
    assert not blank.get_by_label("30").is_checked()
    assert blank.locator("p").inner_text() == "= 1\u00a0h\u00a010"
    blank.get_by_label("Autre").fill("bientôt")
    assert blank.locator("p").inner_text().startswith("Durée à préciser")
    blank.get_by_label("30").check()
    assert blank.get_by_label("Autre").input_value() == ""
    assert blank.locator("p").inner_text() == ""


def test_numbers_and_moments_are_french(blank: Page) -> None:
    said = blank.evaluate(
        """import('/static/js/lib/words.js').then(({ many, moment, longDay, isoDay }) => {
            const late = new Date('2026-11-28T23:30:00Z'); // the 29th already in Paris
            return [many(1, 'saisie', 'saisies'), many(2, 'saisie', 'saisies'), moment(late),
                longDay(late), isoDay(late)];
        })"""
    )
    assert said == [
        "1\u00a0saisie", "2\u00a0saisies", "29 novembre à 00:30", "dimanche 29 novembre", "2026-11-29",
    ]  # fmt: skip


@pytest.mark.parametrize("plain_http", [False, True])
def test_a_uid_is_a_uuid_of_its_own(blank: Page, plain_http: bool) -> None:
    if plain_http:
        blank.evaluate("Object.defineProperty(crypto, 'randomUUID', { value: undefined })")
    made = blank.evaluate(
        "import('/static/js/lib/uid.js').then(({ newUid }) => Array.from({ length: 50 }, newUid))"
    )
    assert len(set(made)) == 50
    assert {uuid.UUID(uid).version for uid in made} == {4}


def test_text_is_never_markup(blank: Page) -> None:
    html = blank.evaluate(
        """import('/static/js/lib/nodes.js').then(({ made, button }) => made('p',
            { className: 'quiet', role: 'status', 'aria-label': 'Un mot' },
            '<img src=x>', button('Oui & non', () => null)).outerHTML)"""
    )
    assert "&lt;img src=x&gt;" in html
    assert re.search(r'<button type="button" class="button button--small">Oui &amp; non<', html)
    assert 'role="status" aria-label="Un mot"' in html


def test_a_form_is_sent_once_and_menus_close(blank: Page) -> None:
    blank.set_content(
        """<form method="post" action="/ailleurs"><button>Envoyer</button></form>
        <div class="bar"><details open><summary>Plus</summary></details></div>"""
    )
    sent: list[str] = []
    blank.route(
        "**/ailleurs", lambda route: (sent.append(route.request.method), route.fulfill(status=204))
    )
    blank.evaluate("import('/static/js/lib/page.js').then(() => null)")
    blank.keyboard.press("Escape")
    assert not blank.evaluate("document.querySelector('details').open")
    blank.evaluate("document.querySelector('form').requestSubmit()")
    blank.evaluate("document.querySelector('form').requestSubmit()")
    blank.wait_for_timeout(200)
    assert sent == ["POST"]

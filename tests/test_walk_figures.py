"""Every figure that is a link, those to come included: the number shown is the number that its page
counts anew, for each role, perimeter and period, as of today and of a past day.

A link says its figure as `data-figure`, the page that it opens says `data-total` of the same measure
(humanicite/templatetags/figures.py). A page that shows figures is added to PAGES.
"""

import random
import re
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from governance.models import Perimeter

from .conftest import LONG
from .pages import text_of
from .reporting.figures.oracle import counted
from .world import TODAY, World

FIGURE = re.compile(r"<a\s[^>]*?data-figure=[^>]*>")
TOTAL = re.compile(r'data-total="([^"]*)" data-measure="([^"]*)"')
READERS = ["coordination", "mediateur", "owners", "town-a", "town-b"]
PERIODS = ["2026-03", "2026-02", "2025-T4", "2025"]  # one runs, the others are told as of their end
PAGES = ["/pilotage/", *(f"/tableau-de-bord/?periode={period}" for period in PERIODS)]
PAGES.append("/observatoire/?fin=2026-02")
# Of who sees every perimeter, unless the run is long.
QUICK = [PAGES[0], PAGES[2], PAGES[4], PAGES[5]]


@pytest.fixture
def worked(world: World, elsewhere: World, clock: Any) -> World:
    """Two years of work and of signalements, some confidential, in two programmes; seeded."""
    draw = random.Random(11)
    for one in (world, elsewhere):
        for _ in range(90):
            _work(one, draw)
        for number in range(24):
            _signal(one, draw, number, clock)
    clock(datetime.combine(TODAY, time(14, 32), ZoneInfo("Europe/Paris")))
    return world


def _work(world: World, draw: random.Random) -> None:
    first, second = draw.sample(world.themes, 2)
    theme = draw.choice([None, first, first])
    activity = world.activity(
        draw.choice(list(world.places)), day=date(2024, 12, 1) + timedelta(draw.randrange(470)),
        type=draw.choice(["PAP", "CONF", "VEIL"]), minutes=draw.choice([5, 30, 45, 95]), theme=theme,
        second_theme=draw.choice([None, second]) if theme else None,
        objective=draw.choice([None, *world.objectives]),
        starts_at=draw.choice([None, time(10), time(19)]),
    )  # fmt: skip
    if draw.random() < 0.6:
        world.counted(activity, draw.randrange(2), draw.randint(1, 12))


def _signal(world: World, draw: random.Random, number: int, clock: Any) -> None:
    sent = datetime(2025, 1, 6, 10, tzinfo=ZoneInfo("Europe/Paris")) + timedelta(
        days=draw.randrange(430)
    )
    clock(sent)
    secret = draw.random() < 0.2
    row = world.sent(
        draw.choice(["hall-a", "hall-b", "ilot-a"]), draw.choice(["town-a", "town-b"]), sent_at=sent,
        due_on=sent.date() + timedelta(days=14), number=number + 1, year=sent.year,
        observed_on=sent.date(), is_confidential=secret, theme=draw.choice(world.themes),
    )  # fmt: skip
    recipient = row.recipients.get()
    later = sent
    for state, moment in (("accuse", "acknowledged_at"), ("declare", "answered_at")):
        later += timedelta(days=draw.randint(1, 40))
        if draw.random() < 0.3 or later.date() >= TODAY:
            return
        clock(later)
        setattr(recipient, moment, later)
        recipient.reply = "resolu" if moment == "answered_at" else ""
        recipient.save()
        row.state = state
        row.save()
    later += timedelta(days=draw.randint(1, 20))
    if later.date() < TODAY:
        clock(later)
        row.state, row.closed_on = "verifie", later.date()
        row.save()


def _indicators(world: World) -> list[int]:
    """One of each kind whose value opens a list, filtered and not."""
    share = {"unit": "%", "aggregation": "rapport"}
    given: list[dict[str, Any]] = [
        {"measure": "R3"}, {"measure": "R5", "theme": world.themes[0]},
        {"measure": "R1", "unit": "heures", "type": "CONF"}, {"measure": "R7"},
        {"measure": "R2", "type": "VEIL", **share}, {"measure": "R4"},
        {"measure": "S3", "period": "trimestre", **share},
    ]  # fmt: skip
    return [world.indicator(name=f"Suivi {n}", **one).pk for n, one in enumerate(given)]


def _figures(client: Client, address: str) -> list[tuple[str, str, str]]:
    """(address, measure, figure) of each link of a page that is one."""
    answer = client.get(address)
    if answer.status_code == 403:
        return []
    assert answer.status_code == 200, address
    found = []
    for tag in FIGURE.findall(text_of(answer)):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        found.append((unescape(given["href"]), given["data-measure"], given["data-figure"]))
    return found


@pytest.mark.parametrize("who", READERS)
def test_each_figure_opens_rows_that_give_it(worked: World, sign_in: Any, who: str) -> None:
    client, reader = sign_in(worked, who), worked.reader(who)
    perimeters, pages = [""], PAGES if LONG or not reader.is_operator else QUICK
    if reader.is_operator:
        keys = Perimeter.objects.filter(party__programme=worked.programme).order_by("pk")
        perimeters = [f"&perimetre={pk}" for pk in keys.values_list("pk", flat=True)]
    pages = [*pages, *(f"/indicateurs/{pk}/?mois=2026-02" for pk in _indicators(worked))]
    met, totals = 0, {}
    for page in pages:
        for perimeter in perimeters if "?" in page else [""]:
            for href, measure, figure in _figures(client, page + perimeter):
                if href not in totals:
                    answer = client.get(href)
                    assert answer.status_code == 200, href
                    totals[href] = {m: n for n, m in TOTAL.findall(text_of(answer))}
                assert totals[href].get(measure) == figure, (page + perimeter, href, measure)
                counts = counted(href, worked, reader.is_operator)
                if counts is not None:
                    assert str(counts[measure]) == figure, (page + perimeter, href, measure)
                met += 1
    assert met > 60

"""What became of signalements, counted by hand on three perimeters and three periods; and who opens what."""

import re
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from mediation.models import Recipient, Signalement
from mediation.signalements.filters import SignalementFilter
from reporting.dashboards.signalements import SignalementBoard, signalements_link
from reporting.figures.signalements import SignalementFigures, signalement_figures
from reporting.periods import Period

from ...pages import text_of
from ...world import TODAY, World

PARIS = ZoneInfo("Europe/Paris")


def at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(9), PARIS)


# place, theme, sent, due, state, acknowledged, answered, closed, confidential
ROWS = (
    ("hall-a", 0, "2026-01-05", "2026-01-19", "verifie", "2026-01-07", "2026-01-08", "2026-01-19", False),
    ("hall-a", 1, "2026-01-12", "2026-01-26", "non_resolu", "2026-01-13", None, "2026-02-11", False),
    ("hall-b", 0, "2026-01-14", "2026-01-28", "verifie", "2026-01-19", None, "2026-01-24", False),
    ("quartier", 0, "2026-01-20", "2026-02-03", "annule", None, None, "2026-01-21", False),
    # Comes back to the first one's place and theme, 14 days after its closure; late by now.
    ("hall-a", 0, "2026-02-02", "2026-02-16", "pris", "2026-02-02", "2026-02-02", None, False),
    ("hall-b", 2, "2026-02-03", "2026-02-17", "envoye", None, None, None, True),
    # Same place and theme as the second, a day before its closure: no return.
    ("hall-a", 1, "2026-02-10", "2026-02-24", "reoriente", "2026-02-12", "2026-02-12", "2026-02-12", False),
    # Past its day, but declared done: it waits for the médiateur.
    ("quartier", 1, "2026-02-24", "2026-03-10", "declare", "2026-02-25", "2026-02-27", None, False),
    ("hall-b", 0, "2026-03-16", "2026-03-30", "envoye", None, None, None, False),
    # Cancelled: no return either.
    ("hall-a", 1, "2026-03-10", "2026-03-24", "annule", None, None, "2026-03-11", False),
    # Of no period that is asked for.
    ("hall-a", 2, "2025-12-15", "2025-12-29", "verifie", "2025-12-16", None, "2025-12-29", False),
)  # fmt: skip


def fill(world: World) -> None:
    for n, row in enumerate(ROWS, 1):
        place, theme, sent, due, state, acknowledged, answered, closed, hidden = row
        signalement = world.sent(
            place, theme=world.themes[theme], sent_at=at(sent), due_on=date.fromisoformat(due),
            observed_on=date.fromisoformat(sent), number=n, year=int(sent[:4]), state=state,
            reason="Motif" if state in ("annule", "non_resolu") else "",
            closed_on=date.fromisoformat(closed) if closed else None, is_confidential=hidden,
            to="town-b" if place == "hall-b" else "town-a",
        )  # fmt: skip
        if acknowledged:
            signalement.recipients.update(
                acknowledged_at=at(acknowledged), reply="charge" if answered else "recu",
                answered_at=at(answered) if answered else None,
                state="repondu" if answered else "accuse",
            )  # fmt: skip


@pytest.fixture
def followed(world: World, elsewhere: World) -> World:
    fill(world)
    fill(elsewhere)
    return world


COUNTS = ("sent", "confidential", "cancelled", "redirected", "acknowledged", "answered", "resolved",
          "closed", "open", "overdue", "open_long", "returned")  # fmt: skip
# By hand: the counts above, then S2, S3, S4, S5, S6, S8.
BY_HAND: dict[tuple[str, str], tuple[tuple[int, ...], tuple[float | None, ...]]] = {
    ("town-a", "2026-01"): ((3, 0, 1, 0, 2, 1, 1, 2, 0, 0, 0, 1), (1 / 2, 1, 1.5, 22, None, 1 / 2)),
    ("town-a", "2026-02"): ((3, 0, 0, 1, 3, 3, 0, 0, 2, 1, 2, 0), (0, 1, 1, None, 1 / 2, None)),
    ("town-a", "2026-T1"): ((7, 0, 2, 1, 5, 4, 1, 2, 2, 1, 2, 1), (1 / 4, 1, 1, 22, 1 / 2, 1 / 2)),
    ("town-b", "2026-01"): ((2, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1), (1, 1, 3, 10, None, 1)),
    ("town-b", "2026-02"): ((2, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0), (0, 1, 1, None, 0, None)),
    ("town-b", "2026-T1"): ((5, 1, 1, 0, 2, 1, 1, 1, 2, 0, 1, 1), (1 / 3, 2 / 3, 2, 10, 0, 1)),
    ("owners", "2026-01"): ((4, 0, 1, 0, 3, 1, 2, 3, 0, 0, 0, 2), (2 / 3, 1, 2, 14, None, 2 / 3)),
    ("owners", "2026-02"): ((4, 1, 0, 1, 3, 3, 0, 0, 2, 1, 2, 0), (0, 1, 1, None, 1 / 2, None)),
    ("owners", "2026-T1"): (
        (10, 1, 2, 1, 6, 4, 2, 3, 3, 1, 2, 2), (1 / 3, 6 / 7, 1.5, 14, 1 / 3, 2 / 3),
    ),
}  # fmt: skip


def of(world: World, who: str, slug: str) -> SignalementFigures:
    return signalement_figures(world.perimeters[who], Period.parse(slug), TODAY)


@pytest.mark.parametrize(("who", "slug"), list(BY_HAND))
def test_every_figure_equals_the_count_by_hand(followed: World, who: str, slug: str) -> None:
    found = of(followed, who, slug)
    counts, rates = BY_HAND[who, slug]
    assert {name: getattr(found, name) for name in COUNTS} == dict(zip(COUNTS, counts, strict=True))
    measured = (
        found.resolution, found.acknowledgement, found.median_to_sign, found.median_to_closure,
        found.overdue_share, found.recurrence,
    )  # fmt: skip
    assert measured == pytest.approx(rates)


def test_without_anything_to_divide_by_it_says_so(world: World, sign_in: Any) -> None:
    found = of(world, "owners", "2026-01")
    assert found.resolution is found.acknowledgement is found.recurrence is None
    board = SignalementBoard(found)
    assert [line.value for line in board.lines if line.label not in ("Envoyés", "Répondus")] == [
        "n/d", "n/d", "n/d", "n/d", "Aucun", "Aucun", "n/d",
    ]  # fmt: skip
    page = text_of(sign_in(world, "owners").get("/tableau-de-bord/?periode=2026-01"))
    assert "Aucun signalement envoyé sur cette période" in page


def test_one_query_whatever_the_number(followed: World, django_assert_num_queries: Any) -> None:
    perimeter = followed.perimeters["owners"]
    assert perimeter.intervals
    with django_assert_num_queries(1):
        signalement_figures(perimeter, Period.parse("2026-T1"), TODAY)


@pytest.mark.parametrize("slug", ["2026-01", "2026-02", "2026-T1"])
@pytest.mark.parametrize("who", ["town-a", "town-b", "owners"])
def test_each_figure_opens_exactly_its_rows(followed: World, who: str, slug: str) -> None:
    found = of(followed, who, slug)
    reader = followed.reader("coordination")
    board = SignalementBoard(found, signalements_link(followed.perimeters[who], found.period))
    opened = {
        line.label.split()[0]: _rows(followed, reader, line.url) for line in board.lines if line.url
    }
    assert opened == {
        "Envoyés": found.sent, "Accusés": found.acknowledged, "Répondus": found.answered,
        "Résolus,": found.resolved, "Délai": found.closed, "En": found.overdue,
        "Ouverts": found.open_long,
    }  # fmt: skip


def _rows(world: World, reader: Any, url: str) -> int:
    asked = SignalementFilter(QueryDict(urlsplit(url).query), membership=reader, today=TODAY)
    count = asked.narrow(Signalement.objects.visible_to(reader)).count()
    assert asked.is_valid(), asked.errors
    return int(count)


def test_a_partner_is_told_of_the_confidential_and_opens_none(
    followed: World, sign_in: Any
) -> None:
    client = sign_in(followed, "owners")
    page = text_of(client.get("/tableau-de-bord/?periode=2026-02")).replace("\u00a0", " ")
    assert (
        "dont 1 confidentiel, dont la suite n’est pas comptée ; la liste ne montre que ceux" in page
    )
    url = re.search(r'href="(/signalements/[^"]+)">Envoyés', page)
    assert url
    reader = followed.reader("owners")
    assert _rows(followed, reader, url[1].replace("&amp;", "&")) == 3, "four were sent"


def test_two_people_see_the_same_figures(followed: World, sign_in: Any) -> None:
    query = f"?periode=2026-T1&perimetre={followed.perimeters['town-b'].pk}"
    seen = []
    for who in ("town-b", "coordination", "mediateur"):
        page = text_of(sign_in(followed, who).get(f"/tableau-de-bord/{query}"))
        card = page.split('id="signalements"')[1].split("</section>")[0]
        seen.append(re.findall(r'<td class="num">([^<]+)</td>', card))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 9


def test_a_partner_is_shown_what_waits_for_its_answer(world: World, sign_in: Any) -> None:
    first = world.sent("hall-a")
    client = sign_in(world, "town-a")
    page = text_of(client.get("/tableau-de-bord/")).replace("\u00a0", " ")
    assert "1 signalement attend votre réponse" in page
    assert f'href="/signalements/{first.pk}/">Répondre (1)' in page
    world.sent("hall-a", is_confidential=True)
    world.sent("hall-b", to="town-b")
    page = text_of(client.get("/tableau-de-bord/")).replace("\u00a0", " ")
    assert "2 signalements attendent votre réponse" in page
    assert 'href="/signalements/">Répondre (2)' in page
    Recipient.objects.update(reply="recu", acknowledged_at=at("2026-03-17"), state="accuse")
    for who in ("town-a", "coordination"):
        page = text_of(sign_in(world, who).get("/tableau-de-bord/"))
        assert "Répondre (" not in page
        assert not re.search(r"signalements? attend", page)


def test_the_coordination_sees_what_stands_still(followed: World, sign_in: Any) -> None:
    followed.contact("town-a").__class__.objects.filter(pk=followed.contact("town-a").pk).update(
        bounced_on=TODAY
    )
    page = text_of(sign_in(followed, "coordination").get("/pilotage/"))
    card = page.split("Signalements à faire avancer")[1].split("</section>")[0]
    card = card.replace("\u00a0", " ")
    assert re.search(r"En retard</a>(?:(?!</li>).)*2 signalements", card, re.DOTALL)
    assert re.search(r"À appeler(?:(?!</li>).)*0 signalement", card, re.DOTALL)
    assert "adresse en échec" in card


@pytest.mark.parametrize(
    ("sent", "returned"),
    [("2025-10-09", 0), ("2025-10-10", 1), ("2026-01-08", 1), ("2026-01-09", 0)],
)
def test_it_comes_back_from_the_day_of_its_closure_to_the_ninetieth_after(
    world: World, sent: str, returned: int
) -> None:
    closed = date(2025, 10, 10)
    world.sent("hall-a", state="verifie", sent_at=at("2025-10-01"), closed_on=closed)
    world.sent("hall-a", sent_at=at(sent))
    assert (date(2026, 1, 8) - closed).days == 90
    assert of(world, "town-a", "2025-10").returned == returned

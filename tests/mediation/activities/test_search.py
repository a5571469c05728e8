"""The search: French, whatever the accents and capitals, and never in what the reader may not read."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from humanicite.lib.narrowing import MOST_WORDS
from humanicite.lib.text import words_of
from mediation.models import Review

from ...conftest import LONG
from ...pages import text_of
from ...world import World
from .test_list import shown, total

POSTGRESQL = connection.vendor == "postgresql"
TEXT = (
    "Échange à l’accueil : l’Éclairage de l'allée est ÉTEINT, œuvre du n°12 (rendez-vous 2026-142)"
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("éclairage", True), ("ECLAIRAGE", True), ("eclairages", True), ("l’éclairage", True),
        ("d'éclairage éteint", True), ("éteint allée", True), ("éclair", True), ("oeuvre", True),
        ("œuvre", True), ("rendez-vous", True), ("2026-142", True), ("142", True), ("n°12", True),
        ("dans", False), ("est", True), ("éclairage voirie", False), ("accueil inconnu", False),
        ("Lieu hall-a", True), ("hall-b", False), ("Lieu hall a", True), ("hall ha", False),
        ("voiries", False), ("isolement", True),
        ("hall isolement éteint", True), ("prévenir", True), ("situations conflictuelles", True),
        ("conflit", True), ("information", False), ("%", False), ("_", False),
        ("’ OR 1=1 --", False), ("éteint & !allée | :*", True), ("\\", False), ("l'", False),
    ],
)  # fmt: skip
def test_what_a_search_finds(world: World, sign_in, query: str, found: bool) -> None:
    world.activity("hall-a", type="CONF", summary=TEXT, theme=world.themes[2])
    for who in ("mediateur", "town-a"):
        text = text_of(sign_in(world, who).get("/activites/", {"q": query}))
        assert bool(shown(text)) is found


@pytest.mark.parametrize(
    ("query", "on_postgresql", "on_sqlite"),
    [
        ("orientée", True, False),  # a stem
        ("lairage", False, True),  # the middle of a word
        ("écl éteint", False, True),  # a beginning, other than of the last word
    ],
)
def test_where_the_databases_differ(world, sign_in, query, on_postgresql, on_sqlite) -> None:
    world.activity("hall-a", summary="Éclairage éteint, habitant orienté")
    found = total(sign_in(world, "town-a"), f"?q={query}").startswith("1 ")
    assert found is (on_postgresql if POSTGRESQL else on_sqlite)


def test_words_of_a_search() -> None:
    assert words_of("  L’Éclairage,  l'éclairage\u00a0ÉTEINT ") == ["eclairage", "eteint"]
    assert words_of("d’aujourd’hui, qu'on a") == ["aujourd", "hui", "on", "a"]
    assert words_of("Hall B n° 3") == ["hall", "b", "n", "3"]
    assert words_of("?! %_\\") == []


def test_the_first_eight_words_count_and_the_page_says_which(world: World, sign_in) -> None:
    words = [f"mot{n}" for n in range(10)]
    world.activity(summary=" ".join(words[:MOST_WORDS]))
    client = sign_in(world, "mediateur")
    assert total(client, f"?q={'+'.join(words)}") == "1 activité · 0,5 h"
    text = text_of(client.get(f"/activites/?q={'+'.join(words)}"))
    assert f"Recherche\u00a0: {' '.join(words[:MOST_WORDS])} <" in text
    assert total(client, f"?q={'+'.join(['absent', *words])}") == "0 activité · 0 h"


def test_a_long_query_is_refused_in_words(world: World, sign_in) -> None:
    text = text_of(sign_in(world, "town-a").get("/activites/", {"q": "é" * 5000}))
    assert "100 caractères au plus" in text.replace("\u00a0", " ")


# --- No leak --------------------------------------------------------------------------------------


def test_a_partners_search_reads_only_what_it_may_read(world, elsewhere, sign_in) -> None:
    world.activity("hall-b", internal_note="secretnote", summary="partage", origin="police")
    world.activity("hall-b", summary="secretattente", review=Review.PENDING)
    world.activity("hall-a", summary="secretdehors")
    elsewhere.activity("hall-b", summary="secretailleurs")
    client = sign_in(world, "town-b")
    assert total(client, "?q=partage").startswith("1 ")
    for word in ("secretnote", "secretattente", "secretdehors", "secretailleurs", "secret",
                 "police", "mediateur", "Fonction", "pending"):  # fmt: skip
        assert total(client, f"?q={word}") == "0 activité · 0 h", word
    operator = sign_in(world, "mediateur")
    assert total(operator, "?q=secretnote").startswith("1 ")
    assert total(operator, "?q=secretattente").startswith("1 ")
    assert total(operator, "?q=secretailleurs").startswith("0 ")


def test_a_text_that_is_accepted_is_found_and_one_that_changes_is_no_longer(world, sign_in) -> None:
    activity = world.activity("hall-b", summary="Rencontre", review=Review.PENDING)
    client = sign_in(world, "town-b")
    assert total(client, "?q=rencontre").startswith("0 ")
    activity.review = Review.ACCEPTED
    activity.save()
    assert total(client, "?q=rencontre").startswith("1 ")
    activity.summary = "Visite"
    activity.save()
    assert total(client, "?q=rencontre").startswith("0 ")


# --- PostgreSQL's own search ----------------------------------------------------------------------

FILL = """
    INSERT INTO mediation_activity (uid, programme_id, type, place_id, day, minutes, origin, outcome,
        refusal, conflict_form, partner_kind, consent, internal_note, summary, review, author_id,
        shared_words, own_words, version, created_at, updated_at)
    SELECT gen_random_uuid(), %s, 'PAP', %s, DATE '2024-01-01' + (n %% 1000), 30, '', '', '', '', '',
        '', '', '', '', %s, w, w, 1, now(), now()
    FROM (SELECT n, 'tournee ' || {words} || CASE WHEN n %% 25000 = 7 THEN ' girouette' ELSE '' END
          AS w FROM generate_series(1, %s) n) rows
""".format(words=" || ' mot' || ".join(["(power(random(), 3) * 3000)::int"] * 8))


@pytest.mark.skipif(not POSTGRESQL, reason="PostgreSQL's own search")
@pytest.mark.parametrize("who", ["mediateur", "town-a"])
def test_a_rare_word_is_found_through_the_index(world: World, sign_in, who) -> None:
    count = 100_000 if LONG else 30_000
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            [world.programme.pk, world.places["hall-a"].pk, world.user("mediateur").pk, count],
        )
        cursor.execute("ANALYZE mediation_activity")
    client = sign_in(world, who)
    column = "own_search" if who == "mediateur" else "shared_search"
    for query in ("girouette", "tournee girouette", "girou"):
        with CaptureQueriesContext(connection) as caught:
            text = text_of(client.get("/activites/", {"q": query}))
        assert len(shown(text)) == len(range(7, count, 25_000))
        plans = ""
        for sql in (one["sql"] for one in caught if '"mediation_activity"' in one["sql"]):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
                plans += "\n".join(line for (line,) in cursor) + "\n"
        assert f"activity_{column}" in plans
        assert "Seq Scan on mediation_activity" not in plans


@pytest.mark.skipif(not POSTGRESQL, reason="PostgreSQL's own search")
def test_the_index_is_taken_away_and_made_again(world: World, sign_in) -> None:
    world.activity("hall-b", summary="Girouette", day=date(2026, 3, 3))
    migration = import_module("mediation.migrations.0005_search_index")
    connection.check_constraints()
    with connection.schema_editor() as editor:
        migration.remove(apps, editor)
    assert "shared_search" not in columns()
    with connection.schema_editor() as editor:
        migration.add(apps, editor)
    assert {"shared_search", "own_search"} <= columns()
    assert total(sign_in(world, "town-b"), "?q=girouettes").startswith("1 ")


def columns() -> set[str]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, "mediation_activity")
    return {column.name for column in described}

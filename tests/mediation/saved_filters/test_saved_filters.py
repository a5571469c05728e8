"""Filters kept under a name: private to one access, kept once, never a failure."""

import pytest
from django.core.exceptions import ValidationError

from mediation.models import SavedFilter

from ...pages import text_of
from ...world import World
from ..activities.test_list import page

NEW = "/activites/filtres/nouveau/"


def save(client, name: str, query: str = "type=CONF"):
    return client.post(NEW, {"name": name, "filtres": query})


def told(answer) -> str:
    return text_of(answer).replace("\u00a0", " ")


def test_filters_are_kept_applied_renamed_and_removed(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    place = world.places["hall-a"].pk
    text = page(client, f"?lieu={place}&q=L’été&type=&page=3&avant=2026-03-03__1")
    address = f"{NEW}?q=L%E2%80%99%C3%A9t%C3%A9&amp;lieu={place}"
    assert f'href="{address}"' in text
    form = told(client.get(address.replace("&amp;", "&")))
    assert "Lieu : Lieu hall-a essai" in form
    query = f"q=L%E2%80%99%C3%A9t%C3%A9&lieu={place}"
    answer = save(client, "Été au hall", query)
    assert answer["Location"] == f"/activites/?{query}"
    text = page(client, f"?{query}")
    assert "Filtre enregistré : Été au hall." in text
    assert 'aria-current="true">Été au hall</a>' in text
    kept = SavedFilter.objects.get()
    assert kept.query == query
    client.post(f"/activites/filtres/{kept.pk}/", {"name": "Hall"})
    assert ">Hall</a>" in page(client)
    assert "Supprimer<span" in told(client.get("/activites/filtres/"))
    client.post(f"/activites/filtres/{kept.pk}/supprimer/")
    assert not SavedFilter.objects.exists()
    assert "Filtre supprimé : Hall." in page(client)


def test_a_period_that_moves_is_kept_as_such(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    save(client, "Ce mois-ci", "periode=mois")
    assert SavedFilter.objects.get().query == "periode=mois"


def test_a_name_that_is_taken_is_said_beside_its_field(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    save(client, "Conflits")
    answer = save(client, "Conflits", "type=PAP")
    assert answer.status_code == 422
    assert "Vous avez déjà un filtre de ce nom." in told(answer)
    assert 'value="Conflits"' in told(answer)
    assert "Présence de proximité" in told(answer)
    save(client, "Présence", "type=PAP")
    other = SavedFilter.objects.get(name="Présence")
    answer = client.post(f"/activites/filtres/{other.pk}/", {"name": "Conflits"})
    assert answer.status_code == 422
    assert "Vous avez déjà un filtre de ce nom." in told(answer)
    assert SavedFilter.objects.filter(name="Présence").exists()


def test_the_same_form_twice_keeps_one(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    for _ in range(2):
        assert save(client, "Conflits").status_code == 302
    assert SavedFilter.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "type=CONF", "Donnez un nom à ce filtre."),
        ("x" * 61, "type=CONF", "60 caractères au plus"),
        ("Rien", "", "Il n’y a pas de filtre à enregistrer"),
        ("Rien", "page=2&inconnu=1", "Il n’y a pas de filtre à enregistrer"),
        ("Faux", "lieu=999999", "n’existe plus"),
        ("Long", "q=" + "%C3%A9" * 99, "trop longue"),
        ("Folle", "a=1&" * 3000, "Il n’y a pas de filtre à enregistrer"),
    ],
)
def test_what_cannot_be_kept_is_said(world: World, sign_in, name, query, said) -> None:
    answer = save(sign_in(world, "mediateur"), name, query)
    assert answer.status_code == 422
    assert said in told(answer)
    assert not SavedFilter.objects.exists()


def test_twenty_at_most(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    for n in range(SavedFilter.MOST):
        save(client, f"Filtre {n}")
    answer = save(client, "Un de trop")
    assert answer.status_code == 422
    assert "Vous avez déjà 20 filtres" in told(answer)
    assert SavedFilter.objects.count() == SavedFilter.MOST


def test_a_place_that_vanished_is_said_and_nothing_fails(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    place = world.places["hall-a"]
    save(client, "Hall A", f"lieu={place.pk}&type=PAP")
    kept = SavedFilter.objects.get()
    place.delete()
    text = page(client, f"?{kept.query}")
    assert "Lieu : Ce choix n’existe plus, ou n’est pas de ceux que vous voyez." in text
    assert "Lieu : choix inconnu" in text
    assert "un choix n’existe plus" in told(client.get("/activites/filtres/"))
    assert client.get(f"/activites/filtres/{kept.pk}/").status_code == 200


def test_nobody_else_sees_them_not_even_the_coordination(world: World, sign_in) -> None:
    save(sign_in(world, "mediateur"), "Les miens")
    kept = SavedFilter.objects.get()
    for who in ("coordination", "autre-mediateur", "town-a", "invite"):
        client = sign_in(world, who)
        assert not SavedFilter.objects.visible_to(world.reader(who)).exists()
        assert "Les miens" not in told(client.get("/activites/"))
        assert "Les miens" not in told(client.get("/activites/filtres/"))
        for path in (f"/activites/filtres/{kept.pk}/", f"/activites/filtres/{kept.pk}/supprimer/"):
            assert client.post(path, {"name": "Pris"}).status_code == 404
    kept.refresh_from_db()
    assert kept.name == "Les miens"


def test_two_sendings_that_cross_are_told(world: World) -> None:
    """The second had looked before the first was written: the constraint says it."""
    reader = world.reader("mediateur")
    SavedFilter(membership=reader, name="A", query="type=PAP").write()
    with pytest.raises(ValidationError, match="déjà un filtre de ce nom"):
        SavedFilter(membership=reader, name="A", query="type=CONF").write()
    assert SavedFilter.objects.get().query == "type=PAP"

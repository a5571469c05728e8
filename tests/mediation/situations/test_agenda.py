"""Lines on the agenda of a committee, and who reads them."""

from datetime import date

import pytest

from mediation.models import AgendaLine

from ...pages import plain
from .forms import page, put


def test_a_line_is_put_on_an_agenda_once_and_taken_off(world, mediateur) -> None:
    row = world.situation()
    text = plain(mediateur.get(f"/situations/{row.pk}/ordre-du-jour/"))
    assert "Comité de suivi essai (lue par owners, town-a)" in text
    for _ in range(2):
        answer = put(mediateur, row, world)
    assert "avec les mêmes mots" in plain(answer)
    line = AgendaLine.objects.get()
    text = page(mediateur, row)
    assert "Ce que lisent owners, town-a, et rien d’autre." in text
    assert "Inscrite à l’ordre du jour" in text
    assert put(mediateur, row, world, line="D’autres mots").status_code == 422
    for said in ("Retirée de l’ordre du jour", "n’est plus à l’ordre du jour"):
        answer = mediateur.post(
            f"/situations/{row.pk}/ordre-du-jour/retirer/", {"ligne": line.pk}, follow=True
        )
        assert said in plain(answer)
    assert not AgendaLine.objects.exists()
    row.refresh_from_db()
    assert row.version == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"line": "M. Dupont et sa voisine"}, "elle semble identifier quelqu’un : un nom (M. Dupont)"),
        ({"line": "Rappeler le 06 12 34 56 78"}, "un numéro de téléphone (06 12 34 56 78)"),
        ({"line": "Un conflit au LIEU  hall-a essai"}, "Cette ligne dit où cela se passe"),
        ({"line": "Un conflit, lieu ilot-a essai"}, "Cette ligne dit où cela se passe"),
        ({"line": "Nuisances au 12 bis rue des Lilas"}, "Cette ligne dit où cela se passe (12 bis rue)"),
        ({"line": "Nuisances dans le Hall B"}, "Cette ligne dit où cela se passe (Hall B)"),
        ({"line": "   "}, "Écrivez ce que les partenaires liront."),
        ({"line": "x" * 201}, "200"),
        ({"day": "2026-03-17"}, "Cette séance a eu lieu"),
        ({"day": "2027-04-01"}, "Cette date est à plus d’un an"),
        ({"day": ""}, "Indiquez la date de la séance."),
        ({"committee": "999999"}, "Cette instance n’existe pas"),
        ({"committee": ""}, "Choisissez une instance."),
    ],
)  # fmt: skip
def test_what_partners_may_not_read_is_refused(wrong, said, world, mediateur) -> None:
    row = world.situation()
    answer = put(mediateur, row, world, **wrong)
    assert answer.status_code == 422
    assert said in plain(answer)
    assert not AgendaLine.objects.exists()
    row.refresh_from_db()
    assert row.version == 1


@pytest.mark.parametrize(
    "line",
    [
        "Bruits dans un hall d’immeuble", "L’entrée d’un bâtiment, le soir", "3 places de stationnement",
        "Un hall à surveiller", "Tapage après 22 h", "Deux voisins, trois médiations",
    ],
)  # fmt: skip
def test_what_tells_no_place_passes(line, world, mediateur) -> None:
    row = world.situation()
    put(mediateur, row, world, line=line)
    assert AgendaLine.objects.get().line == line


def test_a_line_that_nobody_will_read_is_said_so(world, mediateur) -> None:
    world.other_committee.seats.all().delete()
    row = world.situation()
    world.agenda_line(row, committee=world.other_committee)
    assert "personne ne la lit" in page(mediateur, row)


def test_partners_read_the_lines_of_their_committees_next_session_first(world, sign_in) -> None:
    row = world.situation(title="titre interne", description="fond interne")
    world.agenda_line(row, day=date(2026, 4, 20), line="Plus tard")
    world.agenda_line(row, day=date(2026, 3, 20), line="Bientôt")
    world.agenda_line(row, day=date(2026, 2, 20), line="Passée")
    world.agenda_line(row, committee=world.other_committee, line="Ailleurs")
    town = plain(sign_in(world, "town-a").get("/situations/ordre-du-jour/"))
    assert town.index("Bientôt") < town.index("Plus tard") < town.index("Passée")
    for hidden in ("Ailleurs", "titre interne", "fond interne", "Lieu hall-a", "Ouverte"):
        assert hidden not in town, hidden
    other = plain(sign_in(world, "town-b").get("/situations/ordre-du-jour/"))
    assert "Ailleurs" in other
    assert "Bientôt" not in other


def test_a_seat_given_up_shows_nothing_of_later_sessions(world, sign_in) -> None:
    seat = world.committee.seats.get(party=world.parties["town-a"])
    seat.ends = date(2026, 3, 1)
    seat.save()
    row = world.situation()
    world.agenda_line(row, day=date(2026, 2, 20), line="De son temps")
    world.agenda_line(row, day=date(2026, 3, 20), line="Après elle")
    text = plain(sign_in(world, "town-a").get("/situations/ordre-du-jour/"))
    assert "De son temps" in text
    assert "Après elle" not in text
    assert "Aucune situation n’est inscrite à une prochaine séance." in text


@pytest.mark.parametrize("who", ["town-a", "invite"])
def test_partners_reach_no_situation_by_any_address(who, world, sign_in) -> None:
    row = world.situation()
    line = world.agenda_line(row)
    client = sign_in(world, who)
    assert client.get("/situations/").status_code == 403
    for path in ("", "modifier/", "clore/", "ordre-du-jour/"):
        assert client.get(f"/situations/{row.pk}/{path}").status_code == 404
    for path in ("rouvrir/", "ordre-du-jour/retirer/"):
        answer = client.post(f"/situations/{row.pk}/{path}", {"ligne": line.pk, "version": 1})
        assert answer.status_code == 404
    version = row.history.get()
    assert client.post(f"/situations/versions/{version.pk}/", {"version": 1}).status_code == 404
    assert AgendaLine.objects.exists()

"""What is wrong in minutes is told on the page where it is mended, and what was typed stays."""

import uuid
from typing import Any

from post_office.models import Email

from governance.models import ActionItem, Contact, Minutes

from ...pages import plain
from .test_life import submitted, write


def test_a_point_that_says_nothing_is_not_approved(world, seance, sign_in) -> None:
    minutes = submitted(world, sign_in, seance)
    write(sign_in(world, "mediateur"), seance.items.last(), outcome="treated")
    sent = Email.objects.count()
    client = sign_in(world, "coordination")
    address = f"/comites/seances/{seance.pk}/compte-rendu/approuver/"
    told = "« Fête de quartier » est traité, mais rien n’en est dit."
    assert told in plain(client.get(address))
    answer = client.post(address)
    assert answer.status_code == 422
    assert told in plain(answer)
    assert f"#point-{seance.items.last().pk}" in plain(answer), "it leads to where it is mended"
    minutes.refresh_from_db()
    assert minutes.stage != "approved"
    assert Email.objects.count() == sent
    assert Minutes.objects.get().content == minutes.content


def test_an_action_of_a_party_without_a_contact_is_kept_and_told(world, seance, sign_in) -> None:
    assert not Contact.objects.filter(party=world.parties["ateliers"]).exists()
    client, item, one = sign_in(world, "mediateur"), seance.items.first(), uuid.uuid4()
    data: dict[str, Any] = {
        f"action-{one}": "Ouvrir la salle", f"who-{one}": f"p{world.parties['ateliers'].pk}",
        f"due-{one}": "2026-04-10",
    }  # fmt: skip
    page = write(client, item, notes="La salle manque.", **data)
    assert page.status_code == 302
    told = plain(client.get(page["Location"]))
    assert "Sans interlocuteur joignable" in told
    assert 'value="Ouvrir la salle"' in told
    assert ActionItem.objects.get().party == world.parties["ateliers"]
    ahead = plain(client.get(f"/comites/seances/{seance.pk}/compte-rendu/soumettre/"))
    assert "ateliers n’a pas d’interlocuteur joignable" in ahead

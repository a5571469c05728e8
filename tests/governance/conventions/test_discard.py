"""A draft convention is discarded in a page, with its trace; nothing that was signed can be."""

from datetime import date
from typing import Any

import pytest

from governance.conventions.actions import discard, renew
from governance.models import Contribution, Convention, JournalEntry

from ...world import World
from ..frame_pages import said


@pytest.fixture
def draft(world: World) -> Any:
    """Next year's, prepared from one that is signed."""
    signed = world.convention()
    Convention.objects.filter(pk=signed.pk).update(signed_on=date(2026, 1, 15))
    return renew(
        convention=Convention.objects.get(pk=signed.pk), name="Convention 2027",
        starts=date(2027, 1, 1), ends=date(2027, 12, 31), by=None,
    )  # fmt: skip


def path(convention: Convention) -> str:
    return f"/convention/{convention.pk}/supprimer/"


def test_a_draft_is_asked_about_then_gone_with_its_trace(world: World, draft, sign_in) -> None:
    client = sign_in(world, "coordination")
    assert path(draft) in said(client.get(f"/convention/?convention={draft.slug}"))
    asked = said(client.get(path(draft)))
    assert "Supprimer ce projet ?" in asked
    assert "sa reconduction pourra être préparée de nouveau" in asked
    assert Convention.objects.filter(pk=draft.pk).exists(), "reading removes nothing"
    answer = client.post(path(draft), {"version": draft.version}, follow=True)
    assert "Projet supprimé : Convention 2027." in said(answer)
    assert not Contribution.objects.filter(convention=draft.pk).exists()
    assert world.convention().signed_on == date(2026, 1, 15)
    entry = JournalEntry.objects.get(act="delete")
    assert (entry.kind, entry.row) == ("convention", str(draft.pk))
    assert client.post(path(draft), {"version": draft.version}).status_code == 404, "once"
    assert "Préparer la reconduction" in said(client.get("/convention/"))


def test_what_was_signed_stays(world: World, draft, sign_in) -> None:
    signed = draft.renews
    client = sign_in(world, "coordination")
    assert path(signed) not in said(client.get(f"/convention/?convention={signed.slug}"))
    answer = client.post(path(signed), {"version": signed.version}, follow=True)
    assert "Une convention signée ne se supprime pas" in said(answer)
    with pytest.raises(Exception, match="signée"):
        discard(convention=signed, version=signed.version, by=world.memberships["coordination"])
    assert world.convention() == signed


def test_a_draft_changed_meanwhile_is_told(world: World, draft, sign_in) -> None:
    Convention.objects.filter(pk=draft.pk).update(version=draft.version + 1)
    client = sign_in(world, "coordination")
    answer = client.post(path(draft), {"version": draft.version})
    assert answer.status_code == 422
    assert "Ce projet a été modifié entre-temps" in said(answer)
    assert client.post(path(draft), {"version": draft.version + 1}).status_code == 302


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_else_discards(world: World, draft, sign_in, who: str) -> None:
    client = sign_in(world, who)
    assert client.get(path(draft)).status_code in (403, 404)
    assert client.post(path(draft), {"version": draft.version}).status_code in (403, 404)
    assert Convention.objects.filter(pk=draft.pk).exists()

"""What the coordination changes of a convention: text, money, means, signature; two at once."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from governance.models import (
    Acceptance,
    Contribution,
    Convention,
    ConventionVersion,
    Instalment,
    JournalEntry,
    Provision,
    Signatory,
)

from ...pages import text_of
from ...world import World


@pytest.fixture
def convention(world: World) -> Convention:
    return world.convention()


@pytest.fixture
def client(world: World, sign_in):
    return sign_in(world, "coordination")


def sending(convention: Convention, **more: str) -> dict[str, str]:
    version = Convention.objects.get(pk=convention.pk).version
    return {"uid": str(uuid.uuid4()), "version": str(version)} | more


def terms(convention: Convention, **changes: str) -> dict[str, str]:
    return sending(convention) | {
        "name": convention.name, "starts": "2026-01-01", "ends": "2026-12-31", "cost": "60600",
        "mediators": "1", "yearly_hours": "1607", "weekly_hours": "35",
    } | changes  # fmt: skip


def rows(convention: Convention, kept: int, *lines: dict[str, object]) -> dict[str, str]:
    """A set of rows as its page posts it; the first `kept` exist."""
    posted = sending(convention)
    for prefix in ("signatories", "contributions", "provisions", "instalments"):
        posted |= {f"{prefix}-TOTAL_FORMS": str(len(lines)), f"{prefix}-INITIAL_FORMS": str(kept)}
        for number, line in enumerate(lines):
            posted |= {f"{prefix}-{number}-{name}": str(v) for name, v in line.items()}
    return posted


def sign(convention: Convention) -> Convention:
    Convention.objects.filter(pk=convention.pk).update(
        signed_on=date(2026, 1, 15), signing_place="Lille", originals=4
    )
    return Convention.objects.get(pk=convention.pk)


def test_a_draft_changes_freely_with_its_trace(world: World, client, convention) -> None:
    path = f"/convention/{convention.pk}/termes/"
    posted = terms(
        convention, norm="XP X60-600", finances_by=str(world.parties["owners"].pk),
        finances_since="2018-01-01",
    )  # fmt: skip
    assert client.post(path, posted).status_code == 302
    saved = Convention.objects.get(pk=convention.pk)
    assert (saved.norm, saved.finances_by) == ("XP X60-600", world.parties["owners"])
    entry = JournalEntry.objects.get(act="change")
    assert {"norm", "finances_by", "finances_since"} <= set(entry.fields)
    assert not saved.versions.exists()
    text = text_of(client.get("/convention/")).replace("\u00a0", " ")
    assert "portées par owners depuis le 1er janvier 2018" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cost": "40000"}, "Les subventions, 40 600 €, dépasseraient ce coût."),
        ({"cost": "-1"}, "Le coût ne peut pas être négatif."),
        ({"starts": "2025-07-01"}, "Les dates recouvrent celles de la convention « Convention 2025 »"),
        ({"ends": "2025-12-31"}, "La date de fin précède la date de début."),
        ({"finances_since": "2018-01-01"}, "Dites qui porte les finances."),
        ({"name": ""}, "Donnez le nom de la convention."),
    ],
)  # fmt: skip
def test_bad_terms_are_said_and_what_was_typed_stays(client, convention, changes, said) -> None:
    answer = client.post(
        f"/convention/{convention.pk}/termes/", terms(convention, norm="ma norme") | changes
    )
    text = text_of(answer).replace("\u00a0", " ")
    assert answer.status_code == 422
    assert said in text
    assert "ma norme" in text
    assert Convention.objects.get(pk=convention.pk).norm == ""


def test_of_two_writers_the_second_is_told_and_may_replace(client, convention) -> None:
    path = f"/convention/{convention.pk}/termes/"
    first, second = terms(convention, norm="la leur"), terms(convention, norm="la mienne")
    assert client.post(path, first).status_code == 302
    told = client.post(path, second)
    assert told.status_code == 422
    text = text_of(told)
    assert "modifiée entre-temps" in text
    assert "la mienne" in text
    assert Convention.objects.get(pk=convention.pk).norm == "la leur"
    now = Convention.objects.get(pk=convention.pk).version
    assert f'name="version" value="{now}"' in text
    assert client.post(path, second | {"version": str(now)}).status_code == 302
    assert Convention.objects.get(pk=convention.pk).norm == "la mienne"


def test_the_same_form_twice_is_once(world: World, client, convention) -> None:
    known = Contribution.objects.get(convention=convention)
    line = {"id": known.pk, "payer": known.payer_id, "payee": known.payee_id, "amount": "40600"}
    new = {
        "payer": world.parties["town-a"].pk, "payee": world.parties["owners"].pk, "amount": "10000",
    }  # fmt: skip
    posted = rows(convention, 1, line, new)
    path = f"/convention/{convention.pk}/subventions/"
    assert [client.post(path, posted).status_code for _ in range(2)] == [302, 302]
    assert convention.contributions.count() == 2


def test_a_signed_text_changes_by_an_amendment_only(client, convention) -> None:
    convention = sign(convention)
    path = f"/convention/{convention.pk}/termes/"
    posted = terms(convention, supervision="un jour", originals="4")
    refused = client.post(path, posted)
    assert "ne change que par un avenant" in text_of(refused)
    assert not ConventionVersion.objects.exists()
    amended = posted | {"amendment_text": "Un jour d’encadrement.", "amendment_day": "2026-03-01"}
    assert client.post(path, amended | {"uid": str(uuid.uuid4())}).status_code == 302
    first, second = convention.versions.all()
    assert (first.number, first.day, second.day) == (1, date(2026, 1, 15), date(2026, 3, 1))
    assert "un jour" not in str(first.terms)
    text = text_of(client.get(f"/convention/versions/{second.pk}/"))
    assert "Un jour d’encadrement." in text
    assert "ajouté" in text
    assert "un jour" not in text_of(client.get(f"/convention/versions/{first.pk}/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amendment_text": "Rien.", "amendment_day": "2026-03-01"}, "ne change rien au texte"),
        ({"supervision": "x", "amendment_text": "Tôt.", "amendment_day": "2025-12-01"}, "daté d’avant"),
        ({"supervision": "x", "amendment_text": "Sans date."}, "Dites la date de l’avenant."),
        ({"supervision": "x", "amendment_day": "2026-03-01"}, "Dites ce que change l’avenant."),
    ],
)  # fmt: skip
def test_a_bad_amendment_is_refused(client, convention, changes, said) -> None:
    convention = sign(convention)
    answer = client.post(
        f"/convention/{convention.pk}/termes/", terms(convention, originals="4") | changes
    )
    assert said in text_of(answer)
    assert Convention.objects.get(pk=convention.pk).supervision == ""
    assert not ConventionVersion.objects.filter(number=2).exists()


def test_contributions_never_go_beyond_the_cost(world: World, client, convention) -> None:
    known = Contribution.objects.get(convention=convention)
    line = {"id": known.pk, "payer": known.payer_id, "payee": known.payee_id}
    new = {"payer": world.parties["town-a"].pk, "payee": known.payee_id}
    path = f"/convention/{convention.pk}/subventions/"
    beyond = rows(convention, 1, line | {"amount": "40600"}, new | {"amount": "20000.01"})
    assert "dépasseraient le coût" in text_of(client.post(path, beyond))
    assert convention.contributions.count() == 1
    # Money moves from one line to another, though each alone would pass the cost.
    moved = rows(convention, 1, line | {"amount": "600"}, new | {"amount": "60000"})
    assert client.post(path, moved).status_code == 302
    assert {row.amount for row in convention.contributions.all()} == {600, 60000}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"payer": "owners", "payee": "owners", "amount": "5"}, "Une partie ne se verse rien"),
        ({"payer": "owners", "payee": "operator", "amount": "5"}, "ont déjà une ligne"),
        ({"payer": "town-a", "payee": "owners", "amount": "-5"}, "Le montant doit être positif."),
        ({"payer": "town-a", "payee": "owners", "amount": ""}, "Dites le montant."),
        ({"payer": "", "payee": "owners", "amount": "5"}, "Choisissez qui verse."),
    ],
)
def test_a_bad_contribution_is_said(world: World, client, convention, second, said) -> None:
    known = Contribution.objects.get(convention=convention)
    line = {"id": known.pk, "payer": known.payer_id, "payee": known.payee_id, "amount": "40600"}
    new = {k: world.parties[v].pk if v in world.parties else v for k, v in second.items()}
    posted = rows(convention, 1, line, new)
    answer = client.post(f"/convention/{convention.pk}/subventions/", posted)
    assert said in text_of(answer)
    assert convention.contributions.count() == 1


def test_a_party_of_another_programme_is_no_choice(
    world: World, elsewhere: World, client, convention
) -> None:
    other = {"party": elsewhere.parties["town-a"].pk, "represented_by": "Maire"}
    answer = client.post(f"/convention/{convention.pk}/signataires/", rows(convention, 0, other))
    assert "n’est pas de ce dispositif" in text_of(answer)
    assert Signatory.objects.filter(convention=convention).count() == 1


def test_a_signatory_is_taken_away_and_another_added(world: World, client, convention) -> None:
    old = Signatory.objects.get(convention=convention)
    gone = {"id": old.pk, "party": old.party_id, "represented_by": "Président", "DELETE": "on"}
    new = {"party": world.parties["town-a"].pk, "represented_by": "Maire"}
    path = f"/convention/{convention.pk}/signataires/"
    posted = rows(convention, 1, gone, new)
    assert [client.post(path, posted).status_code for _ in range(2)] == [302, 302]
    assert [row.party for row in convention.signatories.all()] == [world.parties["town-a"]]


def test_instalments_make_up_their_contribution(client, convention) -> None:
    contribution = Contribution.objects.get(convention=convention)
    path = f"/convention/echeances/{contribution.pk}/"
    first = {"due_on": "2026-03-01", "amount": "20000", "paid_on": "2026-03-09"}
    wrong = rows(convention, 0, first, {"due_on": "2026-09-30", "amount": "20000"})
    said = text_of(client.post(path, wrong)).replace("\u00a0", " ")
    assert "Les échéances font 40 000 €, la subvention 40 600 €." in said
    assert not Instalment.objects.exists()
    right = rows(convention, 0, first, {"due_on": "2026-09-30", "amount": "20600"})
    assert client.post(path, right).status_code == 302
    contribution.refresh_from_db()
    assert contribution.paid() == Decimal(20000)
    text = text_of(client.get("/convention/")).replace("\u00a0", " ")
    assert "versée le 9 mars 2026" in text
    assert "à venir" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"due_on": "2026-03-01", "amount": "40600", "paid_on": "2026-03-30"}, "à venir"),
        ({"due_on": "2026-03-01", "amount": "-1"}, "Le montant doit être positif."),
        ({"due_on": "", "amount": "40600"}, "Dites pour quand."),
        ({"due_on": "30/02/2026", "amount": "40600"}, "Cette date n’existe pas"),
    ],
)
def test_a_bad_instalment_is_said(client, convention, line, said) -> None:
    contribution = Contribution.objects.get(convention=convention)
    answer = client.post(f"/convention/echeances/{contribution.pk}/", rows(convention, 0, line))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Instalment.objects.exists()


def test_a_late_instalment_is_seen_by_all_parties(world: World, sign_in, convention) -> None:
    contribution = Contribution.objects.get(convention=convention)
    contribution.instalments.create(amount=40600, due_on=date(2026, 3, 1))
    text = text_of(sign_in(world, "town-a").get("/convention/"))
    assert "en retard" in text
    assert "Échéances et versements" not in text


def test_the_state_of_a_means(world: World, client, convention) -> None:
    means = Provision.objects.create(
        convention=convention, kind="means", party=world.parties["ateliers"], text="Un local"
    )
    path = f"/convention/etat/{means.pk}/"
    posted = sending(convention, state="partial", remark="Le matin seulement")
    assert "Dites depuis quand." in text_of(client.post(path, posted))
    late = sending(convention, state="partial", state_since="2026-04-01")
    assert "pas encore venu" in text_of(client.post(path, late))
    assert client.post(path, posted | {"state_since": "2026-02-01"}).status_code == 302
    text = text_of(client.get("/convention/"))
    assert "Le matin seulement" in text
    assert "1 moyen incomplet" in text.replace("\u00a0", " ")


def test_a_commitment_has_no_state(convention) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Provision.objects.create(
            convention=convention, kind="commitment", text="Participer", state="provided",
            state_since=date(2026, 1, 1),
        )  # fmt: skip


def test_a_convention_is_signed_once(world: World, client, convention) -> None:
    path = f"/convention/{convention.pk}/signer/"
    signed = {"signed_on": "2026-03-02", "signing_place": "Lomme", "originals": "4"}
    alone = client.post(path, sending(convention) | signed)
    assert "à deux parties au moins" in text_of(alone)
    world.parties["town-a"].address = "1 place de la Mairie"
    world.parties["town-a"].save()
    Signatory.objects.create(
        convention=convention, party=world.parties["town-a"], represented_by="Maire", rank=1
    )
    future = client.post(path, sending(convention) | signed | {"signed_on": "2026-03-30"})
    assert "pas encore venu" in text_of(future)
    posted = sending(convention) | signed
    assert [client.post(path, posted).status_code for _ in range(2)] == [302, 302]
    saved = Convention.objects.get(pk=convention.pk)
    assert (saved.signed_on, saved.signing_place, saved.originals) == (date(2026, 3, 2), "Lomme", 4)
    assert saved.versions.count() == 1
    # A party that moves afterwards signed where it was.
    world.parties["town-a"].address = "ailleurs"
    world.parties["town-a"].save()
    assert saved.signatories.get(rank=1).office == "1 place de la Mairie"
    again = client.post(path, sending(convention) | signed)
    assert "déjà signée" in text_of(again)


def test_the_charter_is_accepted_once_and_shown_without_a_name(
    world: World, sign_in, convention
) -> None:
    path = f"/convention/{convention.pk}/accepter/"
    mediateur = sign_in(world, "mediateur")
    assert "J’accepte" in text_of(mediateur.get("/convention/"))
    for _ in range(2):
        assert mediateur.post(path).status_code == 302
    accepted = Acceptance.objects.get()
    assert accepted.accepted_on == date(2026, 3, 18)
    assert JournalEntry.objects.filter(kind="acceptation de la charte").count() == 1
    assert "J’accepte" not in text_of(mediateur.get("/convention/"))
    partner = sign_in(world, "town-a")
    text = text_of(partner.get("/convention/"))
    assert accepted.function in text
    assert world.user("mediateur").email not in text
    assert partner.post(path).status_code == 403

"""Imports on their pages, without a script."""

import csv
import io
from typing import Any

from mediation.imports import actions
from mediation.models import (
    Activity,
    ActivityImport,
    ImportState,
)

from ...pages import text_of
from ...world import World
from .files import GOOD, HEADERS, a_csv, check, receive, row, upload


def send(client: Any, world: World, content: bytes, name: str = "suivi.csv") -> Any:
    data = {"file": upload(content, name), "worker": world.user("mediateur").pk}
    return client.post("/activites/importer/", data, follow=True)


def go_on(client: Any, job: ActivityImport) -> Any:
    """What the page's button does, until there is nothing to check."""
    for _ in range(20):
        answer = client.post(f"/activites/importer/{job.pk}/verifier/", follow=True)
        if "Vérification en cours" not in text_of(answer):
            return answer
    raise AssertionError("the check does not end")


def chosen(answer: Any, **columns: str) -> dict[str, str]:
    """The columns form as proposed, with what is given by header."""
    form = answer.context["form"]
    data = {name: form[name].value() for name in form.fields}
    for name, field in form.fields.items():
        if field.label in columns:
            data[name] = columns[field.label]
    return data


def test_the_whole_import_without_a_script(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    answer = send(client, world, a_csv([row(type="Tournée"), row(durée="zéro", type="Tournée")]))
    job, text = ActivityImport.objects.get(), text_of(answer)
    assert "Quelle colonne est quoi" in text
    assert "Par exemple\u00a0: Tournée" in text
    base = f"/activites/importer/{job.pk}/"
    data = chosen(answer)
    answer = client.post(f"{base}colonnes/", data | {"column_0": "-"})
    assert answer.status_code == 422
    assert "« Date » n’est associé à aucune colonne" in text_of(answer)
    answer = client.post(f"{base}colonnes/", data | {"column_0": "type"})
    assert answer.status_code == 422
    assert "Ce champ est déjà la colonne" in text_of(answer)
    text = text_of(client.post(f"{base}colonnes/", data, follow=True))
    assert "0 sur 2\u00a0lignes vérifiées" in text
    answer = go_on(client, job)
    text = text_of(answer)
    assert "2\u00a0lignes à corriger" in text
    assert "Valeurs à associer" in text
    assert "« Tournée »" in text
    name = next(iter(answer.context["form"].fields))
    answer = client.post(f"{base}valeurs/", {name: "?"})
    assert answer.status_code == 422
    assert "Associez au moins une valeur" in text_of(answer)
    client.post(f"{base}valeurs/", {name: "=PAP"})
    text = text_of(go_on(client, job))
    assert "1\u00a0ligne à corriger" in text
    assert "1\u00a0autre ligne est bonne" in text
    report = client.get(f"{base}a-corriger.csv")
    lines = list(csv.reader(io.StringIO(report.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Ligne", "Colonne", "Valeur", "Attendu"]
    assert lines[1][:3] == ["3", "Durée", "zéro"]
    assert len(lines) == 2
    # The corrected file: same headers, nothing more to match.
    answer = send(client, world, a_csv([row(type="Tournée"), row(durée="40", type="Tournée")]))
    job = ActivityImport.objects.first()
    base = f"/activites/importer/{job.pk}/"
    client.post(f"{base}colonnes/", chosen(answer))
    text = text_of(go_on(client, job))
    assert "Importer 2\u00a0activités" in text
    text = text_of(client.post(f"{base}enregistrer/", follow=True))
    assert "Import terminé" in text
    assert Activity.objects.count() == 2
    assert "Déjà" in text_of(client.post(f"{base}enregistrer/", follow=True))
    assert Activity.objects.count() == 2
    history = text_of(client.get(f"/activites/{Activity.objects.first().pk}/"))
    assert ">Import<" in history


def test_the_first_page_refuses_in_words(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    assert "Aucun fichier n’a encore été importé" in text_of(client.get("/activites/importer/"))
    for data, said in (
        ({}, "Choisissez un fichier"),
        ({"file": upload(b"")}, "Ce fichier est vide"),
        ({"file": upload(b"x"), "worker": world.user("town-a").pk}, "n’est pas de l’opérateur"),
        ({"file": upload(b"x"), "worker": world.user("mediateur").pk}, "Aucun tableau"),
        ({"file": upload(bytes(40 * 1024 * 1024))}, "20\u00a0Mo"),
    ):
        answer = client.post("/activites/importer/", data)
        assert answer.status_code == 422
        assert said in text_of(answer)


def test_a_file_lost_from_the_disk_is_told(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    job = receive(world, a_csv([GOOD]))
    actions.set_columns(job=job, columns=job.columns, by=world.reader("coordination"))
    job.file.storage.delete(job.file.name)
    base = f"/activites/importer/{job.pk}/"
    text = text_of(client.post(f"{base}verifier/", follow=True))
    assert "n’est plus sur le serveur" in text
    assert "n’est plus sur le serveur" in text_of(client.get(f"{base}colonnes/"))
    assert client.get(f"{base}a-corriger.csv").status_code == 404
    text = text_of(client.post(f"{base}abandonner/", follow=True))
    assert "est abandonné" in text
    assert not ActivityImport.objects.exists()


def test_steps_out_of_their_order_do_nothing(world: World, sign_in) -> None:
    client, job = sign_in(world, "coordination"), receive(world, a_csv([["1", "2"]], ["A", "B"]))
    base = f"/activites/importer/{job.pk}/"
    for path, data in (("verifier/", {}), ("verifier/", {"again": ""}), ("enregistrer/", {}),
                       ("valeurs/", {"type_x": "=PAP"})):  # fmt: skip
        assert client.post(base + path, data).status_code in (302, 422)
        job.refresh_from_db()
        assert job.state == ImportState.UPLOADED
    assert client.get(f"{base}a-corriger.csv").status_code == 404
    # Columns that were good when they were matched, and are not any more.
    ActivityImport.objects.update(state=ImportState.CHECKING, columns={"audience:0:np": "A"})
    text = text_of(client.post(f"{base}verifier/", follow=True))
    assert "n’est associé à aucune colonne" in text


def test_a_report_shows_the_first_and_counts_all(world: World, sign_in) -> None:
    job = check(world, receive(world, a_csv([row(durée="zéro", début="99h")] * 150)))
    assert (job.bad_rows, job.fault_count, len(job.faults)) == (150, 300, 200)
    client = sign_in(world, "coordination")
    text = text_of(client.get(f"/activites/importer/{job.pk}/"))
    assert "300 points à corriger" in text
    assert "Les 100 premiers" in text
    assert text.count('data-label="Ligne"') == 100
    report = client.get(f"/activites/importer/{job.pk}/a-corriger.csv").getvalue().decode()
    assert report.count("\r\n") == 301


def test_many_unknown_values_hide_no_other_fault(world: World, sign_in) -> None:
    """They are matched in a form; the table, however full, is for what has to be corrected."""
    rows = [row(type=f"Tournée {n % 350}") for n in range(900)] + [row(durée="zéro")]
    job = check(world, receive(world, a_csv(rows)), most=100)
    assert (job.bad_rows, job.fault_count) == (901, 901)
    assert sum(job.unknown["type"].values()) == 900
    assert len(job.unknown["type"]) == actions.MOST_UNKNOWN + 1
    assert [902, "Durée", "zéro"] in [fault[:3] for fault in job.faults]
    text = text_of(sign_in(world, "coordination").get(f"/activites/importer/{job.pk}/"))
    assert "1 autre point à corriger" in text
    assert "D’autres valeurs viendront ensuite" in text
    assert text.count("À choisir…") == 40
    assert text.count('data-label="Ligne"') == 1


def test_a_value_is_shown_as_text(world: World, sign_in) -> None:
    evil = "<script>alert(1)</script>"
    job = check(world, receive(world, a_csv([row(lieu=evil, note=evil)], [*HEADERS[:11], evil])))
    client = sign_in(world, "coordination")
    for path in ("", "colonnes/"):
        text = text_of(client.get(f"/activites/importer/{job.pk}/{path}"))
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text

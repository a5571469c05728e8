"""Imports from the command line."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.models import JournalEntry
from mediation.models import (
    Activity,
)

from ...world import World
from .files import GOOD, a_csv, row


def run(world: World, path: Path, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    given = {"worker": world.user("mediateur").email, "stdout": out, "stderr": err}
    call_command("import_activities", path, **(given | options))
    return out.getvalue(), err.getvalue()


def test_the_command_imports_and_tells_faults_on_standard_error(world: World, tmp_path) -> None:
    path = tmp_path / "suivi.csv"
    path.write_bytes(a_csv([GOOD, row(durée="45")]))
    assert run(world, path, dry_run=True)[0].startswith("2 rows without fault: 2 to save, 0 there")
    assert not Activity.objects.exists()
    assert run(world, path)[0] == "2 saved, 0 there already\n"
    assert run(world, path)[0] == "0 saved, 2 there already\n"
    assert Activity.history.first().history_change_reason == "Import"
    assert JournalEntry.objects.filter(act="import", actor="commande").count() == 2
    path.write_bytes(a_csv([GOOD, row(durée="zéro")]))
    err = io.StringIO()
    with pytest.raises(CommandError, match="2 rows, 1 with faults: nothing was saved") as error:
        run(world, path, stderr=err)
    assert error.value.returncode == 1
    assert err.getvalue().startswith("ligne 3 · Durée · zéro\u00a0: attendu une durée de")


def test_the_command_takes_a_mapping_from_a_file(world: World, tmp_path) -> None:
    path, mapping = tmp_path / "suivi.csv", tmp_path / "mapping.json"
    path.write_bytes(a_csv([["10/03/2026", "Tournée", "hall-a", "45"]], ["A", "B", "C", "D"]))
    with pytest.raises(CommandError, match="« Date » n’est associé à aucune colonne"):
        run(world, path)
    mapping.write_text(json.dumps({
        "columns": {"day": "A", "type": "B", "place": "C", "minutes": "D"},
        "values": {"type": {"Tournée": "PAP"}},
    }))  # fmt: skip
    assert run(world, path, mapping=mapping)[0] == "1 saved, 0 there already\n"
    for wrong in ("[]", "{", '{"columns": {"day": 3}}', '{"autre": {}}', '{"values": []}'):
        mapping.write_text(wrong)
        with pytest.raises(CommandError, match="mapping"):
            run(world, path, mapping=mapping)


def test_the_command_says_what_it_misses(world: World, elsewhere: World, tmp_path) -> None:
    path = tmp_path / "suivi.csv"
    path.write_bytes(b"rien")
    slug = world.programme.slug
    for options, said in (
        ({}, "say which programme"), ({"programme": "x"}, "no programme x"),
        ({"programme": slug, "worker": "x@example.org"}, "no access of the operator"),
        ({"programme": slug, "worker": world.user("town-a").email}, "no access of the operator"),
        ({"programme": slug}, "Aucun tableau"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=said):
            run(world, path, **options)
    with pytest.raises(CommandError, match="No such file"):
        run(world, tmp_path / "absent.csv", programme=slug)

import pytest
from django.db import DatabaseError

from .pages import text_of


@pytest.mark.django_db
def test_alive_and_ready(client) -> None:
    assert text_of(client.get("/sante/vivant")) == "vivant"
    ready = client.get("/sante/pret")
    assert (ready.status_code, text_of(ready)) == (200, "prêt")


@pytest.mark.django_db
def test_without_database_it_lives_but_is_not_ready(client, monkeypatch) -> None:
    def down(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr("humanicite.health.connection.cursor", down)
    assert client.get("/sante/vivant").status_code == 200
    assert client.get("/sante/pret").status_code == 503


@pytest.mark.django_db
def test_a_missing_migration_is_not_ready(client, monkeypatch) -> None:
    monkeypatch.setattr(
        "humanicite.health.MigrationExecutor.migration_plan", lambda *args: ["0002_later"]
    )
    assert client.get("/sante/pret").status_code == 503

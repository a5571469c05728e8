"""0017: what was told by its title becomes a kind of its own, and back."""

from importlib import import_module

from django.apps import apps

from mediation.models import SignalementEvent
from mediation.signalements.models.course import EventKind

from ...world import TODAY, World

migration = import_module("mediation.migrations.0017_reopened_is_a_kind")


def test_events_written_before_are_found_by_their_kind(world: World, monkeypatch) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    signalement = world.sent()
    at = signalement.sent_at
    told = [
        (EventKind.STATE, "Rouvert"), (EventKind.STATE, "Rouvert"), (EventKind.STATE, "Annulé"),
        (EventKind.COMMENT, "Rouvert"), (EventKind.STATE, "Rouvert"),
    ]  # fmt: skip
    rows = [
        SignalementEvent.objects.create(
            signalement=signalement, kind=kind, title=title, text=f"{TODAY}", at=at
        )
        for kind, title in told
    ]
    before = list(SignalementEvent.objects.order_by("pk").values())
    migration.tell_apart(apps, None)
    kinds = list(SignalementEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["reopened", "reopened", "state", "comment", "reopened"]
    assert len(rows) == SignalementEvent.objects.count()
    migration.put_back(apps, None)
    assert list(SignalementEvent.objects.order_by("pk").values()) == before

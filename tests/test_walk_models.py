"""Every model of ours, those to come included: a scope, a class and a retention for each field."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from governance.models import Membership, User
from governance.privacy import Privacy, Retention
from governance.scoping import Closed, Scope, ScopedModel, ScopedQuerySet

OURS = ("governance", "mediation", "reporting")
MODELS = [model for name in OURS for model in apps.get_app_config(name).get_models()]
WRITTEN = [model for model in MODELS if not hasattr(model, "instance_type")]
HISTORIES = [model for model in MODELS if hasattr(model, "instance_type")]


def test_there_is_something_to_walk() -> None:
    assert len(WRITTEN) > 20
    assert len(HISTORIES) >= 5


@pytest.mark.parametrize("model", WRITTEN, ids=lambda m: m.__name__)
def test_every_model_declares_its_scope(model: type[ScopedModel]) -> None:
    assert issubclass(model, ScopedModel)
    assert isinstance(model.scope, Scope | Closed)
    if isinstance(model.scope, Scope):
        assert isinstance(model.objects.all(), ScopedQuerySet)
        for path in (
            model.scope.programme,
            model.scope.place,
            model.scope.dated,
            model.scope.party,
        ):
            if path:
                str(model.objects.filter(**{f"{path}__isnull": False}).query)  # a wrong path raises


@pytest.mark.parametrize("model", WRITTEN, ids=lambda m: m.__name__)
def test_every_field_is_classified_once(model: type[ScopedModel]) -> None:
    privacy = model.privacy
    assert isinstance(privacy, Privacy)
    assert isinstance(privacy.retention, Retention)
    fields = {
        field.name
        for field in model._meta.get_fields()
        if not (field.auto_created and not field.concrete) and isinstance(field, models.Field)
    }
    listed = privacy.classified()
    assert sorted(listed) == sorted(set(listed)), "a field has two classes"
    assert set(listed) == fields


@pytest.mark.parametrize("model", HISTORIES, ids=lambda m: m.__name__)
def test_historical_copies_inherit_the_scope(model: type[models.Model], world) -> None:
    rows = model.objects.visible_to(world.reader("town-a"))  # type: ignore[attr-defined]
    assert rows._scope() is model.instance_type.scope  # type: ignore[attr-defined]
    list(rows)


def test_a_model_without_scope_raises(world) -> None:
    with pytest.raises(ImproperlyConfigured, match="User declares no scope"):
        ScopedQuerySet(User).visible_to(world.reader("coordination"))


def test_membership_is_no_shortcut(world, elsewhere) -> None:
    assert not Membership.objects.visible_to(world.reader("coordination")).filter(
        party__programme=elsewhere.programme
    )

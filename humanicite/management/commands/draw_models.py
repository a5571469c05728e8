"""docs/data-model.md from what Django knows of our models: a picture a subject, in Mermaid."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import models

PAGE = Path(settings.BASE_DIR) / "docs" / "data-model.md"
FLOORS = ("governance", "mediation", "reporting")
HEAD = """# The data model

Written by `manage.py draw_models`; a test fails when a model changed since. Do not edit by hand.

A box is a model: its columns with the word that screens use, but for its key and its foreign keys,
which are the lines. `||` exactly one, `|o` one or none, `o{` any number. An empty box belongs to
another subject. Left out: the copies that django-simple-history keeps of the models marked
*history*, which hold the same columns.
"""


class Command(BaseCommand):
    help = "Writes docs/data-model.md from the models."

    def handle(self, *args: object, **options: object) -> None:
        PAGE.write_text(page())
        self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} written")


def page() -> str:
    """The whole page, as it should stand in `docs/`."""
    parts = [HEAD]
    for floor in FLOORS:
        if not (subjects := _subjects(floor)):
            continue
        parts.append(f"## {floor}\n")
        for name, found in subjects.items():
            parts.append(f"### {floor}/{name}\n")
            parts += [f"- {_told(model)}" for model in found]
            parts.append("\n```mermaid\nerDiagram")
            parts += [f"    {line}" for model in found for line in _drawn(model)]
            parts.append("```\n")
    return "\n".join(parts)


def _subjects(floor: str) -> dict[str, list[type[models.Model]]]:
    """Package → its models, as they are declared; historical copies left out."""
    found = defaultdict(list)
    for model in apps.get_app_config(floor).get_models():
        if not hasattr(model, "instance_type"):
            found[model.__module__.split(".")[1]].append(model)
    return dict(sorted(found.items()))


def _told(model: type[models.Model]) -> str:
    """Its name, the screen's word, and the first sentence of what it says of itself."""
    text = f"`{model.__name__}` ({model._meta.verbose_name})"
    doc = " ".join((model.__doc__ or "").split())
    if doc and not doc.startswith(f"{model.__name__}("):  # Django's own words for none
        text += f": {re.split(r'(?<=[.;:]) ', doc)[0].rstrip('.;:')}"
    return text + (". *history*" if hasattr(model, "history") else "")


def _drawn(model: type[models.Model]) -> Iterator[str]:
    name = model.__name__
    yield f"{name} {{"
    for column in model._meta.concrete_fields:
        if not column.is_relation and not column.primary_key:
            yield "    " + _column(column)
    yield "}"
    fields: list[Any] = [*model._meta.concrete_fields, *model._meta.many_to_many]
    for field in fields:
        if field.is_relation:
            yield f"{field.related_model.__name__} {_line(field)} {name} : {field.name}"


def _column(field: models.Field) -> str:
    kind = field.get_internal_type().removesuffix("Field")
    label = str(field.verbose_name)
    said = "" if label == field.name.replace("_", " ") else f' "{label}"'
    return f"{kind} {field.name}{' UK' if field.unique else ''}{said}"


def _line(field: Any) -> str:
    """From what is pointed at to what points."""
    if field.many_to_many:
        return "}o--o{"
    return ("|o" if field.null else "||") + "--" + ("o|" if field.one_to_one else "o{")

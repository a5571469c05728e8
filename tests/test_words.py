"""Words on screens, where a rule holds for all of them."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from governance.access.account_forms import REQUIRED, Worded

from .pages import text_of
from .world import World

ROOT = Path(__file__).parents[1]
PLACEHOLDER = re.compile(r"""placeholder(?:"\s*:\s*f?|=)"([^"]*)\"""")


def test_a_placeholder_never_looks_like_a_value() -> None:
    """It begins with « ex. », but in a search box, where it says what can be searched."""
    sources = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("mediation/**/*.py"),
        *ROOT.glob("governance/**/*.py"),
        *ROOT.glob("reporting/**/*.py"),
        *ROOT.glob("humanicite/**/*.py"),
    ]
    lines = [line for source in sources for line in source.read_text("utf-8").splitlines()]
    found = [(line, text) for line in lines for text in PLACEHOLDER.findall(line)]
    assert len(found) > 5
    wrong = [text for line, text in found if "search" not in line and not text.startswith("ex.")]
    assert not wrong, wrong


def our_forms() -> list[type[forms.BaseForm]]:
    """Every form of the house."""
    for app in ("governance", "mediation", "reporting", "humanicite"):
        for module in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if not {"migrations", "management"} & set(module.name.split(".")):
                importlib.import_module(module.name)
    found, left = set(), [forms.BaseForm]
    while left:
        below = left.pop().__subclasses__()
        left += below
        found |= {
            form for form in below if form.__module__.startswith(("gov", "med", "rep", "hum"))
        }
    return sorted(found, key=lambda form: (form.__module__, form.__name__))


def test_an_empty_field_is_told_what_to_do() -> None:
    """« Choisissez un lieu. », never « Ce champ est obligatoire. »."""
    default = str(forms.Field.default_error_messages["required"])
    walked, wrong = 0, []
    for form in our_forms():
        for name, field in getattr(form, "base_fields", {}).items():
            if not field.required or field.widget.is_hidden:
                continue
            walked += 1
            said = REQUIRED.get(name) if issubclass(form, Worded) else None
            if (said or str(field.error_messages["required"])) == default:
                wrong.append(f"{form.__module__}.{form.__name__}.{name}")
    assert walked > 60
    assert not wrong, wrong


def test_forms_of_accounts_are_ours() -> None:
    """Each that a page of an account shows has our words."""
    paths = [*settings.ACCOUNT_FORMS.values(), *settings.MFA_FORMS.values()]
    assert all(issubclass(import_string(path), Worded) for path in paths)
    assert {"login", "reset_password_from_key", "change_password"} <= settings.ACCOUNT_FORMS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("/connexion/", {"Écrivez votre adresse électronique.", "Écrivez votre mot de passe."}),
        ("/connexion/code/", {"Écrivez votre adresse électronique."}),
        ("/mot-de-passe/oublie/", {"Écrivez votre adresse électronique."}),
    ],
)
def test_an_empty_sign_in_says_what_to_do(client: Client, page: str, said: set[str]) -> None:
    text = text_of(client.post(page, {}))
    assert all(words in text for words in said)
    assert "obligatoire" not in text


@pytest.mark.parametrize("role", ["mediateur", "coordination"])
def test_the_trail_and_the_activities_have_two_names(world: World, sign_in, role: str) -> None:
    client = sign_in(world, role)
    text = text_of(client.get("/activites/"))
    assert "<h1>Activités</h1>" in text
    assert ("Traçabilité" in text) == (role == "coordination")
    assert "Journal" not in text


def test_no_screen_says_journal_or_theme() -> None:
    """One word each: activités and traçabilité; thématique; courriel."""
    texts = [path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.*")]
    said = "\n".join(re.sub(r"\{[%{#].*?[%}#]\}|<[^>]*>", " ", text) for text in texts)
    assert re.findall(r"(?i)\b(journal|thèmes?|e-?mails?|mél)\b", said) == []

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from . import shuffle
from .mail_server import SmtpServer
from .remembered import Remembered
from .world import TODAY, World

BROWSED_ON_POSTGRESQL = {"test_main_path.py", "test_minutes.py"}
LONG = bool(os.environ.get("HUMANICITE_LONG"))
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 14, 32, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers come last, after what pytest-django puts last: cores are free then."""
    items.sort(key=lambda item: "browser" in item.path.parts)
    if connection.vendor == "postgresql" and not LONG:
        items[:] = [item for item in items if _says_more_on_postgresql(item)]


def _says_more_on_postgresql(item: pytest.Item) -> bool:
    """What browsers draw, what the demonstration holds and the walk of each role's rows were seen on
    the other database; here remain the paths that write, and two roles of the walk."""
    if "browser" in item.path.parts:
        return item.path.name in BROWSED_ON_POSTGRESQL
    if item.path.parts[-2] == "demo":
        return "leaves_without_trace" in item.name
    if item.name.startswith("test_rows_outside_are_404"):
        return item.name.endswith(("-coordination]", "-town-a]"))
    return True


@pytest.fixture(scope="session", autouse=True)
def strict_templates() -> None:
    """A variable that a template misspells fails the test that renders it."""
    from django.template import engines

    engines["django"].engine.string_if_invalid = _Invalid()


class _Invalid(str):
    """Raises when a missing variable is printed; tests and `default` filters may ask for one."""

    __slots__ = ()
    # Third parties' templates ask for what is not always there.
    allowed = re.compile(
        r"^(attrs|widget|form|element|request\.session|field|column|slots|redirect_field|membership"
        r"|user\.function|owner_token|version|email|table\.|entry|small|with_day|all_labels|hide_legend|code)"
    )

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, name: Any) -> str:
        if self.allowed.match(str(name)):
            return ""
        raise AssertionError(f"template variable without value: {name}")


@pytest.fixture(scope="session", autouse=True)
def files_of_the_run() -> Iterator[None]:
    """Photos and imports of a run lie in a folder of its own, which goes with it."""
    yield
    shutil.rmtree(django_settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def rows_in_any_order() -> None:
    shuffle.install()


@pytest.fixture(autouse=True)
def order_of_this_test(request: pytest.FixtureRequest) -> None:
    shuffle.seed(request.node.nodeid)
    request.node.add_report_section("setup", "order", f"HUMANICITE_SHUFFLE={shuffle.SEED}")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets what `timezone.now()` answers; TODAY at 14:32 until told otherwise."""

    def turn(to: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: to)

    turn(NOW)
    return turn


@pytest.fixture(scope="session")
def remembered() -> Remembered:
    return Remembered()


@pytest.fixture
def world(db: None, clock: Any, remembered: Remembered) -> World:
    return remembered.world("essai")


@pytest.fixture
def elsewhere(db: None, clock: Any, remembered: Remembered) -> World:
    """Another programme, with rows of its own."""
    return remembered.world("ailleurs")


@pytest.fixture
def fill(remembered: Remembered) -> Callable[[World], None]:
    return remembered.fill


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    def signed_in(world: World, who: str, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(world.user(who), backend=django_settings.AUTHENTICATION_BACKENDS[0])
        return client

    return signed_in


@pytest.fixture
def smtp(settings: Any) -> Iterator[Any]:
    """A real SMTP server on loopback; `smtp.messages` are those it accepted."""
    from humanicite.lib.mail import outbox

    server = SmtpServer()
    server.up()
    outbox._down_until = 0.0
    settings.EMAIL_BACKEND = "humanicite.lib.mail.outbox.Outbox"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.POST_OFFICE = settings.POST_OFFICE | {
        "BACKENDS": {"default": "humanicite.lib.mail.servers.Smtp"}
    }
    yield server
    server.down()
    outbox._down_until = 0.0

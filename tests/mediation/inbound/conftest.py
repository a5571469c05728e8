"""A mailbox, and a signalement whose recipient may answer by mail."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from mediation.models import (
    Delivery,
    DeliveryKind,
    Recipient,
    Signalement,
)

from ...imap import Imap
from ...world import World
from .mails import ADDRESS


@pytest.fixture(scope="session")
def server() -> Iterator[Imap]:
    started = Imap()
    yield started
    started.stop()


@pytest.fixture
def imap(server: Imap, settings: Any) -> Imap:
    server.empty()
    settings.IMAP_URL, settings.REPLY_ADDRESS = server.url, ADDRESS
    return server


@pytest.fixture
def signalement(world: World) -> Signalement:
    signalement = world.sent()
    recipient = signalement.recipients.get()
    Delivery.objects.create(
        recipient=recipient, kind=DeliveryKind.SIGNALEMENT, message_id="<signalement.1@example.org>"
    )
    return signalement


@pytest.fixture
def recipient(signalement: Signalement, imap: Imap) -> Recipient:
    return signalement.recipients.get()


@pytest.fixture
def coordination(world: World, sign_in: Any) -> Client:
    return sign_in(world, "coordination")

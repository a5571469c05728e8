"""A phone that holds the application."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from ...world import World
from .phone import keep


@pytest.fixture
def phone(visit: Callable[..., Page], world: World) -> Page:
    """The médiateur's phone, with the application kept on it."""
    page = visit("mediateur")
    keep(page)
    return page

"""No log line lets its reader act in another's name."""

import logging

import pytest

from humanicite.lib.logs import Discreet


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("Not Found: /repondre/abc:def/photos/9/", "Not Found: /repondre/…/photos/9/"),
        ('"GET /mot-de-passe/nouveau/1-abc/ HTTP/1.1"', '"GET /mot-de-passe/nouveau/…/ HTTP/1.1"'),
        ("Not Found: /signalements/12/", "Not Found: /signalements/12/"),
    ],
)
def test_the_key_of_a_path_is_left_out(line: str, written: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, line, None, None)
    assert Discreet().format(record) == written

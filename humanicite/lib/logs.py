"""Log lines, without the paths that let their reader act in another's name."""

import logging
import re

_secret: dict[str, re.Pattern[str]] = {}


def hide_what_follows(path: str) -> None:
    """From now on, the part of an address that comes after `path` stands in no log."""
    _secret[path] = re.compile(rf"({re.escape(path)})[^/\s\"'?]+")


class Discreet(logging.Formatter):
    """Leaves the key of a path out, wherever it stands: message, arguments or traceback.

    Django logs the path of every answer from 400 on, and of every failure. Who has such a path
    says so as it starts (`hide_what_follows`).
    """

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for pattern in _secret.values():
            line = pattern.sub(r"\1…", line)
        return line


class Terse(logging.Filter):
    """What was refused is told in one line: a traceback is for faults of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True

"""Log lines, without the paths that let their reader act in another's name."""

import logging
import re

# The link of a signalement's mail, and the one that sets a password.
_KEY = re.compile(r"(/repondre/|/mot-de-passe/nouveau/)[^/\s\"'?]+")


class Discreet(logging.Formatter):
    """Leaves the key of a path out, wherever it stands: message, arguments or traceback.

    Django logs the path of every answer from 400 on, and of every failure.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _KEY.sub(r"\1…", super().format(record))


class Terse(logging.Filter):
    """What was refused is told in one line: a traceback is for faults of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True

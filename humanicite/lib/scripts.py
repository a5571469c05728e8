"""The browser's modules: what each brings along, and names that change with what is in the file.

A module imports by a relative path, in double quotes, the statement ended by a semicolon: so the
storage finds it and writes the hashed name in its place (tests/test_house.py holds it).
"""

import posixpath
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)";', re.MULTILINE)


class HashedFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True


def source_of(name: str) -> bytes:
    """A static file as it is in the source, or as collected where there is no source."""
    found = finders.find(name)
    path = Path(str(found)) if found else Path(str(settings.STATIC_ROOT)) / name
    return path.read_bytes()


def imports(name: str) -> list[str]:
    """The modules that this one names itself."""
    folder = posixpath.dirname(name)
    found = IMPORT.findall(source_of(name).decode())
    return [posixpath.normpath(posixpath.join(folder, path)) for path in found]


@cache
def with_imports(*names: str) -> tuple[str, ...]:
    """These modules and all that they bring along, each once, what is needed first."""
    order: dict[str, None] = {}
    for name in names:
        for needed in imports(name):
            order.update(dict.fromkeys(with_imports(needed)))
        order[name] = None
    return tuple(order)

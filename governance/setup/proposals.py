"""Lists that a new programme may start from: those of the agreement of 2019."""

from functools import cache
from pathlib import Path

from governance import conventions
from governance.conventions.schema import ConventionFile, read

FILE = Path(conventions.__path__[0]) / "humanicite-2019.toml"


@cache
def proposed() -> ConventionFile:
    return read(FILE)

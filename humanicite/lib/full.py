"""A disk or a database that is full, or takes no writing."""

import errno
import sqlite3
from collections.abc import Iterator

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
# The last: where its files cannot grow.
FULL_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
FULL_POSTGRES = {"53100", "25006"}  # disk_full, read_only_sql_transaction


def is_full(error: BaseException | None) -> bool:
    """Whether it comes of a disk, or a database, that is full or takes no writing."""
    return any(_says_full(one) for one in _with_causes(error))


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in FULL
    if isinstance(error, sqlite3.Error):
        # The extended codes say more of the same: their last byte is the kind.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in FULL_SQLITE
    return getattr(error, "sqlstate", None) in FULL_POSTGRES


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        yield error
        error = error.__cause__ or error.__context__

"""The checked connection to a case database."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from tongue_viewer.core.errors import StoreBusyError, StoreCorruptError, StoreError
from tongue_viewer.storage.case_store_aside import copy_of
from tongue_viewer.storage.case_store_errors import translated
from tongue_viewer.storage.case_store_place import Place, read_only_uri
from tongue_viewer.storage.schema import check_header, prepare

_BUSY_SECONDS = 10.0
"""How long a change waits for a reader (another window, a backup) to finish."""

_LARGEST_VALUE = 2**28
"""Bytes; a mask of the largest photo with many classes stays below it."""


def connect(place: Place) -> sqlite3.Connection:
    """The checked connection of a place; in memory where nothing can be kept at all."""
    database = place.database
    if database is None:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        prepare(connection, Path(":memory:"), writable=True)
        return connection
    with translated(database, changing=False):
        try:
            check_header(database)
        except OSError as error:
            raise StoreError(
                f"{database} cannot be read ({error.strerror or error}); check its drive."
            ) from error
        target = read_only_uri(database) if place.lock is None else os.fspath(database)
        empty = not database.exists() or database.stat().st_size == 0
        if place.lock is not None and empty and copy_of(database).exists():
            raise StoreCorruptError(
                f"{database} is gone or empty, but the copy of its masks and its log, {copy_of(database).name}, is there."
                " The photos are safe, and nothing was changed. Repair the database from the copy"
                " ('tongue-viewer cases rescue'), or put it back; to begin anew, move the copy away."
            )
        if place.lock is None and empty:
            raise StoreBusyError(
                f"{database} is being made by another process just now; open the folder again."
            )
        connection = sqlite3.connect(
            target,
            uri=place.lock is None,
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_SECONDS,
        )
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
            prepare(connection, database, writable=place.lock is not None)
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

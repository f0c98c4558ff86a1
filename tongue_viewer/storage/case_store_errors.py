"""From SQLite's errors to sentences: what happened, what is safe, what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tongue_viewer.core.errors import (
    StoreAccessError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
)

_SAFE = "Everything saved before is safe"


def describe(database: Path, error: sqlite3.Error) -> StoreError:
    """The `StoreError` of the program that stands for an error of SQLite."""
    name = str(getattr(error, "sqlite_errorname", "") or "")
    if name == "SQLITE_FULL":
        return StoreFullError(
            f"The disk with {database} is full: the last change was not saved. {_SAFE}. Free some space, then go on;"
            " the change is saved with the next one."
        )
    if name == "SQLITE_READONLY_DBMOVED":
        return StoreAccessError(
            f"{database} was moved or deleted while it was open: the last change was not saved. {_SAFE} in the moved"
            " file. Put it back, or open the folder again."
        )
    if name.startswith("SQLITE_READONLY"):
        return StoreReadOnlyError(
            f"{database} cannot be written (read-only drive or folder): the last change was not saved. {_SAFE}."
            " Make the folder writable, or copy it, and open it again."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(
            f"{database} is in use by another program: the last change was not saved. {_SAFE}. Close the other program"
            " (also a backup or a cloud client that is reading it) and try again."
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreCorruptError(
            f"{database} is damaged ({error}). It was left as it is, and the photos are safe. Restore it from a backup,"
            " or move it away and open the folder again: a new one is then made."
        )
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL", "SQLITE_PERM")):
        return StoreAccessError(
            f"{database} cannot be reached ({error}; {name}): the last change was not saved. {_SAFE}."
            " Check that the drive is connected, then try again."
        )
    return StoreError(f"{database}: {error}. The last change was not saved. {_SAFE}.")


@contextmanager
def translated(database: Path) -> Iterator[None]:
    """Turns every error of SQLite inside the block into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise describe(database, error) from error

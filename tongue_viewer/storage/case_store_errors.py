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


def describe(database: Path, error: sqlite3.Error, *, changing: bool = True) -> StoreError:
    """The `StoreError` of the program that stands for an error of SQLite.

    Args:
        database: the file.
        error: what SQLite says.
        changing: whether a change was under way, or only reading.
    """
    name = str(getattr(error, "sqlite_errorname", "") or "")
    lost = "The last change was not saved. " if changing else ""
    if name == "SQLITE_FULL":
        return StoreFullError(
            f"The disk with {database} is full. {lost}{_SAFE}. Free some space, then go on: the next change"
            " saves the whole mask."
        )
    if name == "SQLITE_READONLY_DBMOVED":
        return StoreAccessError(
            f"{database} was moved or deleted while it was open. {lost}{_SAFE} in the moved file."
            " Put it back, or open the folder again."
        )
    if name.startswith("SQLITE_READONLY"):
        return StoreReadOnlyError(
            f"{database} cannot be written (read-only drive or folder). {lost}{_SAFE}."
            " Make the folder writable, or copy it, and open it again."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(
            f"{database} is in use by another program. {lost}{_SAFE}. Close the other program (also a backup"
            " or a cloud client that is reading it) and try again."
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreCorruptError(
            f"{database} is damaged ({error}). {lost}The file was left as it is, and the photos are safe."
            " Repair it ('tongue-viewer cases rescue'): what can be read goes into a new file and the damaged one is"
            " kept. Or restore it from a backup."
        )
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL", "SQLITE_PERM")):
        return StoreAccessError(
            f"{database} cannot be reached ({error}; {name}). {lost}{_SAFE}."
            " Check that its drive is connected, then try again."
        )
    return StoreError(f"{database}: {error}. {lost}{_SAFE}.")


@contextmanager
def translated(database: Path, *, changing: bool = True) -> Iterator[None]:
    """Turns every error of SQLite inside the block into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise describe(database, error, changing=changing) from error
    except UnicodeDecodeError as error:  # SQLite quotes a damaged file in its own message
        raise StoreCorruptError(
            f"{database} is damaged (it holds text that is none). The file was left as it is, and the photos are safe."
            " Repair it ('tongue-viewer cases rescue'): what can be read goes into a new file and the damaged one is"
            " kept. Or restore it from a backup."
        ) from error

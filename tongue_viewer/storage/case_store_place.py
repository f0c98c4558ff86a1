"""Where the case database of a folder stands, and who may write it."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tongue_viewer.core.errors import StoreError
from tongue_viewer.storage.case_store_aside import finish_rescue, has_work
from tongue_viewer.storage.case_store_lock import FolderLock, holder_text
from tongue_viewer.storage.drives import shared_drive
from tongue_viewer.storage.folder import DATA_FOLDER
from tongue_viewer.storage.locations import user_data_folder
from tongue_viewer.storage.schema import check_header

DATABASE_NAME = "cases.db"
LOCK_NAME = "cases.lock"

_PASSING = frozenset(
    getattr(errno, name)
    for name in (
        *(
            "ENOSPC",
            "EDQUOT",
            "EIO",
            "ENOENT",
            "ESTALE",
            "ETIMEDOUT",
            "EHOSTDOWN",
            "EHOSTUNREACH",
            "ENETDOWN",
        ),
        *(
            "ENETUNREACH",
            "ENOTCONN",
            "EREMOTEIO",
            "ENODEV",
            "ENXIO",
            "EBUSY",
            "EAGAIN",
            "EINTR",
            "ENOMEM",
            "EMFILE",
        ),
    )
    if hasattr(errno, name)
)
"""Errors that may be over in a minute; the others say "this place is not for writing"."""


@dataclass(frozen=True)
class Place:
    """One database file and the right to write it.

    Attributes:
        database: the file; None where neither reading nor writing is possible (nothing can be kept).
        lock: held as long as the store is open; None: read only.
        note: what the person should know, or "".
    """

    database: Path | None
    lock: FolderLock | None
    note: str = ""


def home_database(folder: Path) -> Path:
    """The database inside the folder itself."""
    return folder / DATA_FOLDER / DATABASE_NAME


def away_database(folder: Path) -> Path:
    """The database in the person's own data folder, for a folder that cannot be written."""
    digest = hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogatepass")).hexdigest()
    return user_data_folder() / "folders" / digest[:32] / DATABASE_NAME


def existing_database(folder: Path) -> Path | None:
    """The database that the folder has, if any; makes nothing."""
    return next((path for path in (away_database(folder), home_database(folder)) if path.exists()), None)


def find_place(folder: Path, user_name: str, *, read_only: bool = False) -> Place:
    """Choose the database of a folder and lock it.

    The folder's own place comes first. Where that cannot be written, or should not hold a database (a network drive, a
    folder that a cloud client copies), the person's data folder serves, beginning with a copy of what the folder held;
    once it has begun there it goes on there, so that no work hides in a second file. A database that the folder already
    has is used wherever it stands.

    Args:
        folder: the folder of photos.
        user_name: written into the lock file.
        read_only: make nothing and take no lock, unless a crash left something to repair.
    """
    existing = existing_database(folder)
    if read_only and existing is None:
        return Place(None, None, f"{folder} has no case database yet.")
    if read_only and existing is not None and not _needs_repair(existing):
        return Place(existing, None)
    away = away_database(folder)
    if has_work(away):
        reason = "the work on it began there"
    else:
        reason = "" if has_work(home_database(folder)) else shared_drive(folder)
        try:
            if not reason:
                return _lock_home(folder, user_name)
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno in _PASSING:
                return _not_now(folder, reason)
    return _lock_away(folder, away, user_name, reason)


def lock_again(database: Path, user_name: str) -> FolderLock | None:
    """The lock of a database that was open before; None if somebody else has it by now.

    Raises:
        OSError: its drive does not answer.
    """
    return _taken(database, user_name)


def read_only_uri(database: Path) -> str:
    """The SQLite address of a file that must not be changed; also for network names (//server/share)."""
    path = quote(database.absolute().as_posix(), safe="/:")
    return f"file://{'' if path.startswith('/') else '/'}{path}?mode=ro"


def _needs_repair(database: Path) -> bool:
    """Whether a crash left a journal: only a writer can take the half-made change back."""
    journal = database.with_name(database.name + "-journal")
    return journal.exists() and journal.stat().st_size > 0


def _lock_home(folder: Path, user_name: str) -> Place:
    database = home_database(folder)
    database.parent.mkdir(exist_ok=True)
    if database.exists() and not os.access(database, os.W_OK):
        raise PermissionError(13, "its case database is write-protected", str(database))
    lock = _taken(database, user_name)
    return Place(database, lock, "" if lock else _busy_note(database))


def _taken(database: Path, user_name: str) -> FolderLock | None:
    """The lock of a database, whose repair, if one was cut off, is completed."""
    lock = FolderLock.take(database.with_name(LOCK_NAME), user_name)
    if lock is not None:
        try:
            finish_rescue(database)
        except BaseException:
            lock.release()
            raise
    return lock


def _lock_away(folder: Path, away: Path, user_name: str, reason: str) -> Place:
    home = home_database(folder)
    try:
        away.parent.mkdir(parents=True, exist_ok=True)
        lock = _taken(away, user_name)
    except OSError as error:
        also = error.strerror or error
        note = (
            f"Changes cannot be kept: neither {folder} ({reason}) nor {away.parent} ({also}) can be written."
            " Make one of them writable and open the folder again."
        )
        return Place(home if home.exists() else None, None, note)
    if lock is None:
        return Place(away, None, _busy_note(away))
    if not has_work(away) and home.exists():
        try:
            _copy_database(home, away)
        except BaseException:
            lock.release()
            raise
    note = f"{folder} is kept apart ({reason}): masks and edits are in {away}."
    return Place(away, lock, note)


def _not_now(folder: Path, reason: str) -> Place:
    """A full disk or a drive that does not answer is no reason to begin elsewhere for good."""
    home = home_database(folder)
    note = (
        f"{folder} cannot be written at the moment ({reason}), so it is shown read-only: changes made here are not kept."
        " What was saved before is safe. Free some space or connect the drive again, then open the folder again."
    )
    return Place(home if home.exists() else None, None, note)


def _copy_database(source: Path, target: Path) -> None:
    """A whole copy, made by SQLite itself; appears under its name only when it is complete.

    Raises:
        StoreError: it could not be made; nothing has begun there.
    """
    check_header(source)
    try:
        _copy_whole(source, target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{source} cannot be written, and no copy of it could be made in {target.parent} ({error}). What it holds is"
            " safe. Free some space there, or make the folder of photos writable, and open it again."
        ) from error


def _copy_whole(source: Path, target: Path) -> None:
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    reader = sqlite3.connect(read_only_uri(source), uri=True)
    try:
        writer = sqlite3.connect(partial)
        try:
            reader.backup(writer)
        finally:
            writer.close()
    finally:
        reader.close()
    partial.replace(target)


def _busy_note(database: Path) -> str:
    who = holder_text(database.with_name(LOCK_NAME))
    return (
        f"This folder is open in another window ({who}). It is shown read-only: changes made here are not"
        " kept. Close the other window and open the folder again to edit."
    )

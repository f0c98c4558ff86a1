"""The tables of the case database, and the steps from one version of them to the next.

`user_version` counts the steps in `MIGRATIONS`. A step is only ever added at the end, never changed. Tables
grow by new columns and new tables; rows of `edit` are only ever appended (triggers refuse anything else), so
that a hash chain can be laid over them later without touching what is written.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tongue_viewer.core.errors import StoreCorruptError, StoreNewerError

APPLICATION_ID = 0x546E6756
"""Stands at byte 68 of the file ("TngV"): tells our databases from those of other programs."""

_MAGIC = b"SQLite format 3\x00"

_VERSION_1 = (
    # `name` is relative to the folder, with forward slashes. `current` = 0: the photo of that name has
    # other content by now.
    # `failure` stands beside `status`, so that a drive that is away for a minute does not cost a review.
    """CREATE TABLE photo (
        id INTEGER PRIMARY KEY,
        case_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        height INTEGER NOT NULL DEFAULT 0, width INTEGER NOT NULL DEFAULT 0,
        current INTEGER NOT NULL DEFAULT 1 CHECK (current IN (0, 1)),
        status TEXT NOT NULL DEFAULT 'to do',
        note TEXT NOT NULL DEFAULT '',
        failure TEXT NOT NULL DEFAULT '',
        origin TEXT CHECK (origin IN ('model', 'human')),
        revision INTEGER NOT NULL DEFAULT 0,
        created REAL NOT NULL,
        changed REAL NOT NULL)""",
    "CREATE UNIQUE INDEX photo_name ON photo (name) WHERE current = 1",
    "CREATE INDEX photo_sha256 ON photo (sha256)",
    # Large values stand in tables of their own: the list of 10,000 photos is then read from few pages.
    "CREATE TABLE mask (photo INTEGER PRIMARY KEY REFERENCES photo (id), data BLOB NOT NULL)",
    """CREATE TABLE prediction (
        photo INTEGER PRIMARY KEY REFERENCES photo (id),
        planes INTEGER NOT NULL, grid_height INTEGER NOT NULL, grid_width INTEGER NOT NULL,
        height INTEGER NOT NULL, width INTEGER NOT NULL,
        grid BLOB NOT NULL,
        threshold REAL NOT NULL,
        model_name TEXT NOT NULL, model_sha256 TEXT NOT NULL, engine TEXT NOT NULL,
        seconds REAL NOT NULL, made REAL NOT NULL)""",
    # `patch` is the exclusive-or of the stored mask before and after: all of a case together give its mask.
    """CREATE TABLE edit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        case_id TEXT NOT NULL REFERENCES photo (case_id),
        made REAL NOT NULL,
        user TEXT NOT NULL,
        action TEXT NOT NULL, tool TEXT NOT NULL,
        origin TEXT,
        status TEXT NOT NULL, note TEXT NOT NULL,
        revision INTEGER NOT NULL,
        height INTEGER NOT NULL, width INTEGER NOT NULL,
        patch BLOB NOT NULL)""",
    "CREATE INDEX edit_case ON edit (case_id, id)",
    """CREATE TRIGGER edit_fixed BEFORE UPDATE ON edit
        BEGIN SELECT RAISE(ABORT, 'the edit log only grows'); END""",
    """CREATE TRIGGER edit_kept BEFORE DELETE ON edit
        BEGIN SELECT RAISE(ABORT, 'the edit log only grows'); END""",
)

# The list is sorted by it, and reads no table but `photo`. NULL: a prediction of a version that did not know it.
_VERSION_2 = ("ALTER TABLE photo ADD COLUMN quality REAL",)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2)
"""Statement lists; number n takes a database of version n to n + 1."""

_SHOWN_AS_NEW: tuple[str, ...] = ("CREATE TEMP VIEW photo AS SELECT *, NULL AS quality FROM main.photo",)
"""As `MIGRATIONS`, number n for a database of version n + 1 that may only be read: temporary views of the same
names, which SQLite looks up first, show the columns that are missing. The file stays as it is."""


def check_header(database: Path) -> None:
    """Look at the file before SQLite does, so that nothing of a stranger's is touched.

    Raises:
        StoreCorruptError: not a database, or not of this program.
        OSError: unreadable.
    """
    with database.open("rb") as file:
        head = file.read(100)
    journal = database.with_name(database.name + "-journal")
    # Empty: its creation was cut off. A journal: the first page may be half-written, and SQLite repairs it.
    if not head or (journal.exists() and journal.stat().st_size):
        return
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise StoreCorruptError(f"{database} is no case database or is damaged. {_remedy(database)}")
    _check_application(database, int.from_bytes(head[68:72], "big"))


def prepare(connection: sqlite3.Connection, database: Path, *, writable: bool) -> None:
    """Check what SQLite sees, and bring the tables up to this version in one transaction.

    Raises:
        StoreCorruptError: not a case database.
        StoreNewerError: made by a newer version of the program.
        sqlite3.Error: anything that SQLite cannot do.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if tables or version:
        _check_application(database, int(connection.execute("PRAGMA application_id").fetchone()[0]))
    if version > len(MIGRATIONS):
        raise StoreNewerError(
            f"{database} was written by a newer version of tongue-viewer (tables {version}, this program"
            f" knows {len(MIGRATIONS)}). Nothing was changed. Update the program to open this folder."
        )
    if version == len(MIGRATIONS):
        return
    if not writable:
        for view in _SHOWN_AS_NEW[version - 1 :] if version else ():
            connection.execute(view)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for step in MIGRATIONS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check_application(database: Path, found: int) -> None:
    if found != APPLICATION_ID:
        raise StoreCorruptError(f"{database} is a database of another program. {_remedy(database)}")


def _remedy(database: Path) -> str:
    return (
        "It was left as it is, and the photos are safe. Move it away (or restore it from a backup) and open"
        f" the folder again: a new {database.name} is then made."
    )

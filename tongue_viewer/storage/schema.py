"""The tables of the case database, and the steps from one version of them to the next.

`user_version` counts the steps in `MIGRATIONS`. A step is only ever added at the end, never changed. Rows of `edit` and
of the hash chain over them are only ever appended (triggers refuse anything else).
"""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

from tongue_viewer.core.errors import StoreCorruptError, StoreNewerError
from tongue_viewer.storage.case_store_log import extend_chain

APPLICATION_ID = 0x546E6756
"""Stands at byte 68 of the file ("TngV"): tells our databases from those of other programs."""

MAGIC = b"SQLite format 3\x00"
"""The first bytes of every SQLite file."""
_JOURNAL_MAGIC = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_LARGEST_PAGE = 65_536

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

# The mask of now is the newest snapshot and the patches behind it: a stroke then costs its own few hundred bytes. The chain
# is a table of its own, so that entries of earlier versions are covered without being touched.
_VERSION_3 = (
    "ALTER TABLE photo ADD COLUMN reviewed_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE photo ADD COLUMN declined INTEGER NOT NULL DEFAULT 0 CHECK (declined IN (0, 1))",
    "CREATE INDEX photo_earlier ON photo (name) WHERE current = 0",
    "ALTER TABLE edit ADD COLUMN model_name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE edit ADD COLUMN model_sha256 TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE edit ADD COLUMN threshold REAL",
    "ALTER TABLE edit ADD COLUMN merge TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE snapshot (
        id INTEGER PRIMARY KEY,
        case_id TEXT NOT NULL REFERENCES photo (case_id),
        edit INTEGER NOT NULL,
        data BLOB NOT NULL)""",
    "CREATE UNIQUE INDEX snapshot_case ON snapshot (case_id, edit)",
    """INSERT INTO snapshot (case_id, edit, data)
        SELECT case_id, (SELECT coalesce(max(id), 0) FROM edit WHERE edit.case_id = photo.case_id), data
        FROM mask JOIN photo ON photo.id = mask.photo""",
    "DROP TABLE mask",
    """UPDATE photo SET reviewed_by = coalesce((SELECT user FROM edit
        WHERE edit.case_id = photo.case_id AND edit.status = 'reviewed' AND edit.tool IN ('status', 'import')
        ORDER BY edit.id DESC LIMIT 1), '')
        WHERE status = 'reviewed'""",
    "CREATE TABLE chain (edit INTEGER PRIMARY KEY REFERENCES edit (id), sha256 BLOB NOT NULL)",
    """CREATE TRIGGER chain_fixed BEFORE UPDATE ON chain
        BEGIN SELECT RAISE(ABORT, 'the edit log only grows'); END""",
    """CREATE TRIGGER chain_kept BEFORE DELETE ON chain
        BEGIN SELECT RAISE(ABORT, 'the edit log only grows'); END""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
"""Statement lists; number n takes a database of version n to n + 1."""

_MASKS_AS_SNAPSHOTS = """CREATE TEMP VIEW snapshot AS
    SELECT photo.id, photo.case_id, data,
        (SELECT coalesce(max(id), 0) FROM main.edit WHERE edit.case_id = photo.case_id) AS edit
    FROM main.mask JOIN main.photo ON photo.id = mask.photo"""
_LOG_AS_NEW = """CREATE TEMP VIEW edit AS
    SELECT *, '' AS model_name, '' AS model_sha256, NULL AS threshold, '' AS merge FROM main.edit"""
_NO_CHAIN = "CREATE TEMP TABLE chain (edit INTEGER PRIMARY KEY, sha256 BLOB NOT NULL)"

_SHOWN_AS_NEW: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TEMP VIEW photo AS SELECT *, NULL AS quality, '' AS reviewed_by, 1 AS declined FROM main.photo",
        _MASKS_AS_SNAPSHOTS,
        _LOG_AS_NEW,
        _NO_CHAIN,
    ),
    (
        "CREATE TEMP VIEW photo AS SELECT *, '' AS reviewed_by, 1 AS declined FROM main.photo",
        _MASKS_AS_SNAPSHOTS,
        _LOG_AS_NEW,
        _NO_CHAIN,
    ),
)
"""Number n shows a database of version n + 1, that may only be read, as one of this version: temporary views, which
SQLite looks up first, show what is missing. The file stays as it is."""


def check_header(database: Path) -> None:
    """Look at the file before SQLite does, so that nothing of a stranger's is touched.

    Raises:
        StoreCorruptError: not a database, or not of this program.
        OSError: unreadable.
    """
    for part in (
        database,
        *(database.with_name(database.name + tail) for tail in ("-journal", "-wal", "-shm")),
    ):
        # What a link leads to, perhaps a photo, would be written over.
        if os.path.lexists(part) and not _is_own_file(part):
            raise StoreCorruptError(f"{part} is no file of its own. {_remedy(database)}")
    if not database.exists():
        return
    with database.open("rb") as file:
        head = file.read(100)
    journal = database.with_name(database.name + "-journal")
    # Empty: its creation was cut off. A journal: the first page may be half-written, and SQLite repairs it.
    if journal.exists() and journal.stat().st_size:
        _check_journal(database, journal)
        return
    if not head:
        return
    if len(head) < 100 or not head.startswith(MAGIC):
        raise StoreCorruptError(f"{database} is no case database or is damaged. {_remedy(database)}")
    _check_application(database, int.from_bytes(head[68:72], "big"))


def _check_journal(database: Path, journal: Path) -> None:
    """Refuse a journal by which SQLite would make the file many times as long as it is, up to terabytes.

    Raises:
        StoreCorruptError: there is such a journal.
    """
    with journal.open("rb") as file:
        head = file.read(28)
    if len(head) < 28 or not head.startswith(_JOURNAL_MAGIC):
        return  # SQLite does not believe it either
    pages, page_size = int.from_bytes(head[16:20], "big"), int.from_bytes(head[24:28], "big")
    # A change only ever makes the file longer: it was no longer at the beginning of the one that was cut off.
    if pages * (page_size or _LARGEST_PAGE) > 2 * database.stat().st_size + _LARGEST_PAGE:
        raise StoreCorruptError(
            f"{journal}, left by a change that was cut off, is damaged. {_remedy(database)}"
        )


def _is_own_file(path: Path) -> bool:
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


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
    if version < 0:
        raise StoreCorruptError(f"{database} is damaged (tables {version}). {_remedy(database)}")
    if version > len(MIGRATIONS):
        raise StoreNewerError(
            f"{database} was written by a newer version of tongue-viewer (tables {version}, this program"
            f" knows {len(MIGRATIONS)}). Nothing was changed. Update the program to open this folder."
        )
    _check_objects(connection, database, version)
    if writable:  # only now: these change a file that is in another mode
        # No WAL: it needs shared memory, which network drives do not have. EXTRA also syncs the directory.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = EXTRA")
    if version == len(MIGRATIONS):
        return
    if not writable:
        for view in _SHOWN_AS_NEW[version - 1] if version else ():
            connection.execute(view)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for step in MIGRATIONS[version:]:
            for statement in step:
                connection.execute(statement)
        extend_chain(connection)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check_objects(connection: sqlite3.Connection, database: Path, version: int) -> None:
    """Refuse tables, views and triggers that no version of the program made: they could do anything when read.

    Raises:
        StoreCorruptError: there are such parts, or some are missing.
    """
    plain = sqlite3.connect(":memory:")
    try:
        for step in MIGRATIONS[:version]:
            for statement in step:
                plain.execute(statement)
        expected = _objects(plain)
    finally:
        plain.close()
    if _objects(connection) != expected:
        raise StoreCorruptError(
            f"{database} holds parts that this program did not make, or lacks some. {_remedy(database)}"
        )


def _objects(connection: sqlite3.Connection) -> set[tuple[object, ...]]:
    """Tables, indexes and triggers, and the columns of the tables; a computed column is another one than a plain one."""
    parts = connection.execute(
        "SELECT type, name, tbl_name, rootpage > 0, sql FROM main.sqlite_schema"
    ).fetchall()
    own = [part for part in parts if not str(part[1]).startswith("sqlite_")]
    # A trigger or an index of the right name may still do anything; the text of a table is another one after each change.
    found: set[tuple[object, ...]] = {
        (*part, "" if part[0] == "table" else " ".join(str(sql).split())) for *part, sql in own
    }
    for table in [name for kind, name, _, real, _ in own if kind == "table" and real]:
        columns = connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?, 'main')", (table,))
        found |= {(table, *column) for column in columns}
    return found


def _check_application(database: Path, found: int) -> None:
    if found != APPLICATION_ID:
        raise StoreCorruptError(f"{database} is a database of another program. {_remedy(database)}")


def _remedy(database: Path) -> str:
    return (
        "It was left as it is, and the photos are safe. Repair it ('tongue-viewer cases rescue'): what can be read goes"
        f" into a new {database.name} and this file is kept under another name. Or restore it from a backup."
    )

"""Which folder holds work on which photo, by content: a small database in the person's data folder.

It is a hint and no store: what it says is looked up in the folder's own database before anything is done with it, and
it can be deleted at any time. So it is written without waiting for the disk, and a damaged one is made anew.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import sqlite3
import stat
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tongue_viewer.storage.locations import user_data_folder

log = logging.getLogger(__name__)

INDEX_NAME = "photos.db"
_TABLE = """CREATE TABLE IF NOT EXISTS place (
    sha256 TEXT NOT NULL, folder TEXT NOT NULL, case_id TEXT NOT NULL, seen REAL NOT NULL,
    PRIMARY KEY (sha256, folder)) WITHOUT ROWID"""

_MOST = 20
"""So many folders are looked into for one photo."""

_LARGEST_VALUE = 2**20


@dataclass(frozen=True)
class IndexedCase:
    """A case that somebody worked on.

    Attributes:
        folder: of photos.
        case_id: in the folder's database.
    """

    folder: Path
    case_id: str


class PhotoIndex:
    """SHA-256 of a photo → cases; safe to use from several threads and processes at once."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or user_data_folder() / INDEX_NAME
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._noted: set[tuple[str, str]] = set()

    def note(self, sha256: str, case: IndexedCase) -> None:
        """Remember a case; a failure costs nothing but the hint and goes to the log."""
        folder = str(case.folder.resolve())
        with self._guard:
            if not sha256 or (sha256, folder) in self._noted:
                return
            try:
                self._opened().execute(
                    "INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)",
                    (sha256, folder, case.case_id, time.time()),
                )
                self._noted.add((sha256, folder))
            except (sqlite3.Error, OSError, UnicodeError) as error:
                self._give_up(error)

    def note_all(self, folder: Path, cases: Mapping[str, str]) -> None:
        """Remember all cases of a folder that were worked on, SHA-256 → case_id; as `note`."""
        with self._guard:
            try:
                connection, now = self._opened(), time.time()
                connection.execute("BEGIN")
                connection.executemany(
                    "INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)",
                    ((sha256, str(folder.resolve()), case_id, now) for sha256, case_id in cases.items()),
                )
                connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)

    def find(self, sha256: str, *, besides: Path) -> tuple[IndexedCase, ...]:
        """The cases of a photo in other folders, the last one noted first."""
        with self._guard:
            try:
                found = (
                    self._opened()
                    .execute(
                        "SELECT folder, case_id FROM place WHERE sha256 = ? AND folder <> ?"
                        " ORDER BY seen DESC LIMIT ?",
                        (sha256, str(besides.resolve()), _MOST),
                    )
                    .fetchall()
                )
            except (sqlite3.Error, OSError, UnicodeError) as error:
                self._give_up(error)
                return ()
        cases = [
            (folder, case_id)
            for folder, case_id in found
            if isinstance(folder, str) and isinstance(case_id, str)
        ]
        return tuple(
            IndexedCase(Path(folder), case_id) for folder, case_id in cases if Path(folder).is_absolute()
        )

    def close(self) -> None:
        """Close the file; a later use opens it again."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._check_files()
            connection = sqlite3.connect(
                self._file, isolation_level=None, check_same_thread=False, timeout=0.2
            )
            try:
                connection.execute("PRAGMA synchronous = OFF")
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
                connection.execute(_TABLE)
                _check_parts(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _files(self) -> list[Path]:
        return [self._file.with_name(self._file.name + end) for end in ("", "-journal", "-wal", "-shm")]

    def _check_files(self) -> None:
        """Refuse a pipe, which would never answer, and a link: what it leads to, perhaps a photo, would be written.

        Raises:
            OSError: one of the files is no plain one.
        """
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                found = path.lstat()
                if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                    raise OSError(errno.EPERM, "no file of its own", str(path))

    def _give_up(self, error: Exception) -> None:
        log.info("%s: %s; the index of photos is not used this time", self._file, error)
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        name = str(getattr(error, "sqlite_errorname", ""))
        # SQLite quotes a damaged file in its own message, which then may be no text.
        if isinstance(error, _StrangeError | UnicodeDecodeError) or name.startswith(
            ("SQLITE_CORRUPT", "SQLITE_NOTADB")
        ):
            for path in self._files():
                with contextlib.suppress(OSError):
                    path.unlink()


class _StrangeError(sqlite3.DatabaseError):
    """The file holds parts that this program did not make: they could do anything when read."""


def _check_parts(connection: sqlite3.Connection) -> None:
    """Refuse views, triggers and other tables.

    Raises:
        _StrangeError: the file is not as `_TABLE` makes it.
    """
    parts = "SELECT type, name, sql FROM sqlite_schema"
    with contextlib.closing(sqlite3.connect(":memory:")) as plain:
        plain.execute(_TABLE)
        expected = plain.execute(parts).fetchall()
    if connection.execute(parts).fetchall() != expected:
        raise _StrangeError("it holds parts of another program")

"""The open file of a case database: one connection, one guard, and what happens when its drive goes away."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tongue_viewer.core.errors import StoreAccessError, StoreCorruptError, StoreError, StoreReadOnlyError
from tongue_viewer.storage.case_store_connection import connect
from tongue_viewer.storage.case_store_copy import update_copy
from tongue_viewer.storage.case_store_errors import translated
from tongue_viewer.storage.case_store_masks import MaskMemory
from tongue_viewer.storage.case_store_place import Place, existing_database, find_place, lock_again


class StoreFile:
    """Opens, closes and opens again; hands out transactions. Safe to use from several threads at once.

    After an error of the drive the next use opens the file once more: a network drive that was gone and is back
    serves again, and the step that failed can be tried again.

    Attributes:
        folder: the folder of photos, as it was given.
        database: the file; also named where it cannot be written.
        writable: False: everything can be read, changes raise `StoreReadOnlyError`.
        note: what the person should know (kept elsewhere, read-only, another window), or "".
        user_name: written into the edit log; may be set at any time.
    """

    def __init__(self, folder: Path, place: Place, connection: sqlite3.Connection, user_name: str) -> None:
        self.folder = folder
        self.database = place.database or folder
        self.writable = place.lock is not None
        self.note = place.note
        self.user_name = user_name
        self._lock_file = place.lock
        self._connection: sqlite3.Connection | None = connection
        self._memory = MaskMemory()
        self._guard = threading.RLock()
        self._closed = self._lost = self._changed = False
        self._prefix = os.fspath(folder).rstrip("/\\") + os.sep

    @classmethod
    def open(cls, folder: Path, *, user_name: str = "", read_only: bool = False) -> Self:
        """Open the database of a folder, or make it.

        Args:
            folder: the folder of photos.
            user_name: written into the edit log.
            read_only: leave the right to write to others.

        Raises:
            StoreCorruptError: the file is damaged or not ours; it is not touched.
            StoreNewerError: made by a newer version; it is not touched.
            StoreBusyError: another process is making it at this moment.
            StoreError: any other reason, with the remedy.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise StoreError(
                f"{folder} is no folder, or its drive is not connected; choose a folder of photos."
            )
        place = find_place(folder, user_name, read_only=read_only)
        try:
            return cls(folder, place, connect(place), user_name)
        except BaseException as error:
            if place.lock is not None:
                place.lock.release()
            if isinstance(error, StoreCorruptError):
                error.folder = folder
            raise

    @classmethod
    def open_to_read(cls, folder: Path) -> Self:
        """The database that a folder has, or had where it was kept apart; the folder itself may be gone.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        database = existing_database(folder)
        if database is None:
            raise StoreError(f"{folder} has no case database.")
        place = Place(database, None)
        return cls(folder, place, connect(place), "")

    def close(self) -> None:
        """Bring the copy up to date, close the file and give the right to write back; a second call does nothing."""
        with self._guard:
            if self._changed and self._connection is not None and not self._lost:
                update_copy(self._connection, self.database)
            self._closed, self._changed = True, False
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        self._memory.clear()
        try:
            if connection is not None:
                connection.close()
        finally:
            if self._lock_file is not None:
                self._lock_file.release()

    def _name(self, path: Path) -> str:
        """The name of a photo in the database.

        Raises:
            StoreError: not in this folder, or a name that cannot be written down.
        """
        name = self._relative(path)
        if not _can_be_kept(name):
            raise StoreError(
                f"The name of {name!r} in {self.folder} is no valid text, so its mask cannot be kept. Nothing was changed."
                " Rename the photo."
            )
        return name

    def _relative(self, path: Path) -> str:
        """Relative to the folder, with forward slashes."""
        text = os.fspath(path)
        name = text.removeprefix(self._prefix)
        if len(name) < len(text) and ".." not in name:
            return name if os.sep == "/" else name.replace(os.sep, "/")
        try:
            # The photo itself may be a link to elsewhere.
            return (path.parent.resolve() / path.name).relative_to(self.folder.resolve()).as_posix()
        except ValueError as error:
            raise StoreError(
                f"{path} is not in {self.folder}, whose case database this is; open its folder."
            ) from error

    @contextmanager
    def _reading(self, *, changing: bool = False) -> Iterator[sqlite3.Connection]:
        with self._guard:
            try:
                with translated(self.database, changing=changing):
                    yield self._opened(changing=changing)
            except StoreAccessError:
                self._lost = True
                raise
            except StoreCorruptError as error:
                error.folder = self.folder
                raise

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is durable at the end of the block, or nothing."""
        with self._reading(changing=True) as connection:
            if not self.writable:
                reason = self.note or "the folder is open read-only."
                raise StoreReadOnlyError(f"The change in {self.folder} was not saved: {reason}")
            before = connection.total_changes
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self._changed = self._changed or connection.total_changes != before
            except BaseException:
                self._memory.clear()
                # SQLite itself has rolled back after a full disk or an I/O error.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _opened(self, *, changing: bool) -> sqlite3.Connection:
        if self._closed:
            raise StoreError(f"{self.database} is closed; open the folder {self.folder} again.")
        if self._lost or self._connection is None:
            self._open_again(changing=changing)
        assert self._connection is not None  # noqa: S101 - for mypy: opening again raises otherwise
        return self._connection

    def _open_again(self, *, changing: bool) -> None:
        """Take the lock and the file anew: the old handles of a drive that was away may never work again.

        Raises:
            StoreAccessError: the file is not there, or another one would be used in its place.
        """
        lost = "The last change was not saved. " if changing else ""
        gone = StoreAccessError(
            f"{self.database} cannot be reached. {lost}Everything saved before is safe."
            " Check that its drive is connected and the folder was not moved, then try again."
        )
        if not self.database.is_file():
            raise gone
        try:
            self._release()
        except sqlite3.Error:
            self._connection = None  # of a file that is gone; nothing was pending
        # Never another place: what begins elsewhere in a bad minute would go on there for ever.
        try:
            lock = lock_again(self.database, self.user_name) if self.writable else None
        except OSError as error:
            raise gone from error
        if self.writable and lock is None:
            raise gone
        try:
            self._connection = connect(Place(self.database, lock))
        finally:
            if self._connection is None and lock is not None:
                lock.release()
        self._lock_file, self._lost = lock, False


def _can_be_kept(text: str) -> bool:
    """False for names of files whose bytes are no UTF-8: Python holds them as surrogates, SQLite takes none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

"""The open folder: its case database and its decoded photos, shared by all jobs."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tongue_viewer.core.errors import StoreBusyError, StoreError
from tongue_viewer.core.photo import Photo
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.photo_index import IndexedCase, PhotoIndex
from tongue_viewer.storage.photos import read_photo

CACHE_BYTES = 512 * 2**20
"""Decoded photos that are kept: about fourteen of 12 megapixels, or 400 of 576 × 768."""


@dataclass
class _Held:
    store: CaseStore
    users: int = 0


class Library:
    """The one folder that is open, and the databases of earlier ones as long as work on them goes on.

    A job that writes names the folder that its case was loaded from and takes the database by `use(folder)`.
    When another folder has been opened meanwhile, that database is still open, or is opened once more for
    this job: a switch of folder can neither lose a step nor put it into the wrong database. Safe to use from
    several threads at once.

    Attributes:
        index: where work on which photo lies, over all folders.
    """

    def __init__(self, cache_bytes: int = CACHE_BYTES) -> None:
        self.index = PhotoIndex()
        self._noted: set[tuple[Path, str]] = set()
        self._guard = threading.RLock()
        self._held: dict[Path, _Held] = {}
        self._barred: set[Path] = set()
        self._current: Path | None = None
        self._folder: Path | None = None
        self._user_name = ""
        self._photos: OrderedDict[tuple[str, int, int], Photo] = OrderedDict()
        self._photo_bytes = 0
        self._cache_bytes = cache_bytes
        self._paths: tuple[Path, ...] = ()

    def open(self, folder: Path, user_name: str = "", paths: tuple[Path, ...] = ()) -> CaseStore:
        """Make a folder the current one; the one before is closed when no job uses it any more.

        Args:
            folder: the folder of photos.
            user_name: written into the edit log.
            paths: its photos, in the order of the list.

        Raises:
            StoreError: its database cannot be opened; the folder before stays the current one.
        """
        with self._guard:
            self._user_name = user_name or self._user_name
            key = folder.resolve()
            self._check_barred(key)
            held = self._held.get(key)
            if held is not None and not held.store.writable and held.users == 0:
                # Opening the folder again is what the note of a read-only store advises.
                self._drop(key)
                held = None
            if held is None:
                self._held[key] = held = _Held(CaseStore.open(folder, user_name=self._user_name))
            self._current, self._folder, self._paths = key, folder, paths
            for other in [other for other, entry in self._held.items() if other != key and entry.users == 0]:
                self._drop(other)
            return held.store

    def set_user_name(self, user_name: str) -> None:
        """Write this name into the edit logs from now on, also those that are open."""
        with self._guard:
            self._user_name = user_name
            for held in self._held.values():
                held.store.user_name = user_name

    def close(self) -> None:
        """Close everything; the jobs must have ended."""
        with self._guard:
            for key in list(self._held):
                self._drop(key)
            self._current, self._folder, self._paths = None, None, ()
            self._photos.clear()
            self._photo_bytes = 0
        self.index.close()

    def peek(self, folder: Path) -> CaseStore | None:
        """The database of a folder if it is open at this moment.

        Opening it once more would, where POSIX locks hold, end the locks of the one that is open as soon as one file is
        closed.
        """
        with self._guard:
            held = self._held.get(folder.resolve())
            return None if held is None else held.store

    def note_work(self, store: CaseStore, case_id: str) -> None:
        """Let the index know of a case that a person worked on; once for each case.

        It is only a hint: a case that cannot be read at this moment is noted with its next step.
        """
        if (store.folder, case_id) not in self._noted:
            with contextlib.suppress(StoreError):
                self.index.note(store.content_of(case_id), IndexedCase(store.folder, case_id))
                self._noted.add((store.folder, case_id))

    @property
    def store(self) -> CaseStore:
        """The database of the current folder; opened once more where a repair has closed it.

        Raises:
            StoreError: no folder is open, or its database is being repaired or cannot be opened.
        """
        with self._guard:
            if self._current is None:
                raise StoreError("no folder is open; open a folder of photos first.")
            self._check_barred(self._current)
            held = self._held.get(self._current)
            if held is None:
                store = CaseStore.open(self._folder or self._current, user_name=self._user_name)
                self._held[self._current] = held = _Held(store)
            return held.store

    @property
    def folder(self) -> Path | None:
        """The current folder as it was given, or None."""
        with self._guard:
            return self._folder

    @property
    def paths(self) -> tuple[Path, ...]:
        """The photos of the current folder, in the order of the list."""
        with self._guard:
            return self._paths

    @contextmanager
    def use(self, folder: Path | None = None) -> Iterator[CaseStore]:
        """The database of a folder, open at least until the end of the block.

        Args:
            folder: the current one or any other; None: the current one.

        Raises:
            StoreError: it cannot be opened, or no folder is open.
        """
        with self._guard:
            key = self.store.folder.resolve() if folder is None else folder.resolve()
            self._check_barred(key)
            held = self._held.get(key)
            if held is None:
                self._held[key] = held = _Held(CaseStore.open(folder or key, user_name=self._user_name))
            held.users += 1
        try:
            yield held.store
        finally:
            with self._guard:
                held.users -= 1
                if held.users == 0 and key != self._current and self._held.get(key) is held:
                    self._drop(key)

    @contextmanager
    def barred(self, folder: Path) -> Iterator[None]:
        """Closes a folder's database, whoever uses it, and lets nobody open it until the end of the block.

        The current folder stays the current one, whether the block succeeds or fails.
        """
        key = folder.resolve()
        with self._guard:
            self._barred.add(key)
            held = self._held.pop(key, None)
        try:
            if held is not None:
                held.store.close()
            yield
        finally:
            with self._guard:
                self._barred.discard(key)

    def photo(self, path: Path) -> Photo:
        """A decoded photo, from memory if the file is the same as when it was read.

        Raises:
            PhotoError: it cannot be read.
        """
        key = _identity(path)
        if key is None:
            return read_photo(path)  # raises the error that names the reason
        with self._guard:
            photo = self._photos.get(key)
            if photo is not None:
                self._photos.move_to_end(key)
                return photo
        photo = read_photo(path)
        with self._guard:
            if key not in self._photos and photo.rgb.nbytes <= self._cache_bytes:
                self._photos[key] = photo
                self._photo_bytes += photo.rgb.nbytes
            while self._photo_bytes > self._cache_bytes:
                _, oldest = self._photos.popitem(last=False)
                self._photo_bytes -= oldest.rgb.nbytes
        return photo

    def _check_barred(self, key: Path) -> None:
        if key in self._barred:
            raise StoreBusyError(
                f"the case database of {key} is being repaired at this moment. Nothing is lost; wait for its end."
            )

    def _drop(self, key: Path) -> None:
        store = self._held.pop(key).store
        # Also masks that came from the command line or with the folder from another computer.
        with contextlib.suppress(StoreError):
            self.index.note_all(store.folder, store.worked_on())
        store.close()


def _identity(path: Path) -> tuple[str, int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return os.fspath(path), state.st_mtime_ns, state.st_size

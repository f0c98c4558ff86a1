"""The case database of one folder: masks, predictions, statuses and the edit log in one SQLite file.

Every change is one durable transaction: after a method has returned, a crash or a power cut takes nothing of
it away, and before that the old state stands, whole. Why SQLite, where the file stands and what a change
costs: docs/adr/0003-case-store.md.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary, EditStep, Origin, Prediction
from tongue_viewer.core.errors import StoreError, StoreReadOnlyError
from tongue_viewer.core.photo import MaskArray, Photo
from tongue_viewer.storage.case_store_check import find_problems
from tongue_viewer.storage.case_store_connection import connect
from tongue_viewer.storage.case_store_errors import translated
from tongue_viewer.storage.case_store_match import Gone, find_match, settle
from tongue_viewer.storage.case_store_place import Place, find_place
from tongue_viewer.storage.case_store_rows import (
    CaseRow,
    EditRow,
    Entry,
    append_edit,
    check_shape,
    insert_case,
    read_mask_of,
    read_prediction_of,
    select_case,
    select_edits,
    select_lines,
    select_rows,
    update_case,
    write_mask_of,
    write_prediction_of,
)

Only = Literal["all", "edited", "reviewed"]
"""Which cases: with any mask; with one that a person made, edited or approved; with an approved one."""

_CHOICES: dict[str, str] = {
    "all": "1",
    "edited": "(origin = 'human' OR status IN ('edited', 'reviewed'))",
    "reviewed": "status = 'reviewed'",
}


@dataclass(frozen=True, eq=False)
class StoredCase:
    """A case with a mask, as export and training want it.

    Attributes:
        path: the photo's file; it may be gone by now.
        name: relative to the folder, with forward slashes.
        case_id: identity of the case.
        sha256: of the photo's bytes.
        status, note: see `CaseSummary`.
        origin: who made the mask.
        mask: (H, W) uint8 class index, read-only, at the photo's own size.
        prediction: what a model said, or None.
        changed: seconds since the epoch.
    """

    path: Path
    name: str
    case_id: str
    sha256: str
    status: CaseStatus
    note: str
    origin: Origin | None
    mask: MaskArray
    prediction: Prediction | None
    changed: float


class CaseStore:
    """The open case database of one folder; safe to use from several threads at once.

    Attributes:
        folder: the folder of photos, as it was given.
        database: the file; also named where it cannot be written.
        writable: False: everything can be read, changes raise `StoreReadOnlyError`.
        note: what the person should know (kept elsewhere, read-only, another window), or "".
        user_name: written into the edit log; may be set anew at any time.
    """

    def __init__(self, folder: Path, place: Place, connection: sqlite3.Connection, user_name: str) -> None:
        self.folder = folder
        self.database = place.database or folder
        self.writable = place.lock is not None
        self.note = place.note
        self.user_name = user_name
        self._lock_file = place.lock
        self._connection: sqlite3.Connection | None = connection
        self._guard = threading.RLock()
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
        except BaseException:
            if place.lock is not None:
                place.lock.release()
            raise

    def close(self) -> None:
        """Close the file and give the right to write back; a second call does nothing."""
        with self._guard:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            if self._lock_file is not None:
                self._lock_file.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def summaries(self, paths: Sequence[Path]) -> tuple[CaseSummary, ...]:
        """One line for each path, in order; what was never opened is "to do" without a case_id."""
        with self._reading() as connection:
            lines = select_lines(connection)
        names = ((path, self._name(path)) for path in paths)
        return tuple(
            CaseSummary(path, *lines[name]) if name in lines else CaseSummary(path) for path, name in names
        )

    def load(self, photo: Photo) -> CaseState:
        """The case of a photo, made at its first opening; follows a renaming, is copied to a copy.

        Raises:
            StoreError: the stored mask is damaged or does not fit the photo; it is not applied.
        """
        name = self._name(photo.path)
        with self._writing() if self.writable else self._reading() as connection:
            match = find_match(connection, name, photo.sha256, Gone(self.folder, name))
            # The photo was decoded, so an earlier failure is over, also where that cannot be written.
            row = None if match.row is None else replace(match.row, failure="")
            if self.writable:
                row = settle(connection, match, name, photo, self.user_name)
            if row is None:
                return CaseState(CaseSummary(photo.path, note=match.note), photo, _empty(photo.shape))
            mask = read_mask_of(connection, row)
            prediction = read_prediction_of(connection, row)
        if mask is not None:
            check_shape(row, mask.shape, photo.shape)
        if prediction is not None:
            check_shape(row, prediction.shape, photo.shape)
        shown = _empty(photo.shape) if mask is None else mask
        return CaseState(row.summary(photo.path), photo, shown, row.made_by, prediction)

    def save_prediction(
        self, photo: Photo, prediction: Prediction, mask: MaskArray
    ) -> tuple[CaseSummary, bool]:
        """Keep a model's answer; its mask becomes the case's only where no person has had a hand in it.

        Returns:
            The case after it, and whether the mask was taken.

        Raises:
            StoreError: not saved; the text says what is safe and what to do.
        """
        name = self._name(photo.path)
        with self._writing() as connection:
            match = find_match(connection, name, photo.sha256, Gone(self.folder, name))
            row = settle(connection, match, name, photo, self.user_name)
            check_shape(row, mask.shape, photo.shape)
            check_shape(row, prediction.shape, photo.shape)
            row = write_prediction_of(connection, row, prediction)
            if row.touched:
                return row.summary(photo.path), False
            patch = write_mask_of(connection, row, mask)
            columns = {
                "status": CaseStatus.PREDICTED.value,
                "origin": Origin.MODEL.value,
                "changed": time.time(),
            }
            row = update_case(connection, row, **columns)
            entry = Entry(self.user_name, f"Segment ({prediction.model_name})", "segment", patch, photo.shape)
            append_edit(connection, row, entry)
            return row.summary(photo.path), True

    def save_step(self, step: EditStep) -> CaseSummary:
        """Write one step of the editor, durable when this returns.

        Raises:
            StoreError: not saved, nothing half-written; the text says what is safe and what to do.
        """
        with self._writing() as connection:
            row = select_case(connection, step.case_id)
            check_shape(row, step.mask.shape, (row.height, row.width))
            columns: dict[str, Any] = {"status": step.status.value, "note": step.note, "failure": ""}
            columns |= {"revision": step.revision, "changed": step.made}
            patch = b""
            if not _says_nothing_of_the_mask(step, row):
                patch = write_mask_of(connection, row, step.mask)
                columns["origin"] = step.origin.value
            row = update_case(connection, row, **columns)
            entry = Entry(self.user_name, step.action, step.tool, patch, (row.height, row.width))
            append_edit(connection, row, entry, step.made)
            return row.summary(self.folder / row.name)

    def set_status(self, case_id: str, status: CaseStatus, note: str = "") -> CaseSummary:
        """Set the status alone; the mask stays.

        Raises:
            StoreError: not saved.
        """
        with self._writing() as connection:
            row = select_case(connection, case_id)
            row = update_case(
                connection, row, status=status.value, note=note, failure="", changed=time.time()
            )
            append_edit(connection, row, Entry(self.user_name, f"Status: {status.value}", "status"))
            return row.summary(self.folder / row.name)

    def set_failed(self, path: Path, message: str) -> CaseSummary:
        """Note that a photo cannot be read; mask and status stay, and come back when it can be."""
        name = self._name(path)
        with self._writing() as connection:
            rows = select_rows(connection, "name = ? AND current = 1", name)
            row = rows[0] if rows else insert_case(connection, name, "", (0, 0))
            row = update_case(connection, row, failure=message or "unreadable", changed=time.time())
            return row.summary(path)

    def stored_index(self, only: Only = "all") -> tuple[CaseSummary, ...]:
        """All cases with a mask, by name, without the masks, for `stored_case`."""
        with self._reading() as connection:
            where = f"current = 1 AND id IN (SELECT photo FROM mask) AND {_CHOICES[only]} ORDER BY name"  # noqa: S608 - constant text
            return tuple(row.summary(self.folder / row.name) for row in select_rows(connection, where))

    def stored_case(self, case_id: str) -> StoredCase:
        """One case with its mask.

        Raises:
            StoreError: unknown, without a mask, damaged, or of a shape that does not fit.
        """
        with self._reading() as connection:
            row = select_case(connection, case_id)
            mask, prediction = read_mask_of(connection, row), read_prediction_of(connection, row)
        if mask is None:
            raise StoreError(f"{row.name} has no mask yet; segment it or paint one.")
        return StoredCase(
            self.folder / row.name,
            row.name,
            row.case_id,
            row.sha256,
            CaseStatus(row.status),
            row.note,
            row.made_by,
            mask,
            prediction,
            row.changed,
        )

    def stored(self, only: Only = "all") -> Iterator[StoredCase]:
        """Every case with a mask, by name, one at a time (never all in memory).

        "edited" means: with a mask that a person painted, edited or approved; "reviewed": approved.
        """
        for summary in self.stored_index(only):
            yield self.stored_case(summary.case_id)

    def names(self) -> dict[str, str]:
        """case_id → photo name of every case, also of those whose photo has other content by now."""
        with self._reading() as connection:
            return {row.case_id: row.name for row in select_rows(connection, "1 ORDER BY name, id")}

    def audit(self, case_id: str) -> list[EditRow]:
        """The edit log of one case, oldest first."""
        with self._reading() as connection:
            select_case(connection, case_id)
            return select_edits(connection, case_id)

    def verify(self) -> list[str]:
        """Check the file, every mask and probability, and that each edit log gives its mask.

        Returns:
            One sentence for each problem; none: all is well.
        """
        with self._reading() as connection:
            return find_problems(connection)

    def _name(self, path: Path) -> str:
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
        with self._guard, translated(self.database, changing=changing):
            if self._connection is None:
                raise StoreError(f"{self.database} is closed; open the folder {self.folder} again.")
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is durable at the end of the block, or nothing."""
        with self._reading(changing=True) as connection:
            if not self.writable:
                reason = self.note or "the folder is open read-only."
                raise StoreReadOnlyError(f"The change in {self.folder} was not saved: {reason}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite itself has rolled back after a full disk or an I/O error.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _says_nothing_of_the_mask(step: EditStep, row: CaseRow) -> bool:
    """Flagging a photo without a mask gives it none; approving an empty mask says: here is no tongue."""
    blank = row.origin is None and not step.mask.any()
    return blank and step.tool == "status" and step.status is not CaseStatus.REVIEWED


def _empty(shape: tuple[int, int]) -> MaskArray:
    mask = np.zeros(shape, np.uint8)
    mask.flags.writeable = False
    return mask

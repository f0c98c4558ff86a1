"""The rows of the case database as values, and the statements that read and write them.

Every function works inside the transaction of its caller, `CaseStore`.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tongue_viewer.core.cases import CaseStatus, CaseSummary, Origin, Prediction
from tongue_viewer.core.errors import MaskError, StoreError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.mask_codec import decode_grid, decode_mask, encode_grid, encode_mask

_COLUMNS = (
    "id, case_id, name, sha256, height, width, current, status, note, failure, origin, revision, changed,"
    " quality"
)
_EDIT_COLUMNS = "id, case_id, made, user, action, tool, origin, status, note, revision, height, width, patch"
_PREDICTION_COLUMNS = (
    "planes, grid_height, grid_width, height, width, grid, threshold,"
    " model_name, model_sha256, engine, seconds"
)


@dataclass(frozen=True)
class CaseRow:
    """One row of the table `photo`; the fields are its columns."""

    id: int
    case_id: str
    name: str
    sha256: str
    height: int
    width: int
    current: int
    status: str
    note: str
    failure: str
    origin: str | None
    revision: int
    changed: float
    quality: float | None

    def summary(self, path: Path) -> CaseSummary:
        """The line of the list; a failure hides the status until the photo can be read again."""
        status = CaseStatus.FAILED if self.failure else CaseStatus(self.status)
        return CaseSummary(path, self.case_id, status, self.failure or self.note, self.changed, self.quality)

    @property
    def made_by(self) -> Origin | None:
        """Who made the mask."""
        return None if self.origin is None else Origin(self.origin)

    @property
    def touched(self) -> bool:
        """Whether a person has had a hand in it: then no prediction replaces mask or status."""
        untouched = (CaseStatus.TO_DO, CaseStatus.PREDICTED, CaseStatus.FAILED)
        return self.origin == Origin.HUMAN or self.status not in untouched


@dataclass(frozen=True)
class EditRow:
    """One entry of the edit log.

    Attributes:
        number: counts over all cases of the database, in the order of saving.
        case_id: the case.
        made: seconds since the epoch.
        user: who.
        action, tool, origin, status, note, revision: as in `EditStep`; origin is None while there is no mask.
        shape: (H, W) of the mask, (0, 0) while there is none.
        patch: `MaskPatch.to_bytes` between the stored mask before and after, empty where it did not change.
    """

    number: int
    case_id: str
    made: float
    user: str
    action: str
    tool: str
    origin: Origin | None
    status: CaseStatus
    note: str
    revision: int
    shape: tuple[int, int]
    patch: bytes


@dataclass(frozen=True)
class Entry:
    """What is written into the edit log beside the case's own columns."""

    user: str
    action: str
    tool: str
    patch: bytes = b""
    shape: tuple[int, int] = (0, 0)


def select_rows(connection: sqlite3.Connection, where: str, *values: object) -> list[CaseRow]:
    """The rows that fulfil a condition; `where` is a constant of the program, never text from outside."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM photo WHERE {where}", values)  # noqa: S608 - constant text
    return [CaseRow(*values) for values in found]


def select_lines(
    connection: sqlite3.Connection,
) -> dict[str, tuple[str, CaseStatus, str, float, float | None]]:
    """Photo name → what its `CaseSummary` holds beside the path; row objects take thrice as long."""
    statuses = {status.value: status for status in CaseStatus}
    found = connection.execute(
        "SELECT name, case_id, status, note, failure, changed, quality FROM photo WHERE current = 1"
    )
    return {
        name: (case_id, CaseStatus.FAILED if failure else statuses[status], failure or note, changed, quality)
        for name, case_id, status, note, failure, changed, quality in found
    }


def select_case(connection: sqlite3.Connection, case_id: str) -> CaseRow:
    """The row of one case.

    Raises:
        StoreError: no such case in this database.
    """
    rows = select_rows(connection, "case_id = ?", case_id)
    if not rows:
        raise StoreError(
            f"there is no case {case_id!r} in this folder's case database; nothing was changed."
            " Open the photo again."
        )
    return rows[0]


def insert_case(
    connection: sqlite3.Connection, name: str, sha256: str, shape: tuple[int, int], note: str = ""
) -> CaseRow:
    """A new case, to do, with an identity of its own."""
    case_id, now = uuid.uuid4().hex, time.time()  # `changed` stays 0: nothing was done yet
    connection.execute(
        "INSERT INTO photo (case_id, name, sha256, height, width, note, created, changed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (case_id, name, sha256, *shape, note, now, 0.0),
    )
    return select_case(connection, case_id)


def update_case(connection: sqlite3.Connection, row: CaseRow, **columns: Any) -> CaseRow:
    """Set columns of one case (the keywords are constants of the program); returns the row after it."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE photo SET {assignments} WHERE id = ?", (*columns.values(), row.id))  # noqa: S608 - names are keywords
    return select_case(connection, row.case_id)


def read_mask_of(connection: sqlite3.Connection, row: CaseRow) -> MaskArray | None:
    """The stored mask, read-only, or None.

    Raises:
        StoreError: damaged, or of another shape than the photo had.
    """
    found = connection.execute("SELECT data FROM mask WHERE photo = ?", (row.id,)).fetchone()
    if found is None:
        return None
    try:
        mask = decode_mask(found[0])
    except MaskError as error:
        raise StoreError(
            f"the mask of {row.name} in the case database cannot be used: {error}. {_REMEDY}"
        ) from error
    check_shape(row, mask.shape, (row.height, row.width))
    return mask


def check_shape(row: CaseRow, found: tuple[int, ...], wanted: tuple[int, int]) -> None:
    """Refuse a mask that does not lie pixel on pixel over its photo.

    Raises:
        StoreError: names the photo and both shapes.
    """
    if found != wanted:
        raise StoreError(
            f"the mask of {row.name} is {found}, its photo is {wanted} (rows, columns). {_REMEDY}"
        )


_REMEDY = (
    "It was not applied and nothing was changed. Restore the case database from a backup, or start this photo"
    " again under another name; 'tongue-viewer cases verify' lists all such masks."
)


def write_mask_of(connection: sqlite3.Connection, row: CaseRow, mask: MaskArray) -> bytes:
    """Store a mask; returns the patch (`MaskPatch.to_bytes`) from the one before, empty if equal.

    The difference is taken from what is stored, not from what the editor says: so all patches of a case give
    its mask, even where the store and the editor both took the same prediction.
    """
    before = read_mask_of(connection, row)
    patch = MaskPatch.between(np.zeros_like(mask) if before is None else before, mask)
    if before is None or patch is not None:
        connection.execute(
            "INSERT OR REPLACE INTO mask (photo, data) VALUES (?, ?)", (row.id, encode_mask(mask))
        )
    return b"" if patch is None else patch.to_bytes()


def read_prediction_of(connection: sqlite3.Connection, row: CaseRow) -> Prediction | None:
    """What a model said of the photo, or None.

    Raises:
        StoreError: damaged.
    """
    found = connection.execute(
        f"SELECT {_PREDICTION_COLUMNS} FROM prediction WHERE photo = ?",  # noqa: S608 - constant text
        (row.id,),
    ).fetchone()
    if found is None:
        return None
    planes, grid_height, grid_width, height, width, data, threshold, model, digest, engine, seconds = found
    try:
        grid = decode_grid(data, (planes, grid_height, grid_width))
    except MaskError as error:
        raise StoreError(
            f"the probability of {row.name} in the case database cannot be used: {error}."
            " The mask is not concerned; segment the photo again."
        ) from error
    return Prediction(grid, (height, width), threshold, model, digest, engine, seconds, row.quality)


def write_prediction_of(connection: sqlite3.Connection, row: CaseRow, prediction: Prediction) -> CaseRow:
    """Keep a prediction in the place of the one before; returns the row after it."""
    connection.execute(
        f"INSERT OR REPLACE INTO prediction (photo, made, {_PREDICTION_COLUMNS})"  # noqa: S608 - constant text
        f" VALUES ({', '.join('?' * 13)})",
        (
            row.id,
            time.time(),
            *prediction.grid.shape,
            *prediction.shape,
            encode_grid(prediction.grid),
            prediction.threshold,
            prediction.model_name,
            prediction.model_sha256,
            prediction.engine,
            prediction.seconds,
        ),
    )
    return update_case(connection, row, quality=prediction.quality)


def copy_content(connection: sqlite3.Connection, source: CaseRow, target: CaseRow) -> CaseRow:
    """Give `target` the mask, prediction and status of `source`."""
    connection.execute("INSERT INTO mask SELECT ?, data FROM mask WHERE photo = ?", (target.id, source.id))
    columns = f"made, {_PREDICTION_COLUMNS}"
    connection.execute(
        f"INSERT INTO prediction (photo, {columns}) SELECT ?, {columns} FROM prediction WHERE photo = ?",  # noqa: S608 - constant text
        (target.id, source.id),
    )
    kept = {"status": source.status, "note": source.note, "origin": source.origin, "quality": source.quality}
    return update_case(connection, target, **kept)


def append_edit(
    connection: sqlite3.Connection, row: CaseRow, entry: Entry, made: float | None = None
) -> None:
    """Write one entry of the log for the case as `row` has it by now."""
    connection.execute(
        f"INSERT INTO edit ({_EDIT_COLUMNS}) VALUES ({', '.join('?' * 13)})",  # noqa: S608 - constant text
        (
            None,
            row.case_id,
            time.time() if made is None else made,
            entry.user,
            entry.action,
            entry.tool,
            row.origin,
            row.status,
            row.note,
            row.revision,
            *entry.shape,
            entry.patch,
        ),
    )


def select_edits(connection: sqlite3.Connection, case_id: str) -> list[EditRow]:
    """The log of one case, oldest first."""
    found = connection.execute(f"SELECT {_EDIT_COLUMNS} FROM edit WHERE case_id = ? ORDER BY id", (case_id,))  # noqa: S608 - constant text
    return [
        EditRow(
            number,
            case,
            made,
            user,
            action,
            tool,
            None if origin is None else Origin(origin),
            CaseStatus(status),
            note,
            revision,
            (height, width),
            patch,
        )
        for (
            number,
            case,
            made,
            user,
            action,
            tool,
            origin,
            status,
            note,
            revision,
            height,
            width,
            patch,
        ) in found
    ]

"""The masks of a case: the newest snapshot and the patches behind it; every earlier one likewise.

A step costs its own patch. Every so often the whole mask is kept as well, so that opening reads few patches, and so
that damage in one place of the file does not reach the masks behind the next snapshot.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib

import numpy as np

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.errors import MaskError, StoreCorruptError
from tongue_viewer.core.history import Change, LoggedChange, UndoLine, undo_line
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store_log import select_edits
from tongue_viewer.storage.case_store_rows import REMEDY, CaseRow, check_shape
from tongue_viewer.storage.mask_codec import decode_mask, encode_mask

SNAPSHOT_STEPS = 32
"""So many patches follow a snapshot at most."""

SNAPSHOT_BYTES = 2**18
"""And so many bytes of patches, roughly."""

_UNDO_STEPS = 500
"""So many of the last entries come back as undo steps; older ones stay in the history."""

DAMAGE = (ValueError, struct.error, zlib.error, MaskError)
"""What decoding damaged bytes raises."""


class MaskMemory:
    """The stored mask of the case that was written last, so that the next step need not read it again.

    It holds what is durable only: the store forgets it when a change fails.
    """

    def __init__(self) -> None:
        self._case_id = ""
        self._mask: MaskArray | None = None

    def get(self, case_id: str) -> MaskArray | None:
        """The mask of a case, read-only, or None where it is not known."""
        return self._mask if case_id == self._case_id else None

    def put(self, case_id: str, mask: MaskArray) -> None:
        """Remember a mask that nobody writes to any more."""
        self._case_id, self._mask = case_id, mask

    def clear(self) -> None:
        """Forget it."""
        self._case_id, self._mask = "", None


def read_mask_of(connection: sqlite3.Connection, row: CaseRow) -> MaskArray | None:
    """The mask of now, (H, W) uint8, read-only; None while there is none.

    Raises:
        StoreError: damaged, or of another shape than the photo had.
    """
    return None if row.origin is None else mask_at(connection, row)


def mask_at(connection: sqlite3.Connection, row: CaseRow, number: int | None = None) -> MaskArray:
    """The mask after entry `number` of the log (None: the last one), (H, W) uint8, read-only.

    Raises:
        StoreCorruptError: damaged.
        StoreError: of another shape than the photo had.
    """
    last = 2**62 if number is None else number
    found = connection.execute(
        "SELECT edit, data FROM snapshot WHERE case_id = ? AND edit <= ? ORDER BY edit DESC LIMIT 1",
        (row.case_id, last),
    ).fetchone()
    try:
        kept, mask = 0, np.zeros((row.height, row.width), np.uint8)
        if found is not None:
            kept, mask = found[0], decode_mask(found[1])
            check_shape(row, mask.shape, (row.height, row.width))
        patches = connection.execute(
            "SELECT patch, height, width FROM edit"
            " WHERE case_id = ? AND id > ? AND id <= ? AND length(patch) > 0 ORDER BY id",
            (row.case_id, kept, last),
        ).fetchall()
        if patches and not mask.flags.writeable:
            mask = mask.copy()
        for data, *shape in patches:
            check_shape(row, tuple(shape), (row.height, row.width))
            MaskPatch.from_bytes(data).apply_to(mask)
    except DAMAGE as error:
        raise StoreCorruptError(
            f"the mask of {row.name} in the case database cannot be used: {error}. {REMEDY}"
        ) from error
    mask.flags.writeable = False
    return mask


def patch_to(
    connection: sqlite3.Connection, row: CaseRow, mask: MaskArray, known: MaskArray | None = None
) -> bytes:
    """The patch (`MaskPatch.to_bytes`) from the stored mask to `mask`, empty if they are equal.

    The difference is taken from what is stored, not from what the editor says: so all patches of a case give
    its mask, even where the store and the editor both took the same prediction.

    Args:
        connection: the case database.
        row: the case.
        mask: (H, W) uint8.
        known: the stored mask, where it is at hand.
    """
    before = read_mask_of(connection, row) if known is None else known
    patch = MaskPatch.between(np.zeros_like(mask) if before is None else before, mask)
    return b"" if patch is None else patch.to_bytes()


def keep_snapshot(connection: sqlite3.Connection, row: CaseRow, number: int, mask: MaskArray) -> None:
    """Keep the whole mask after entry `number` where many patches or bytes have come together."""
    patches, size = connection.execute(
        "SELECT count(*), coalesce(sum(length(patch)), 0) FROM edit WHERE case_id = ?1 AND length(patch) > 0"
        " AND id > (SELECT coalesce(max(edit), 0) FROM snapshot WHERE case_id = ?1)",
        (row.case_id,),
    ).fetchone()
    if patches >= SNAPSHOT_STEPS or (patches > 1 and size >= SNAPSHOT_BYTES):
        connection.execute(
            "INSERT INTO snapshot (case_id, edit, data) VALUES (?, ?, ?)",
            (row.case_id, number, encode_mask(mask)),
        )


def read_undo_line(connection: sqlite3.Connection, row: CaseRow) -> UndoLine:
    """The undo steps of a case, from the last entries of its log.

    None at all where one of them is damaged: the mask itself was read and checked apart, and `verify` names the entry.
    """
    rows = select_edits(connection, row.case_id, newest=_UNDO_STEPS + 1)
    left, changes = (CaseStatus.TO_DO, ""), []
    for number, edit in enumerate(rows):
        right = (edit.status, edit.note)
        if edit.patch and number >= len(rows) - _UNDO_STEPS:
            try:
                patch = MaskPatch.from_bytes(edit.patch)
            except DAMAGE:
                return UndoLine()
            changes.append(LoggedChange(edit.tool, Change(patch, edit.action, left, right, edit.merge)))
        left = right
    try:
        return undo_line(changes)
    except DAMAGE:
        return UndoLine()

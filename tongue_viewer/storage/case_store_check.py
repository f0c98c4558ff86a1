"""Checking a whole case database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np

from tongue_viewer.core.errors import MaskError, StoreError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store_log import chain_problems, select_log
from tongue_viewer.storage.case_store_masks import DAMAGE, read_mask_of
from tongue_viewer.storage.case_store_predictions import read_prediction_of
from tongue_viewer.storage.case_store_rows import CaseRow, select_rows
from tongue_viewer.storage.mask_codec import decode_mask


def find_problems(connection: sqlite3.Connection) -> list[str]:
    """One sentence for each thing that is wrong; reads everything, one case at a time."""
    problems = [
        f"SQLite: {values[0]}"
        for pragma in ("integrity_check", "foreign_key_check")
        for values in connection.execute(f"PRAGMA {pragma}")
        if values[0] != "ok"
    ]
    try:
        problems += _log_problems(connection)
    except (
        StoreError
    ) as error:  # an entry of values that are never written; the masks are looked at all the same
        problems.append(str(error))
    for row in select_rows(connection, "1 ORDER BY name, id"):
        try:
            problems += _problems_of(connection, row)
        except StoreError as error:
            problems.append(str(error))
    return problems


def _log_problems(connection: sqlite3.Connection) -> Iterator[str]:
    yield from chain_problems(select_log(connection))
    last, written = connection.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM edit),"
        " (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'edit')"
    ).fetchone()
    if last != written:
        yield f"the edit log: {written} entries were written and the last one of now is {last}; the end was cut off"


def _problems_of(connection: sqlite3.Connection, row: CaseRow) -> Iterator[str]:
    mask = read_mask_of(connection, row)
    prediction = read_prediction_of(connection, row)
    if prediction is not None and prediction.shape != (row.height, row.width):
        yield f"{row.name}: the probability is for {prediction.shape}, the photo is {(row.height, row.width)}"
    replayed = np.zeros((row.height, row.width), np.uint8)
    snapshots = dict(_snapshots(connection, row))
    if 0 in snapshots:  # a mask of version 0.1 that is older than the log
        replayed = snapshots.pop(0)
    patched = False
    for number, data in connection.execute(
        "SELECT id, patch FROM edit WHERE case_id = ? ORDER BY id", (row.case_id,)
    ):
        if data:
            patched = True
            try:
                MaskPatch.from_bytes(data).apply_to(replayed)
            except DAMAGE as error:
                yield f"{row.name}: entry {number} of the edit log is damaged: {error}"
                return
        kept = snapshots.pop(number, None)
        if kept is not None and not np.array_equal(kept, replayed):
            yield f"{row.name}: the edit log does not give the stored mask after entry {number}"
            return
    if mask is None and patched and replayed.any():
        yield f"{row.name}: the edit log holds a mask, but the case says that there is none"
    elif mask is not None and not np.array_equal(replayed, mask):
        yield f"{row.name}: the edit log does not give the stored mask"


def _snapshots(connection: sqlite3.Connection, row: CaseRow) -> Iterator[tuple[int, MaskArray]]:
    for number, data in connection.execute(
        "SELECT edit, data FROM snapshot WHERE case_id = ? ORDER BY edit", (row.case_id,)
    ):
        try:
            mask = decode_mask(data).copy()
        except MaskError as error:
            raise StoreError(f"{row.name}: the mask kept after entry {number} is damaged: {error}") from error
        if mask.shape != (row.height, row.width):
            raise StoreError(
                f"{row.name}: the mask kept after entry {number} is {mask.shape}, the photo {(row.height, row.width)}"
            )
        yield number, mask

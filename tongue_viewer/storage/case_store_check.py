"""Checking a whole case database."""

from __future__ import annotations

import sqlite3
import struct
import zlib

import numpy as np

from tongue_viewer.core.errors import StoreError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.storage.case_store_rows import (
    CaseRow,
    read_mask_of,
    read_prediction_of,
    select_edits,
    select_rows,
)


def find_problems(connection: sqlite3.Connection) -> list[str]:
    """One sentence for each thing that is wrong; reads everything, one case at a time."""
    problems = [
        f"SQLite: {values[0]}"
        for pragma in ("integrity_check", "foreign_key_check")
        for values in connection.execute(f"PRAGMA {pragma}")
        if values[0] != "ok"
    ]
    for row in select_rows(connection, "1 ORDER BY name, id"):
        try:
            problems += _problems_of(connection, row)
        except StoreError as error:
            problems.append(str(error))
    return problems


def _problems_of(connection: sqlite3.Connection, row: CaseRow) -> list[str]:
    problems = []
    mask = read_mask_of(connection, row)
    prediction = read_prediction_of(connection, row)
    if prediction is not None and prediction.shape != (row.height, row.width):
        problems.append(
            f"{row.name}: the probability is for {prediction.shape}, the photo is {(row.height, row.width)}"
        )
    if (mask is None) != (row.origin is None):
        there = "none is there" if mask is None else "one is there"
        problems.append(f"{row.name}: the case says its mask is by {row.origin}, but {there}")
    replayed = np.zeros((row.height, row.width), np.uint8)
    for edit in select_edits(connection, row.case_id):
        if not edit.patch:
            continue
        try:
            MaskPatch.from_bytes(edit.patch).apply_to(replayed)
        except (ValueError, struct.error, zlib.error) as error:
            return [*problems, f"{row.name}: entry {edit.number} of the edit log is damaged: {error}"]
    if mask is not None and not np.array_equal(replayed, mask):
        problems.append(f"{row.name}: the edit log does not give the stored mask")
    return problems

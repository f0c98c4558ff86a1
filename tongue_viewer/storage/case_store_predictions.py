"""What a model said of each photo, in the table `prediction`; every function works inside the caller's transaction."""

from __future__ import annotations

import sqlite3
import time

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.errors import MaskError, StoreError
from tongue_viewer.storage.case_store_rows import CaseRow, update_case
from tongue_viewer.storage.mask_codec import decode_grid, encode_grid

_COLUMNS = (
    "planes, grid_height, grid_width, height, width, grid, threshold,"
    " model_name, model_sha256, engine, seconds"
)


def read_prediction_of(connection: sqlite3.Connection, row: CaseRow) -> Prediction | None:
    """What a model said of the photo, or None.

    Raises:
        StoreError: damaged.
    """
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM prediction WHERE photo = ?",  # noqa: S608 - constant text
        (row.id,),
    ).fetchone()
    if found is None:
        return None
    planes, grid_height, grid_width, height, width, data, threshold, model, digest, engine, seconds = found
    damaged = None if _are_numbers(height, width, threshold, seconds) else "a number is none"
    try:
        grid = decode_grid(data, (planes, grid_height, grid_width))
    except MaskError as error:
        damaged = str(error)
    if damaged is not None:
        raise StoreError(
            f"the probability of {row.name} in the case database cannot be used: {damaged}."
            " The mask is not concerned; segment the photo again."
        )
    return Prediction(grid, (height, width), threshold, model, digest, engine, seconds, row.quality)


def _are_numbers(*values: object) -> bool:
    """SQLite keeps any kind of value in any column."""
    return all(isinstance(value, int | float) for value in values)


def write_prediction_of(connection: sqlite3.Connection, row: CaseRow, prediction: Prediction) -> CaseRow:
    """Keep a prediction in the place of the one before; returns the row after it."""
    connection.execute(
        f"INSERT OR REPLACE INTO prediction (photo, made, {_COLUMNS})"  # noqa: S608 - constant text
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


def copy_prediction(connection: sqlite3.Connection, source: CaseRow, target: CaseRow) -> None:
    """Give `target` the prediction of `source`."""
    columns = f"made, {_COLUMNS}"
    connection.execute(
        f"INSERT INTO prediction (photo, {columns}) SELECT ?, {columns} FROM prediction WHERE photo = ?",  # noqa: S608 - constant text
        (target.id, source.id),
    )

"""A new case database from what was salvaged of a damaged one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.errors import MaskError, StoreError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.storage.case_store_check import find_problems
from tongue_viewer.storage.case_store_log import (
    Entry,
    append_edit,
    insert_entries,
    last_reviewer,
)
from tongue_viewer.storage.case_store_masks import keep_snapshot
from tongue_viewer.storage.case_store_proof import Proof
from tongue_viewer.storage.case_store_recovery import Recovered, Recovery
from tongue_viewer.storage.case_store_rows import CaseRow, insert_row, update_case
from tongue_viewer.storage.case_store_salvage import Salvage
from tongue_viewer.storage.mask_codec import decode_grid
from tongue_viewer.storage.schema import prepare

_PREDICTION = (
    "planes, grid_height, grid_width, height, width, grid, threshold, model_name, model_sha256, engine,"
    " seconds, made"
)


@dataclass
class Rebuilt:
    """What stands in the new database; see `RescueReport`."""

    found: int = 0
    newest: int = 0
    older: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def rebuild(file: Path, sources: Sequence[Salvage], proof: Proof, user_name: str) -> Rebuilt:
    """Make the database `file`, which is not there yet, and check all of it.

    Args:
        file: the new database.
        sources: the damaged file, then its copies.
        proof: of their logs.
        user_name: for the entries that tell of recovered masks.

    Raises:
        StoreError: what was built does not hold together; `file` must not be used.
    """
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        prepare(connection, file, writable=True)
        connection.execute("BEGIN IMMEDIATE")
        rebuilt = _fill(connection, sources, proof, user_name)
        connection.execute("COMMIT")
        problems = find_problems(connection)
    finally:
        connection.close()
    if problems:
        raise StoreError(
            f"a new case database could not be put together ({problems[0]}). Nothing was changed, and the photos are"
            " safe. Please send us the file, and restore it from a backup."
        )
    return rebuilt


def _fill(
    connection: sqlite3.Connection, sources: Sequence[Salvage], proof: Proof, user_name: str
) -> Rebuilt:
    done, writer = Rebuilt(), _Writer(connection, user_name)
    insert_entries(connection, zip(proof.log, proof.links, strict=True))
    for case in Recovery(sources, proof).cases():
        row = writer.put(case)
        done.found += 1
        if case.lost or case.nameless:
            done.lost.append(row.name)
        elif case.newest:
            done.newest += 1
        else:
            done.older.append(row.name)
        _copy_prediction(connection, sources, case.row, row)
    writer.tell_of_recovered()
    return done


class _Writer:
    """Puts cases into the new database; what the log does not give is told behind all of them."""

    def __init__(self, connection: sqlite3.Connection, user_name: str) -> None:
        self._connection, self._user_name = connection, user_name
        self._names: set[str] = set()
        self._recovered: list[tuple[Recovered, CaseRow]] = []

    def put(self, case: Recovered) -> CaseRow:
        """One case with the snapshots that the log gives; returns its line."""
        row = case.row
        current = int(bool(row.current) and row.name not in self._names)
        if current:
            self._names.add(row.name)
        row = insert_row(self._connection, replace(row, current=current))
        if row.status == CaseStatus.REVIEWED and not row.reviewed_by:
            row = update_case(self._connection, row, reviewed_by=last_reviewer(self._connection, row.case_id))
        self._connection.executemany(
            "INSERT INTO snapshot (case_id, edit, data) VALUES (?, ?, ?)",
            [(row.case_id, number, data) for number, data in case.snapshots.items()],
        )
        if case.needs_entry:
            self._recovered.append((case, row))
        return row

    def tell_of_recovered(self) -> None:
        """An entry for each case that is not as its log says."""
        for case, row in self._recovered:
            patch = b""
            if case.mask is not None:
                before = np.zeros_like(case.mask) if case.logged is None else case.logged
                difference = MaskPatch.between(before, case.mask)
                patch = b"" if difference is None else difference.to_bytes()
            action = "Recovered mask" if patch else "Recovered status"
            entry = Entry(self._user_name, action, "rescue", patch, (row.height, row.width))
            number = append_edit(self._connection, row.now, entry)
            if patch and case.mask is not None:
                keep_snapshot(self._connection, row, number, case.mask)


def _copy_prediction(
    connection: sqlite3.Connection, sources: Sequence[Salvage], old: CaseRow, row: CaseRow
) -> None:
    """The prediction of a case, where it can be read and is surely that of this case."""
    source = sources[0]
    known = source.photos.get(old.id)
    cell = source.predictions.get(old.id)
    if cell is None or old.id in source.ambiguous or (known is not None and known.case_id != row.case_id):
        return
    if source.case_ids.get(old.id, {row.case_id}) != {row.case_id}:
        return
    values = cell.values()
    if values is None or not _is_prediction(values, row):
        return
    connection.execute(
        f"INSERT INTO prediction (photo, {_PREDICTION}) VALUES ({', '.join('?' * 13)})",  # noqa: S608 - constant text
        (row.id, *values[1:]),
    )


def _is_prediction(values: tuple[object, ...], row: CaseRow) -> bool:
    match values[1:]:
        case (
            int() as planes,
            int() as height,
            int() as width,
            int() as photo_height,
            int() as photo_width,
            bytes() as grid,
            int() | float(),
            str(),
            str(),
            str(),
            int() | float(),
            int() | float(),
        ) if (photo_height, photo_width) == (row.height, row.width) and min(planes, height, width) > 0:
            try:
                decode_grid(grid, (planes, height, width))
            except MaskError:
                return False
            return True
    return False

"""A second database beside the first one, without predictions, for the day on which the first one is damaged.

It is brought up to date when a folder is closed. Nothing goes into it that the hash chain does not speak for, and a copy
of another history is never overwritten.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tongue_viewer.core.errors import MaskError, StoreCorruptError, StoreError, StoreNewerError
from tongue_viewer.storage.case_store_aside import copy_of, journal_of
from tongue_viewer.storage.case_store_log import START, EditRow, insert_entries, link_of, select_since
from tongue_viewer.storage.case_store_rows import select_case, select_rows
from tongue_viewer.storage.mask_codec import decode_mask
from tongue_viewer.storage.schema import check_header, prepare

log = logging.getLogger(__name__)

MOST_SECONDS = 3.0
"""Closing a folder waits so long for its copy at most; what is left goes into it the next time."""
_ENTRIES_AT_ONCE = 500


def update_copy(connection: sqlite3.Connection, database: Path, most_seconds: float = MOST_SECONDS) -> None:
    """Bring the copy of an open database up to date; a failure costs nothing but the copy, and goes to the log.

    Args:
        connection: the database, outside a transaction; it is only read.
        database: its file.
        most_seconds: after this time the rest waits for the next call.
    """
    copy = copy_of(database)
    try:
        target = _open(copy, connection)
        try:
            _update(connection, target, time.monotonic() + most_seconds)
        finally:
            target.close()
    except (sqlite3.Error, OSError, StoreError, MaskError, ValueError, TypeError) as error:
        log.warning("%s was not brought up to date: %s", copy, error)


def _open(copy: Path, source: sqlite3.Connection) -> sqlite3.Connection:
    """The copy, if it can be gone on with; else a new one, and what stood there gets another name."""
    if copy.exists():
        try:
            target = _connect(copy)
            if _goes_on(source, target):
                return target
            target.close()
        except (StoreCorruptError, StoreNewerError, sqlite3.DatabaseError) as error:
            log.warning("%s cannot be gone on with (%s)", copy, error)
            if getattr(error, "sqlite_errorname", "").startswith(
                ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR")
            ):
                raise
        _set_aside(copy)
    return _connect(copy)


def _connect(copy: Path) -> sqlite3.Connection:
    check_header(copy)
    target = sqlite3.connect(os.fspath(copy), isolation_level=None, timeout=0.5)
    try:
        target.execute("PRAGMA trusted_schema = OFF")
        prepare(target, copy, writable=True)
        target.execute("PRAGMA synchronous = FULL")
    except BaseException:
        target.close()
        raise
    return target


def _goes_on(source: sqlite3.Connection, target: sqlite3.Connection) -> bool:
    """Whether the last entry of the copy is one of the database, with the same hash."""
    last = target.execute("SELECT edit, sha256 FROM chain ORDER BY edit DESC LIMIT 1").fetchone()
    if last is None:
        return True
    here = source.execute("SELECT sha256 FROM chain WHERE edit = ?", (last[0],)).fetchone()
    return here is not None and here[0] == last[1]


def _set_aside(copy: Path) -> None:
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 1
    target = copy.with_name(f"{copy.stem}-{stamp}.db")
    while target.exists() or journal_of(target).exists():
        number += 1
        target = copy.with_name(f"{copy.stem}-{stamp}-{number}.db")
    if journal_of(copy).exists():
        journal_of(copy).rename(journal_of(target))
    copy.rename(target)
    log.warning("the copy has another history than its database; it is kept as %s", target)


def _update(source: sqlite3.Connection, target: sqlite3.Connection, until: float) -> None:
    number, link = target.execute(
        "SELECT coalesce(max(edit), 0), (SELECT sha256 FROM chain ORDER BY edit DESC LIMIT 1) FROM chain"
    ).fetchone()
    entries = _checked(source, number, START if link is None else link)
    first = True
    while first or time.monotonic() < until:
        batch = list(islice(entries, _ENTRIES_AT_ONCE))
        if not batch and not first:
            return
        target.execute("BEGIN IMMEDIATE")
        try:
            if first:
                _copy_lines(source, target)
            insert_entries(target, batch)
            if batch:
                _copy_snapshots(source, target, number, batch[-1][0].number)
                number = batch[-1][0].number
            _check_cases(target, batch)
            target.execute("COMMIT")
        except BaseException:
            if target.in_transaction:
                target.execute("ROLLBACK")
            raise
        first = False


def _checked(source: sqlite3.Connection, number: int, link: bytes) -> Iterator[tuple[EditRow, bytes]]:
    """The entries behind `number` with their hashes, as long as the chain speaks for them.

    Raises:
        StoreError: the database is damaged there.
    """
    written = source.execute(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'edit'"
    ).fetchone()[0]
    for row in select_since(source, number):
        number += 1
        link = link_of(link, row)
        if row.number != number or row.sha256 != link.hex():
            raise StoreError(f"entry {number} of the edit log does not fit its chain")
        yield row, link
    if number != written:
        raise StoreError(f"{written} entries were written and the last one is {number}")


def _copy_lines(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """The table `photo`; a line that is not as the program writes it, or a case that is gone, stops it."""
    columns = ", ".join(name for _, name, *_ in target.execute("PRAGMA table_info(photo)"))
    whole = f"SELECT {columns} FROM photo"  # noqa: S608 - names of our own columns
    now = {row[0]: row for row in source.execute(whole)}
    before = {row[0]: row for row in target.execute(whole)}
    gone = {row[1] for row in before.values()} - {row[1] for row in now.values()}
    if gone:
        raise StoreError(f"{len(gone)} cases that the copy holds are gone from the database")
    changed = [row for number, row in now.items() if before.get(number) != row]
    if len(changed) > _ENTRIES_AT_ONCE:
        select_rows(source, "1")
    else:
        for row in changed:
            select_case(source, row[1])
    # All of them go before any comes: two photos may have changed names.
    target.executemany("DELETE FROM photo WHERE id = ?", [(row[0],) for row in changed])
    marks = ", ".join("?" * (columns.count(",") + 1))
    target.executemany(f"INSERT INTO photo ({columns}) VALUES ({marks})", changed)  # noqa: S608 - names of our own columns


def _copy_snapshots(source: sqlite3.Connection, target: sqlite3.Connection, after: int, until: int) -> None:
    """Snapshots of new entries; those of version 0.1, which stand before all entries, with the first ones."""
    rows = source.execute(
        "SELECT case_id, edit, data FROM snapshot WHERE edit > ? AND edit <= ?", (after or -1, until)
    )
    for case_id, edit, data in rows:
        decode_mask(data)
        target.execute("INSERT INTO snapshot (case_id, edit, data) VALUES (?, ?, ?)", (case_id, edit, data))


def _check_cases(target: sqlite3.Connection, batch: list[tuple[EditRow, bytes]]) -> None:
    for case_id in {row.case_id for row, _ in batch}:
        if target.execute("SELECT 1 FROM photo WHERE case_id = ?", (case_id,)).fetchone() is None:
            raise StoreError(f"the log names a case {case_id} that the database does not know")

"""The history of a case: its log, its mask at any moment, and both files of the audit trail."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import WriteError
from tongue_viewer.core.events import HistoryExported, HistoryRead, JobEvent, RevisionRead
from tongue_viewer.core.history import LogEntry
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.exports import write_table

_LINES = ".jsonl"


def read_history(token: CancelToken, *, library: Library, folder: Path, case_id: str) -> Iterator[JobEvent]:
    """Read the log of one case.

    Args:
        token: to stop it before it begins.
        library: databases.
        folder: whose database holds the case.
        case_id: the case.

    Yields:
        `HistoryRead`.

    Raises:
        StoreError: it cannot be read.
    """
    token.check()
    with library.use(folder) as store:
        event = HistoryRead(case_id, store.history(case_id), store.figures(case_id))
    yield event


def read_revision(
    token: CancelToken, *, library: Library, folder: Path, case_id: str, number: int
) -> Iterator[JobEvent]:
    """Read the mask of one case as it was after an entry of its log.

    Args:
        token: to stop it before it begins.
        library: databases.
        folder: whose database holds the case.
        case_id: the case.
        number: of the entry.

    Yields:
        `RevisionRead`.

    Raises:
        StoreError: it cannot be read, or the log does not come to a mask of the photo's size.
    """
    token.check()
    with library.use(folder) as store:
        event = RevisionRead(case_id, number, store.revision(case_id, number))
    yield event


def export_history(
    token: CancelToken, *, library: Library, folder: Path, case_id: str, name: str, out: Path
) -> Iterator[JobEvent]:
    """Write the log of one case as a table and, beside it, as JSON lines: one line for each entry, oldest first.

    Args:
        token: to stop it before it begins.
        library: databases.
        folder: whose database holds the case.
        case_id: the case.
        name: of the photo, for the column of that name.
        out: the table; ".csv" is added where it is missing, so that no photo can be meant. It is replaced where it
            exists; the lines are then too, and else never.

    Yields:
        `HistoryExported`.

    Raises:
        StoreError: the log cannot be read.
        WriteError: not written; the text names the file and the remedy.
    """
    token.check()
    table = out if out.suffix.lower() == ".csv" else out.with_name(f"{out.name}.csv")
    lines = table.with_suffix(_LINES)
    if lines.exists() and not table.exists():
        raise WriteError(f"{lines} was not written: it exists already. It is intact. Choose another name.")
    with library.use(folder) as store:
        entries = store.history(case_id)
    rows = [_row(entry, name) for entry in entries]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_table(table, [_cells(row) for row in rows], overwrite=True)
    write_atomically(lines, text.encode())
    yield HistoryExported(case_id, len(rows), (table, lines))


def _row(entry: LogEntry, name: str) -> dict[str, object]:
    """One entry as both files have it; times are UTC."""
    return {
        "number": entry.number,
        "name": name,
        "case_id": entry.case_id,
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.made)),
        "user": entry.user,
        "action": entry.action,
        "tool": entry.tool,
        "mask_by": None if entry.origin is None else entry.origin.value,
        "status": entry.status.value,
        "note": entry.note,
        "changes_mask": entry.changes_mask,
        "model": entry.model,
        "model_sha256": entry.model_sha256,
        "threshold": entry.threshold,
        "sha256": entry.sha256,
    }


def _cells(row: dict[str, object]) -> dict[str, object]:
    """The same for a table, in which yes and no are 1 and 0."""
    return {key: int(value) if isinstance(value, bool) else value for key, value in row.items()}

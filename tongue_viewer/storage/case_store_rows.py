"""The rows of the table `photo` as values, and the statements that read and write them.

Every function works inside the transaction of its caller, `CaseStore`.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from dataclasses import astuple, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tongue_viewer.core.cases import CaseStatus, CaseSummary, Origin
from tongue_viewer.core.errors import StoreCorruptError, StoreError
from tongue_viewer.core.photo import MAX_PIXELS
from tongue_viewer.storage.case_store_log import CaseNow, is_moment

_COLUMNS = (
    "id, case_id, name, sha256, height, width, current, status, note, failure, origin, revision, changed,"
    " quality, reviewed_by, declined"
)
REMEDY = (
    "It was not applied and nothing was changed. Repair the case database ('tongue-viewer cases rescue'; the damaged"
    " file is kept), or restore it from a backup; 'tongue-viewer cases verify' lists all such masks."
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
    reviewed_by: str
    declined: int

    def summary(self, path: Path) -> CaseSummary:
        """The line of the list; a failure hides the status until the photo can be read again."""
        status = CaseStatus.FAILED if self.failure else CaseStatus(self.status)
        note = self.failure or self.note
        return CaseSummary(path, self.case_id, status, note, self.changed, self.quality, self.reviewed_by)

    @property
    def now(self) -> CaseNow:
        """What an entry of the log repeats of the case."""
        return CaseNow(self.case_id, self.origin, self.status, self.note, self.revision)

    @property
    def made_by(self) -> Origin | None:
        """Who made the mask."""
        return None if self.origin is None else Origin(self.origin)

    @property
    def touched(self) -> bool:
        """Whether a person has had a hand in it: then no prediction replaces mask or status."""
        untouched = (CaseStatus.TO_DO, CaseStatus.PREDICTED, CaseStatus.FAILED)
        return self.origin == Origin.HUMAN or self.status not in untouched


def select_rows(connection: sqlite3.Connection, where: str, *values: object) -> list[CaseRow]:
    """The rows that fulfil a condition; `where` is a constant of the program, never text from outside."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM photo WHERE {where}", values)  # noqa: S608 - constant text
    return [checked_row(CaseRow(*values)) for values in found]


def checked_row(row: CaseRow) -> CaseRow:
    """The row, if nothing in it can lead out of the folder or is of a kind that the program never writes.

    Raises:
        StoreCorruptError: the database was changed by something else.
    """
    named: Any = row  # the columns hold whatever the file says
    texts = (named.case_id, named.name, named.sha256, named.note, named.failure, named.reviewed_by)
    counts = (named.height, named.width, named.revision)
    path = PurePosixPath(named.name if isinstance(named.name, str) else "/")
    if (
        not all(isinstance(text, str) for text in texts)
        or not all(isinstance(count, int) for count in counts)
        or min(row.height, row.width) < 0
        or row.height * row.width > MAX_PIXELS
        or not is_moment(named.changed)
        or not isinstance(named.quality or 0.0, int | float)
        or path.is_absolute()
        or ".." in path.parts
        or "\0" in row.name
        or row.status not in _STATUSES
        or row.origin not in _ORIGINS
    ):
        raise StoreCorruptError(
            f"the line of {str(row.name)[:200]!r} in the case database was changed by another program. {REMEDY}"
        )
    return row


_STATUSES = {status.value: status for status in CaseStatus}
_ORIGINS = frozenset({None, *(origin.value for origin in Origin)})


def select_lines(
    connection: sqlite3.Connection,
) -> dict[str, tuple[str, CaseStatus, str, float, float | None, str]]:
    """Photo name → what its `CaseSummary` holds beside the path; row objects take thrice as long."""
    found = connection.execute(
        "SELECT name, case_id, status, note, failure, changed, quality, reviewed_by FROM photo WHERE current = 1"
    )
    lines = {}
    for name, case_id, status, note, failure, changed, quality, reviewed_by in found:
        texts = (case_id, note, failure, reviewed_by)
        sound = all(isinstance(text, str) for text in texts) and status in _STATUSES
        if sound and is_moment(changed) and isinstance(quality or 0.0, int | float):
            shown = CaseStatus.FAILED if failure else _STATUSES[status]
            lines[name] = (case_id, shown, failure or note, changed, quality, reviewed_by)
        else:
            lines[name] = ("", CaseStatus.FAILED, _CHANGED_LINE, 0.0, None, "")
    return lines


_CHANGED_LINE = (
    "Its line in the case database was changed by another program. 'tongue-viewer cases verify' names it; restore the"
    " database from a backup."
)


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


def insert_row(connection: sqlite3.Connection, row: CaseRow) -> CaseRow:
    """Write a whole line that stood in another database; its number is kept where that is free.

    Returns:
        The line with its number of now.
    """
    taken = row.id < 1 or connection.execute("SELECT 1 FROM photo WHERE id = ?", (row.id,)).fetchone()
    values = (None if taken else row.id, *astuple(row)[1:])
    connection.execute(
        f"INSERT INTO photo ({_COLUMNS}, created) VALUES ({', '.join('?' * (len(values) + 1))})",  # noqa: S608 - constant text
        (*values, row.changed),
    )
    return select_case(connection, row.case_id)


def update_case(connection: sqlite3.Connection, row: CaseRow, **columns: Any) -> CaseRow:
    """Set columns of one case (the keywords are constants of the program); returns the row after it."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE photo SET {assignments} WHERE id = ?", (*columns.values(), row.id))  # noqa: S608 - names are keywords
    return select_case(connection, row.case_id)


def check_shape(row: CaseRow, found: tuple[int, ...], wanted: tuple[int, int]) -> None:
    """Refuse a mask that does not lie pixel on pixel over its photo.

    Raises:
        StoreError: names the photo and both shapes.
    """
    if found != wanted:
        raise StoreError(
            f"the mask of {row.name} is {found!r:.80}, its photo is {wanted} (rows, columns). {REMEDY}"
        )

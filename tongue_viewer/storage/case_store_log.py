"""The edit log of a case database and the hash chain over it; every function works inside the caller's transaction.

The hash of an entry is SHA-256 of the hash of the entry before it (32 bytes; zeros before the first one) and the text
of `digest_text`. Whoever changes, removes or inserts an entry changes every hash behind it; a hash that was noted or
exported earlier then shows that, also where somebody computed the whole chain anew.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.errors import StoreCorruptError
from tongue_viewer.core.history import LogEntry

_COLUMNS = (
    "id, case_id, made, user, action, tool, origin, status, note, model_name, model_sha256, threshold,"
    " revision, height, width, merge, patch"
)
START = bytes(32)
_END_OF_CALENDARS = 1e11
_LONGEST_TEXT = 2**20


@dataclass(frozen=True)
class EditRow(LogEntry):
    """One entry of the edit log, whole.

    Attributes:
        revision, merge: as in `EditStep`.
        shape: (H, W) of the mask, (0, 0) while there is none.
        patch: `MaskPatch.to_bytes` between the stored mask before and after, empty where it did not change.
    """

    revision: int = 0
    shape: tuple[int, int] = (0, 0)
    patch: bytes = b""
    merge: str = ""


@dataclass(frozen=True)
class Entry:
    """What is written into the log beside the case's own columns; see `EditRow`."""

    user: str
    action: str
    tool: str
    patch: bytes = b""
    shape: tuple[int, int] = (0, 0)
    model: tuple[str, str, float] | None = None
    merge: str = ""
    made: float | None = None


@dataclass(frozen=True)
class CaseNow:
    """The columns of a case that an entry repeats, as they are after it."""

    case_id: str
    origin: str | None
    status: str
    note: str
    revision: int


def append_edit(connection: sqlite3.Connection, case: CaseNow, entry: Entry) -> int:
    """Write one entry and its link of the chain; returns its number."""
    name, digest, threshold = entry.model or ("", "", None)
    values = (
        None,
        case.case_id,
        time.time() if entry.made is None else float(entry.made),
        # Either may come from a name that is no valid text.
        entry.user.encode("utf-8", "replace").decode(),
        entry.action.encode("utf-8", "replace").decode(),
        entry.tool,
        case.origin,
        case.status,
        case.note,
        name,
        digest,
        None if threshold is None else float(threshold),
        case.revision,
        *entry.shape,
        entry.merge,
        entry.patch,
    )
    done = connection.execute(
        f"INSERT INTO edit ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - constant text
        values,
    )
    number = int(done.lastrowid or 0)
    before = connection.execute("SELECT sha256 FROM chain ORDER BY edit DESC LIMIT 1").fetchone()
    last = START if before is None else bytes.fromhex(_hex(before[0]))
    link = link_of(last, _row((number, *values[1:], None)))
    connection.execute("INSERT INTO chain (edit, sha256) VALUES (?, ?)", (number, link))
    return number


def insert_entries(connection: sqlite3.Connection, entries: Iterable[tuple[EditRow, bytes]]) -> None:
    """Write entries that were proved elsewhere, with their numbers and links; they follow those that are here."""
    for row, link in entries:
        values = (
            row.number,
            row.case_id,
            row.made,
            row.user,
            row.action,
            row.tool,
            row.origin,
            row.status.value,
            row.note,
            row.model,
            row.model_sha256,
            row.threshold,
            row.revision,
            *row.shape,
            row.merge,
            row.patch,
        )
        connection.execute(
            f"INSERT INTO edit ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - constant text
            values,
        )
        connection.execute("INSERT INTO chain (edit, sha256) VALUES (?, ?)", (row.number, link))


def extend_chain(connection: sqlite3.Connection) -> None:
    """Lay the chain over the entries that have none yet (those of versions before it)."""
    last = connection.execute("SELECT edit, sha256 FROM chain ORDER BY edit DESC LIMIT 1").fetchone()
    number, link = (0, START) if last is None else last
    for row in select_since(connection, number):
        link = link_of(link, row)
        connection.execute("INSERT INTO chain (edit, sha256) VALUES (?, ?)", (row.number, link))


def digest_text(row: EditRow) -> str:
    """What of an entry goes into its hash: a JSON array of its fields, the patch by its own SHA-256."""
    fields = (
        row.number,
        row.case_id,
        row.made,
        row.user,
        row.action,
        row.tool,
        row.origin,
        row.status.value,
        row.note,
        row.model,
        row.model_sha256,
        row.threshold,
        row.revision,
        *row.shape,
        row.merge,
        hashlib.sha256(row.patch).hexdigest(),
    )
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def link_of(before: bytes, row: EditRow) -> bytes:
    """The hash of an entry (32 bytes), from the hash of the one before it."""
    return hashlib.sha256(before + digest_text(row).encode("utf-8", "surrogatepass")).digest()


def chain_problems(rows: Iterable[EditRow]) -> Iterator[str]:
    """One sentence for the first link that does not fit, or none; `rows` is the whole log in its order.

    A database that was only read and is older than the chain has no links at all: nothing to check.
    """
    link, expected = START, 1
    for row in rows:
        if not row.sha256 and expected == 1:
            return
        if row.number != expected:
            yield f"the edit log: entry {expected} is missing, so the history was cut or changed"
            return
        link = link_of(link, row)
        if row.sha256 != link.hex():
            yield f"the edit log: entry {row.number} or its link of the chain was changed after it was written"
            return
        expected += 1


def select_log(connection: sqlite3.Connection) -> Iterator[EditRow]:
    """The whole log, oldest first, one entry at a time."""
    return _select(connection, "1")


def select_since(connection: sqlite3.Connection, number: int) -> Iterator[EditRow]:
    """The entries behind a number, oldest first, one at a time."""
    return _select(connection, "edit.id > ?", number)


def select_edits(connection: sqlite3.Connection, case_id: str, *, newest: int = -1) -> list[EditRow]:
    """The log of one case, oldest first; with `newest` only so many of its last entries."""
    rows = list(_select(connection, "edit.case_id = ?", case_id, newest=newest))
    return rows if newest < 0 else rows[::-1]


def select_entries(connection: sqlite3.Connection, case_id: str) -> tuple[LogEntry, ...]:
    """The log of one case without patches, oldest first."""
    found = connection.execute(
        "SELECT id, case_id, made, user, action, tool, origin, status, note, model_name, model_sha256, threshold,"
        " length(patch) > 0, chain.sha256 FROM edit LEFT JOIN chain ON chain.edit = edit.id"
        " WHERE case_id = ? ORDER BY id",
        (case_id,),
    )
    return tuple(
        LogEntry(**_entry(values), changes_mask=bool(changes), sha256=_hex(link))
        for *values, changes, link in found
    )


def last_reviewer(connection: sqlite3.Connection, case_id: str) -> str:
    """Who approved the case here last, "" if nobody did; entries of other kinds only repeat the status."""
    found = connection.execute(
        "SELECT user FROM edit WHERE case_id = ? AND status = 'reviewed' AND tool IN ('status', 'import')"
        " ORDER BY id DESC LIMIT 1",
        (case_id,),
    ).fetchone()
    return "" if found is None else str(found[0])


def _select(
    connection: sqlite3.Connection, where: str, *values: object, newest: int = -1
) -> Iterator[EditRow]:
    order = "edit.id" if newest < 0 else "edit.id DESC LIMIT ?"
    names = ", ".join(f"edit.{name.strip()}" for name in _COLUMNS.split(","))
    found = connection.execute(
        f"SELECT {names}, chain.sha256 FROM edit LEFT JOIN chain ON chain.edit = edit.id"  # noqa: S608 - constant text
        f" WHERE {where} ORDER BY {order}",
        values if newest < 0 else (*values, newest),
    )
    for row in found:
        yield _row(row)


def _row(values: tuple[Any, ...]) -> EditRow:
    *entry, revision, height, width, merge, patch, link = values
    _check_kinds((merge,), (revision, height, width), (patch,))
    return EditRow(
        **_entry(entry),
        changes_mask=bool(patch),
        sha256=_hex(link),
        revision=revision,
        shape=(height, width),
        patch=patch,
        merge=merge,
    )


def _entry(values: Sequence[Any]) -> dict[str, Any]:
    """The fields of `LogEntry` from the first columns of a row, each of the kind that it should be."""
    number, case_id, made, user, action, tool, origin, status, note, model, digest, threshold = values
    _check_kinds((case_id, user, action, tool, note, model, digest), (number, made, threshold or 0.0), ())
    if not is_moment(made):
        raise _changed_by_another(f"the time {made!r:.50}")
    return {
        "number": number,
        "case_id": case_id,
        "made": made,
        "user": user,
        "action": action,
        "tool": tool,
        "origin": _origin(origin),
        "status": _status(status),
        "note": note,
        "model": model,
        "model_sha256": digest,
        "threshold": threshold,
    }


def is_moment(seconds: object) -> bool:
    """Whether a value is a time that a calendar can show."""
    return isinstance(seconds, int | float) and abs(seconds) < _END_OF_CALENDARS


def _hex(link: Any) -> str:
    if link is None:
        return ""
    _check_kinds((), (), (link,))
    if len(link) != len(START):
        raise _changed_by_another(f"a link of {len(link)} bytes")
    return bytes(link).hex()


def _status(word: object) -> CaseStatus:
    if word not in _STATUSES:
        raise _changed_by_another(f"the status {word!r:.80}")
    return _STATUSES[str(word)]


def _origin(word: object) -> Origin | None:
    if word is None:
        return None
    if word not in _ORIGINS:
        raise _changed_by_another(f"the maker {word!r:.80}")
    return _ORIGINS[str(word)]


def _check_kinds(texts: Iterable[object], numbers: Iterable[object], blobs: Iterable[object]) -> None:
    """SQLite keeps any kind of value in any column; another program may have written any of them.

    Raises:
        StoreCorruptError: one is of a kind that this program never writes.
    """
    for values, kind in ((texts, str), (numbers, int | float), (blobs, bytes)):
        for value in values:
            if not isinstance(value, kind):
                raise _changed_by_another(f"a value of the kind {type(value).__name__}")
            if isinstance(value, str) and len(value) > _LONGEST_TEXT:
                raise _changed_by_another(f"a text of {len(value)} characters")


def _changed_by_another(what: str) -> StoreCorruptError:
    return StoreCorruptError(
        f"the edit log holds {what} that this program does not write. Nothing was changed."
        " Repair the case database ('tongue-viewer cases rescue'), or restore it from a backup."
    )


_STATUSES = {status.value: status for status in CaseStatus}
_ORIGINS = {origin.value: origin for origin in Origin}

"""What can be read of a damaged case database, as values of the right kind; nothing here is trusted yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.errors import StoreError
from tongue_viewer.storage.case_store_log import EditRow
from tongue_viewer.storage.case_store_pages import Cell, cells
from tongue_viewer.storage.case_store_rows import CaseRow, checked_row

_CASE_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LINK_BYTES = 32
_MOST_PIXELS = 2**20

_PHOTO_DEFAULTS = (None, "", 0)  # of the columns that later versions added
_EDIT_DEFAULTS = ("", "", None, "")


@dataclass
class Salvage:
    """The rows of one file, and what its indexes repeat of them.

    Attributes:
        photos: row number → the case; of several the one that was changed last.
        edits: number → entry of the log.
        links: number → hash of the chain.
        snapshots: (case_id, number of the entry) → bytes of a mask.
        predictions: row number of the photo → the row.
        ambiguous: photos with more than one prediction: one of them has a wrong number.
        owners: number of an entry → case_ids, from the index of the log.
        placed: (case_id, number) pairs of snapshots, from their index.
        case_ids, names, contents: row number of a photo → values, from the indexes of the photos.
        written: how many entries were ever written, 0 where that cannot be read.
    """

    photos: dict[int, CaseRow] = field(default_factory=dict)
    edits: dict[int, EditRow] = field(default_factory=dict)
    links: dict[int, bytes] = field(default_factory=dict)
    snapshots: dict[tuple[str, int], bytes] = field(default_factory=dict)
    predictions: dict[int, Cell] = field(default_factory=dict)
    ambiguous: set[int] = field(default_factory=set)
    owners: dict[int, set[str]] = field(default_factory=dict)
    placed: set[tuple[str, int]] = field(default_factory=set)
    case_ids: dict[int, set[str]] = field(default_factory=dict)
    names: dict[int, set[str]] = field(default_factory=dict)
    contents: dict[int, set[str]] = field(default_factory=dict)
    written: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing of a case database was found."""
        return not (self.photos or self.edits or self.snapshots or self.case_ids)


def salvage(file: Path) -> Salvage:
    """Read what can be read of a file; it is only read.

    Raises:
        OSError: the file cannot be read at all.
    """
    found = Salvage()
    for cell in cells(file.read_bytes()):
        values = cell.values()
        if values is None:
            continue
        if cell.kind == "index":
            _take_index(found, values)
        else:
            _take_row(found, cell, values)
    return found


def _take_row(found: Salvage, cell: Cell, values: tuple[Any, ...]) -> None:
    number = cell.rowid
    match values:
        case ("edit", int() as written):
            found.written = max(found.written, written)
        case (None, bytes() as link) if len(link) == _LINK_BYTES:
            found.links[number] = link
        case (None, str() as case_id, int() as edit, bytes() as data) if _CASE_ID.fullmatch(case_id):
            found.snapshots[case_id, edit] = data
        case (None, int(), *_) if len(values) == 13:
            if number in found.predictions:
                found.ambiguous.add(number)
            found.predictions[number] = cell
        case (None, str(), str(), str(), int(), *_) if len(values) in (14, 15, 17):
            row = _photo(number, values)
            known = found.photos.get(number)
            if row is not None and (known is None or known.changed <= row.changed):
                found.photos[number] = row
        case (None, str(), int() | float(), *_) if len(values) in (13, 17):
            entry = _edit(number, values)
            if entry is not None:
                found.edits[number] = entry


def _take_index(found: Salvage, values: tuple[Any, ...]) -> None:
    match values:
        case (str() as case_id, int() as edit, int() as rowid) if _CASE_ID.fullmatch(case_id):
            # A line of the log's index repeats the number; one of the snapshots' seldom does, and then stands there as well.
            if edit != rowid or case_id in found.owners.get(edit, ()):
                found.placed.add((case_id, edit))
            else:
                found.owners.setdefault(edit, set()).add(case_id)
        case (str() as text, int() as rowid):
            if _SHA256.fullmatch(text):
                found.contents.setdefault(rowid, set()).add(text)
            elif _CASE_ID.fullmatch(text):
                found.case_ids.setdefault(rowid, set()).add(text)
            else:
                found.names.setdefault(rowid, set()).add(text)


def _photo(number: int, values: tuple[Any, ...]) -> CaseRow | None:
    whole = values + _PHOTO_DEFAULTS[len(values) - 14 :]
    _, case_id, name, sha256, height, width, current, status, note, failure, origin, revision = whole[:12]
    _, changed, quality, reviewed_by, declined = whole[12:]
    try:
        row = checked_row(
            CaseRow(
                number,
                case_id,
                name,
                sha256,
                height,
                width,
                current,
                status,
                note,
                failure,
                origin,
                revision,
                changed,
                quality,
                reviewed_by,
                declined,
            )
        )
    except StoreError:
        return None
    sound = (
        _CASE_ID.fullmatch(case_id)
        and number > 0
        and (not sha256 or _SHA256.fullmatch(sha256))
        and 0 <= height <= _MOST_PIXELS
        and 0 <= width <= _MOST_PIXELS
        and current in (0, 1)
        and declined in (0, 1)
    )
    return row if sound else None


def _edit(number: int, values: tuple[Any, ...]) -> EditRow | None:
    whole = values + _EDIT_DEFAULTS[len(values) - 13 :]
    _, case_id, made, user, action, tool, origin, status, note, revision, height, width, patch = whole[:13]
    model, digest, threshold, merge = whole[13:]
    texts = (case_id, user, action, tool, status, note, model, digest, merge)
    numbers = (revision, height, width)
    if not (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(value, int) for value in numbers)
        and isinstance(patch, bytes)
        and isinstance(threshold, int | float | None)
        and _CASE_ID.fullmatch(case_id)
    ):
        return None
    try:
        return EditRow(
            number,
            case_id,
            float(made),
            user,
            action,
            tool,
            None if origin is None else Origin(origin),
            CaseStatus(status),
            note,
            model,
            digest,
            None if threshold is None else float(threshold),
            bool(patch),
            "",
            revision,
            (height, width),
            patch,
            merge,
        )
    except ValueError:
        return None

"""Which case belongs to a photo: by name and content, through renaming, copying and changing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.photo import Photo
from tongue_viewer.storage.case_store_log import Entry, append_edit
from tongue_viewer.storage.case_store_masks import patch_to, read_mask_of
from tongue_viewer.storage.case_store_predictions import copy_prediction
from tongue_viewer.storage.case_store_rows import CaseRow, insert_case, select_rows, update_case

CHANGED_NOTE = (
    "The photo was changed since its mask was made; the earlier mask is kept with the earlier content."
)


@dataclass(frozen=True)
class Match:
    """What the database knows of a photo.

    Attributes:
        kind: "same" case; "renamed": the case of a name that is gone; "copied": of another file that is still
            there; "new".
        row: the case that has this content, None if new.
        displaced: another case that has had this name so far, None if none.
    """

    kind: Literal["same", "renamed", "copied", "new"]
    row: CaseRow | None = None
    displaced: CaseRow | None = None

    @property
    def note(self) -> str:
        """What the person should know of a case that begins anew."""
        old = self.displaced
        worth = old is not None and (old.origin is not None or old.status != CaseStatus.TO_DO)
        return CHANGED_NOTE if worth and self.row is None else ""


@dataclass(frozen=True)
class Gone:
    """Whether a name is gone from the folder, seen from a photo that now has the name `now`."""

    folder: Path
    now: str

    def __call__(self, name: str) -> bool:
        """Whether no other file of this name is there."""
        old, new = self.folder / name, self.folder / self.now
        # On a drive that ignores capitals "A.bmp" is still found after it became "a.bmp".
        return not old.exists() or (
            name.casefold() == self.now.casefold() and new.exists() and old.samefile(new)
        )


def find_match(
    connection: sqlite3.Connection, name: str, sha256: str, is_gone: Callable[[str], bool]
) -> Match:
    """Look a photo up; changes nothing.

    Args:
        connection: the case database.
        name: relative to the folder, with forward slashes.
        sha256: of the photo's bytes.
        is_gone: whether no file of a name (relative to the folder) is there any more.
    """
    here = next(iter(select_rows(connection, "name = ? AND current = 1", name)), None)
    if here is not None and here.sha256 == sha256:
        return Match("same", here)
    earlier = select_rows(connection, "name = ? AND sha256 = ? ORDER BY changed DESC", name, sha256)
    if earlier:
        return Match("same", earlier[0], here)
    others = select_rows(connection, "sha256 = ?", sha256)
    if others:
        best = max(others, key=lambda row: (row.origin == Origin.HUMAN, row.origin is not None, row.changed))
        return Match("renamed" if not best.current or is_gone(best.name) else "copied", best, here)
    if here is not None and not here.sha256:
        return Match("same", here)  # it could not be read before, so no content speaks against it
    return Match("new", None, here)


def settle(connection: sqlite3.Connection, match: Match, name: str, photo: Photo, user: str) -> CaseRow:
    """Carry a match out inside the caller's transaction; returns the case that now has the name."""
    sha256, shape = photo.sha256, photo.shape
    displaced = match.displaced
    if displaced is not None and (match.row is None or displaced.id != match.row.id):
        update_case(connection, displaced, current=0)
    if match.row is None:
        return insert_case(connection, name, sha256, shape, match.note)
    if match.kind == "copied":
        return _copy(connection, match.row, insert_case(connection, name, sha256, shape), user)
    row = match.row
    wanted = {"name": name, "sha256": sha256, "current": 1, "failure": ""}
    if not row.height:
        wanted |= {"height": shape[0], "width": shape[1]}
    if any(getattr(row, column) != value for column, value in wanted.items()):
        old_name = row.name
        row = update_case(connection, row, **wanted)
        if old_name != name:
            append_edit(connection, row.now, Entry(user, f"Renamed from {old_name}", "rename"))
    return row


def earlier_work(connection: sqlite3.Connection, row: CaseRow) -> str:
    """case_id of the work that a person did on an earlier content of the same file, "" if there is none to ask about.

    Nothing is asked once the case of now has been worked on, or the earlier mask was declined.
    """
    if row.touched or row.declined:
        return ""
    found = select_rows(connection, "name = ? AND current = 0 ORDER BY changed DESC", row.name)
    return next((old.case_id for old in found if old.origin is not None and old.touched), "")


def _copy(connection: sqlite3.Connection, source: CaseRow, target: CaseRow, user: str) -> CaseRow:
    """Give `target` the mask, prediction and status of `source`."""
    mask = read_mask_of(connection, source)
    patch = b"" if mask is None else patch_to(connection, target, mask)
    copy_prediction(connection, source, target)
    kept = ("status", "note", "origin", "quality", "reviewed_by")
    target = update_case(connection, target, **{column: getattr(source, column) for column in kept})
    shape = (target.height, target.width)
    append_edit(connection, target.now, Entry(user, f"Copy of {source.name}", "copy", patch, shape))
    return target

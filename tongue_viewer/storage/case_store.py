"""The case database of one folder: masks, predictions, statuses and the edit log in one SQLite file.

Every change is one durable transaction: after a method has returned, a crash or a power cut takes nothing of
it away, and before that the old state stands, whole. Why SQLite, where the file stands and what a change
costs: docs/adr/0003-case-store.md and docs/adr/0009-edit-log.md.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary, EditStep, Origin, Prediction
from tongue_viewer.core.photo import MaskArray, Photo
from tongue_viewer.storage.case_store_log import Entry, append_edit, last_reviewer
from tongue_viewer.storage.case_store_masks import keep_snapshot, patch_to, read_mask_of, read_undo_line
from tongue_viewer.storage.case_store_match import Gone, earlier_work, find_match, settle
from tongue_viewer.storage.case_store_predictions import read_prediction_of, write_prediction_of
from tongue_viewer.storage.case_store_reading import CaseReader, Only, StoredCase
from tongue_viewer.storage.case_store_rows import (
    CaseRow,
    check_shape,
    insert_case,
    select_case,
    select_rows,
    update_case,
)

__all__ = ["CaseStore", "Only", "StoredCase"]

_OF_THE_MODEL = frozenset({"segment", "reset"})
"""Tools whose entry names the model and the threshold that the mask comes from."""


@dataclass(frozen=True, eq=False)
class _MaskChange:
    """A new mask of a case on its way into the log."""

    mask: MaskArray
    entry: Entry


class CaseStore(CaseReader):
    """The open case database of one folder; safe to use from several threads at once.

    `StoreFile` documents the attributes, `CaseReader` has what only reads.
    """

    def load(self, photo: Photo) -> CaseState:
        """The case of a photo, made at its first opening; follows a renaming, is copied to a copy.

        Raises:
            StoreError: the stored mask is damaged or does not fit the photo; it is not applied.
        """
        name = self._name(photo.path)
        with self._writing() if self.writable else self._reading() as connection:
            match = find_match(connection, name, photo.sha256, Gone(self.folder, name))
            # The photo was decoded, so an earlier failure is over, also where that cannot be written.
            row = None if match.row is None else replace(match.row, failure="")
            if self.writable:
                row = settle(connection, match, name, photo, self.user_name)
            if row is None:
                return CaseState(CaseSummary(photo.path, note=match.note), photo, _empty(photo.shape))
            mask = read_mask_of(connection, row)
            prediction = read_prediction_of(connection, row)
            undo = None if mask is None else read_undo_line(connection, row)
            earlier = earlier_work(connection, row)
        if mask is not None:
            check_shape(row, mask.shape, photo.shape)
        if prediction is not None:
            check_shape(row, prediction.shape, photo.shape)
        shown = _empty(photo.shape) if mask is None else mask
        return CaseState(row.summary(photo.path), photo, shown, row.made_by, prediction, undo, earlier)

    def save_prediction(
        self, photo: Photo, prediction: Prediction, mask: MaskArray
    ) -> tuple[CaseSummary, bool]:
        """Keep a model's answer; its mask becomes the case's only where no person has had a hand in it.

        Returns:
            The case after it, and whether the mask was taken.

        Raises:
            StoreError: not saved; the text says what is safe and what to do.
        """
        name = self._name(photo.path)
        model = (prediction.model_name, prediction.model_sha256, prediction.threshold)
        with self._writing() as connection:
            match = find_match(connection, name, photo.sha256, Gone(self.folder, name))
            if match.row is not None and match.displaced is not None:
                row = (
                    match.row
                )  # a late answer for an earlier content: the case of now stays the one of this name
            else:
                row = settle(connection, match, name, photo, self.user_name)
            check_shape(row, mask.shape, photo.shape)
            check_shape(row, prediction.shape, photo.shape)
            row = write_prediction_of(connection, row, prediction)
            if row.touched:
                action = f"Answer of {prediction.model_name}, not taken"
                append_edit(connection, row.now, Entry(self.user_name, action, "answer", model=model))
                return row.summary(photo.path), False
            columns = {
                "status": CaseStatus.PREDICTED.value,
                "origin": Origin.MODEL.value,
                "changed": time.time(),
            }
            entry = Entry(self.user_name, f"Segment ({prediction.model_name})", "segment", model=model)
            row = self._change_mask(connection, row, _MaskChange(mask, entry), columns)
            return row.summary(photo.path), True

    def save_step(self, step: EditStep) -> CaseSummary:
        """Write one step of the editor, durable when this returns.

        Raises:
            StoreError: not saved, nothing half-written; the text says what is safe and what to do.
        """
        with self._writing() as connection:
            row = select_case(connection, step.case_id)
            check_shape(row, step.mask.shape, (row.height, row.width))
            columns = self._status_columns(connection, row, step.status, step.note, step.tool)
            columns |= {"revision": step.revision, "changed": step.made}
            entry = Entry(self.user_name, step.action, step.tool, merge=step.merge, made=step.made)
            if _says_nothing_of_the_mask(step, row):
                row = update_case(connection, row, **columns)
                append_edit(connection, row.now, replace(entry, shape=(row.height, row.width)))
                return row.summary(self.folder / row.name)
            columns["origin"] = step.origin.value
            if step.tool in _OF_THE_MODEL:
                answer = read_prediction_of(connection, row)
                if answer is not None:
                    model = (answer.model_name, answer.model_sha256, answer.threshold)
                    entry = replace(entry, model=model)
            row = self._change_mask(connection, row, _MaskChange(step.mask, entry), columns)
            return row.summary(self.folder / row.name)

    def take_over(self, photo: Photo, other: StoredCase, action: str) -> CaseSummary:
        """Give the case of a photo the mask, status and prediction of another case, of this folder or another one.

        Of another content only the mask: nobody has reviewed this photo, and no model has seen it.

        Args:
            photo: of the case that gets them.
            other: where they come from; of the photo's size.
            action: for the log, names the place that they come from.

        Raises:
            StoreError: of another size, or not saved.
        """
        name = self._name(photo.path)
        with self._writing() as connection:
            match = find_match(connection, name, photo.sha256, Gone(self.folder, name))
            row = settle(connection, match, name, photo, self.user_name)
            check_shape(row, other.mask.shape, photo.shape)
            same = other.sha256 == photo.sha256
            if same and other.prediction is not None:
                row = write_prediction_of(connection, row, other.prediction)
            columns = {
                "status": (other.status if same else CaseStatus.EDITED).value,
                "note": other.note if same else "",
                "reviewed_by": other.reviewed_by if same else "",
                "origin": None if other.origin is None else other.origin.value,
                "changed": time.time(),
            }
            change = _MaskChange(other.mask, Entry(self.user_name, action, "take over"))
            return self._change_mask(connection, row, change, columns).summary(photo.path)

    def decline(self, case_id: str) -> CaseSummary:
        """Note that the person does not want the mask that was offered for a case; it is not offered again.

        Raises:
            StoreError: not saved.
        """
        with self._writing() as connection:
            row = update_case(connection, select_case(connection, case_id), declined=1)
            append_edit(connection, row.now, Entry(self.user_name, "Earlier mask not wanted", "decline"))
            return row.summary(self.folder / row.name)

    def declined(self, case_id: str) -> bool:
        """Whether `decline` was called for a case."""
        with self._reading() as connection:
            return bool(select_case(connection, case_id).declined)

    def set_status(self, case_id: str, status: CaseStatus, note: str = "") -> CaseSummary:
        """Set the status alone; the mask stays.

        Raises:
            StoreError: not saved.
        """
        with self._writing() as connection:
            row = select_case(connection, case_id)
            columns = self._status_columns(connection, row, status, note, "status")
            row = update_case(connection, row, **columns, changed=time.time())
            append_edit(connection, row.now, Entry(self.user_name, f"Status: {status.value}", "status"))
            return row.summary(self.folder / row.name)

    def set_failed(self, path: Path, message: str) -> CaseSummary:
        """Note that a photo cannot be read; mask and status stay, and come back when it can be."""
        name = self._name(path)
        with self._writing() as connection:
            rows = select_rows(connection, "name = ? AND current = 1", name)
            row = rows[0] if rows else insert_case(connection, name, "", (0, 0))
            row = update_case(connection, row, failure=message or "unreadable", changed=time.time())
            return row.summary(path)

    def _change_mask(
        self, connection: sqlite3.Connection, row: CaseRow, change: _MaskChange, columns: dict[str, Any]
    ) -> CaseRow:
        patch = patch_to(connection, row, change.mask, self._memory.get(row.case_id))
        row = update_case(connection, row, **columns)
        entry = replace(change.entry, patch=patch, shape=(row.height, row.width))
        number = append_edit(connection, row.now, entry)
        if patch:
            keep_snapshot(connection, row, number, change.mask)
        self._memory.put(row.case_id, change.mask)  # forgotten where the commit fails
        return row

    def _status_columns(
        self, connection: sqlite3.Connection, row: CaseRow, status: CaseStatus, note: str, tool: str
    ) -> dict[str, Any]:
        """The columns that go with a status; undo and redo bring the name of the reviewer back as well."""
        reviewer = ""
        if status is CaseStatus.REVIEWED:
            if row.status == CaseStatus.REVIEWED:
                reviewer = row.reviewed_by
            else:
                again = tool in ("undo", "redo")
                reviewer = last_reviewer(connection, row.case_id) if again else self.user_name
        return {"status": status.value, "note": note, "failure": "", "reviewed_by": reviewer}


def _says_nothing_of_the_mask(step: EditStep, row: CaseRow) -> bool:
    """Flagging a photo without a mask gives it none; approving an empty mask says: here is no tongue.

    The store may have a model's mask by now of which the window did not know when the person set the status.
    """
    blank = row.origin != Origin.HUMAN and not step.mask.any()
    return blank and step.tool == "status" and step.status is not CaseStatus.REVIEWED


def _empty(shape: tuple[int, int]) -> MaskArray:
    mask = np.zeros(shape, np.uint8)
    mask.flags.writeable = False
    return mask

"""The only mutable model of the open case."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject

from tongue_viewer.core.cases import CaseState, CaseStatus, EditStep, Origin
from tongue_viewer.core.events import PredictionReady
from tongue_viewer.core.history import Change
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.editor.commands import UndoHistory
from tongue_viewer.editor.open_case import OpenCase, box_to_rect, read_only
from tongue_viewer.editor.stroke import Stroke

_BY_HAND = frozenset({CaseStatus.EDITED, CaseStatus.REVIEWED, CaseStatus.FLAGGED})
UNDO_BYTES = 256 * 2**20
"""Memory of all undo steps of the open case."""


class Document(OpenCase):
    """The open case and all that may change it; `OpenCase` documents the signals and the readable side.

    Every change of the mask passes `apply`: one patch, one undo step, one `step_made`. Two arrays are kept:
    the working mask that is shown, on which a stroke in hand paints, and the settled one after the last step.

    Rules:
        An edit makes the case EDITED, also after a review. Undo and redo bring back the status that stood
        beside that mask, unless the person set another one meanwhile: then it is an edit as well.
        A step by a person (do, undo, redo) makes the mask HUMAN for good, so that a late answer of the model
        never competes with it, neither here nor in the store. Where the store took such an answer before it
        heard of the step, the document tells it its own mask again: the last word is what the person sees.
        Anything that changes the mask while a stroke is in hand first rolls the stroke back.
    """

    def __init__(self, parent: QObject | None = None, undo_bytes: int = UNDO_BYTES) -> None:
        super().__init__(parent)
        self._settled: MaskArray = self._mask
        self._stroke: Stroke | None = None
        self._touched = False
        self._waiting: PredictionReady | None = None
        self._history = UndoHistory(self._stack, self._toggle, undo_bytes)

    def open(self, state: CaseState) -> None:
        """Show another case, with the undo steps that it brings along."""
        if self.is_open:
            self.leaving.emit()
        self._end_stroke()
        self._history.clear()
        self._photo = state.photo
        self._case_id = state.summary.case_id
        self._mask = np.array(state.mask, np.uint8, order="C", copy=True)
        self._settled = self._mask.copy()
        self._shown = read_only(self._mask)
        self._status, self._note = state.summary.status, state.summary.note
        self._origin, self._prediction = state.origin, state.prediction
        self._touched = state.origin is Origin.HUMAN or self._status is CaseStatus.REVIEWED
        self._revision += 1
        if state.undo is not None:
            self._history.restore(state.undo)
        self.opened.emit()

    def close(self) -> None:
        """Show no case."""
        if not self.is_open:
            return
        self.leaving.emit()
        self._end_stroke()
        self._history.clear()
        self._photo, self._prediction, self._origin = None, None, None
        self._case_id, self._note, self._status = "", "", CaseStatus.TO_DO
        self._mask = self._settled = np.zeros((0, 0), np.uint8)
        self._shown = read_only(self._mask)
        self._revision += 1
        self.closed.emit()

    def apply(self, patch: MaskPatch, action: str, tool: str, origin: Origin = Origin.HUMAN) -> None:
        """Change the mask: one undo step.

        Args:
            patch: difference to the mask as it is after the last step.
            action: text for people, for example "Brush".
            tool: stable machine word of `EditStep`.
            origin: who made the resulting mask.

        Raises:
            ValueError: the patch does not fit the mask; nothing has changed.
            RuntimeError: no case is open.
        """
        self._end_stroke()
        self._do(patch, action, origin)
        self._tell(action, tool, patch.to_bytes())

    def set_mask(self, mask: MaskArray, action: str, tool: str, origin: Origin = Origin.HUMAN) -> bool:
        """Replace the whole mask, (H, W) uint8, as one undo step; False (and no step) where it is the same.

        Raises:
            ValueError: the mask has another size than the photo.
        """
        self._end_stroke()
        patch = MaskPatch.between(self._settled, mask)
        if patch is None:
            return False
        self.apply(patch, action, tool, origin)
        return True

    def accept_prediction(self, event: PredictionReady) -> bool:
        """Take the model's answer if it was computed for the open case.

        The mask becomes an undoable step only where the store took it as well and no person has made a step
        since the case was opened; else the prediction alone is kept (threshold, uncertainty, reset).

        Returns:
            Whether the answer belongs to the open case.
        """
        summary = event.summary
        if not self.is_open or (summary.case_id, event.mask.shape) != (self._case_id, self._mask.shape):
            return False
        if not summary.case_id and summary.path != self.path:  # a folder without a store has no identities
            return False
        self._prediction = event.prediction
        if event.replaced and (self._touched or self._origin is Origin.HUMAN):
            self._revision += 1
            self._tell("Keep mask", "keep", b"")
        elif event.replaced:
            if self._stroke is None:
                self._take(event)
            else:
                self._waiting = event  # taken if the stroke in hand comes to nothing
        self.prediction_changed.emit()
        return True

    def reset_to_prediction(self, threshold: float) -> bool:
        """Replace the mask by the model's at `threshold` (0..1); False where nothing changes.

        Without a prediction nothing changes.
        """
        if self._prediction is None:
            return False
        mask = mask_from_probability(self._prediction.probability(), threshold)
        return self.set_mask(mask, "Reset to model", "reset")

    def set_status(self, status: CaseStatus, note: str = "") -> bool:
        """Set how far the case has come; no undo step, but stored like one. False where nothing changes."""
        if not self.is_open or (status, note) == (self._status, self._note):
            return False
        if status is CaseStatus.REVIEWED:
            self._touched, self._waiting = True, None
        self._revision += 1
        self._set_status(status, note, self._origin)
        self._tell("Status", "status", b"")
        return True

    @property
    def stroke_in_hand(self) -> bool:
        """Whether the mask that is shown is not settled yet."""
        return self._stroke is not None

    def begin_stroke(self) -> Stroke:
        """Start painting on the working mask; the stroke in hand, if any, is rolled back.

        Raises:
            RuntimeError: no case is open.
        """
        if not self.is_open:
            raise RuntimeError("a stroke needs an open case; open a photo first")
        waiting = self._waiting
        self._end_stroke()
        self._waiting = waiting  # for this stroke too, an answer is only outdated by a step
        self._stroke = Stroke(
            self._mask, self._settled, self.mask_changed.emit, self._finish_stroke, self._cancel_stroke
        )
        return self._stroke

    def _take(self, event: PredictionReady) -> None:
        patch = MaskPatch.between(self._settled, event.mask)
        by_hand = self._status in _BY_HAND
        to = (self._status, self._note) if by_hand else (event.summary.status, event.summary.note)
        if patch is None:
            self._set_status(*to, Origin.MODEL)
        else:
            self._do(patch, "Segment", Origin.MODEL, to=to)
        if by_hand:  # else the store, which made the answer's step, knows all of it
            self._revision += 1
            self._tell("Segment", "segment", b"")

    def _finish_stroke(self, stroke: Stroke, action: str, tool: str, merge: str) -> bool:
        stroke.alive, self._stroke = False, None
        patch = MaskPatch.between(self._settled, self._mask, stroke.box) if stroke.box[2] else None
        if patch is not None:
            self._waiting = None
            self._do(patch, action, merge=merge)
            self._tell(action, tool, patch.to_bytes(), merge)
        self._take_waiting()
        return patch is not None

    def _cancel_stroke(self, stroke: Stroke) -> None:
        stroke.alive, self._stroke = False, None
        row, column, height, width = stroke.box
        if height:
            window = (slice(row, row + height), slice(column, column + width))
            self._mask[window] = self._settled[window]
            self.mask_changed.emit(box_to_rect(stroke.box))
        self._take_waiting()

    def _take_waiting(self) -> None:
        event, self._waiting = self._waiting, None
        if event is not None:
            self._take(event)

    def _end_stroke(self) -> None:
        self._waiting = None
        if self._stroke is not None:
            self._stroke.rollback()

    def _do(
        self,
        patch: MaskPatch,
        action: str,
        origin: Origin = Origin.HUMAN,
        *,
        to: tuple[CaseStatus, str] = (CaseStatus.EDITED, ""),
        merge: str = "",
    ) -> None:
        if not self.is_open:
            raise RuntimeError("a change needs an open case; open a photo first")
        change = Change(patch, action, (self._status, self._note), to, merge)
        self._change_pixels(patch)  # all that can fail, before the push
        self._touched = self._touched or origin is Origin.HUMAN
        self._revision += 1
        self._history.push(change)
        self.mask_changed.emit(box_to_rect(patch.box))
        self._set_status(*to, origin)

    def _toggle(self, change: Change, forward: bool) -> None:
        """Undo or redo of a step, by a person."""
        self._end_stroke()
        self._change_pixels(change.patch)
        left, reached = (change.before, change.after) if forward else (change.after, change.before)
        untouched = (self._status, self._note) == left
        self._touched = True
        self._revision += 1
        self.mask_changed.emit(box_to_rect(change.patch.box))
        self._set_status(*(reached if untouched else (CaseStatus.EDITED, "")), Origin.HUMAN)
        word, tool = ("Redo", "redo") if forward else ("Undo", "undo")
        self._tell(f"{word} {change.action}", tool, change.patch.to_bytes())

    def _change_pixels(self, patch: MaskPatch) -> None:
        patch.apply_to(self._settled)
        self._mask[patch.window] = self._settled[patch.window]

    def _set_status(self, status: CaseStatus, note: str, origin: Origin | None) -> None:
        if (status, note, origin) != (self._status, self._note, self._origin):
            self._status, self._note, self._origin = status, note, origin
            self.status_changed.emit()

    def _tell(self, action: str, tool: str, patch: bytes, merge: str = "") -> None:
        step = EditStep(
            case_id=self._case_id,
            action=action,
            tool=tool,
            origin=self._origin or Origin.HUMAN,
            mask=read_only(self._settled.copy()),
            patch=patch,
            status=self._status,
            revision=self._revision,
            made=time.time(),
            note=self._note,
            merge=merge,
        )
        self.step_made.emit(step)

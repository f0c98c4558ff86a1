"""The readable side of the open case: what widgets may look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QUndoStack

from tongue_viewer.core.cases import CaseStatus, Origin, Prediction
from tongue_viewer.core.photo import MaskArray, Photo
from tongue_viewer.core.raster import Box


class OpenCase(QObject):
    """Photo, mask and status of the case that is open, read-only; `Document` is the side that changes them.

    Signals (all past facts):
        leaving(): the open case is about to be closed or replaced, and is still all there: the last moment for what
            belongs to it.
        opened(): another case is open; everything may have changed.
        closed(): no case is open.
        mask_changed(QRect): the mask changed inside the rectangle (x, y, width, height in photo pixels), also
            during a stroke, before it is a step.
        status_changed(): status, note or origin changed.
        prediction_changed(): the kept prediction is another one.
        step_made(EditStep): a step to be stored was made: do, undo, redo, or a change of the status.
    """

    leaving = Signal()
    opened = Signal()
    closed = Signal()
    mask_changed = Signal(QRect)
    status_changed = Signal()
    prediction_changed = Signal()
    step_made = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = QUndoStack(self)
        self._case_id = ""
        self._photo: Photo | None = None
        self._mask: MaskArray = np.zeros((0, 0), np.uint8)
        self._shown: MaskArray = read_only(self._mask)
        self._status = CaseStatus.TO_DO
        self._note = ""
        self._origin: Origin | None = None
        self._prediction: Prediction | None = None
        self._revision = 0

    @property
    def is_open(self) -> bool:
        """Whether a case is open."""
        return self._photo is not None

    @property
    def case_id(self) -> str:
        """Identity of the open case, "" if none."""
        return self._case_id

    @property
    def path(self) -> Path | None:
        """The open photo's file."""
        return None if self._photo is None else self._photo.path

    @property
    def photo(self) -> Photo | None:
        """The open photo."""
        return self._photo

    @property
    def mask(self) -> MaskArray:
        """(H, W) uint8, a read-only view that follows every change, also a stroke; (0, 0) if closed."""
        return self._shown

    @property
    def status(self) -> CaseStatus:
        """How far the case has come."""
        return self._status

    @property
    def note(self) -> str:
        """Text that belongs to the status."""
        return self._note

    @property
    def origin(self) -> Origin | None:
        """Who made the mask; None while there is none."""
        return self._origin

    @property
    def prediction(self) -> Prediction | None:
        """What the model said of the open photo."""
        return self._prediction

    @property
    def revision(self) -> int:
        """Grows with every change and never returns; `EditStep` holds its value after the step."""
        return self._revision

    @property
    def undo_stack(self) -> QUndoStack:
        """For actions (`undo`, `redo`, their texts) and views; only the document pushes."""
        return self._stack


def read_only(mask: MaskArray) -> MaskArray:
    """A view on the same pixels that cannot be written."""
    view = mask.view()
    view.flags.writeable = False
    return view


def box_to_rect(box: Box) -> QRect:
    """(row, column, height, width) as a rectangle of (x, y, width, height)."""
    row, column, height, width = box
    return QRect(column, row, width, height)

"""Joins the threshold's slider with the document: a live preview, then one merged undo step."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from tongue_viewer.core.cases import EditStep, Prediction
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.photo import MaskArray, ProbabilityArray
from tongue_viewer.core.threshold import at_threshold, changed_box, closest_threshold
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.stroke import Stroke
from tongue_viewer.ui.threshold_panel import ThresholdPanel

_TOOL = "threshold"
_SETTLED = 150  # milliseconds after the last step
_PAUSE = 25  # milliseconds in which several moves of the slider become one preview


class ThresholdControl(QObject):
    """While the slider is moved, a stroke shows the mask; when it is let go, the stroke becomes a step.

    Moves in a row are one step of undo. The probability at the photo's size is made at the first move and let go
    with the photo.
    """

    def __init__(self, document: Document, panel: ThresholdPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
        self._probability: ProbabilityArray | None = None
        self._fresh = False  # whether `_start` is that of the settled mask
        self._start = 0.5  # the threshold that the settled mask goes back to
        self._before: MaskArray = np.zeros((0, 0), np.uint8)  # the model's mask there
        self._stroke: Stroke | None = None
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._preview)
        self._follow = QTimer(self, singleShot=True, interval=_SETTLED)
        self._follow.timeout.connect(self._show_start)
        panel.field.chosen.connect(self._on_chosen)
        panel.field.settled.connect(self._on_settled)
        for signal in (document.opened, document.closed, document.prediction_changed):
            signal.connect(self._forget)
        document.step_made.connect(self._on_step)
        self._forget()

    @Slot()
    def _forget(self) -> None:
        """Another photo, or another answer of the model."""
        self._timer.stop()
        self._follow.stop()
        self._fresh = False
        stroke, self._stroke, self._probability = self._stroke, None, None
        if stroke is not None:
            stroke.rollback()
        prediction = self._document.prediction
        self._panel.setEnabled(prediction is not None)
        self._panel.field.show_value(round(100 * (prediction.threshold if prediction else 0.5)))

    @Slot(object)
    def _on_step(self, step: EditStep) -> None:
        """An edit, undo or redo, also while the slider is held: at the next move the threshold is looked for again."""
        if step.tool != _TOOL:
            self._fresh = False
            self._follow.start()

    @Slot(int)
    def _on_chosen(self, _value: int) -> None:
        self._timer.start()

    @Slot(int)
    def _on_settled(self, value: int) -> None:
        self._timer.stop()
        self._preview()
        stroke = self._stroke
        if stroke is not None and stroke.commit(f"Threshold {value} %", _TOOL, merge=_TOOL):
            self._start_at(value / 100)
        self._stroke = None

    @Slot()
    def _preview(self) -> None:
        document, prediction = self._document, self._document.prediction
        if prediction is None or not document.is_open:
            return
        probability = self._look(prediction)
        if self._stroke is None or not self._stroke.alive:
            self._stroke = document.begin_stroke()
        settled = self._stroke.settled
        mask = at_threshold(settled, probability, self._before, self._panel.field.value / 100)
        row, column, height, width = box = changed_box(settled, mask)
        self._stroke.show(box, mask[row : row + height, column : column + width])

    def _look(self, prediction: Prediction) -> ProbabilityArray:
        """The probability at the photo's size, with `_start` found anew where the mask was changed otherwise."""
        if self._probability is None:
            self._probability = prediction.probability()
        if not self._fresh:
            mask = self._document.mask if self._stroke is None else self._stroke.settled
            self._start_at(closest_threshold(self._probability, mask, prediction.threshold))
        return self._probability

    def _start_at(self, threshold: float) -> None:
        """The settled mask goes back to this threshold."""
        if self._probability is not None:
            self._start, self._fresh = threshold, True
            self._before = mask_from_probability(self._probability, threshold)

    @Slot()
    def _show_start(self) -> None:
        """After an undo, a redo or a reset the slider stands where the mask stands; only if it was moved before."""
        prediction = self._document.prediction
        if self._probability is not None and prediction is not None and not self._document.stroke_in_hand:
            self._look(prediction)
            self._panel.field.show_value(round(100 * self._start))

"""Keeps the marked uncertain stretches in step with the mask, and goes from one to the next."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tongue_viewer.core.uncertain import Stretch, uncertain_stretches
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas.canvas_view import CanvasView

_SETTLED = 150  # milliseconds after the last change of the mask


class DoubtControl(QObject):
    """Looks for uncertain stretches once the mask stands still, and only while they are shown or asked for.

    Signals:
        refused(str): why it goes nowhere.
        counted(int): so many stretches are shown.
    """

    refused = Signal(str)
    counted = Signal(int)

    def __init__(self, document: Document, actions: Actions, canvas: CanvasView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._actions, self._canvas = document, actions, canvas
        self._last: tuple[float, float] | None = None  # the middle of the stretch that was gone to
        self._timer = QTimer(self, singleShot=True, interval=_SETTLED)
        self._timer.timeout.connect(self._look)
        for signal in (document.opened, document.closed, document.prediction_changed):
            signal.connect(self._on_other)
        document.mask_changed.connect(self._on_mask)
        actions["uncertain"].toggled.connect(self._on_toggled)
        actions["next_doubt"].triggered.connect(self._on_next)
        actions["previous_doubt"].triggered.connect(self._on_previous)
        actions["uncertain"].setChecked(True)

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self._canvas.set_doubts_visible(shown)
        self._look()

    @Slot()
    def _on_other(self) -> None:
        self._last = None
        self._show(())
        self._timer.start()

    @Slot()
    def _on_mask(self) -> None:
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        self._timer.stop()
        document = self._document
        wanted = self._actions["uncertain"].isChecked() and document.is_open
        if document.prediction is not None and wanted and not document.stroke_in_hand:
            self._show(uncertain_stretches(document.prediction, document.mask))
        elif not wanted:
            self._show(())

    def _show(self, stretches: tuple[Stretch, ...]) -> None:
        self._canvas.show_doubts(stretches)
        self.counted.emit(len(stretches))

    @Slot()
    def _on_next(self) -> None:
        self._go(1)

    @Slot()
    def _on_previous(self) -> None:
        self._go(-1)

    def _go(self, step: int) -> None:
        if not self._actions["uncertain"].isChecked():
            self._actions["uncertain"].setChecked(True)
        elif self._timer.isActive():
            self._look()
        found = self._canvas.scene.doubts
        if not found:
            self.refused.emit("The model is sure of the whole outline.")
            return
        stretch = found[self._following(found, step)]
        self._last = stretch.middle
        self._canvas.look_at(*stretch.middle, stretch.length)

    def _following(self, found: tuple[Stretch, ...], step: int) -> int:
        """Index of the stretch to go to."""
        if self._last is None:
            return 0 if step > 0 else len(found) - 1
        ways = [math.dist(stretch.middle, self._last) for stretch in found]
        nearest = ways.index(min(ways))
        if step > 0 and ways[nearest] > found[nearest].length:
            return nearest  # the last one was mended meanwhile: the one that is left there was never gone to
        return (nearest + step) % len(found)

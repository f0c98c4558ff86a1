"""Joins the tidy panel and its menu entries with the document."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from tongue_viewer.core.threshold import changed_box
from tongue_viewer.core.tidy import TIDY, invert
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.stroke import Stroke
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.in_hand import InHand
from tongue_viewer.ui.inspector import Inspector
from tongue_viewer.ui.tidy_panel import OPERATIONS, WITH_RADIUS

_WORDS = dict(OPERATIONS)
_PAUSE = 25  # milliseconds in which several moves of the slider become one preview
_EMPTY = np.zeros((0, 0), np.uint8)


class TidyControl(QObject):
    """Shows the tidied mask as a stroke; Apply makes one undo step of it, anything else on the mask drops it.

    What needs no radius is applied at once from the menu, and shown first from the panel.
    """

    def __init__(
        self, document: Document, actions: Actions, inspector: Inspector, in_hand: InHand, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._in_hand = in_hand
        self._document, self._actions, self._inspector = document, actions, inspector
        self._panel = panel = inspector.tidy
        self._stroke: Stroke | None = None
        self._class = 1
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._preview)
        panel.preview_wanted.connect(self._timer.start)
        panel.apply_wanted.connect(self._on_apply)
        panel.cancel_wanted.connect(self.cancel)
        panel.compare_changed.connect(self._on_compare)
        document.opened.connect(self.cancel)
        document.closed.connect(self.cancel)
        document.mask_changed.connect(self._on_mask)
        for name in TIDY:
            actions[name].triggered.connect(self._on_action)

    @Slot(int)
    def set_class(self, index: int) -> None:
        """The class that Invert exchanges with the background."""
        self._class = index

    @Slot()
    def cancel(self) -> None:
        """Drop the preview."""
        self._timer.stop()
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.rollback()
        self._panel.show_operation("")
        self._panel.setEnabled(self._document.is_open)

    @Slot()
    def _on_action(self) -> None:
        name = self.sender().objectName()
        if name not in TIDY or not self._document.is_open or self._in_hand.leaves_past():
            return
        self._panel.show_operation(name)
        self._preview()
        if name not in WITH_RADIUS:
            self._on_apply()
        else:
            self._actions["panels"].setChecked(True)
            self._inspector.bring(self._panel)

    @Slot()
    def _preview(self) -> None:
        operation, document = self._panel.operation, self._document
        if not operation or not document.is_open:
            return
        if self._stroke is None or not self._stroke.alive:
            self._stroke = document.begin_stroke()
        settled = self._stroke.settled
        if operation == "invert":
            tidied = invert(settled, self._class)
        else:
            tidied = TIDY[operation](settled, self._panel.radius.value)
        row, column, height, width = box = changed_box(settled, tidied)
        self._stroke.show(box, tidied[row : row + height, column : column + width])
        self._panel.apply_button.setEnabled(height > 0)

    @Slot()
    def _on_apply(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._preview()
        stroke, self._stroke = self._stroke, None
        operation = self._panel.operation
        if stroke is not None:
            stroke.commit(_WORDS[operation], operation)
        self.cancel()

    @Slot(bool)
    def _on_compare(self, held: bool) -> None:
        if not held:
            self._preview()
        elif self._stroke is not None:
            self._stroke.show((0, 0, 0, 0), _EMPTY)

    @Slot()
    def _on_mask(self) -> None:
        """Something else took the mask: the preview is gone."""
        if self._stroke is not None and not self._stroke.alive:
            self._stroke = None
            self._panel.show_operation("")

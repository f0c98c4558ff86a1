"""Painting and erasing by hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Qt

from tongue_viewer.editor.document import Document
from tongue_viewer.editor.stroke import Stroke
from tongue_viewer.editor.tools.tool import Pointer, Tool, ToolCursor

MIN_RADIUS = 0.5
MAX_RADIUS = 2000.0
_LIGHTEST = 0.2  # part of the radius that is left at no pressure, so that a pen never paints nothing


class BrushTool(Tool):
    """A round brush; the left button paints, the right one, Ctrl or the eraser's end of a pen erases.

    With `erasing` (the eraser, or a swapped brush) it is the other way round, but for the pen's eraser.
    Shift and a click joins a straight segment to the end of the last stroke. A stroke is one undo step at its
    release; what it begins, it ends: keys and buttons that change during the stroke change nothing.
    """

    def __init__(self, document: Document, parent: QObject | None = None, *, erasing: bool = False) -> None:
        super().__init__("erase" if erasing else "brush", parent)
        self._document = document
        self._radius = 12.0
        self._erasing = erasing
        self._stroke: Stroke | None = None
        self._stroke_erases = False
        self._stroke_class = self.class_index
        self._last: tuple[float, float] | None = None
        document.opened.connect(self._forget)
        document.closed.connect(self._forget)
        self._show(erasing=erasing)

    @property
    def radius(self) -> float:
        """In photo pixels."""
        return self._radius

    @property
    def erasing(self) -> bool:
        """Whether the left button erases."""
        return self._erasing

    @property
    def busy(self) -> bool:
        """Whether a stroke is in hand."""
        return self._stroke is not None and self._stroke.alive

    def set_radius(self, radius: float) -> None:
        """Change the brush's radius, in photo pixels, limited to 0.5 … 2000."""
        self._radius = min(MAX_RADIUS, max(MIN_RADIUS, radius))
        self._show(erasing=self._cursor.erasing)

    def swap(self) -> None:
        """Exchange painting and erasing."""
        self._erasing = not self._erasing
        if not self.busy:
            self._show(erasing=self._erasing)

    def press(self, pointer: Pointer) -> None:
        """Begin a stroke; with Shift from the end of the last one."""
        if not self._document.is_open or self.busy:
            return
        self._stroke = self._document.begin_stroke()
        self._stroke_erases = self._would_erase(pointer)
        self._stroke_class = self.class_index
        self._show(erasing=self._stroke_erases)
        here = self._snap(pointer.point)
        joins = pointer.has_key(Qt.KeyboardModifier.ShiftModifier) and self._last is not None
        start = self._last if joins and self._last is not None else here
        self._paint(start, here, pointer)

    def move(self, pointer: Pointer) -> None:
        """Go on with the stroke, or show what a press would do."""
        if not self.busy:
            self._show(erasing=self._would_erase(pointer))
        elif self._last is not None:
            self._paint(self._last, self._snap(pointer.point), pointer)

    def release(self, pointer: Pointer) -> None:
        """End the stroke: one undo step, or none where nothing changed."""
        if self._stroke is None:
            return
        self.move(pointer)
        stroke, self._stroke = self._stroke, None
        stroke.commit(
            "Erase" if self._stroke_erases else "Brush", "erase" if self._stroke_erases else "brush"
        )
        self._show(erasing=self._erasing)

    def cancel(self) -> None:
        """Take the stroke in hand back."""
        if self._stroke is not None:
            stroke, self._stroke = self._stroke, None
            stroke.rollback()
            self._show(erasing=self._erasing)

    def _would_erase(self, pointer: Pointer) -> bool:
        if pointer.eraser:
            return True
        other = pointer.has_button(Qt.MouseButton.RightButton)
        other = other or pointer.has_key(Qt.KeyboardModifier.ControlModifier)
        return self._erasing != other

    def _paint(self, start: tuple[float, float], end: tuple[float, float], pointer: Pointer) -> None:
        if self._stroke is None:
            return
        radius = self._radius * (_LIGHTEST + (1 - _LIGHTEST) * pointer.pressure)
        value = 0 if self._stroke_erases else self._stroke_class
        self._stroke.paint_segment(start, end, max(MIN_RADIUS, radius), value)
        self._last = end

    def _snap(self, point: tuple[float, float]) -> tuple[float, float]:
        """A brush of one pixel works from pixel centre to pixel centre: else it could fall between four."""
        if self._radius >= 1:
            return point
        return (math.floor(point[0]) + 0.5, math.floor(point[1]) + 0.5)

    def _show(self, *, erasing: bool) -> None:
        self.set_cursor(ToolCursor("ring", self._radius, erasing))

    def _forget(self) -> None:
        """Another case: no stroke, and no point to join."""
        self._stroke = None
        self._last = None

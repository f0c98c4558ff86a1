"""What all tools have that change a whole region at once: add or take off, one stroke, one undo step."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import Box
from tongue_viewer.core.shapes import fill_polygon
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import NOTHING, Point
from tongue_viewer.editor.stroke import Stroke
from tongue_viewer.editor.tools.tool import Pointer, Tool, ToolCursor


class AreaTool(Tool):
    """The base of lasso, polygon, scissors, shapes, wand and fill.

    The left button adds to the mask, the right one, Ctrl or the eraser's end of a pen takes off; `swap` turns that
    round. What the first press decides holds until the end.
    """

    def __init__(self, name: str, action: str, document: Document, parent: QObject | None = None) -> None:
        super().__init__(name, parent)
        self._action = action
        self._document = document
        self._stroke: Stroke | None = None
        self._swapped = False
        self._takes_off = False
        document.opened.connect(self.cancel)
        document.closed.connect(self.cancel)
        self._show()

    @property
    def busy(self) -> bool:
        """Whether a stroke is in hand."""
        return self._stroke is not None and self._stroke.alive

    def swap(self) -> None:
        """Exchange adding and taking off."""
        self._swapped = not self._swapped
        if not self.busy:
            self._takes_off = self._swapped
        self._show()

    def move(self, pointer: Pointer) -> None:
        """Show what a press would do."""
        if not self.busy:
            self._decide(pointer)

    def cancel(self) -> None:
        """Take back what was shown."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.rollback()
        self.set_sketch(NOTHING)

    def _decide(self, pointer: Pointer) -> None:
        """Whether this pointer adds or takes off."""
        other = pointer.has_button(Qt.MouseButton.RightButton)
        other = other or pointer.has_key(Qt.KeyboardModifier.ControlModifier) or pointer.eraser
        self._takes_off = self._swapped != other
        self._show()

    def _begin(self) -> Stroke:
        self._stroke = self._document.begin_stroke()
        return self._stroke

    def _finish(self) -> bool:
        """End the stroke as one undo step; False where it changed nothing."""
        stroke, self._stroke = self._stroke, None
        self.set_sketch(NOTHING)
        return stroke is not None and stroke.commit(self._action, self.name)

    @property
    def _value(self) -> int:
        return 0 if self._takes_off else self.class_index

    def _fill(self, points: tuple[Point, ...]) -> bool:
        """Fill a polygon as one undo step; False where it changed nothing."""
        if not self._document.is_open or len(points) < 3:
            self.cancel()
            return False
        stroke = self._begin()  # it drops a preview that is shown: only then the mask is the one to fill in
        stroke.show(*self._filled(stroke.settled, points))
        return self._finish()

    def _filled(self, settled: MaskArray, points: tuple[Point, ...]) -> tuple[Box, MaskArray]:
        """The part of a mask that a polygon touches, with the polygon filled."""
        mask = settled.copy()
        row, column, height, width = box = fill_polygon(mask, points, self._value)
        return box, mask[row : row + height, column : column + width]

    def _show(self) -> None:
        self.set_cursor(ToolCursor("cross", 0.0, self._takes_off))

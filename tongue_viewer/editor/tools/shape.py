"""Rectangles and ellipses."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Qt

from tongue_viewer.core.shapes import ellipse_points, rectangle_points
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import Line, Point, Sketch
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer


class ShapeTool(AreaTool):
    """Dragged from corner to corner; Shift makes it as wide as high, Alt grows it from its middle.

    Alt is only looked at after the press: a press with Alt changes the brush.
    """

    def __init__(self, document: Document, parent: QObject | None = None, *, ellipse: bool = False) -> None:
        name = "ellipse" if ellipse else "rectangle"
        super().__init__(name, name.capitalize(), document, parent)
        self._outline = ellipse_points if ellipse else rectangle_points
        self._first: Point | None = None

    @property
    def busy(self) -> bool:
        """Whether a shape is being dragged."""
        return self._first is not None

    def press(self, pointer: Pointer) -> None:
        """Put the first corner."""
        if self._document.is_open and not self.busy:
            self._decide(pointer)
            self._first = pointer.point

    def move(self, pointer: Pointer) -> None:
        """Drag the other corner."""
        if self._first is None:
            self._decide(pointer)
            return
        self.set_sketch(Sketch((Line(self._points(pointer), closed=True),), erasing=self._takes_off))

    def release(self, pointer: Pointer) -> None:
        """Fill the shape; a click without a drag fills nothing."""
        if self._first is not None:
            points = self._points(pointer)
            dragged = math.dist(self._first, pointer.point) > 0
            self._first = None
            self._fill(points if dragged else ())

    def cancel(self) -> None:
        """Forget the shape."""
        self._first = None
        super().cancel()

    def _points(self, pointer: Pointer) -> tuple[Point, ...]:
        assert self._first is not None  # noqa: S101 - for mypy: the callers have looked
        first, (x, y) = self._first, pointer.point
        if pointer.has_key(Qt.KeyboardModifier.ShiftModifier):
            side = max(abs(x - first[0]), abs(y - first[1]))
            x, y = first[0] + math.copysign(side, x - first[0]), first[1] + math.copysign(side, y - first[1])
        if pointer.has_key(Qt.KeyboardModifier.AltModifier):
            first = (2 * first[0] - x, 2 * first[1] - y)
        return tuple(self._outline(first, (x, y)))

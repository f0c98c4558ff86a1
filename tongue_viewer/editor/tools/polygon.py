"""A region from corner to corner; corners can be moved, inserted and taken back until it is filled."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject

from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import Line, Point, Sketch
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer


class PolygonTool(AreaTool):
    """A click adds a corner; a drag of a corner moves it; a click on a side puts a corner there.

    Enter, a double click, or a click on the first corner fills it; Backspace or undo takes the last corner back.
    The button of the first click decides whether the region is added or taken off.
    """

    confirms_by_double_click = True

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        name: str = "polygon",
        action: str = "Polygon",
    ) -> None:
        super().__init__(name, action, document, parent)
        self._points: list[Point] = []
        self._grabbed = -1
        self._pressed_first = False

    @property
    def busy(self) -> bool:
        """Whether there is a corner."""
        return bool(self._points)

    def press(self, pointer: Pointer) -> None:
        """Add a corner, or take hold of one."""
        if not self._document.is_open:
            return
        if not self._points:
            self._decide(pointer)
        corner, side = self._corner_at(pointer), self._side_at(pointer)
        self._pressed_first = corner == 0 and len(self._points) > 2
        if corner >= 0:
            self._grabbed = corner
        elif side >= 0:
            self._points.insert(side + 1, pointer.point)
            self._grabbed = side + 1
        else:
            self._points.append(pointer.point)
            self._grabbed = len(self._points) - 1
        self._draw(pointer)

    def move(self, pointer: Pointer) -> None:
        """Move the corner in hand, or show the side to the next one."""
        if not self._points:
            self._decide(pointer)
            return
        held = self._grabbed >= 0 and bool(pointer.buttons)
        if held and math.dist(self._points[self._grabbed], pointer.point) > 0:
            if self._pressed_first and math.dist(self._points[0], pointer.point) <= pointer.reach:
                return  # a click on the first corner, not a drag of it
            self._pressed_first = False
            self._points[self._grabbed] = pointer.point
        self._draw(pointer)

    def release(self, pointer: Pointer) -> None:
        """Let the corner go; a click on the first one fills the polygon."""
        self._grabbed = -1
        if self._pressed_first:
            self.confirm()
        elif self._points:
            self._draw(pointer)

    def confirm(self) -> None:
        """Fill it."""
        points = tuple(self._points)
        self._reset()
        self._fill(points)

    def step_back(self) -> None:
        """Take the last corner back."""
        if self._points:
            self._points.pop()
            self._grabbed = -1
            self._draw(None)

    def cancel(self) -> None:
        """Forget the polygon."""
        self._reset()
        super().cancel()

    def _reset(self) -> None:
        self._points, self._grabbed, self._pressed_first = [], -1, False

    def _corner_at(self, pointer: Pointer) -> int:
        """The nearest corner within reach, −1: none."""
        near = [(math.dist(point, pointer.point), n) for n, point in enumerate(self._points)]
        away, number = min(near, default=(math.inf, -1))
        return number if away <= pointer.reach else -1

    def _side_at(self, pointer: Pointer) -> int:
        """The side (number of its first corner) within reach, −1: none; the closing side is only proposed."""
        for number in range(len(self._points) - 1):
            if (
                _distance(pointer.point, self._points[number], self._points[number + 1])
                <= pointer.reach * 0.7
            ):
                return number
        return -1

    def _draw(self, pointer: Pointer | None) -> None:
        points = tuple(self._points)
        if not points:
            self.set_sketch(Sketch())
            return
        under = -1 if pointer is None else self._corner_at(pointer)
        free = pointer is not None and not pointer.buttons and under < 0
        ends = (
            (points[-1], pointer.point, points[0])
            if free and pointer is not None
            else (points[-1], points[0])
        )
        lines = (Line(points), Line(ends, faint=True))
        grabbed = self._grabbed if self._grabbed >= 0 else under
        self.set_sketch(Sketch(lines, points, grabbed, erasing=self._takes_off))


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to a segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length
    t = min(1.0, max(0.0, t))
    return math.dist(point, (start[0] + t * dx, start[1] + t * dy))

"""Dragging the outline like a soft rope."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject

from tongue_viewer.core.rope import push
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import Point
from tongue_viewer.editor.stroke import Stroke
from tongue_viewer.editor.tools.brush import MAX_RADIUS, MIN_RADIUS
from tongue_viewer.editor.tools.tool import Pointer, Tool, ToolCursor

_LEAST_RADIUS = 4.0  # photo pixels: a smaller rope moves nothing that could be seen
_STEP = 0.2  # part of the radius between two points of the way that is kept


class RopeTool(Tool):
    """What lies inside the ring at the press follows the pointer, softly towards the ring's edge.

    Dragging back brings the outline back; the release makes one undo step.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("rope", parent)
        self._document = document
        self._radius = 24.0
        self._stroke: Stroke | None = None
        self._way: list[Point] = []
        document.opened.connect(self.cancel)
        document.closed.connect(self.cancel)
        self._show()

    @property
    def busy(self) -> bool:
        """Whether the outline is in hand."""
        return self._stroke is not None and self._stroke.alive

    def set_radius(self, radius: float) -> None:
        """Change the ring's radius, in photo pixels; it stays as it is while the outline is in hand."""
        if not self.busy:
            self._radius = min(MAX_RADIUS, max(MIN_RADIUS, radius))
            self._show()

    def press(self, pointer: Pointer) -> None:
        """Take hold of the outline."""
        if self._document.is_open and not self.busy:
            self._stroke = self._document.begin_stroke()
            self._way = [pointer.point]

    def move(self, pointer: Pointer) -> None:
        """Let the outline follow."""
        if self._stroke is None or not self.busy:
            return
        self._follow(pointer.point)
        way = (*self._way, pointer.point)
        radius = max(_LEAST_RADIUS, self._radius)
        self._stroke.show(*push(self._stroke.settled, way, radius, self.class_index))

    def release(self, pointer: Pointer) -> None:
        """Let go: one undo step, or none where nothing changed."""
        self.move(pointer)
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.commit("Push", self.name)

    def cancel(self) -> None:
        """Bring the outline back."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.rollback()

    def _follow(self, point: Point) -> None:
        """Keep the way short: going back along it takes its points off again."""
        step = max(1.0, _STEP * max(_LEAST_RADIUS, self._radius))
        for number, known in enumerate(self._way[:-1]):
            if math.dist(known, point) < step:
                del self._way[number + 1 :]
                return
        if math.dist(self._way[-1], point) >= step:
            self._way.append(point)

    def _show(self) -> None:
        self.set_cursor(ToolCursor("ring", max(_LEAST_RADIUS, self._radius)))

"""Drawing around a region by hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject

from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import Line, Point, Sketch
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer

_LEAST_STEP = 0.35  # photo pixels between two points of the line: finer ones change no pixel


class LassoTool(AreaTool):
    """The region inside the line, from the press to the release, is added or taken off."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("lasso", "Lasso", document, parent)
        self._points: list[Point] = []

    @property
    def busy(self) -> bool:
        """Whether a line is being drawn."""
        return bool(self._points)

    def press(self, pointer: Pointer) -> None:
        """Begin the line."""
        if self._document.is_open and not self.busy:
            self._decide(pointer)
            self._points = [pointer.point]

    def move(self, pointer: Pointer) -> None:
        """Go on with the line."""
        if not self.busy:
            self._decide(pointer)
            return
        if math.dist(pointer.point, self._points[-1]) >= _LEAST_STEP:
            self._points.append(pointer.point)
            ends = (self._points[-1], self._points[0])
            self.set_sketch(
                Sketch((Line(tuple(self._points)), Line(ends, faint=True)), erasing=self._takes_off)
            )

    def release(self, pointer: Pointer) -> None:
        """Close the line and fill it."""
        if self.busy:
            self.move(pointer)
            points, self._points = tuple(self._points), []
            self._fill(points)

    def cancel(self) -> None:
        """Forget the line."""
        self._points = []
        super().cancel()

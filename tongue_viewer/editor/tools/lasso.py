"""Drawing around a region by hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject

from tongue_viewer.core.shapes import simplify
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import Line, Point, Sketch
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer

_LEAST_STEP = 0.35  # photo pixels between two points of the line: finer ones change no pixel
_PART = 64  # points that are thinned out together, for the drawing alone
_UNSEEN = 0.04  # of the pointer's reach, a quarter of a pixel of the screen: so far a drawn line may be off


class LassoTool(AreaTool):
    """The region inside the line, from the press to the release, is added or taken off."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("lasso", "Lasso", document, parent)
        self._points: list[Point] = []
        # A long line is slow to draw: fewer points stand for those before `_thinned`.
        self._thin: list[Point] = []
        self._thinned = 0

    @property
    def busy(self) -> bool:
        """Whether a line is being drawn."""
        return bool(self._points)

    def press(self, pointer: Pointer) -> None:
        """Begin the line."""
        if self._document.is_open and not self.busy:
            self._decide(pointer)
            self._points, self._thin, self._thinned = [pointer.point], [], 0

    def move(self, pointer: Pointer) -> None:
        """Go on with the line."""
        if not self.busy:
            self._decide(pointer)
            return
        if math.dist(pointer.point, self._points[-1]) >= _LEAST_STEP:
            self._points.append(pointer.point)
            self._draw(_UNSEEN * pointer.reach)

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

    def _draw(self, tolerance: float) -> None:
        if len(self._points) - self._thinned > _PART:
            part = self._points[self._thinned :]
            self._thin += simplify(part, tolerance)[:-1]
            self._thinned = len(self._points) - 1
        line = (*self._thin, *self._points[self._thinned :])
        ends = (self._points[-1], self._points[0])
        self.set_sketch(Sketch((Line(line), Line(ends, faint=True)), erasing=self._takes_off))

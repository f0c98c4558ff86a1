"""The live-wire ("intelligent scissors"): a line that follows edges of the photo from an anchor to the pointer.

Frame: points are (x, y) in photo pixels from the photo's top-left corner.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import RgbArray

Point: TypeAlias = tuple[float, float]

_SIDE = 416
"""Most pixels along a side of the picture that is searched: the map of paths takes time by its area."""

_SHRUNK = 1800
"""A photo whose longer side is n times this is searched at one nth of its size: its edges are that much softer."""

_BLUR = 1.0
_LOWEST_GRADIENT = 8.0
"""Weaker changes are noise. This, the blur and OpenCV's own weights came nearest to the outlines drawn by hand."""


class LiveWire:
    """Paths of least cost over the edges of one photo (Mortensen and Barrett 1995, OpenCV's form of it).

    The search is limited to a window around the anchor, 416 pixels to a side after the photo was shrunk (832 photo
    pixels at 12 megapixels). Its features are kept while the window stays the same.
    """

    def __init__(self, rgb: RgbArray) -> None:
        """Make one for a photo; nothing is worked out yet.

        Args:
            rgb: (H, W, 3) uint8; kept, not copied, not changed.
        """
        self._rgb = rgb
        self._shrink = max(1, round(max(rgb.shape[:2]) / _SHRUNK))
        self._search = cv2.segmentation.IntelligentScissorsMB()
        self._search.setEdgeFeatureZeroCrossingParameters(_LOWEST_GRADIENT)
        self._rows, self._columns = slice(0, 0), slice(0, 0)
        self._scale = np.ones(2)  # photo pixels to one of the picture that is searched, (x, y)
        self._size = (0, 0)
        self._anchor: Point | None = None

    def start(self, x: float, y: float) -> None:
        """Fix the point from which paths start, and prepare the map of all of them.

        Args:
            x: in photo pixels; outside the photo, the map starts from its nearest pixel.
            y: likewise.
        """
        self._anchor = (x, y)
        height, width = self._rgb.shape[:2]
        side = _SIDE * self._shrink
        rows, columns = _around(y, side, height), _around(x, side, width)
        if (rows, columns) != (self._rows, self._columns):
            self._look_at(rows, columns)
        self._search.buildMap(self._pixel(x, y))

    def path(self, x: float, y: float) -> tuple[Point, ...]:
        """The line from the anchor to a point, along edges inside the window and straight beyond it.

        Args:
            x: in photo pixels; may lie outside the photo.
            y: likewise.

        Returns:
            Points about one or two pixels apart; the first is the anchor, the last exactly (x, y).

        Raises:
            RuntimeError: there is no anchor yet.
        """
        if self._anchor is None:
            raise RuntimeError("a path needs an anchor: call start first")
        pixels = self._search.getContour(self._pixel(*self._leaves_window(x, y)))
        line = _smoothed(np.asarray(pixels, np.float64).reshape(-1, 2))
        line = (line[1:-1] + 0.5) * self._scale + (self._columns.start, self._rows.start)
        between = tuple(zip(*line.T.tolist(), strict=True))
        return (self._anchor, *between, *self._straight_on(x, y))

    def _look_at(self, rows: slice, columns: slice) -> None:
        """Work out the features of a window."""
        self._rows, self._columns = rows, columns
        part = np.ascontiguousarray(self._rgb[rows, columns])
        height, width = part.shape[:2]
        self._size = (math.ceil(width / self._shrink), math.ceil(height / self._shrink))
        self._scale = np.array((width, height)) / self._size
        if self._shrink > 1:
            part = np.asarray(cv2.resize(part, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        self._search.applyImage(cv2.GaussianBlur(part, (0, 0), _BLUR))

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        """The pixel (column, row) of the searched picture that is nearest to a point."""
        column = math.floor((x - self._columns.start) / self._scale[0])
        row = math.floor((y - self._rows.start) / self._scale[1])
        return (min(max(column, 0), self._size[0] - 1), min(max(row, 0), self._size[1] - 1))

    def _inside(self, x: float, y: float) -> bool:
        return self._columns.start <= x <= self._columns.stop and self._rows.start <= y <= self._rows.stop

    def _leaves_window(self, x: float, y: float) -> Point:
        """The point itself, or where the straight line to it leaves the window."""
        if self._anchor is None or self._inside(x, y) or not self._inside(*self._anchor):
            return (x, y)
        part = 1.0
        for start, end, window in ((self._anchor[0], x, self._columns), (self._anchor[1], y, self._rows)):
            if end > window.stop:
                part = min(part, (window.stop - start) / (end - start))
            elif end < window.start:
                part = min(part, (window.start - start) / (end - start))
        return (
            self._anchor[0] + part * (x - self._anchor[0]),
            self._anchor[1] + part * (y - self._anchor[1]),
        )

    def _straight_on(self, x: float, y: float) -> tuple[Point, ...]:
        """The end of a path: from where it leaves the window, if it does, to the point."""
        leaves = self._leaves_window(x, y)
        return ((x, y),) if leaves == (x, y) else (leaves, (x, y))


def _around(middle: float, side: int, limit: int) -> slice:
    """A window of `side` pixels, less where the photo has fewer, as near to the middle as the photo allows."""
    start = min(max(0, round(middle) - side // 2), max(0, limit - side))
    return slice(start, min(limit, start + side))


def _smoothed(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) without the steps from pixel to pixel; the ends stay."""
    for _ in range(2):
        if len(line) > 2:
            inner = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
            line = np.concatenate((line[:1], inner, line[-1:]))
    return line

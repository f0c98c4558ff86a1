"""The wand: the connected region that has the colour under the pointer, followed live while the tolerance changes."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box

_FIRST = 512
"""Photo pixels around the seed that are looked at first, to each side."""

_STRIP = 64
"""Rows that are converted at a time: they stay in the processor's cache."""


class Wand:
    """Colour differences from one point of a photo, and the regions that follow from them.

    The difference is the distance in CIELAB (CIE 1976 ΔE*ab, sRGB, D65) from the mean of the 3×3 pixels around the
    point. It is worked out in a window around the point, which grows when a region reaches its edge: a press is
    answered at once also on a large photo, and nothing is worked out twice.
    """

    def __init__(self, rgb: RgbArray, seed: tuple[float, float]) -> None:
        """Take the reference colour and look at the neighbourhood.

        Args:
            rgb: (H, W, 3) uint8; kept, not copied, not changed.
            seed: point (x, y) in photo pixels, inside the photo.

        Raises:
            ValueError: the point lies outside.
        """
        height, width = rgb.shape[:2]
        self._column, self._row = math.floor(seed[0]), math.floor(seed[1])
        if not (0 <= self._row < height and 0 <= self._column < width):
            raise ValueError(f"the wand needs a point inside the photo ({width} × {height}), got {seed}")
        self._rgb = rgb
        near = (_around(self._row, 1, height), _around(self._column, 1, width))
        self._reference = _lab(rgb[near]).reshape(-1, 3).mean(axis=0)
        self._difference = np.empty((height, width), np.float32)  # only the window holds values
        self._rows, self._columns = slice(self._row, self._row), slice(self._column, self._column)
        self._filled: NDArray[np.uint8] = np.empty((0, 0), np.uint8)
        self._extend(_around(self._row, _FIRST, height), _around(self._column, _FIRST, width))

    def region(self, tolerance: float) -> tuple[Box, MaskArray]:
        """The 4-connected pixels around the seed that differ by at most `tolerance`.

        A higher tolerance never gives less. The seed's own pixel always belongs to it.

        Args:
            tolerance: ΔE*ab, 0 … about 100; 2 is a difference that is just seen, 10 one at a glance.

        Returns:
            The box (row, column, height, width) of the region in the photo, and in it (height, width) uint8, 1 in
            the region, else 0; a new array.
        """
        while True:
            row, column, height, width = self._flood(max(0.0, tolerance))
            rows = _grown(self._rows, row, height, self._difference.shape[0])
            columns = _grown(self._columns, column, width, self._difference.shape[1])
            if (rows, columns) == (self._rows, self._columns):
                break
            self._extend(rows, columns)
        part = self._filled[row + 1 : row + 1 + height, column + 1 : column + 1 + width]
        region = part.copy()
        part.fill(0)
        return (self._rows.start + row, self._columns.start + column, height, width), region

    def _flood(self, tolerance: float) -> Box:
        """Set the region to 1 in `_filled`; returns its box in the window."""
        window = self._difference[self._rows, self._columns]
        flags = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
        seed = (self._column - self._columns.start, self._row - self._rows.start)
        *_, (x, y, width, height) = cv2.floodFill(window, self._filled, seed, 0, 0, tolerance, flags)
        return (int(y), int(x), int(height), int(width))

    def _extend(self, rows: slice, columns: slice) -> None:
        """Make the window larger: only what is new is worked out."""
        old_rows, old_columns = self._rows, self._columns
        for new_rows, new_columns in (
            (slice(rows.start, old_rows.start), columns),
            (slice(old_rows.stop, rows.stop), columns),
            (old_rows, slice(columns.start, old_columns.start)),
            (old_rows, slice(old_columns.stop, columns.stop)),
        ):
            self._compare(new_rows, new_columns)
        self._difference[self._row, self._column] = 0  # a speck under the pointer still joins its neighbours
        self._rows, self._columns = rows, columns
        # cv2.floodFill wants one pixel more on each side, and leaves marks there.
        self._filled = np.zeros((rows.stop - rows.start + 2, columns.stop - columns.start + 2), np.uint8)

    def _compare(self, rows: slice, columns: slice) -> None:
        """Work out the differences of a part of the photo."""
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        for start in range(rows.start, rows.stop, _STRIP):
            strip = (slice(start, min(rows.stop, start + _STRIP)), columns)
            planes = cv2.split(_lab(self._rgb[strip]))
            for plane, middle in zip(planes, self._reference, strict=True):
                np.subtract(plane, middle, out=plane)
            self._difference[strip] = cv2.magnitude(planes[0], cv2.magnitude(planes[1], planes[2]))


def _lab(rgb: RgbArray) -> NDArray[np.float32]:
    """(h, w, 3) float32 CIELAB of sRGB: L* in 0..100, a* and b* about ±100."""
    scaled = np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), np.float32)


def _around(middle: int, reach: int, limit: int) -> slice:
    return slice(max(0, middle - reach), min(limit, middle + reach + 1))


def _grown(window: slice, start: int, length: int, limit: int) -> slice:
    """The window, longer at each end that the region (in the window's frame) touches and that is not the photo's."""
    size = window.stop - window.start
    before = size // 2 if start == 0 else 0
    after = size // 2 if start + length == size else 0
    return slice(max(0, window.start - before), min(limit, window.stop + after))

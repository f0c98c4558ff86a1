"""Photo and mask at the screen's resolution, for any part of the view.

Each function takes a box of the *grid* (the photo scaled by `scale`, see `ViewTransform`), so that a small
part drawn again fits seamlessly into what was drawn before.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box

_MOST = 0.7
_BAND = 32


def level_for(scale: float) -> int:
    """How often to halve an image, so that the scale that is left lies between 0.5 and 1."""
    return max(0, math.floor(-math.log2(scale) + 1e-9)) if scale < 1 else 0


class PhotoLevels:
    """A photo and its halves, each made once when it is first needed (box average, 2×2)."""

    def __init__(self, rgb: RgbArray) -> None:
        self._levels: list[RgbArray] = [rgb]

    def sample(self, scale: float, box: Box) -> RgbArray:
        """(h, w, 3) uint8 of a grid box inside the photo; at scale ≥ 1 the photo's own values, unmixed."""
        if scale >= 1:
            return nearest(self._levels[0], scale, box)
        level = level_for(scale)
        while len(self._levels) <= level:
            self._levels.append(halve(self._levels[-1]))
        return linear(self._levels[level], scale * 2**level, box)


class MaskLevel:
    """How much of each screen pixel a mask covers; follows a mask that is painted on."""

    def __init__(self, mask: MaskArray) -> None:
        self._mask = mask
        self._level = 0
        self._small: NDArray[np.uint8] | None = None

    def update(self, box: Box) -> None:
        """The mask changed inside a box of photo pixels."""
        if self._small is None:
            return
        step = 2**self._level
        top, left = box[0] // step, box[1] // step
        bottom = -(-(box[0] + box[2]) // step)
        right = -(-(box[1] + box[3]) // step)
        part = self._mask[top * step : bottom * step, left * step : right * step]
        if part.size:
            small = average_coverage(part, self._level)
            self._small[top : top + small.shape[0], left : left + small.shape[1]] = small

    @property
    def several(self) -> bool:
        """Whether the mask holds a class beside the first one; looks at all of it."""
        return bool(self._mask.size) and int(self._mask.max()) > 1

    def has_others(self, box: Box) -> bool:
        """Whether a box of photo pixels holds a class beside the first one."""
        part = self._mask[box[0] : box[0] + box[2], box[1] : box[1] + box[3]]
        return bool(part.size) and int(part.max()) > 1

    def labels(self, scale: float, box: Box) -> NDArray[np.uint8]:
        """(h, w) uint8 of a grid box inside the photo: the class under each grid pixel's centre."""
        return nearest(self._mask, scale, box)

    def sample(self, scale: float, box: Box) -> NDArray[np.uint8]:
        """(h, w) uint8 of a grid box inside the photo, 255 = covered."""
        if scale >= 1:
            return _coverage(nearest(self._mask, scale, box))
        level = level_for(scale)
        if self._small is None or level != self._level:
            self._level = level
            self._small = average_coverage(self._mask, level)
        return linear(self._small, scale * 2**level, box)


def nearest(array: NDArray[np.uint8], scale: float, box: Box) -> NDArray[np.uint8]:
    """The value of the photo pixel under each grid pixel's centre."""
    top, left, height, width = box
    if scale == 1:
        return np.ascontiguousarray(array[top : top + height, left : left + width])
    rows = _indices(top, height, scale, array.shape[0])
    columns = _indices(left, width, scale, array.shape[1])
    # First the few source rows, then the copies of whole rows: ten times as fast as one step with both.
    part = array[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    wide = np.take(part, columns - columns[0], axis=1)
    tall: NDArray[np.uint8] = np.take(wide, rows - rows[0], axis=0)
    return tall


def linear(array: NDArray[np.uint8], scale: float, box: Box) -> NDArray[np.uint8]:
    """Bilinear at each grid pixel's centre; the phase depends on the grid alone, not on the box."""
    top, left, height, width = box
    if height * width > _MOST * array.shape[0] * array.shape[1] * scale * scale:
        # Nearly all of the image: a plain resize takes a sixth of the time. It keeps exactly to the scale
        # only when the factors are given, not the size.
        whole = cv2.resize(array, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        if whole.shape[0] >= top + height and whole.shape[1] >= left + width:
            return np.asarray(whole[top : top + height, left : left + width], np.uint8)
    step = 1 / scale
    x, y = (left + 0.5) * step - 0.5, (top + 0.5) * step - 0.5
    # warpAffine is fast only near its source, so it gets the part of the level that it needs.
    x0, y0 = max(0, math.floor(x) - 1), max(0, math.floor(y) - 1)
    x1, y1 = math.ceil(x + width * step) + 2, math.ceil(y + height * step) + 2
    matrix = np.array([[step, 0, x - x0], [0, step, y - y0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(
        array[y0:y1, x0:x1], matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(out, np.uint8)


def halve(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of each block of 2×2; an odd last row or column counts twice."""
    height, width = (array.shape[0] + 1) // 2, (array.shape[1] + 1) // 2
    below, beside = array.shape[0] % 2, array.shape[1] % 2
    if below or beside:
        array = np.asarray(cv2.copyMakeBorder(array, 0, below, 0, beside, cv2.BORDER_REPLICATE), np.uint8)
    return np.asarray(cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def average_coverage(mask: NDArray[np.uint8], level: int) -> NDArray[np.uint8]:
    """How much of each block of 2**level × 2**level pixels has any class, 255 = all of it."""
    step = 2**level
    parts = []
    for top in range(
        0, mask.shape[0], _BAND * step
    ):  # bands stay in the processor's cache: ten times as fast
        part = _coverage(mask[top : top + _BAND * step])
        for _ in range(level):
            part = halve(part)
        parts.append(part)
    return np.concatenate(parts)


def _indices(first: int, count: int, scale: float, limit: int) -> NDArray[np.intp]:
    wanted: NDArray[np.intp] = np.floor((np.arange(first, first + count) + 0.5) / scale).astype(np.intp)
    wanted[wanted >= limit] = limit - 1  # the last grid pixel of a rounded size
    return wanted


def _coverage(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """255 where the mask has any class."""
    return np.asarray(cv2.threshold(mask, 0, 255, cv2.THRESH_BINARY)[1], np.uint8)

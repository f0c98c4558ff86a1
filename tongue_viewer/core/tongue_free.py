"""Parts of a photo without tongue, and how much tongue a model sees where there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from tongue_viewer.core.masks import bounding_box
from tongue_viewer.core.photo import MaskArray

LEAST_SIDE_PX = 96
LEAST_SIDE_PART = 0.15
"""The smallest crop: this many pixels, or this part of the photo's longer side, whichever is larger."""

MOST_CROPS = 6
"""Crops of one photo."""

_SIDES = (0.6, 0.4, 0.25)  # of the photo's shorter side, beside the smallest
_PER_SIDE = 2
_MARGIN = 0.01  # of the longer side: as far from the tongue as an outline drawn by hand can be wrong
_LARGEST_OVERLAP = 0.3


@dataclass(frozen=True)
class Square:
    """A square part of a photo.

    Attributes:
        top, left: of its first pixel.
        side: in pixels.
    """

    top: int
    left: int
    side: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.top + self.side), slice(self.left, self.left + self.side)

    def overlap(self, other: Square) -> float:
        """Intersection over union with another square, 0..1."""
        tall = min(self.top + self.side, other.top + other.side) - max(self.top, other.top)
        wide = min(self.left + self.side, other.left + other.side) - max(self.left, other.left)
        shared = max(0, tall) * max(0, wide)
        return shared / (self.side**2 + other.side**2 - shared)


def tongue_free_squares(mask: MaskArray) -> tuple[Square, ...]:
    """Crops without tongue: several sizes, for each the two nearest to the mouth that hardly overlap.

    The nearest are the hardest: lips, teeth, chin. The same mask gives the same crops. Every crop keeps away from
    the tongue by 1 % of the longer side, at least 4 px, where a hand-drawn outline may leave tongue outside.

    Args:
        mask: (H, W) uint8; non-zero is tongue.

    Returns:
        At most `MOST_CROPS`, the largest first; none where the photo has no such place.
    """
    height, width = (int(side) for side in mask.shape)
    least = max(LEAST_SIDE_PX, math.ceil(LEAST_SIDE_PART * max(height, width)))
    margin = max(4, round(_MARGIN * max(height, width)))
    near = cv2.dilate((mask != 0).view(np.uint8), np.ones((2 * margin + 1, 2 * margin + 1), np.uint8))
    sums = np.asarray(cv2.integral(np.asarray(near, np.uint8)), np.int64)
    box = bounding_box(mask)
    mouth = (height / 2, width / 2) if box is None else tuple((s.start + s.stop) / 2 for s in box)
    sides = {round(part * min(height, width)) for part in _SIDES} | {least}
    chosen: list[Square] = []
    for side in sorted((s for s in sides if least <= s <= min(height, width)), reverse=True):
        found = 0
        for square in _free_squares(sums, side, (mouth[0], mouth[1])):
            if found == _PER_SIDE or len(chosen) == MOST_CROPS:
                break
            if all(square.overlap(other) <= _LARGEST_OVERLAP for other in chosen):
                chosen.append(square)
                found += 1
    return tuple(chosen)


def _free_squares(
    sums: np.ndarray[tuple[int, ...], np.dtype[np.int64]], side: int, mouth: tuple[float, float]
) -> list[Square]:
    """Every square of a lattice that holds no set pixel, the nearest to `mouth` first."""
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    step = max(1, side // 8)
    tops = np.unique(np.append(np.arange(0, height - side + 1, step), height - side))
    lefts = np.unique(np.append(np.arange(0, width - side + 1, step), width - side))
    t, left = tops[:, None], lefts[None, :]
    inside = sums[t + side, left + side] - sums[t, left + side] - sums[t + side, left] + sums[t, left]
    rows, columns = np.nonzero(inside == 0)
    away = np.hypot(tops[rows] + side / 2 - mouth[0], lefts[columns] + side / 2 - mouth[1])
    order = np.argsort(away, kind="stable")
    return [Square(int(tops[rows[i]]), int(lefts[columns[i]]), side) for i in order]


def foreground_part(mask: MaskArray) -> float:
    """The part of the frame that a mask covers, 0..1."""
    return float(np.count_nonzero(mask)) / mask.size

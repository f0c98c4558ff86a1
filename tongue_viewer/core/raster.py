"""The brush's geometry: discs and capsules on the pixel grid, exact and without gaps.

Frame: points are (x, y) in photo pixels from the photo's top-left corner, so the centre of the pixel in row r
and column c is (c + 0.5, r + 0.5). A pixel belongs to a shape if its centre lies inside it or on its edge.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray

Box: TypeAlias = tuple[int, int, int, int]
"""(row, column, height, width) of a part of a photo; height or width 0: nothing."""

_Columns: TypeAlias = NDArray[np.int64]
_Points: TypeAlias = NDArray[np.float64]


def paint_disc(mask: MaskArray, x: float, y: float, radius: float, value: int) -> Box:
    """Set the pixels of a disc; the same as a capsule of no length.

    Args:
        mask: (H, W) uint8, changed in place.
        x: of the disc's centre, in photo pixels; may lie outside.
        y: likewise.
        radius: in photo pixels, > 0.
        value: class index to set, 0 erases.

    Returns:
        The box of the pixels that were set, clipped to the photo.
    """
    return paint_capsule(mask, (x, y), (x, y), radius, value)


def paint_capsule(
    mask: MaskArray, start: tuple[float, float], end: tuple[float, float], radius: float, value: int
) -> Box:
    """Set every pixel whose centre is within `radius` of the segment from `start` to `end`.

    A stroke made of capsules that share their end points has no gaps, however fast the pointer moves.

    Args:
        mask: (H, W) uint8, changed in place.
        start: point (x, y) in photo pixels; may lie outside.
        end: likewise.
        radius: in photo pixels, > 0.
        value: class index to set, 0 erases.

    Returns:
        The box of the pixels that were set, clipped to the photo; height 0 if there are none.

    Raises:
        ValueError: the radius is not positive, or a number is not finite.
    """
    if not (radius > 0 and all(map(math.isfinite, (*start, *end, radius)))):
        raise ValueError(f"a brush needs finite points and a positive radius, got {start}, {end}, {radius}")
    height, width = mask.shape
    top = max(0, math.floor(min(start[1], end[1]) - radius) - 1)
    bottom = min(height, math.ceil(max(start[1], end[1]) + radius) + 1)
    if top >= bottom:
        return (0, 0, 0, 0)
    first, last = _spans(np.arange(top, bottom) + 0.5, start, end, radius)
    np.clip(first, 0, width, out=first)
    np.clip(last, 0, width, out=last)
    filled = np.flatnonzero(last > first)
    if filled.size == 0:
        return (0, 0, 0, 0)
    for row, left, right in zip(
        (filled + top).tolist(), first[filled].tolist(), last[filled].tolist(), strict=True
    ):
        mask[row, left:right] = value
    row, column = top + int(filled[0]), int(first[filled].min())
    return (row, column, top + int(filled[-1]) + 1 - row, int(last[filled].max()) - column)


_LEVEL = 1e-9
"""Rise in pixels up to which a segment is taken for level: its ends then cover every row, and nothing overflows."""


def _spans(
    rows: _Points, start: tuple[float, float], end: tuple[float, float], radius: float
) -> tuple[_Columns, _Columns]:
    """The columns [first, last) of each row of pixel centres; a capsule is convex: one span a row."""
    left = np.full(rows.shape, np.inf)
    right = np.full(rows.shape, -np.inf)
    for x, y in (start, end):
        half = radius * radius - (rows - y) ** 2
        cut = half >= 0
        reach = np.sqrt(half, where=cut, out=np.zeros_like(rows))
        left = np.where(cut, np.minimum(left, x - reach), left)
        right = np.where(cut, np.maximum(right, x + reach), right)
    # The straight edges only widen rows that they cross between their ends.
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if abs(dy) > _LEVEL:
        for side in (-radius, radius):
            from_x, from_y = start[0] - side * dy / length, start[1] + side * dx / length
            t = (rows - from_y) / dy
            crossed = (t >= 0) & (t <= 1)
            at = from_x + t * dx
            left = np.where(crossed, np.minimum(left, at), left)
            right = np.where(crossed, np.maximum(right, at), right)
    empty = left > right
    middle = (start[0] + end[0]) / 2
    first = np.ceil(np.where(empty, middle, left) - 0.5).astype(np.int64)
    last = np.floor(np.where(empty, middle, right) - 0.5).astype(np.int64) + 1

    # Rounding may have put a pixel on the wrong side of the edge: each end moves by one where that is so.
    first = first - _inside(first - 0.5, rows, start, end, radius)
    first = first + ((last > first) & ~_inside(first + 0.5, rows, start, end, radius))
    last = last + _inside(last + 0.5, rows, start, end, radius)
    last = last - ((last > first) & ~_inside(last - 0.5, rows, start, end, radius))
    return first, last


def _inside(
    x: NDArray[Any], y: _Points, start: tuple[float, float], end: tuple[float, float], radius: float
) -> NDArray[np.bool_]:
    """Whether points are within `radius` of the segment; no division, no root: exact for short fractions."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    squared = dx * dx + dy * dy
    px, py = x - start[0], y - start[1]
    qx, qy = x - end[0], y - end[1]
    along = px * dx + py * dy
    reach = radius * radius
    beside = (px * dy - py * dx) ** 2 <= reach * squared
    near_start = px * px + py * py <= reach
    near_end = qx * qx + qy * qy <= reach
    inside: NDArray[np.bool_] = np.where(along <= 0, near_start, np.where(along >= squared, near_end, beside))
    return inside

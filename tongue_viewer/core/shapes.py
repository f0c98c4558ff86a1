"""Areas given by their outline: polygons filled exactly, rectangles, ellipses, and thinner lasso lines.

Frame: points are (x, y) in photo pixels from the photo's top-left corner, so the centre of the pixel in row r
and column c is (c + 0.5, r + 0.5). A pixel belongs to a polygon if its centre lies inside it or on its edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import Box

Point: TypeAlias = tuple[float, float]

_Whole: TypeAlias = NDArray[np.int64]
_Real: TypeAlias = NDArray[np.float64]


def fill_polygon(mask: MaskArray, points: Sequence[Point], value: int) -> Box:
    """Set every pixel whose centre is inside a polygon by the even-odd rule, or on its edge.

    Args:
        mask: (H, W) uint8, changed in place.
        points: corners (x, y) in photo pixels; the last is joined to the first. They may lie outside the photo, and
            edges may cross: what is enclosed twice is outside. One or two points have an edge and no inside.
        value: class index to set, 0 erases.

    Returns:
        The box of the pixels that were set, clipped to the photo; height 0 if there are none.

    Raises:
        ValueError: a coordinate is not finite.
    """
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    if not np.isfinite(corners).all():
        raise ValueError("a polygon needs finite points")
    height, width = mask.shape
    rows, first, last = _spans(corners, height, width)
    filled = np.flatnonzero(last > first)
    if filled.size == 0:
        return (0, 0, 0, 0)
    rows, first, last = rows[filled], first[filled], last[filled]
    for row, left, right in zip(rows.tolist(), first.tolist(), last.tolist(), strict=True):
        mask[row, left:right] = value
    top, column = int(rows.min()), int(first.min())
    return (top, column, int(rows.max()) + 1 - top, int(last.max()) - column)


def rectangle_points(a: Point, b: Point) -> tuple[Point, ...]:
    """The four corners of the upright rectangle between two opposite ones, clockwise from the top left.

    Args:
        a: corner (x, y) in photo pixels.
        b: the opposite one.
    """
    left, right = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def ellipse_points(a: Point, b: Point, tolerance: float = 0.1) -> tuple[Point, ...]:
    """A polygon for the ellipse that touches the four sides of an upright rectangle.

    Args:
        a: corner (x, y) of the rectangle, in photo pixels.
        b: the opposite one.
        tolerance: in photo pixels, > 0: how far the polygon may be from the ellipse.

    Returns:
        Corners on the ellipse, a multiple of four (at least eight), the outermost four of the ellipse among them.

    Raises:
        ValueError: the tolerance is not positive.
    """
    if not tolerance > 0:
        raise ValueError(f"an ellipse needs a positive tolerance, got {tolerance}")
    middle_x, middle_y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    half_x, half_y = abs(b[0] - a[0]) / 2, abs(b[1] - a[1]) / 2
    longest = max(half_x, half_y)
    # A chord over the angle 2π/n leaves a circle by R(1 − cos(π/n)); a flattened circle is left by less.
    count = math.pi / math.acos(1 - tolerance / longest) if longest > tolerance else 0.0
    count = max(8, 4 * math.ceil(count / 4))
    angles = 2 * math.pi * np.arange(count) / count
    x, y = middle_x + half_x * np.cos(angles), middle_y + half_y * np.sin(angles)
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def simplify(points: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    """Leave out the points of a line that it does not need (Douglas and Peucker 1973).

    Args:
        points: (x, y) along an open line, in photo pixels.
        tolerance: in photo pixels, ≥ 0: the farthest that a point left out may be from what stays.

    Returns:
        Some of `points` in their order; the first and the last always.
    """
    line = np.asarray(points, np.float64).reshape(-1, 2)
    if len(line) < 3:
        return tuple(points)
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    open_parts = [(0, len(line) - 1)]
    while open_parts:
        start, end = open_parts.pop()
        if end - start < 2:
            continue
        away = _distance(line[start + 1 : end], line[start], line[end])
        worst = int(np.argmax(away))
        if away[worst] > tolerance:
            middle = start + 1 + worst
            keep[middle] = True
            open_parts += [(start, middle), (middle, end)]
    return tuple(points[index] for index in np.flatnonzero(keep).tolist())


def _distance(points: _Real, start: _Real, end: _Real) -> _Real:
    """Of each point to the segment between two others."""
    along = end - start
    squared = float(along @ along)
    t = np.clip((points - start) @ along / squared, 0, 1) if squared > 0 else np.zeros(len(points))
    away: _Real = np.hypot(*(points - start - t[:, None] * along).T)
    return away


def _spans(corners: _Real, height: int, width: int) -> tuple[_Whole, _Whole, _Whole]:
    """The runs of pixels to set: their row, first column, and the column after their last one.

    Between two crossings of a row lies a run that includes both; corners and level edges at exactly the height
    of pixel centres cross nothing and are runs of their own.
    """
    ends = np.roll(corners, -1, axis=0)
    rows, first, last = _crossings(corners, ends, height, width)
    order = np.lexsort((first + last, rows))
    rows, first, last = rows[order], first[order], last[order]
    flat, left, right = _level(corners, ends, height, width)
    # Every row is crossed an even number of times, and two neighbours of it open and close a run.
    return (
        np.concatenate((rows[::2], flat)),
        np.concatenate((first[::2], left)),
        np.concatenate((last[1::2], right)),
    )


def _crossings(start: _Real, end: _Real, height: int, width: int) -> tuple[_Whole, _Whole, _Whole]:
    """Where edges cross rows of pixel centres, in the order of the edges.

    Given are the row, the first column whose centre is not left of the edge, and the column after the last one
    whose centre is not right of it. An edge crosses a row if the row lies in [top, bottom), so
    that edges which meet on a row cross it once.
    """
    down = (end[:, 1] > start[:, 1])[:, None]
    top, bottom = np.where(down, start, end), np.where(down, end, start)
    above = _ceiling(top[:, 1] - 0.5, height)
    below = _ceiling(bottom[:, 1] - 0.5, height)
    counts = below - above
    edge = np.repeat(np.arange(len(start)), counts)
    rows = above[edge] + np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts)
    x0, y0, dx, dy = (part[edge] for part in (*top.T, *(bottom - top).T))
    rise = (rows + 0.5 - y0) * dx
    at = np.clip(x0 + rise / dy, -1, width + 1)

    # Rounding may have put a pixel centre on the wrong side of the edge; this product has no division in it.
    first = np.ceil(at - 0.5).astype(np.int64)
    first = first - ((first - 0.5 - x0) * dy >= rise)
    first = first + ((first + 0.5 - x0) * dy < rise)
    last = np.floor(at - 0.5).astype(np.int64)
    last = last + ((last + 1.5 - x0) * dy <= rise)
    last = last - ((last + 0.5 - x0) * dy > rise)
    return rows, np.clip(first, 0, width), np.clip(last + 1, 0, width)


def _level(start: _Real, end: _Real, height: int, width: int) -> tuple[_Whole, _Whole, _Whole]:
    """Runs along level edges, and single corners, that lie at exactly the height of pixel centres."""
    rows = np.clip(start[:, 1] - 0.5, -1, height)
    whole = (rows == np.floor(rows)) & (rows >= 0) & (rows < height)
    start, end = start[whole], end[whole]
    to = np.where(start[:, 1] == end[:, 1], end[:, 0], start[:, 0])
    first = _ceiling(np.minimum(start[:, 0], to) - 0.5, width)
    last = _ceiling(np.nextafter(np.maximum(start[:, 0], to) - 0.5, np.inf), width)
    return rows[whole].astype(np.int64), first, last


def _ceiling(values: _Real, most: int) -> _Whole:
    """Rounded up to whole numbers in 0 … `most`."""
    return np.clip(np.ceil(values), 0, most).astype(np.int64)

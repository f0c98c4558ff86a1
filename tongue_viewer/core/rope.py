"""Dragging an outline like a soft rope: the mask flows with the pointer, less with the distance from it.

The mask is moved by the flow of a velocity field: at each moment the pointer's own velocity times a falloff, 1 under
the pointer and 0 from `radius` on. A flow has no folds and is undone by the same way back. Each pixel is followed
back to where its content came from; there a signed distance field is read between pixels, so outlines stay smooth.

Frame: points are (x, y) in photo pixels from the photo's top-left corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import Box

Point: TypeAlias = tuple[float, float]

_Real: TypeAlias = NDArray[np.float64]

_STEPS = 8
"""Steps of the flow while the pointer moves by one radius: an error below a tenth of a pixel on the way back."""

_NODES = 24
"""Nodes of the displacement grid to one radius; between them it is interpolated."""

_CHUNK = 8
"""Steps that share one look at which nodes they can reach."""


def push(mask: MaskArray, path: Sequence[Point], radius: float, value: int = 1) -> tuple[Box, MaskArray]:
    """The mask after a drag.

    Class `value` moves over the background; pixels of other classes keep theirs, and where it is dragged away from
    them background is left. Pixels whose centre is farther than `radius` from the path never change.

    Args:
        mask: (H, W) uint8 class index before the drag; not changed.
        path: points (x, y) from the press to the pointer; may lie outside the photo.
        radius: reach of the pointer in photo pixels, > 0.
        value: the class that is moved, not 0.

    Returns:
        The box (row, column, height, width) that the drag reaches, and its new content, (height, width) uint8;
        an empty box where the pointer has not moved or reaches nothing of the photo.

    Raises:
        ValueError: the radius is not positive, or a number is not finite.
    """
    points = np.asarray(path, np.float64).reshape(-1, 2)
    if not (radius > 0 and math.isfinite(radius) and np.isfinite(points).all()):
        raise ValueError(f"a drag needs finite points and a positive radius, got {radius}")
    way = _steps(points, radius)
    row, column, height, width = box = _reach(points, radius, mask.shape)
    if len(way) < 3 or not (height and width):
        return (0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    settled = mask[row : row + height, column : column + width]
    moved = _displacement(way, radius, box)
    field = _signed_distance(settled == value)
    columns = np.arange(width, dtype=np.float32) + moved[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + moved[..., 1]
    inside = cv2.remap(field, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) > 0
    out = settled.copy()
    free = (settled == 0) | (settled == value)
    out[free] = np.where(inside[free], value, 0)
    return box, out


def _reach(points: _Real, radius: float, shape: tuple[int, ...]) -> Box:
    """The box around everything within the radius of the path, clipped to the photo."""
    if len(points) == 0:
        return (0, 0, 0, 0)
    limits = (shape[1], shape[0])
    left, top = np.clip(np.floor(points.min(axis=0) - radius), 0, limits).astype(int).tolist()
    right, bottom = np.clip(np.ceil(points.max(axis=0) + radius), 0, limits).astype(int).tolist()
    return (top, left, bottom - top, right - left)


def _steps(points: _Real, radius: float) -> _Real:
    """(2n + 1, 2) points at equal distances along the path: the ends of n steps and, between them, their middles."""
    if len(points) < 2:
        return points
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    count = 2 * math.ceil(along[-1] / (radius / _STEPS))
    at = np.linspace(0, along[-1], count + 1)
    return np.stack([np.interp(at, along, axis) for axis in points.T], axis=1)


def _displacement(way: _Real, radius: float, box: Box) -> NDArray[np.float32]:
    """(h, w, 2) float32: (x, y) from each pixel of a box to where its content comes from; exactly 0 out of reach."""
    row, column, height, width = box
    cell = max(1, int(radius / _NODES))
    # Interpolation spreads what a node says by up to a cell each way; reaching less far makes up for it.
    reach = radius - cell * math.sqrt(2) if cell > 1 else radius
    nodes_x = column + (np.arange(math.ceil(width / cell)) + 0.5) * cell
    nodes_y = row + (np.arange(math.ceil(height / cell)) + 0.5) * cell
    touched = np.zeros((len(nodes_y), len(nodes_x)), bool)
    for part in _chunks(way):
        low, high = part.min(axis=0) - reach, part.max(axis=0) + reach
        x, y = np.searchsorted(nodes_x, (low[0], high[0])), np.searchsorted(nodes_y, (low[1], high[1]))
        touched[y[0] : y[1], x[0] : x[1]] = True
    which_y, which_x = np.nonzero(touched)
    start = np.stack((nodes_x[which_x], nodes_y[which_y]))
    moved = np.zeros((*touched.shape, 2), np.float32)
    moved[touched] = (_flow_back(start, way, reach) - start).T
    if cell == 1:
        return moved
    full = cv2.resize(moved, (len(nodes_x) * cell, len(nodes_y) * cell), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[:height, :width], np.float32)


def _chunks(way: _Real) -> Iterator[_Real]:
    """Parts of the way, each from the end of a step to the end of a later one, in order."""
    for start in range(0, len(way) - 1, 2 * _CHUNK):
        yield way[start : start + 2 * _CHUNK + 1]


def _flow_back(start: _Real, way: _Real, reach: float) -> _Real:
    """(2, n): where points that the flow has brought to `start` were before the drag."""
    points = start.copy()
    for part in reversed(list(_chunks(way))):
        middle = (part.min(axis=0) + part.max(axis=0)) / 2
        far = reach + float(np.hypot(*(part - middle).T).max())
        near = np.flatnonzero((np.abs(points - middle[:, None]) <= far).all(axis=0))
        local = points[:, near]
        for index in range(len(part) - 1, 0, -2):
            step = (part[index] - part[index - 2])[:, None]
            # The midpoint rule: the second look is taken half a step back, in place and in time.
            half = local - step * (_falloff(local, part[index], reach) / 2)
            local = local - step * _falloff(half, part[index - 1], reach)
        points[:, near] = local
    return points


def _falloff(points: _Real, centre: _Real, reach: float) -> _Real:
    """How much of the pointer's motion points follow: 1 at the centre, 0 from the reach on, smooth at both."""
    x, y = points[0] - centre[0], points[1] - centre[1]
    rest: _Real = np.maximum(1 - (x * x + y * y) / (reach * reach), 0)
    return rest * rest


def _signed_distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(h, w) float32, distance of pixel centres to the area's edge, which lies half-way to the next pixel; > 0 inside."""
    if inside.all() or not inside.any():
        return np.where(inside, np.float32(1), np.float32(-1))
    area = np.ascontiguousarray(inside).view(np.uint8)
    within = cv2.distanceTransform(area, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    beyond = cv2.distanceTransform(1 - area, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(within - beyond - (area - np.float32(0.5)), np.float32)

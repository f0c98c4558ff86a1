"""The part of a photo that one click may change, at full size and on a coarse grid.

A click says that its pixel has a label: of the class, or not of it. `held` is what has that label already, `open`
what has not; only open pixels may change, and none farther from the click than its reach.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box

GRID = 112
"""Longest side of the coarse grid in cells: what two busy cores compute in about 20 ms."""

BoolGrid = NDArray[np.bool_]
"""(h, w) bool on the coarse grid, row 0 on top."""

FloatGrid = NDArray[np.float32]
"""(h, w) float32 on the coarse grid, row 0 on top."""


class Click(NamedTuple):
    """One click of the person: the point (x, y) in photo pixels, and what it says of the pixel there."""

    x: float
    y: float
    positive: bool

    def pixel(self, shape: tuple[int, int]) -> tuple[int, int] | None:
        """(row, column), or None outside a photo of (H, W)."""
        if not (0 <= self.x < shape[1] and 0 <= self.y < shape[0]):
            return None
        return int(self.y), int(self.x)


def reach_of(depth: float, shape: tuple[int, int]) -> float:
    """How far from its click a correction may go, in pixels.

    Twelve times the click's depth for a click close to the outline, so that a thin rim is repaired along its length;
    for a deep click not much more than the depth itself. Lengths that do not depend on the depth grow with the photo.

    Args:
        depth: distance of the clicked pixel to the nearest one that has the clicked label, in pixels.
        shape: (H, W) of the photo.
    """
    unit = max(shape) / 768
    return 8 * unit + min(12 * depth, 120 * unit + 1.5 * depth)


@dataclass(frozen=True, eq=False)
class ClickWindow:
    """What lies within reach of a click.

    Attributes:
        box: (row, column, height, width) in the photo.
        pixel: (row, column) of the click in the photo.
        positive: whether the click adds.
        depth: distance of the click to the nearest held pixel, in pixels; a sixth of the photo's shorter side if none.
        reach: see `reach_of`.
        still_open: (height, width) bool at full size: has not the clicked label.
        free: likewise: open, of the same class as the clicked pixel, and within reach.
        scale: photo pixels for one cell of the grid.
        centre: (row, column) of the click on the grid, cell centres being whole numbers.
        cell: the cell of the click.
        lab: (h, w, 3) uint8 CIELAB as OpenCV scales it, slightly smoothed.
        open: cells that are mostly open, and the click's own.
        apart: distance to the click, in photo pixels.
        inside: distance of an open cell to the nearest held one, in photo pixels; 0 in held cells.
    """

    box: Box
    pixel: tuple[int, int]
    positive: bool
    depth: float
    reach: float
    still_open: NDArray[np.bool_]
    free: NDArray[np.bool_]
    scale: float
    centre: tuple[float, float]
    cell: tuple[int, int]
    lab: NDArray[np.uint8]
    open: BoolGrid
    apart: FloatGrid
    inside: FloatGrid

    @classmethod
    def around(
        cls, rgb: RgbArray, mask: MaskArray, pixel: tuple[int, int], label: bool, value: int
    ) -> ClickWindow:
        """The window of one click.

        Args:
            rgb: (H, W, 3) uint8.
            mask: (H, W) uint8 class index; the clicked pixel has not the label yet.
            pixel: (row, column) of the click.
            label: whether the click says that its pixel is of the class.
            value: the class.
        """
        shape = (mask.shape[0], mask.shape[1])
        depth = _distance_to((mask == value) == label, pixel)
        if math.isinf(depth):
            depth = min(shape) / 6
        reach = max(1.0, reach_of(depth, shape))
        box = _box_around(pixel, math.ceil(reach) + 2, shape)
        row, column, height, width = box
        window = (slice(row, row + height), slice(column, column + width))
        still_open = (mask[window] == value) != label
        near = _squared_distance(box, pixel) <= math.floor(reach * reach)
        size, scale = _grid_size((height, width), reach)
        centre = tuple(
            (p - o + 0.5) * s / n - 0.5 for p, o, s, n in zip(pixel, box[:2], size, box[2:], strict=True)
        )
        cell = (min(size[0] - 1, max(0, round(centre[0]))), min(size[1] - 1, max(0, round(centre[1]))))
        coarse = _shrink(still_open.view(np.uint8) * np.uint8(255), size) > 127
        coarse[cell] = True
        lab = cv2.cvtColor(_shrink(np.ascontiguousarray(rgb[window]), size), cv2.COLOR_RGB2LAB)
        lines = np.ogrid[: size[0], : size[1]]
        apart = np.hypot(lines[0] - centre[0], lines[1] - centre[1]).astype(np.float32) * np.float32(scale)
        return cls(
            box=box,
            pixel=pixel,
            positive=label,
            depth=max(1.0, depth),
            reach=reach,
            still_open=still_open,
            free=still_open & (mask[window] == mask[pixel]) & near,
            scale=scale,
            centre=(centre[0], centre[1]),
            cell=cell,
            lab=np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.7), np.uint8),
            open=coarse,
            apart=apart,
            inside=_inside(coarse, scale, depth),
        )

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the photo."""
        row, column, height, width = self.box
        return slice(row, row + height), slice(column, column + width)

    def to_grid(self, x: float, y: float) -> tuple[float, float]:
        """(row, column) on the grid of a point (x, y) of the photo."""
        row, column, height, width = self.box
        size = self.open.shape
        return (y - row) * size[0] / height - 0.5, (x - column) * size[1] / width - 0.5


def _distance_to(held: NDArray[np.bool_], pixel: tuple[int, int]) -> float:
    """Distance of a pixel to the nearest true one, in pixels; infinite if there is none."""
    side = 32
    while True:
        box = _box_around(pixel, side, (held.shape[0], held.shape[1]))
        row, column, height, width = box
        part = held[row : row + height, column : column + width]
        nearest = math.inf
        if part.any():
            nearest = math.sqrt(int(_squared_distance(box, pixel).min(where=part, initial=2**31 - 1)))
        if nearest <= side or (height, width) == held.shape:
            return nearest
        side *= 2


def _squared_distance(box: Box, pixel: tuple[int, int]) -> NDArray[np.int32]:
    """(height, width) from each pixel of a box to one pixel; whole numbers, because a large photo has many."""
    row, column, height, width = box
    rows = np.arange(row - pixel[0], row - pixel[0] + height, dtype=np.int32)
    columns = np.arange(column - pixel[1], column - pixel[1] + width, dtype=np.int32)
    return (rows * rows)[:, None] + columns * columns


def _box_around(pixel: tuple[int, int], side: int, shape: tuple[int, int]) -> Box:
    """The pixels at most `side` rows and columns away, clipped to the photo."""
    first = [max(0, p - side) for p in pixel]
    last = [min(length, p + side + 1) for p, length in zip(pixel, shape, strict=True)]
    return first[0], first[1], last[0] - first[0], last[1] - first[1]


def _grid_size(shape: tuple[int, int], reach: float) -> tuple[tuple[int, int], float]:
    """(h, w) of the grid for a window of (height, width), and the photo pixels for one cell.

    The scale follows from the reach alone, so that the photo's edge, which cuts the window, does not change it.
    """
    scale = max(1.0, (2 * math.ceil(reach) + 5) / GRID)
    return (max(1, round(shape[0] / scale)), max(1, round(shape[1] / scale))), scale


def _shrink(array: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(array, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def _inside(still_open: BoolGrid, scale: float, depth: float) -> FloatGrid:
    if still_open.all():
        return np.full(still_open.shape, depth, np.float32)
    distance = cv2.distanceTransform(still_open.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(distance, np.float32) * np.float32(scale)

"""The area that a fill changes: everything that is joined to a point and of the same class."""

from __future__ import annotations

import math

import cv2
import numpy as np

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import Box


def flood_region(mask: MaskArray, x: float, y: float) -> tuple[Box, MaskArray]:
    """The connected pixels of equal class index around a point.

    Foreground is joined over 8 neighbours and background over 4, as in `core.masks`: a hole is what a thin
    diagonal line of foreground encloses.

    Args:
        mask: (H, W) uint8 class index; not changed.
        x: of the point, in photo pixels.
        y: likewise.

    Returns:
        The box (row, column, height, width) of the region, and in it (height, width) uint8, 1 in the region, else 0;
        an empty box for a point outside the photo.
    """
    column, row = math.floor(x), math.floor(y)
    height, width = mask.shape
    if not (0 <= row < height and 0 <= column < width):
        return (0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    filled = np.zeros((height + 2, width + 2), np.uint8)
    source = mask if mask.flags.writeable else mask.copy()  # OpenCV takes no read-only array here
    flags = (8 if mask[row, column] else 4) | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    *_, (left, top, w, h) = cv2.floodFill(source, filled, (column, row), 0, 0, 0, flags)
    region = filled[top + 1 : top + 1 + h, left + 1 : left + 1 + w].copy()
    return (int(top), int(left), int(h), int(w)), region

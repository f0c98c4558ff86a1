"""Another size, frame or angle of a photo together with its mask.

A mask is brought to a new grid through coverage: each new pixel is tongue where at least half of it is covered.
"""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.masks import bounding_box
from tongue_viewer.core.photo import MaskArray, RgbArray

View = tuple[RgbArray, MaskArray]
"""A photo, (H, W, 3) uint8, and its mask, (H, W) uint8, 0 or 1, of the same size."""


def scaled_shape(shape: tuple[int, int], factor: float) -> tuple[int, int]:
    """(H, W) times `factor`, rounded, at least one pixel."""
    return max(1, round(shape[0] * factor)), max(1, round(shape[1] * factor))


def resize(rgb: RgbArray, mask: MaskArray, factor: float) -> View:
    """The photo `factor` times as large: area averaging when shrinking, cubic when enlarging.

    Where the size stays, the very same arrays come back.
    """
    shape = (int(mask.shape[0]), int(mask.shape[1]))
    new = scaled_shape(shape, factor)
    if new == shape:
        return rgb, mask
    for_photo, for_mask = (
        (cv2.INTER_AREA, cv2.INTER_AREA) if factor < 1 else (cv2.INTER_CUBIC, cv2.INTER_LINEAR)
    )
    photo = cv2.resize(rgb, new[::-1], interpolation=for_photo)
    coverage = cv2.resize(_coverage(mask), new[::-1], interpolation=for_mask)
    return _u8(photo), _from_coverage(coverage)


def padded_shape(mask: MaskArray, part: float) -> tuple[int, int]:
    """(H, W) of the frame, with the photo's aspect ratio, of which the whole tongue is `part`."""
    shape = (int(mask.shape[0]), int(mask.shape[1]))
    return scaled_shape(shape, math.sqrt(np.count_nonzero(mask) / part / mask.size))


def reframe(rgb: RgbArray, mask: MaskArray, part: float) -> View:
    """The photo cropped or padded so that the tongue is `part` of the frame's area; the aspect ratio stays.

    A tongue that is too small for `part` is cropped to, around the middle of its box, and the crop never leaves the
    photo. The crop is the largest that reaches `part`, so it holds the whole tongue wherever a frame of that shape
    can; a frame around a long or slanted tongue cannot at 70 %, and then cuts it. A tongue that is too large is
    padded around with the border's median colour: mirroring the photo would show a second tongue.

    Raises:
        ValueError: the mask is empty.
    """
    box = bounding_box(mask)
    if box is None:
        raise ValueError("a photo without tongue cannot be framed around it")
    if np.count_nonzero(mask) < part * mask.size:
        rows, columns = _crop_of_part(mask, box, part)
        return np.ascontiguousarray(rgb[rows, columns]), np.ascontiguousarray(mask[rows, columns])
    height, width = padded_shape(mask, part)
    above, left = max(0, height - mask.shape[0]), max(0, width - mask.shape[1])
    sides = (above // 2, above - above // 2), (left // 2, left - left // 2)
    out = np.empty((mask.shape[0] + above, mask.shape[1] + left, 3), np.uint8)
    out[:] = border_colour(rgb)
    out[sides[0][0] : sides[0][0] + mask.shape[0], sides[1][0] : sides[1][0] + mask.shape[1]] = rgb
    return out, np.pad(mask, sides)


def rotate(rgb: RgbArray, mask: MaskArray, degrees: float) -> View:
    """Turned about the middle, counter-clockwise, the frame unchanged; the corners get the border's colour."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    fill = [float(value) for value in border_colour(rgb)]
    photo = cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=fill)
    coverage = cv2.warpAffine(_coverage(mask), matrix, (width, height), flags=cv2.INTER_LINEAR)
    return _u8(photo), _from_coverage(coverage)


def cut(rgb: RgbArray, mask: MaskArray, side: Literal["left", "bottom"], part: float) -> View:
    """The frame moved in from one side until `part` of the tongue's box is outside.

    Raises:
        ValueError: the mask is empty.
    """
    box = bounding_box(mask)
    if box is None:
        raise ValueError("a photo without tongue cannot be cut through it")
    rows, columns = box
    if side == "left":
        kept = (slice(None), slice(columns.start + round(part * (columns.stop - columns.start)), None))
    else:
        kept = (slice(None, rows.stop - round(part * (rows.stop - rows.start))), slice(None))
    return np.ascontiguousarray(rgb[kept]), np.ascontiguousarray(mask[kept])


def border_colour(rgb: RgbArray) -> NDArray[np.uint8]:
    """(3,) uint8, the median of each channel over the outermost pixels."""
    ring = np.concatenate((rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]))
    return _u8(np.median(ring, axis=0))


def _crop_of_part(mask: MaskArray, box: tuple[slice, slice], part: float) -> tuple[slice, slice]:
    """The largest window of the photo's aspect ratio whose tongue part reaches `part`, else the nearest to it."""
    height, width = (int(side) for side in mask.shape)
    sums = cv2.integral(mask)
    middle = [(side.start + side.stop) / 2 for side in box]
    best: tuple[float, tuple[slice, slice]] = (0.0, (slice(0, height), slice(0, width)))
    for wide in range(width, 0, -1):
        tall = min(height, max(1, round(wide * height / width)))
        top = min(max(0, round(middle[0] - tall / 2)), height - tall)
        left = min(max(0, round(middle[1] - wide / 2)), width - wide)
        inside = sums[top + tall, left + wide] - sums[top, left + wide] - sums[top + tall, left]
        reached = float(inside + sums[top, left]) / (tall * wide)
        if reached > best[0]:
            best = reached, (slice(top, top + tall), slice(left, left + wide))
        if reached >= part:
            break
    return best[1]


def _coverage(mask: MaskArray) -> NDArray[np.float32]:
    return np.asarray(mask != 0, np.float32)


def _from_coverage(coverage: object) -> MaskArray:
    return (np.asarray(coverage, np.float32) >= 0.5).astype(np.uint8)


def _u8(array: object) -> NDArray[np.uint8]:
    return np.asarray(array, np.uint8)

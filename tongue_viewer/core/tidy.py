"""What the Tidy panel does to a whole mask: a mask in, a new mask out.

Classes: only the edge between a class and the background moves. Where two classes touch, their common border stays,
and no operation here turns one foreground class into another; what grows takes background only, and the nearest
class gets it (the lowest index among equals). The photo's own edge is no edge of a class.

Frame: distances are between pixel centres, in photo pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.masks import bounding_box, fill_holes, keep_largest
from tongue_viewer.core.photo import MaskArray

_Window: TypeAlias = tuple[slice, slice]

_LARGE = 10
"""Radius in pixels above which a distance transform is faster than a disc that is moved over all pixels."""


def smooth(mask: MaskArray, radius: float) -> MaskArray:
    """Remove bumps and notches thinner than `radius`, and round the outline.

    An opening, a closing (discs, half the radius) and a blur with its level at one half, which leaves straight
    edges where they are. A round outline of radius R moves inwards by about radius²/(8R). Pieces and holes
    thinner than `radius` vanish; where a bump or a notch of nearly that width was, a low rise (a quarter of the
    radius) or a dent (two thirds) stays, of half the width nearly nothing.

    Args:
        mask: (H, W) uint8 class index; not changed.
        radius: in photo pixels; below 1 nothing changes.

    Returns:
        (H, W) uint8, a new array.
    """
    half = math.ceil(radius / 2)
    window = _window(mask, half + 1)
    if radius < 1 or window is None:
        return mask.copy()
    opened = _dilated(_eroded(mask[window] != 0, half), half)
    foreground = _level(_eroded(_dilated(opened, half), half), half)
    return _with_foreground(mask, window, foreground)


def grow(mask: MaskArray, pixels: float) -> MaskArray:
    """Move the edge of every class outwards, exactly: background within a distance of a class becomes that class.

    Args:
        mask: (H, W) uint8 class index; not changed.
        pixels: the distance in photo pixels; negative: foreground within that distance of the background becomes
            background, the same as growing the background.

    Returns:
        (H, W) uint8, a new array.
    """
    window = _window(mask, max(1, math.ceil(pixels)))
    if pixels == 0 or window is None:
        return mask.copy()
    inside = mask[window] != 0
    foreground = _dilated(inside, pixels) if pixels > 0 else _eroded(inside, -pixels)
    return _with_foreground(mask, window, foreground)


def shrink(mask: MaskArray, pixels: float) -> MaskArray:
    """`grow` the other way: foreground within `pixels` of the background becomes background."""
    return grow(mask, -pixels)


def invert(mask: MaskArray, label: int = 1) -> MaskArray:
    """Exchange a class and the background; other classes stay.

    Args:
        mask: (H, W) uint8 class index; not changed.
        label: of the class.

    Returns:
        (H, W) uint8, a new array.
    """
    table = np.arange(256, dtype=np.uint8)
    table[[0, label]] = table[[label, 0]]
    return np.asarray(cv2.LUT(mask, table), np.uint8)


TIDY: Mapping[str, Callable[[MaskArray, float], MaskArray]] = MappingProxyType(
    {
        "fill_holes": lambda mask, _radius: fill_holes(mask),
        "keep_largest": lambda mask, _radius: keep_largest(mask),
        "smooth": smooth,
        "grow": grow,
        "shrink": shrink,
        "invert": lambda mask, _radius: invert(mask),
    }
)
"""By a stable machine word: (mask, radius in photo pixels) → new mask; some need no radius."""


def _window(mask: MaskArray, margin: int) -> _Window | None:
    """The rows and columns of everything that is not background, with a margin; None where there is nothing."""
    box = bounding_box(mask)
    if box is None:
        return None
    rows, columns = (
        slice(max(0, part.start - margin), min(limit, part.stop + margin))
        for part, limit in zip(box, mask.shape, strict=True)
    )
    return rows, columns


def _with_foreground(mask: MaskArray, window: _Window, foreground: NDArray[np.bool_]) -> MaskArray:
    """A mask whose foreground in a window is as given: classes stay where they are, new pixels get the nearest."""
    out = mask.copy()
    content = out[window]
    labels = np.flatnonzero(np.bincount(content.ravel(), minlength=1)[1:]) + 1
    if labels.size == 1:
        content[:] = foreground * np.uint8(labels[0])
        return out
    new = foreground & (content == 0)
    content[~foreground] = 0
    if not new.any():
        return out
    nearest = np.full(content.shape, np.inf, np.float32)
    winner = np.zeros_like(content)
    for label in labels.tolist():
        away = _distance(mask[window] != label)
        winner[away < nearest] = label
        np.minimum(nearest, away, out=nearest)
    content[new] = winner[new]
    return out


def _eroded(inside: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Without what is within `radius` of the outside; two ways to the same result, each the faster one somewhere."""
    if radius > _LARGE:
        return _distance(inside) > radius
    steps = np.arange(-math.floor(radius), math.floor(radius) + 1)
    disc = (steps[:, None] ** 2 + steps**2 <= radius * radius).astype(np.uint8)
    return np.asarray(cv2.erode(inside.view(np.uint8), disc)).view(np.bool_)


def _dilated(inside: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """With what is within `radius` of it."""
    return ~_eroded(~inside, radius)


def _distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(h, w) float32, from the centre of each pixel inside to the nearest outside, 0 outside; exact."""
    if inside.all():
        return np.full(inside.shape, np.inf, np.float32)
    source = np.ascontiguousarray(inside).view(np.uint8)
    return np.asarray(cv2.distanceTransform(source, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _level(inside: NDArray[np.bool_], half: int) -> NDArray[np.bool_]:
    """Where a blurred area is above one half; three boxes are nearly a Gaussian, at the same cost for any radius."""
    blurred = inside * np.uint16(65535)
    for _ in range(3):
        blurred = np.asarray(
            cv2.blur(blurred, (2 * half - 1,) * 2, borderType=cv2.BORDER_REPLICATE), np.uint16
        )
    return blurred >= 32768

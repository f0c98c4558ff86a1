"""Drawing a mask into a picture for export; what the window shows is drawn by the canvas."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray

CYAN = (0, 210, 255)
"""The outline's colour: seen by all kinds of colour vision, and far from every colour of a tongue."""

_HALO_STRENGTH = 0.6
_HALO_PX = 1


def overlay(
    rgb: RgbArray,
    mask: MaskArray,
    *,
    colour: tuple[int, int, int] = CYAN,
    fill: float = 0.25,
    outline_px: int = 2,
) -> RgbArray:
    """The photo with the mask's fill, its outline, and a dark halo on both sides of the outline.

    The outline lies on the boundary, half inside and half outside; none is drawn along the photo's own edge.

    Args:
        rgb: (H, W, 3) uint8.
        mask: (H, W) uint8 class index; the outline of every class is drawn.
        colour: of fill and outline, RGB.
        fill: opacity of the fill, 0..1.
        outline_px: width of the outline in pixels of the photo; 0 for none.

    Returns:
        (H, W, 3) uint8, a new array; pixels farther than outline and halo from the mask keep their values.
    """
    if mask.shape != rgb.shape[:2]:
        raise ValueError(f"the mask is {mask.shape}, the photo {rgb.shape[:2]}")
    out = rgb.copy()
    window = _window(mask, outline_px // 2 + _HALO_PX + 1)
    if window is None:
        return out
    part, inside = out[window], mask[window]
    _blend(part, inside > 0, colour, fill)
    if outline_px > 0:
        line = _boundary(inside, outline_px)
        halo = _boundary(inside, outline_px + 2 * _HALO_PX) & ~line
        _blend(part, halo, (0, 0, 0), _HALO_STRENGTH)
        part[line] = colour
    return out


def cutout(rgb: RgbArray, mask: MaskArray) -> NDArray[np.uint8]:
    """The tongue alone: (H, W, 4) uint8 RGBA, alpha 255 in the mask, all four channels 0 outside.

    The colours outside are erased, not only hidden: a cut-out must not carry the face that it was cut from.
    """
    if mask.shape != rgb.shape[:2]:
        raise ValueError(f"the mask is {mask.shape}, the photo {rgb.shape[:2]}")
    inside = mask > 0
    out = np.zeros((*mask.shape, 4), np.uint8)
    np.copyto(out[:, :, :3], rgb, where=inside[:, :, None])
    out[:, :, 3][inside] = 255
    return out


def _window(mask: MaskArray, margin: int) -> tuple[slice, slice] | None:
    """The rows and columns that the mask and `margin` pixels around it cover; None for an empty mask."""
    x, y, width, height = cv2.boundingRect((mask > 0).astype(np.uint8))
    if width == 0 or height == 0:
        return None
    return (
        slice(max(0, y - margin), min(mask.shape[0], y + height + margin)),
        slice(max(0, x - margin), min(mask.shape[1], x + width + margin)),
    )


def _blend(part: RgbArray, where: NDArray[np.bool_], colour: tuple[int, int, int], opacity: float) -> None:
    """Mix `colour` into the pixels `where`, in place, rounded."""
    base = part[where].astype(np.float32)
    part[where] = np.rint(base * (1 - opacity) + np.asarray(colour, np.float32) * opacity).astype(np.uint8)


def _boundary(mask: MaskArray, width_px: int) -> NDArray[np.bool_]:
    """(H, W) bool, a band of `width_px` along the boundary of every class; an odd pixel lies outside."""
    band = np.zeros(mask.shape, bool)
    inner, outer = width_px // 2, width_px - width_px // 2
    for index in np.unique(mask[mask > 0]):
        shape = (mask == index).astype(np.uint8)
        # OpenCV's default border neither erodes nor dilates: the photo's edge is no boundary.
        grown = cv2.dilate(shape, _disc(outer))
        shrunk = cv2.erode(shape, _disc(inner))
        band |= (grown != 0) & (shrunk == 0)
    return band


def _disc(radius: int) -> NDArray[np.uint8]:
    """(2r + 1, 2r + 1) uint8, a round structuring element."""
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(rows * rows + columns * columns <= (radius + 0.5) ** 2, np.uint8)

"""How much agreement a pixel grid alone costs: the scale for scores at small sizes."""

from __future__ import annotations

import numpy as np

from tongue_viewer.core.photo import MaskArray

SHIFT_PX = 0.25
"""How far the outline may stand from its true place before anybody could tell, in pixels."""


def shift_ceiling(mask: MaskArray, shift_px: float = SHIFT_PX) -> float:
    """The Dice of a mask with itself moved by a part of a pixel, the mean of a move along x and one along y.

    Both are taken as areas of the plane (a pixel is a unit square), so nothing is rounded: a move by s along x
    leaves 2A − s·T of the two areas A in common, where T counts the changes between tongue and background along all
    rows. So Dice = 1 − s·T / 2A, exactly, for runs longer than s. Where the tongue leaves the frame it goes on
    outside: the frame is no outline. For a disc of radius r px this is 1 − 2s/(πr).

    Args:
        mask: (H, W) uint8; non-zero is tongue.
        shift_px: s, in pixels of this mask, 0..1.

    Returns:
        0..1; 1 for an empty mask.

    Raises:
        ValueError: `shift_px` is out of range.
    """
    if not 0 <= shift_px <= 1:
        raise ValueError(f"a move within a pixel is 0 to 1 px, got {shift_px}")
    inside = mask != 0
    area = int(np.count_nonzero(inside))
    if area == 0:
        return 1.0
    along_rows = np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    along_columns = np.count_nonzero(inside[1:] != inside[:-1])
    return 1 - shift_px * (along_rows + along_columns) / 2 / (2 * area)

"""From a probability to a mask, and the tidying of masks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, ProbabilityArray

_EIGHT = 8  # foreground is 8-connected, so background, and with it a hole, is 4-connected


def mask_from_probability(probability: ProbabilityArray, threshold: float, *, tidy: bool = True) -> MaskArray:
    """The class of each pixel.

    A pixel belongs to the class of the highest probability among those that reach `threshold`, else to the
    background.

    Args:
        probability: (N, H, W) float32 in 0..1.
        threshold: in 0..1; a pixel at exactly the threshold belongs to the class.
        tidy: with one class, keep the largest connected piece and fill its holes: a photo shows one tongue,
            and a tongue has no holes. With several classes nothing is assumed and nothing is tidied.

    Returns:
        (H, W) uint8 class index, 0 = background, 1 … N = the planes of `probability`.

    Raises:
        ValueError: `probability` has not three axes, or no plane.
    """
    if probability.ndim != 3 or probability.shape[0] == 0:
        raise ValueError(f"a probability is (N, H, W) with N ≥ 1, got {probability.shape}")
    if probability.shape[0] == 1:
        mask = (probability[0] >= np.float32(threshold)).view(np.uint8)
        return fill_holes(keep_largest(mask)) if tidy else mask
    best = np.argmax(probability, axis=0)
    reached = np.take_along_axis(probability, best[None], axis=0)[0] >= np.float32(threshold)
    return np.where(reached, best + 1, 0).astype(np.uint8)


def keep_largest(mask: MaskArray) -> MaskArray:
    """Of each class the connected piece (8-neighbours) with the most pixels; the rest becomes background.

    Args:
        mask: (H, W) uint8 class index; not changed.

    Returns:
        (H, W) uint8, a new array.
    """
    out = mask.copy()
    for label, window in _classes(mask):
        piece = (mask[window] == label).view(np.uint8)
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(piece, connectivity=_EIGHT)
        if count > 2:  # background and more than one piece
            largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
            out[window][(piece == 1) & (pieces != largest)] = 0
    return out


def fill_holes(mask: MaskArray) -> MaskArray:
    """Background that a class encloses (it reaches no border over 4-neighbours) becomes that class.

    Other classes inside stay as they are.

    Args:
        mask: (H, W) uint8 class index; not changed.

    Returns:
        (H, W) uint8, a new array.
    """
    out = mask.copy()
    for label, window in _classes(mask):
        piece = (mask[window] == label).view(np.uint8)
        contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        inside = cv2.drawContours(np.zeros_like(piece), contours, -1, 1, cv2.FILLED)
        out[window][(inside == 1) & (out[window] == 0)] = label
    return out


def bounding_box(mask: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    """The rows and columns that hold every non-zero pixel of an (H, W) uint8 array, None if all are zero."""
    x, y, width, height = cv2.boundingRect(mask)
    return (slice(y, y + height), slice(x, x + width)) if width and height else None


def _classes(mask: MaskArray) -> list[tuple[int, tuple[slice, slice]]]:
    """Each class that occurs, with the rows and columns that hold it: a box is much smaller than a photo."""
    window = bounding_box(mask)
    if window is None:
        return []
    content = mask[window]
    counts = np.bincount(content.ravel(), minlength=2) if content.max() > 1 else np.array([0, 1])
    return [(int(label), window) for label in np.flatnonzero(counts) if label > 0]

"""How well two masks agree: overlap, surface distances, boundary measures.

All are computed at the masks' own size, in pixels. The surface of a mask is the set of its pixels that touch
the background, or the photo's border, over one of four neighbours. Distances come from an exact Euclidean
distance transform (Felzenszwalb & Huttenlocher 2012; float32, so exact to about 1e-7 of the distance).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.masks import bounding_box
from tongue_viewer.core.photo import MaskArray

BOUNDARY_RATIO = 0.02
"""Width of the band of the boundary IoU, as a part of the photo's diagonal (Cheng et al. 2021, section 4)."""


@dataclass(frozen=True)
class Agreement:
    """How well a mask agrees with its reference.

    Two empty masks agree fully: 1 and 0 px. Where only one of them is empty there is no distance between
    surfaces; the ratios are 0 and the distances are the photo's diagonal, the largest that can occur, so that
    a mean over photos keeps a value and such a photo counts as the worst.

    Attributes:
        dice: 2·|A∩B| / (|A|+|B|), 0..1 (Dice 1945).
        iou: |A∩B| / |A∪B| of the foreground, 0..1 (Jaccard 1912).
        hd95_px: the larger of both directions' 95th percentiles of the distance from one surface to the
            other, in pixels; linear interpolation between ranks, as MONAI's `compute_hausdorff_distance`.
        assd_px: mean distance of both surfaces' pixels to the other surface, in pixels, pooled over both.
        boundary_iou: IoU of the inner bands of both masks, as wide as 2 % of the diagonal, 0..1 (Cheng et al.
            2021).
        nsd: normalised surface Dice: part of both surfaces' pixels that lie within the tolerance of the other
            surface, 0..1 (Nikolov et al. 2018, arXiv:1809.04430).
    """

    dice: float
    iou: float
    hd95_px: float
    assd_px: float
    boundary_iou: float
    nsd: float


def agreement(mask: MaskArray, reference: MaskArray, *, tolerance_px: float = 2.0) -> Agreement:
    """All measures of `Agreement` for one photo.

    Args:
        mask: (H, W) uint8; every non-zero pixel is foreground.
        reference: (H, W) uint8; every non-zero pixel is foreground.
        tolerance_px: distance that `nsd` forgives, in pixels.

    Raises:
        ValueError: the shapes differ.
    """
    if mask.shape != reference.shape:
        raise ValueError(f"masks of different shapes: {mask.shape} and {reference.shape}")
    ours, theirs = bounding_box(mask), bounding_box(reference)
    diagonal = math.hypot(*mask.shape)
    if ours is None and theirs is None:
        return Agreement(1.0, 1.0, 0.0, 0.0, 1.0, 1.0)
    if ours is None or theirs is None:
        return Agreement(0.0, 0.0, diagonal, diagonal, 0.0, 0.0)
    a, b = _padded_content(mask, reference, ours, theirs)
    intersection, union = _overlap(a, b)
    distances = _surface_distances(a, b)
    both = np.concatenate(distances)
    width = max(1, round(BOUNDARY_RATIO * diagonal))
    band_intersection, band_union = _overlap(_band(a, width), _band(b, width))
    return Agreement(
        dice=2 * intersection / (intersection + union),
        iou=intersection / union,
        hd95_px=max(float(np.percentile(d, 95)) for d in distances),
        assd_px=float(both.mean()),
        boundary_iou=band_intersection / band_union,
        nsd=float((both <= tolerance_px).mean()),
    )


def dice(mask: MaskArray, reference: MaskArray) -> float:
    """2·|A∩B| / (|A|+|B|) of two (H, W) uint8 masks, 0..1; every non-zero pixel is foreground, two empty ones agree fully.

    Raises:
        ValueError: the shapes differ.
    """
    if mask.shape != reference.shape:
        raise ValueError(f"masks of different shapes: {mask.shape} and {reference.shape}")
    intersection, union = _overlap(*((array != 0).view(np.uint8) for array in (mask, reference)))
    return 2 * intersection / (intersection + union) if union else 1.0


def bootstrap_interval(
    values: Sequence[float] | NDArray[np.float64],
    seed: int = 0,
    *,
    samples: int = 10_000,
    level: float = 0.95,
) -> tuple[float, float]:
    """The percentile bootstrap interval of the mean (Efron 1979), resampling photos with replacement.

    Args:
        values: one number for each photo, at least one.
        seed: the same seed gives the same interval.
        samples: resamples.
        level: part of the resampled means inside the interval.

    Raises:
        ValueError: no value.
    """
    data = np.asarray(values, np.float64)
    if data.size == 0:
        raise ValueError("an interval needs at least one value")
    picks = np.random.default_rng(seed).integers(0, data.size, (samples, data.size))
    tail = 50 * (1 - level)
    low, high = np.percentile(data[picks].mean(axis=1), (tail, 100 - tail))
    return float(low), float(high)


def _padded_content(
    mask: MaskArray, reference: MaskArray, ours: tuple[slice, slice], theirs: tuple[slice, slice]
) -> tuple[MaskArray, MaskArray]:
    """Both masks as 0/1 inside the box that holds both, with a border of one background pixel."""
    window = tuple(
        slice(min(p.start, q.start), max(p.stop, q.stop)) for p, q in zip(ours, theirs, strict=True)
    )
    a, b = (np.pad((array[window] != 0).view(np.uint8), 1) for array in (mask, reference))
    return a, b


def _overlap(a: MaskArray, b: MaskArray) -> tuple[int, int]:
    """Pixels in both and pixels in either, of 0/1 arrays."""
    return int(np.count_nonzero(a & b)), int(np.count_nonzero(a | b))


def _surface(mask: MaskArray) -> MaskArray:
    """The 0/1 surface of a 0/1 mask with a background border: what an erosion over 4-neighbours takes."""
    return mask ^ cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))).astype(np.uint8)


def _surface_distances(a: MaskArray, b: MaskArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each surface pixel of `a` the distance to the surface of `b`, and the reverse, in pixels."""
    surfaces = _surface(a), _surface(b)
    # Only DIST_MASK_PRECISE is an exact transform; it is ten times as fast as SciPy's and agrees to float32
    # rounding.
    to_a, to_b = (cv2.distanceTransform(1 - s, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for s in surfaces)
    return to_b[surfaces[0] == 1], to_a[surfaces[1] == 1]


def _band(mask: MaskArray, width: int) -> MaskArray:
    """The inner band of a 0/1 mask: what `width` 3×3 erosions take away (Cheng et al. 2021)."""
    square = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    eroded = cv2.erode(mask, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return mask ^ eroded.astype(np.uint8)

"""Which of two samples of a photo a colour belongs to: histograms of CIELAB, compared."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray

BINS = (12, 20, 20)
"""Bins of L, a and b over 0 … 255 of OpenCV's 8-bit CIELAB."""

_RARE = 2e-4  # share of a sample below which a colour says nothing
_SMOOTHING = np.exp(-0.5 * np.arange(3.0) ** 2)
_SMOOTHING /= _SMOOTHING[0] + 2 * _SMOOTHING[1:].sum()
"""Gaussian of one bin, from its middle outwards. SciPy has it too, but loads for a third of the program's whole start."""
_OVERVIEW = 192  # pixels of the longer side of the photo's overview

Evidence = NDArray[np.float32]
"""(h, w) float32: logarithm of how much likelier a colour is in the first sample than in the second."""


def bins_of(lab: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(…, 3) uint8 CIELAB → (…) int32 number of the bin."""
    levels = lab.astype(np.int32) * np.array(BINS, np.int32) >> 8
    return np.asarray((levels[..., 0] * BINS[1] + levels[..., 1]) * BINS[2] + levels[..., 2], np.int32)


def evidence_of(
    bins: NDArray[np.int32], first: NDArray[np.floating], second: NDArray[np.floating]
) -> NDArray[np.float32]:
    """For each bin the evidence for the first of two weighted samples.

    Args:
        bins: (…) int32, the bin of each pixel.
        first: (…) weight of each pixel in the first sample, ≥ 0.
        second: likewise.

    Returns:
        (number of bins,) float32.
    """
    shares = [_share(bins, weight) + np.float32(_RARE) for weight in (first, second)]
    return np.log(shares[0] / shares[1])


class PhotoColours:
    """A small overview of one photo, to compare the colours inside a whole mask with those outside."""

    def __init__(self, rgb: RgbArray) -> None:
        self._step = max(1, max(rgb.shape[:2]) // _OVERVIEW)
        overview = np.ascontiguousarray(rgb[:: self._step, :: self._step])
        self._bins = bins_of(np.asarray(cv2.cvtColor(overview, cv2.COLOR_RGB2LAB), np.uint8))

    def evidence(self, mask: MaskArray, value: int) -> NDArray[np.float32]:
        """(number of bins,) float32: evidence for the class `value` of a mask of the photo's shape."""
        inside = (mask[:: self._step, :: self._step] == value).astype(np.float32)
        return evidence_of(self._bins, inside, 1 - inside)


def _share(bins: NDArray[np.int32], weight: NDArray[np.floating]) -> NDArray[np.float32]:
    """The sample's smoothed histogram, with sum 1 where there is a sample at all."""
    count = BINS[0] * BINS[1] * BINS[2]
    counts = np.bincount(bins.ravel(), weights=weight.ravel(), minlength=count).reshape(BINS)
    smooth = smoothed(counts.astype(np.float32))
    return np.asarray(smooth.ravel() / max(float(smooth.sum()), 1e-6), np.float32)


def smoothed(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """A float32 array of any shape, smoothed along each axis; there is nothing beyond its ends."""
    for axis in range(counts.ndim):
        lines = np.moveaxis(counts.astype(np.float64), axis, 0)
        near, far = np.zeros_like(lines), np.zeros_like(lines)
        for sums, reach in ((near, 1), (far, 2)):
            sums[reach:] += lines[:-reach]
            sums[:-reach] += lines[reach:]
        sums = lines * _SMOOTHING[0] + far * _SMOOTHING[2] + near * _SMOOTHING[1]
        counts = np.moveaxis(sums, 0, axis).astype(np.float32)
    return counts

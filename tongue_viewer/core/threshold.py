"""Moving a mask to another threshold of the kept probability, without losing what was done by hand."""

from __future__ import annotations

import cv2
import numpy as np

from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.photo import MaskArray, ProbabilityArray

_STEPS = 100
"""Thresholds that are told apart: hundredths."""

_SAMPLES = 250_000
"""So many pixels are enough to find out at which threshold a mask was made."""


def closest_threshold(probability: ProbabilityArray, mask: MaskArray, usual: float) -> float:
    """The threshold in hundredths at which the model's mask differs least from `mask`.

    Args:
        probability: (N, H, W) float32 0..1.
        mask: (H, W) uint8 class index.
        usual: returned where nothing fits better, and where there are several classes or no mask at all.
    """
    if probability.shape[0] != 1 or not mask.any():
        return usual
    step = max(1, int((mask.size / _SAMPLES) ** 0.5))
    bins = np.floor(probability[0, ::step, ::step] * np.float32(_STEPS) + np.float32(1e-3)).astype(np.int64)
    inside = mask[::step, ::step] != 0
    missed = np.bincount(bins[inside], minlength=_STEPS + 1)
    wrong = np.bincount(bins[~inside], minlength=_STEPS + 1)
    # At threshold t: pixels of the mask below t are missed, others at t and above are wrongly taken.
    differing = np.concatenate([[0], np.cumsum(missed)]) + np.concatenate([np.cumsum(wrong[::-1])[::-1], [0]])
    at_usual = round(usual * _STEPS)
    best = int(np.argmin(differing[1:_STEPS])) + 1
    return best / _STEPS if differing[best] < differing[at_usual] else usual


def at_threshold(
    mask: MaskArray, probability: ProbabilityArray, before: MaskArray, threshold: float
) -> MaskArray:
    """`mask`, moved to another threshold; what differs from the model's mask before stays as it is.

    Args:
        mask: (H, W) uint8 class index; not changed.
        probability: (N, H, W) float32 0..1.
        before: (H, W) uint8, the model's mask at the threshold that `mask` goes back to.
        threshold: 0..1, the new one.

    Returns:
        (H, W) uint8, a new array.
    """
    return np.where(mask != before, mask, mask_from_probability(probability, threshold))


def changed_box(before: MaskArray, after: MaskArray) -> tuple[int, int, int, int]:
    """(row, column, height, width) of all pixels that differ; height and width 0 for none."""
    x, y, width, height = cv2.boundingRect(np.bitwise_xor(before, after))
    return y, x, height, width

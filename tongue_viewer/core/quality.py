"""How good a mask probably is, from the probability alone, and whether that orders photos rightly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray

UNCERTAIN_BELOW = 0.98
"""An expected Dice below it calls a mask uncertain.

It is the border of what is known, not of what is right: on the 90 validation photos of `docs/model/evaluation.md`, whose
masks reach a Dice of 0.971 to 0.994, the expected Dice lies between 0.985 and 0.992. Lower ones were not seen there.
"""

_Correlation = Callable[[NDArray[np.float64], NDArray[np.float64]], float]


def expected_dice(probability: NDArray[np.float32], mask: MaskArray) -> float:
    """The Dice that a mask can be expected to reach if the probability is calibrated.

    Soft Dice Confidence, 2·Σ_mask p / (|mask| + Σ p), tightly bound to the exact expectation, which cannot be
    computed for a photo (Borges, Pacheco & Silva 2024, arXiv:2402.10665). An empty mask is right where there
    is no tongue, and then its Dice is 1: its expected Dice is 1 − max p, as if all pixels were tongue together
    or not at all.

    Args:
        probability: (H, W) float32 0..1 of being foreground.
        mask: (H, W) uint8; every non-zero pixel is foreground.

    Returns:
        0..1; higher is better.

    Raises:
        ValueError: the shapes differ.
    """
    if probability.shape != mask.shape:
        raise ValueError(f"probability {probability.shape} and mask {mask.shape} differ in shape")
    chosen = mask != 0
    area = int(np.count_nonzero(chosen))
    if not area:
        return 1.0 - float(probability.max(initial=0.0))
    inside = float(probability.sum(where=chosen, dtype=np.float64))
    return 2 * inside / (area + float(probability.sum(dtype=np.float64)))


@dataclass(frozen=True)
class Correlation:
    """A rank correlation, −1..1, with its 95 % percentile bootstrap interval over photos."""

    value: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class Ranking:
    """How well a score orders photos as the truth does; None where there are too few, or all are equal.

    Attributes:
        n: photos.
        spearman: correlation of the ranks (Spearman 1904).
        kendall: tau-b, from the pairs that both order alike (Kendall 1945).
    """

    n: int
    spearman: Correlation | None
    kendall: Correlation | None

    @classmethod
    def of(
        cls, score: Sequence[float], truth: Sequence[float], *, seed: int = 0, samples: int = 1000
    ) -> Ranking:
        """Compare two orders of the same photos.

        Args:
            score: of each photo.
            truth: of each photo.
            seed: the same seed gives the same intervals.
            samples: resamples of the photos, with replacement; one in which all are equal is passed over.

        Raises:
            ValueError: the lengths differ.
        """
        a, b = np.asarray(score, np.float64), np.asarray(truth, np.float64)
        if a.shape != b.shape:
            raise ValueError(f"{a.size} scores for {b.size} photos")
        if a.size < 3 or _constant(a) or _constant(b):
            return cls(int(a.size), None, None)
        picks = np.random.default_rng(seed).integers(0, a.size, (samples, a.size))
        return cls(int(a.size), *(_with_interval(f, a, b, picks) for f in (_spearman, _kendall)))


def _with_interval(
    correlate: _Correlation, a: NDArray[np.float64], b: NDArray[np.float64], picks: NDArray[np.int64]
) -> Correlation:
    resampled = [correlate(a[p], b[p]) for p in picks if not (_constant(a[p]) or _constant(b[p]))]
    low, high = np.percentile(resampled, (2.5, 97.5)) if resampled else (math.nan, math.nan)
    return Correlation(correlate(a, b), (float(low), float(high)))


def _constant(values: NDArray[np.float64]) -> bool:
    return bool(values.min() == values.max())


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    from scipy.stats import rankdata  # the window computes qualities but never correlations

    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def _kendall(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    from scipy.stats import kendalltau

    return float(kendalltau(a, b, method="asymptotic").statistic)

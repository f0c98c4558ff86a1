"""Whether a probability means what it says, pixel by pixel, and the one number that mends it.

Guo et al. 2017 ("On calibration of modern neural networks") bin the confidence of the predicted label. A
mask has one foreground, so here the foreground's probability itself is binned, over its whole range 0..1, and
compared with the part of the bin's pixels that is tongue in the reference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.metrics import BOUNDARY_RATIO
from tongue_viewer.core.photo import MaskArray

BINS = 15
"""Bins of equal width, as Guo et al. 2017 use."""

SAMPLED_PIXELS = 100_000
"""Pixels that are drawn from each photo for `fit_temperature`."""

KNOWN_LOGIT = 1 / 255
"""Stored as uint8, a probability nearer than this to 0 or 1 has lost its logit."""

_MAX_TEMPERATURE = 20.0
_HALVINGS = 50

Values = NDArray[np.floating]
Truth = NDArray[np.bool_]


def _zeros() -> NDArray[np.float64]:
    return np.zeros(BINS)


@dataclass(eq=False)
class Reliability:
    """A reliability diagram that grows photo by photo; every pixel counts the same.

    Attributes:
        counts: (15,) float64, pixels of each bin.
        confidences: (15,) float64, sum of the bin's probabilities.
        observed: (15,) float64, the bin's pixels that are tongue in the reference.
    """

    counts: NDArray[np.float64] = field(default_factory=_zeros)
    confidences: NDArray[np.float64] = field(default_factory=_zeros)
    observed: NDArray[np.float64] = field(default_factory=_zeros)
    _squared: float = 0.0

    def add(self, probability: Values, truth: Truth) -> None:
        """Add pixels.

        Args:
            probability: of being tongue, any shape, float 0..1; bin b holds b/15 ≤ p < (b+1)/15, the last one 1.
            truth: bool, of the same shape.

        Raises:
            ValueError: the shapes differ.
        """
        if probability.shape != truth.shape:
            raise ValueError(f"probability {probability.shape} and reference {truth.shape} differ in shape")
        p, y = probability.ravel(), truth.ravel()
        bins = np.minimum((p * BINS).astype(np.intp), BINS - 1)
        self.counts += np.bincount(bins, minlength=BINS)
        self.confidences += np.bincount(bins, p, BINS)
        self.observed += np.bincount(bins[y], minlength=BINS)
        self._squared += float(np.sum((p - y) ** 2, dtype=np.float64))

    @property
    def pixels(self) -> int:
        """Pixels in all bins."""
        return int(self.counts.sum())

    @property
    def ece(self) -> float:
        """Expected calibration error: mean over pixels of their bin's |mean probability − part of tongue|."""
        return float(self._gaps().sum() / self.counts.sum()) if self.pixels else math.nan

    @property
    def mce(self) -> float:
        """Maximum calibration error: the largest such difference of a bin that holds a pixel."""
        filled = self.counts > 0
        return float((self._gaps()[filled] / self.counts[filled]).max()) if self.pixels else math.nan

    @property
    def brier(self) -> float:
        """Mean squared difference between probability and reference (Brier 1950)."""
        return self._squared / self.pixels if self.pixels else math.nan

    def _gaps(self) -> NDArray[np.float64]:
        gaps: NDArray[np.float64] = np.abs(self.confidences - self.observed)
        return gaps


def outline_band(reference: MaskArray) -> Truth:
    """Pixels within 2 % of the diagonal (chessboard distance) of the reference's outline.

    Far background is easy and fills most of a photo, so an error over all pixels looks small whatever happens
    at the outline. The band depends on the reference alone: a model or a temperature cannot choose its pixels.

    Args:
        reference: (H, W) uint8; every non-zero pixel is foreground.

    Returns:
        (H, W) bool; empty where the reference is.
    """
    width = max(1, round(BOUNDARY_RATIO * math.hypot(*reference.shape)))
    square = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    tongue = (reference != 0).view(np.uint8)
    return np.asarray(cv2.dilate(tongue, square) != cv2.erode(tongue, square), np.bool_)


def apply_temperature(probability: Values, temperature: float) -> NDArray[np.float64]:
    """Divide the logit by T: p' = sigmoid(logit(p) / T), written with powers, so that 0, ½ and 1 stay exactly what they are.

    Args:
        probability: any shape, 0..1.
        temperature: T > 0; above 1 the probabilities move towards ½, and 1/T undoes T.

    Raises:
        ValueError: a temperature that is not positive and finite.
    """
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError(f"a temperature is positive and finite, got {temperature}")
    p = np.asarray(probability, np.float64)
    if temperature == 1.0:
        return p
    # The larger of both powers divides both: for a small T both would underflow near p = ½.
    larger = np.maximum(p, 1 - p)
    yes, no = (p / larger) ** (1 / temperature), ((1 - p) / larger) ** (1 / temperature)
    return np.asarray(yes / (yes + no), np.float64)


def sample_pixels(
    probability: Values, truth: Truth, rng: np.random.Generator, count: int = SAMPLED_PIXELS
) -> tuple[NDArray[np.float64], Truth]:
    """Some pixels of one photo for `fit_temperature`, drawn with replacement.

    Only those whose logit is known are returned: a stored 0 or 255 says that the model was sure, not how sure,
    and any number put in its place would decide the temperature (seen: 0.85 with ½/255, where 1.03 fits the
    rest). Leaving pixels out by their probability alone does not bias a calibration.

    Returns:
        Probability and reference of at most `count` pixels, (n,) float64 and (n,) bool.
    """
    picks = rng.integers(0, probability.size, count)
    p, y = probability.ravel()[picks].astype(np.float64), truth.ravel()[picks]
    known = (p >= KNOWN_LOGIT) & (p <= 1 - KNOWN_LOGIT)
    return p[known], y[known]


def fit_temperature(probability: Values, truth: Truth) -> float:
    """The temperature of the least negative log-likelihood (Guo et al. 2017, section 4.2).

    The loss is convex in 1/T, so its slope is bisected between T = 1/20 and T = 20; where the best lies
    beyond, that end is the answer.

    Args:
        probability: (n,) float inside 0..1; exactly 0 and 1 are left out (`sample_pixels` says why).
        truth: (n,) bool.

    Raises:
        ValueError: no pixel is left.
    """
    inside = (probability > 0) & (probability < 1)
    p, y = probability[inside].astype(np.float64), truth[inside]
    if not p.size:
        raise ValueError("a temperature needs at least one pixel whose probability is neither 0 nor 1")
    logit = np.log(p) - np.log1p(-p)
    low, high = -math.log(_MAX_TEMPERATURE), math.log(_MAX_TEMPERATURE)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        answer = 0.5 * (1 + np.tanh(0.5 * math.exp(-middle) * logit))
        # The slope of the loss over 1/T; above 0 the best 1/T is smaller, the best T larger.
        if float(np.mean((answer - y) * logit)) > 0:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)

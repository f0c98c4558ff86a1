"""The cheapest cut between two labels on a grid, by OpenCV's GrabCut with models of its own choosing.

GrabCut (Rother et al. 2004) weighs each pixel by two mixtures of colours, joins neighbours the more the likelier
their colours are, and cuts (Boykov & Kolmogorov 2004). With frozen models of one Gaussian each, of equal variance,
on the first channel, the difference of both weights is linear in that channel: it carries any score. The other two
channels are as wide as can be and count only where neighbours are compared.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.click_window import BoolGrid, FloatGrid

_UNIT = 12.0  # steps of the 8-bit channel for a score of 1
_RANGE = 255.0  # weight of the highest score; GrabCut joins equal neighbours with 50
_MEANS = (64.0, 191.0)
_VARIANCE = (_MEANS[1] - _MEANS[0]) * 255 / (2 * _RANGE)
_IGNORED = 1e6


def cut(score: FloatGrid, colours: NDArray[np.uint8], fixed: NDArray[np.int8]) -> BoolGrid:
    """The label of each cell.

    Args:
        score: (h, w) logarithm of how much likelier label 1 is than label 0.
        colours: (h, w, 2) uint8, in which neighbours that belong together are alike.
        fixed: (h, w): 1 and 0 where the label is known, -1 elsewhere.

    Returns:
        (h, w) bool.
    """
    if (fixed >= 0).all():  # GrabCut fails where no neighbours are left to join
        return np.asarray(fixed > 0, bool)
    channel = np.clip(127.5 + score * np.float32(_UNIT), 0, 255).astype(np.uint8)
    labels = np.choose(fixed + 1, (cv2.GC_PR_BGD, cv2.GC_BGD, cv2.GC_FGD)).astype(np.uint8)
    picture = np.dstack([channel, colours])
    models = [_model(mean) for mean in _MEANS]
    whole = (0, 0, labels.shape[1], labels.shape[0])  # not looked at in this mode
    cv2.grabCut(picture, labels, whole, models[0], models[1], 1, cv2.GC_EVAL_FREEZE_MODEL)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), bool)


def _model(mean: float) -> NDArray[np.float64]:
    """(1, 65): weights, means and covariances of five Gaussians, of which only the first is used."""
    model = np.zeros((1, 65))
    model[0, 0] = 1
    model[0, 5:8] = mean, 127.5, 127.5
    model[0, 20:29] = np.diag((_VARIANCE, _IGNORED, _IGNORED)).ravel()
    return model

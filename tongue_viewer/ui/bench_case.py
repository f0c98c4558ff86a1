"""What the canvas' benchmark shows and the way that its pointer goes; other programs are measured on the same."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary
from tongue_viewer.core.photo import Photo

STEP = 12
"""Pixels of the screen between two events of the pointer, on average: a lively hand and a mouse of 125 Hz."""


def synthetic_case(megapixels: float, seed: int = 0) -> CaseState:
    """A photo of 4:3 with texture and an elliptical mask."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 220, (24, 32, 3), dtype=np.uint8)
    rgb = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    rgb = cv2.add(rgb, rng.integers(0, 24, (height, width, 1), dtype=np.uint8).repeat(3, axis=2))
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, height // 2), (width // 5, height // 3), 0, 0, 360, 1, cv2.FILLED)
    path = Path(f"synthetic-{seed}.bmp")
    summary = CaseSummary(path, f"bench-{seed}", CaseStatus.PREDICTED)
    return CaseState(summary, Photo(path, np.asarray(rgb, np.uint8), ""), mask)


def stroke(events: int, reach: float) -> NDArray[np.float64]:
    """A stroke around the middle, in and out of the mask, never twice the same way.

    Args:
        events: of the pointer.
        reach: height of the fitted photo on the screen, in pixels; the stroke stays inside.

    Returns:
        (events, 2) float64, (x, y) from the middle, in pixels of the screen.
    """
    middle, swing = 0.325 * reach, 0.154 * reach
    turns = np.arange(events) * STEP / max(middle, STEP)
    radius = middle + swing * np.sin(turns * 0.37)
    return np.stack([radius * np.cos(turns), radius * np.sin(turns)], axis=1)

"""Fill and outline of a mask with several classes, each in its own colour."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from tongue_viewer.core.classes import MOST_CLASSES, Rgb, usual_colour

_LEVELS = 25
"""Steps of coverage that are told apart: ten classes of 25 steps fit into one byte."""

_FULL = _LEVELS - 1


class ClassLayers:
    """Two indexed pictures of a frame: index = class × 25 + step of coverage.

    Attributes:
        fill, line: (h, w) uint8, changed in place.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.fill: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        self.line: NDArray[np.uint8] = np.zeros(shape, np.uint8)

    def update(
        self,
        window: tuple[slice, slice],
        labels: NDArray[np.uint8],
        coverage: NDArray[np.uint8],
        line: NDArray[np.uint8],
        kernel: NDArray[np.uint8],
    ) -> None:
        """Draw a part again.

        Args:
            window: rows and columns of the layers.
            labels: (h, w) uint8 of the part: the class of each pixel of the screen.
            coverage: (h, w) uint8 of the part, 255 = covered by any class.
            line: likewise, the outline of all classes together.
            kernel: the outline's structuring element.
        """
        # A soft rim lies outside of the mask: it takes the class next to it.
        near = np.minimum(cv2.dilate(labels, kernel), MOST_CLASSES)
        # Where two classes touch, all is covered and no outline is seen: their border is one.
        inner = np.where(labels > 0, labels, near).astype(np.uint8)
        border = cv2.morphologyEx(inner, cv2.MORPH_GRADIENT, kernel) > 0
        line = np.where(border & (labels > 0), 255, line).astype(np.uint8)
        self.fill[window] = _index(inner, coverage)
        self.line[window] = _index(near, line)


def class_table(colours: Sequence[Rgb], opacity: float) -> list[int]:
    """Index of a layer → 0xAARRGGBB; a class without a colour has the usual one."""
    table: list[int] = []
    for label in range(MOST_CLASSES + 1):
        rgb = colours[label - 1] if 0 < label <= len(colours) else usual_colour(max(1, label))
        for level in range(_LEVELS):
            alpha = round(255 * opacity * level / _FULL) if label else 0
            table.append(int(QColor(*rgb, alpha).rgba()))
    return table + [0] * (256 - len(table))


def _index(labels: NDArray[np.uint8], coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    step = (coverage.astype(np.uint16) * _FULL + 127) // 255
    return (labels * np.uint8(_LEVELS) + step.astype(np.uint8)).astype(np.uint8)

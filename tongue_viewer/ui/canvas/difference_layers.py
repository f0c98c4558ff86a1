"""What was added to another mask and what was taken off it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


class DifferenceLayers:
    """Three pictures of a frame.

    Attributes:
        added, taken: (h, w) uint8, 255 = full, changed in place.
        line: (h, w) uint8, the other mask's outline.
    """

    def __init__(self, other: NDArray[np.uint8], line: NDArray[np.uint8]) -> None:
        self._other = other
        self.line = line
        self.added: NDArray[np.uint8] = np.zeros_like(other)
        self.taken: NDArray[np.uint8] = np.zeros_like(other)

    def update(self, window: tuple[slice, slice], coverage: NDArray[np.uint8]) -> None:
        """The mask covers a part of the frame anew, 255 = covered."""
        other = self._other[window]
        self.added[window] = cv2.subtract(coverage, other)
        self.taken[window] = cv2.subtract(other, coverage)

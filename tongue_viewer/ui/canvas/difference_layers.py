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

    def __init__(
        self,
        other: NDArray[np.uint8],
        line: NDArray[np.uint8],
        classes: NDArray[np.uint8] | None = None,
    ) -> None:
        """Nothing is compared yet.

        Args:
            other: (h, w) uint8, 255 = covered by the other mask.
            line: its outline.
            classes: (h, w) uint8, the other mask's class of each pixel, where it knows several: a pixel of
                another class then differs too. One that knows a single class tells tongue from background only.
        """
        self._other, self._classes = other, classes
        self.line = line
        self.added: NDArray[np.uint8] = np.zeros_like(other)
        self.taken: NDArray[np.uint8] = np.zeros_like(other)

    @property
    def by_class(self) -> bool:
        """Whether `update` needs the classes."""
        return self._classes is not None

    def update(
        self, window: tuple[slice, slice], coverage: NDArray[np.uint8], classes: NDArray[np.uint8] | None
    ) -> None:
        """The mask covers a part of the frame anew, 255 = covered; `classes` as of the other mask."""
        if self._classes is not None and classes is not None:
            differs = classes != self._classes[window]
            self.added[window] = np.where(differs & (classes > 0), 255, 0)
            self.taken[window] = np.where(differs & (classes == 0), 255, 0)
            return
        other = self._other[window]
        self.added[window] = cv2.subtract(coverage, other)
        self.taken[window] = cv2.subtract(other, coverage)

"""What was added to another mask and what was taken off it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SAME = np.uint8(128)


class DifferenceLayers:
    """Two pictures of a frame.

    Attributes:
        change: (h, w) uint8, 128 = as in the other mask, 255 = added to it, 0 = taken off, changed in place.
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
        self.change: NDArray[np.uint8] = np.full_like(other, _SAME)

    @property
    def by_class(self) -> bool:
        """Whether `update` needs the classes."""
        return self._classes is not None

    def update(
        self, window: tuple[slice, slice], coverage: NDArray[np.uint8], classes: NDArray[np.uint8] | None
    ) -> None:
        """The mask covers a part of the frame anew, 255 = covered; `classes` as of the other mask."""
        if self._classes is not None and classes is not None:
            changed = np.where(classes > 0, np.uint8(255), np.uint8(0))
            self.change[window] = np.where(classes != self._classes[window], changed, _SAME)
            return
        self.change[window] = cv2.addWeighted(coverage, 0.5, self._other[window], -0.5, 127.5)

"""The photo as a value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

MAX_PIXELS = 200_000_000
"""The most pixels of one photo, and so of one mask: 600 MB as RGB, more than any camera's sensor."""

RgbArray: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, row 0 on top, channels R, G, B, read-only."""

MaskArray: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8 class index, row 0 on top, 0 = background, 1 = first class ("tongue")."""

ProbabilityArray: TypeAlias = NDArray[np.float32]
"""(N, H, W) float32 in 0..1, one plane for each foreground class."""

GridArray: TypeAlias = NDArray[np.uint8]
"""(N, h, w) uint8, a probability on the network's grid (letterboxed frame), 255 = 1.0."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        path: the file that it was read from.
        rgb: (H, W, 3) uint8, read-only, EXIF orientation already applied.
        sha256: hex digest of the file's bytes, the identity of the photo under any name.
    """

    path: Path
    rgb: RgbArray
    sha256: str

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the photo."""
        return int(self.rgb.shape[0]), int(self.rgb.shape[1])

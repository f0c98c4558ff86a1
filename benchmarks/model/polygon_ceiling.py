"""How well could any mask agree with references that were clicked as coarse polygons?

`python -m benchmarks.model.polygon_ceiling MASKS SMOOTH` takes the corners of each reference polygon in MASKS, puts as
many corners on the outline of the smooth mask of the same name in SMOOTH (a model's masks), at equal distances along
it, and reports the Dice of the smooth mask with the polygon through them: what is lost by the straight edges
alone. With `--click` the corners also miss the outline by a normal error in pixels, as a hand does. It is an
estimate: it says nothing of what two people would draw differently on purpose.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.metrics import agreement
from tongue_viewer.storage.masks import read_mask

CORNER_PX = 1.0
"""Distance from the outline within which points belong to one straight edge (Douglas & Peucker 1973)."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("masks", type=Path, help="folder of reference masks")
    parser.add_argument("smooth", type=Path, help="folder of smooth masks of the same names")
    parser.add_argument(
        "--click", type=float, nargs="*", default=[0.0, 1.0, 2.0], help="errors of a hand in px"
    )
    arguments = parser.parse_args()
    smooth = {path.stem: path for path in arguments.smooth.iterdir()}
    pairs = [(read_mask(path), read_mask(smooth[path.stem])) for path in sorted(arguments.masks.iterdir())]
    counts = [_corners(reference) for reference, _ in pairs]
    print(f"{len(pairs)} references, corners: median {np.median(counts):.0f}, {min(counts)} to {max(counts)}")
    for click in arguments.click:
        rng = np.random.default_rng(0)
        dice = [
            agreement(mask, _polygon(mask, n, click, rng)).dice
            for (_, mask), n in zip(pairs, counts, strict=True)
        ]
        print(f"click error {click} px: mean Dice {np.mean(dice):.4f}, lowest {min(dice):.4f}")


def _outline(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(n, 2) the pixels of the longest outer contour."""
    contours, _ = cv2.findContours((mask > 0).view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=len)[:, 0].astype(np.int32)


def _corners(mask: NDArray[np.uint8]) -> int:
    return len(cv2.approxPolyDP(_outline(mask)[:, None], CORNER_PX, closed=True))


def _polygon(
    mask: NDArray[np.uint8], corners: int, click: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The filled polygon through `corners` points of the outline, each missed by `click` px (s.d.)."""
    outline = _outline(mask)
    picked = outline[(np.arange(corners) * len(outline) / corners).astype(int)]
    points = np.rint(picked + rng.normal(0, click, picked.shape)).astype(np.int32)
    return np.asarray(cv2.fillPoly(np.zeros_like(mask), [points], 1), np.uint8)


if __name__ == "__main__":
    main()

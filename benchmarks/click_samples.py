"""Wrong masks and clicks on them, to teach the click corrector. None is drawn as `benchmarks.damage` draws its own.

What is judged must not be what was taught: here pieces have noisy rims, stretches of the outline move by noise,
corners go by opening and closing, outlines become coarse polygons, and pieces follow the photo's own colours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.damage import dice, signed_distance
from tongue_viewer.core.click_window import Click
from tongue_viewer.core.photo import MaskArray, RgbArray


@dataclass(frozen=True, eq=False)
class Subject:
    """One photo with its reference.

    Attributes:
        rgb: (H, W, 3) uint8.
        lab: (H, W, 3) float32 CIELAB as OpenCV scales 8 bits.
        reference: (H, W) uint8 0/1, not empty.
        signed: (H, W) float32 distance to the reference's outline, positive inside.
        radius: of a disc of the reference's area, in pixels.
    """

    rgb: RgbArray
    lab: NDArray[np.float32]
    reference: MaskArray
    signed: NDArray[np.float32]
    radius: float

    @classmethod
    def of(cls, rgb: RgbArray, reference: MaskArray) -> Subject:
        """The derived values are computed."""
        lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
        radius = math.sqrt(int(np.count_nonzero(reference)) / math.pi)
        return cls(rgb, lab, reference, signed_distance(reference), radius)


def wrong_mask(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """One or two errors at once; now and then no mask at all."""
    if rng.random() < 0.04:
        return np.zeros_like(subject.reference)
    mask = subject.reference.copy()
    for _ in range(1 + (rng.random() < 0.35)):
        wrong = _ERRORS[rng.choice(len(_ERRORS), p=_SHARES)](subject, rng)
        if dice(wrong, subject.reference) >= 0.75:
            mask ^= wrong ^ subject.reference
    return mask


def click_on_error(
    mask: MaskArray, reference: MaskArray, rng: np.random.Generator
) -> tuple[Click, NDArray[np.bool_]] | None:
    """A click a person could make, and the connected error that it lies in; None where nothing is wrong."""
    wrong = (mask != reference).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(wrong, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = np.flatnonzero(areas > max(30, 0.15 * areas.max(initial=0)))
    if not len(large):
        return None
    number = 1 + (int(np.argmax(areas)) if rng.random() < 0.6 else int(rng.choice(large)))
    piece = pieces == number
    depth = cv2.distanceTransform(np.pad(piece.view(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    if rng.random() < 0.6:  # a hand does not meet the middle
        rows, columns = np.nonzero(depth > 0.4 * depth[row, column])
        close = np.flatnonzero(np.hypot(rows - row, columns - column) < depth[row, column])
        chosen = int(rng.choice(close)) if len(close) else 0
        row, column = rows[chosen], columns[chosen]
    return Click(float(column) + 0.5, float(row) + 0.5, bool(reference[row, column])), piece


def _blob(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """A piece with a noisy rim, 0.15 … 0.5 r across, is added or taken away at the outline."""
    size = rng.uniform(0.15, 0.5) * subject.radius
    far = _apart(subject, rng) / size
    piece = (0.5 * _noise(subject, 1.2 * size, rng) + 1.2 > 0.8 * far).astype(np.uint8)
    return subject.reference | piece if rng.random() < 0.5 else subject.reference & (1 - piece)


def _bump(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """The outline moves by 0.05 … 0.25 r, noisily, around one of its points."""
    size = rng.uniform(0.25, 1.2) * subject.radius
    shift = rng.uniform(0.05, 0.25) * subject.radius * rng.choice([-1, 1])
    weight = np.exp(-0.5 * (_apart(subject, rng) / size) ** 2)
    return np.asarray(subject.signed > shift * weight * (1 + 0.4 * _noise(subject, size, rng)), np.uint8)


def _wave(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """The whole outline moves by noise and by a constant."""
    noise = _noise(subject, rng.uniform(0.15, 0.8) * subject.radius, rng)
    shift = noise * rng.uniform(0.02, 0.12) + rng.normal() * 0.03
    return (subject.signed > shift * subject.radius).astype(np.uint8)


def _rounded(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """Opened, or closed, by a disc of 0.1 … 0.6 r, then grown or shrunk a little."""
    size = rng.uniform(0.1, 0.6) * subject.radius
    pad = int(size) + 2
    mask = np.pad(subject.reference, pad, mode="edge")
    mask = 1 - _opened(1 - mask, size) if rng.random() < 0.3 else _opened(mask, size)
    mask = np.ascontiguousarray(mask[pad:-pad, pad:-pad])
    signed = signed_distance(mask) if mask.any() else subject.signed
    return (signed > rng.normal() * 0.04 * subject.radius).astype(np.uint8)


def _polygon(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """A polygon that leaves the outline by up to 0.05 … 0.2 r."""
    contours, _ = cv2.findContours(subject.reference, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    corners = cv2.approxPolyDP(max(contours, key=len), rng.uniform(0.05, 0.2) * subject.radius, closed=True)
    return np.asarray(cv2.fillPoly(np.zeros_like(subject.reference), [corners], 1), np.uint8)


def _like_colour(subject: Subject, rng: np.random.Generator) -> MaskArray:
    """What looks like a place near the outline, and lies near it, changes sides: a shadow, a lip, a coating."""
    row, column = _place(np.abs(subject.signed) < 0.4 * subject.radius, rng)
    smooth = cv2.GaussianBlur(subject.lab, (0, 0), rng.uniform(2, 5))
    unlike = np.sqrt((((smooth - smooth[row, column]) * (0.5, 1, 1)) ** 2).sum(axis=-1))
    rows, columns = np.indices(unlike.shape)
    near = np.hypot(rows - row, columns - column) < rng.uniform(0.3, 0.9) * subject.radius
    piece = ((unlike < rng.uniform(5, 16)) & near).astype(np.uint8)
    for operation, size in ((cv2.MORPH_CLOSE, 9), (cv2.MORPH_OPEN, 7)):
        piece = cv2.morphologyEx(piece, operation, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    changed: MaskArray = np.asarray(piece, np.uint8)
    taken = bool(subject.reference[row, column])
    return subject.reference & (1 - changed) if taken else subject.reference | changed


_ERRORS: tuple[Callable[[Subject, np.random.Generator], MaskArray], ...] = (
    _blob, _bump, _wave, _rounded, _polygon, _like_colour,
)  # fmt: skip
_SHARES = (0.22, 0.22, 0.16, 0.12, 0.08, 0.2)


def _opened(mask: MaskArray, radius: float) -> MaskArray:
    core = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5) <= radius
    return (cv2.distanceTransform(core.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5) <= radius).astype(
        np.uint8
    )


def _place(where: NDArray[np.bool_], rng: np.random.Generator) -> tuple[int, int]:
    row, column = divmod(int(rng.choice(np.flatnonzero(where))), int(where.shape[1]))
    return row, column


def _apart(subject: Subject, rng: np.random.Generator) -> NDArray[np.float64]:
    """(H, W) distance to a random point of the outline."""
    row, column = _place(np.abs(subject.signed) < 1.5, rng)
    rows, columns = np.ogrid[: subject.signed.shape[0], : subject.signed.shape[1]]
    return np.asarray(np.hypot(rows - row, columns - column), np.float64)


def _noise(subject: Subject, size: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """(H, W) smooth noise of mean 0 and deviation 1 with features of `size` pixels."""
    height, width = subject.signed.shape
    step = max(2, int(size / 3))
    coarse = rng.normal(size=(max(3, height // step + 2), max(3, width // step + 2))).astype(np.float32)
    noise = cv2.GaussianBlur(
        cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), (0, 0), size / 2
    )
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-6), np.float32)

"""Masks damaged in known ways, for judging tools that repair them.

Lengths are parts of the reference's radius r, that of a disc of the same area, so that the damage does not depend
on the size of the photo. A draw counts only if the Dice of the damaged mask lies in `DICE`: no damage that needs
no repair, none that leaves nothing to repair. One seed gives one damage.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.masks import bounding_box
from tongue_viewer.core.photo import MaskArray

DICE = (0.80, 0.97)
"""Lowest and highest Dice of a damaged mask against its reference."""

DRAWS = 200

_Signed = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Whole:
    """A mask that is to be damaged.

    Attributes:
        reference: (H, W) uint8 0/1, not empty.
        signed: (H, W) float32 distance to its outline in pixels, positive inside; the photo's edges are no outline.
        radius: of a disc of the same area, in pixels.
    """

    reference: MaskArray
    signed: _Signed
    radius: float

    @classmethod
    def of(cls, reference: MaskArray) -> Whole:
        """The derived values are computed."""
        radius = math.sqrt(int(np.count_nonzero(reference)) / math.pi)
        return cls(reference, signed_distance(reference), radius)


_Draw = Callable[[Whole, np.random.Generator], MaskArray]


def damage(reference: MaskArray, kind: str, seed: int) -> MaskArray:
    """The reference, damaged.

    Args:
        reference: (H, W) uint8, 0 = background, 1 = tongue; not empty; not changed.
        kind: one of `KINDS`.
        seed: of the draw.

    Returns:
        (H, W) uint8, a new array.

    Raises:
        ValueError: an empty reference, or none of `DRAWS` draws gave a Dice in `DICE`.
    """
    if bounding_box(reference) is None:
        raise ValueError("an empty mask cannot be damaged")
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    whole = Whole.of(reference)
    for _ in range(DRAWS):
        damaged = KINDS[kind](whole, rng)
        if DICE[0] <= dice(damaged, reference) <= DICE[1]:
            return damaged
    raise ValueError(f"{DRAWS} draws gave no damage of the kind {kind!r} with a Dice in {DICE}")


def dice(a: MaskArray, b: MaskArray) -> float:
    """2·|A∩B| / (|A|+|B|) of two (H, W) uint8 masks of one class; 1 where both are empty."""
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / total if total else 1.0


def _piece_missing(whole: Whole, rng: np.random.Generator) -> MaskArray:
    """A bite: an ellipse around a point of the outline, half axes 0.4 … 0.65 r, becomes background."""
    x, y = _outline_point(whole.reference, rng)
    axes = rng.uniform(0.4, 0.65, 2) * whole.radius
    return whole.reference & ~_ellipse(whole.reference.shape, (x, y), axes, rng.uniform(0, math.pi))


def _lip_included(whole: Whole, rng: np.random.Generator) -> MaskArray:
    """A flat ellipse along the outline, above or below the tongue (within 50° of the vertical), is added.

    Half axes: 0.5 … 0.9 r along the outline, 0.2 … 0.32 r across it.
    """
    x, y = _outline_point(whole.reference, rng, near_vertical=math.radians(50))
    across = _normal_angle(whole.signed, x, y)
    axes = (rng.uniform(0.5, 0.9) * whole.radius, rng.uniform(0.2, 0.32) * whole.radius)
    return whole.reference | _ellipse(whole.reference.shape, (x, y), axes, across + math.pi / 2)


def _shifted_rim(whole: Whole, rng: np.random.Generator) -> MaskArray:
    """A stretch of the outline, 60 … 100° to each side of a direction, moves in or out by 0.15 … 0.3 r.

    The shift falls off to both ends like a raised cosine.
    """
    middle, half = rng.uniform(-math.pi, math.pi), math.radians(rng.uniform(60, 100))
    shift = rng.uniform(0.15, 0.3) * whole.radius * rng.choice([-1, 1])
    apart = np.abs(_angle_from_centre(whole.reference) - middle)
    apart = np.minimum(apart, 2 * math.pi - apart)
    weight = np.where(apart < half, 0.5 + 0.5 * np.cos(math.pi * apart / half), 0)
    return np.asarray(whole.signed > shift * weight, np.uint8)


def _hole(whole: Whole, rng: np.random.Generator) -> MaskArray:
    """An ellipse inside, half axes 0.2 … 0.4 r, at least 0.06 r from the outline, becomes background."""
    axes = rng.uniform(0.2, 0.4, 2) * whole.radius
    centre = _random_pixel(whole.signed > axes.max() + 0.06 * whole.radius, rng)
    if centre is None:
        return whole.reference.copy()
    return whole.reference & ~_ellipse(whole.reference.shape, centre, axes, rng.uniform(0, math.pi))


def _island(whole: Whole, rng: np.random.Generator) -> MaskArray:
    """An ellipse outside, half axes 0.2 … 0.4 r, 0.06 … 0.5 r from the tongue, is added; the photo may cut it."""
    axes = rng.uniform(0.2, 0.4, 2) * whole.radius
    gap = -whole.signed - axes.max()
    centre = _random_pixel((gap > 0.06 * whole.radius) & (gap < 0.5 * whole.radius), rng)
    if centre is None:
        return whole.reference.copy()
    return whole.reference | _ellipse(whole.reference.shape, centre, axes, rng.uniform(0, math.pi))


def _blurred(whole: Whole, rng: np.random.Generator) -> MaskArray:
    """Low-passed by a Gaussian, σ = 0.2 … 0.5 r, and cut at one half: corners go, the outline shrinks with them.

    Beyond the photo's edges the mask goes on as it is at the edge.
    """
    sigma = rng.uniform(0.2, 0.5) * whole.radius
    soft = cv2.GaussianBlur(
        whole.reference.astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    return (soft >= 0.5).astype(np.uint8)


KINDS: dict[str, _Draw] = {
    "piece missing": _piece_missing,
    "lip included": _lip_included,
    "shifted rim": _shifted_rim,
    "hole": _hole,
    "island": _island,
    "blurred": _blurred,
}
"""Name of a damage → how it is drawn from a mask and a generator."""


def signed_distance(mask: MaskArray) -> _Signed:
    """(H, W) float32: distance to the outline in pixels, positive inside; the photo's edges are no outline."""
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.where(mask > 0, inside - 0.5, 0.5 - outside), np.float32)


def _outline_point(
    mask: MaskArray, rng: np.random.Generator, near_vertical: float = math.pi
) -> tuple[float, float]:
    """A pixel (x, y) of the mask's rim, seen from its centre within an angle of straight up or straight down."""
    rim = (mask > 0) & (cv2.erode(mask, np.ones((3, 3), np.uint8)) == 0)
    steep = np.abs(np.abs(_angle_from_centre(mask)) - math.pi / 2) <= near_vertical
    found = _random_pixel(rim & steep, rng) or _random_pixel(rim | (mask > 0), rng)
    return found or (0.0, 0.0)


def _angle_from_centre(mask: MaskArray) -> NDArray[np.float32]:
    """(H, W) float32: direction from the mask's centre of gravity to each pixel, -π … π."""
    moments = cv2.moments(mask, binaryImage=True)
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    rows, columns = np.indices(mask.shape, dtype=np.float32)
    return np.asarray(np.arctan2(rows - np.float32(y), columns - np.float32(x)), np.float32)


def _normal_angle(signed: _Signed, x: float, y: float) -> float:
    """Direction of the steepest change of the smoothed distance at a pixel, in radians."""
    smooth = cv2.GaussianBlur(signed, (0, 0), 5)
    row, column = int(y), int(x)
    above, below = max(0, row - 1), min(signed.shape[0] - 1, row + 1)
    left, right = max(0, column - 1), min(signed.shape[1] - 1, column + 1)
    return math.atan2(
        float(smooth[below, column] - smooth[above, column]), float(smooth[row, right] - smooth[row, left])
    )


def _random_pixel(where: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float] | None:
    """One of the true pixels (x, y), None if there is none."""
    places = np.flatnonzero(where)
    if not len(places):
        return None
    row, column = divmod(int(rng.choice(places)), where.shape[1])
    return float(column), float(row)


def _ellipse(
    shape: tuple[int, ...],
    centre: tuple[float, float],
    axes: tuple[float, float] | NDArray[np.float64],
    angle: float,
) -> MaskArray:
    """(H, W) uint8 0/1: a filled ellipse with half `axes`, the first one `angle` from the x axis."""
    rows, columns = np.indices(shape, dtype=np.float32)
    x, y = columns - np.float32(centre[0]), rows - np.float32(centre[1])
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    return np.asarray((along / axes[0]) ** 2 + (across / axes[1]) ** 2 <= 1, np.uint8)

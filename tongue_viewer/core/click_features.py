"""What is known of each cell around a click, as numbers: its colour, its place, and what lies between.

Lengths are in units of the click's depth, so that a small click on a thin rim and a large one on a missing half of
the tongue look alike.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.click_colour import bins_of, evidence_of
from tongue_viewer.core.click_window import BoolGrid, ClickWindow, FloatGrid

FEATURES = (
    "evidence", "evidence around", "unlike the click", "unlike the click around", "inside", "apart", "foot apart",
    "closing", "closing of the click", "size", "edge", "walk", "texture", "sign", "unlike held", "unlike open",
    "from open", "whole mask's evidence", "evidence on the way",
)  # fmt: skip
"""Names of the last axis of `features_of`, in order."""

_CLOSINGS = (4.0, 2.8, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35)
_STEPS = 6  # samples of the straight line to the click
_FAR = 6.0  # a distance that stands for "there is none", in depths

_Lab = NDArray[np.float32]
_THREE = np.ones((3, 3), np.uint8)


def features_of(window: ClickWindow, whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """Everything in `FEATURES` for each cell.

    Args:
        window: of the click.
        whole: (bins,) evidence that a colour belongs to the class, from the whole mask.

    Returns:
        (h, w, len(FEATURES)) float32, most of it within -3 … 3.
    """
    lab = window.lab.astype(np.float32)
    bins = bins_of(window.lab)
    evidence = _evidence(window, bins)
    ones = np.ones(window.open.shape, np.float32)
    closing = _closing(window)
    gradient = _gradient(lab)
    general = cv2.blur(whole[bins], (3, 3)) * (1 if window.positive else -1)
    around = np.asarray(cv2.blur(evidence, (3, 3)), np.float32)
    columns = [
        *(np.clip(e, -5, 5) / 2 for e in (evidence, cv2.blur(evidence, (5, 5)))),
        *_unlike_click(window, lab),
        np.clip(window.inside / window.depth, 0, 6) / 2,
        np.clip(window.apart / window.depth, 0, 25) / 6,
        _foot_apart(window) / (6 * window.depth),
        closing / 2,
        ones * closing[window.cell] / 2,
        ones * np.float32(np.log(window.depth / window.reach) + 2),
        np.clip(gradient, 0, 6) / 3,
        np.log1p(_walk((0.05 + gradient) * np.float32(window.scale / window.depth), window.cell)),
        _texture(window, lab[..., 0]),
        ones if window.positive else -ones,
        *_unlike_sides(window, lab),
        np.clip(general, -4, 4) / 2,
        np.clip(_on_the_way(window, around), -4, 4) / 2,
    ]
    return np.stack(columns, axis=-1).astype(np.float32)


def _evidence(window: ClickWindow, bins: NDArray[np.int32]) -> FloatGrid:
    """For the clicked label: colours of what is held, near by, and of the click, against those deep in the open.

    Open cells near the outline count for neither side: that is where the mask is wrong.
    """
    near = np.exp(-((window.apart / np.float32(0.6 * window.reach)) ** 2))
    patch = window.apart <= max(1.5 * window.scale, 0.7 * window.depth)
    held = np.where(window.open, 0, near) + 3.0 * patch
    deep = np.clip((window.inside - 1.5 * window.depth) / (window.depth + window.scale), 0, 1) * near
    # Where nothing is deep, what is farthest from the click has to stand for it.
    rest = 1e-6 * (window.apart > 0.8 * window.apart.max())
    return evidence_of(bins, held, np.where(window.open, deep + rest, 0))[bins]


def _unlike_click(window: ClickWindow, lab: _Lab) -> tuple[FloatGrid, FloatGrid]:
    """How far each cell's colour, and its neighbourhood's, is from the colours under the click, in deviations."""
    patch = lab[window.apart <= max(1.5 * window.scale, 0.6 * window.depth)]
    if not len(patch):
        patch = lab[window.cell][None]
    middle, spread = patch.mean(axis=0), patch.std(axis=0) + 4
    own, around = (
        np.sqrt((((colours - middle) / spread) ** 2).mean(axis=-1))
        for colours in (lab, cv2.blur(lab, (5, 5)))
    )
    return np.clip(own, 0, 8) / 2, np.clip(around, 0, 8) / 2


def _foot_apart(window: ClickWindow) -> FloatGrid:
    """Distance from the click to the held cell that is nearest to each cell."""
    held = ~window.open
    if not held.any():
        return window.apart
    return _at_nearest(held, window.apart[..., None])[0][..., 0]


def _unlike_sides(window: ClickWindow, lab: _Lab) -> tuple[FloatGrid, FloatGrid, FloatGrid]:
    """Difference of colour to the nearest held cell, and to the nearest one deep in the open; distance to that one."""
    smooth = np.asarray(cv2.GaussianBlur(window.lab, (0, 0), 1.2), np.float32)
    held = ~window.open
    inner = cv2.erode(held.view(np.uint8), _THREE) > 0
    sides = (
        inner if inner.any() else held,
        window.open & (window.inside > 2.6 * window.depth + window.scale),
    )
    unlike: list[FloatGrid] = []
    way = np.full(lab.shape[:2], _FAR, np.float32)
    for side in sides:
        if not side.any():
            unlike.append(np.full(lab.shape[:2], _FAR, np.float32))
            continue
        nearest, cells = _at_nearest(side, smooth)
        unlike.append(np.asarray(np.sqrt(((smooth - nearest) ** 2).sum(axis=-1)) / 12, np.float32))
        way = np.asarray(cells * np.float32(window.scale / window.depth), np.float32)
    limited = [np.minimum(distance, np.float32(_FAR)) for distance in (*unlike, way)]
    return limited[0], limited[1], limited[2] * np.float32(0.5)


def _at_nearest(where: BoolGrid, values: NDArray[np.float32]) -> tuple[NDArray[np.float32], FloatGrid]:
    """(h, w, C) the values at the true cell nearest to each cell, and the distance to it in cells."""
    distance, labels = cv2.distanceTransformWithLabels(
        (~where).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(labels.max()) + 1, values.shape[-1]), np.float32)
    table[labels[where]] = values[where]
    return table[labels], np.asarray(distance, np.float32)


def _closing(window: ClickWindow) -> FloatGrid:
    """The smallest closing of what is held, by a disc of so many depths, that takes a cell in."""
    out = np.full(window.open.shape, _CLOSINGS[0], np.float32)
    if window.open.all():
        return out
    cells = window.inside / np.float32(window.scale)
    for factor in _CLOSINGS:
        radius = factor * window.depth / window.scale
        if radius < 0.7:
            break
        beyond = cells > radius
        if not beyond.any():
            out[:] = factor
            continue
        distance = cv2.distanceTransform((~beyond).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
        out[distance > radius + 0.5] = factor
    return out


def _gradient(lab: _Lab) -> FloatGrid:
    """Strength of the photo's edges, in units of its mean in the window."""
    along = [cv2.Sobel(lab, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (0, 1)]
    strength = np.sqrt((along[0] ** 2 + along[1] ** 2).sum(axis=-1))
    return np.asarray(strength / (strength.mean() + np.float32(0.5)), np.float32)


def _walk(cost: FloatGrid, start: tuple[int, int]) -> FloatGrid:
    """Cost of the cheapest way from a cell to each other one over eight neighbours, on half the grid."""
    height, width = cost.shape
    half = ((width + 1) // 2, (height + 1) // 2)
    straight = np.asarray(cv2.resize(cost, half, interpolation=cv2.INTER_AREA), np.float32) * 2
    slanted = straight * np.float32(1.414)
    total = np.full((half[1] + 2, half[0] + 2), 1e3, np.float32)
    total[start[0] // 2 + 1, start[1] // 2 + 1] = 0
    inner = total[1:-1, 1:-1]
    for _ in range(2 * max(half)):
        sides = np.minimum(
            np.minimum(total[:-2, 1:-1], total[2:, 1:-1]), np.minimum(total[1:-1, :-2], total[1:-1, 2:])
        )
        corners = np.minimum(
            np.minimum(total[:-2, :-2], total[2:, 2:]), np.minimum(total[2:, :-2], total[:-2, 2:])
        )
        better = np.minimum(np.minimum(inner, sides + straight), corners + slanted)
        if np.array_equal(better, inner):
            break
        inner[:] = better
    return np.asarray(cv2.resize(inner, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _texture(window: ClickWindow, lightness: FloatGrid) -> FloatGrid:
    """How much rougher a cell's neighbourhood is than the click's, as a logarithm."""
    mean, squares = cv2.blur(lightness, (5, 5)), cv2.blur(lightness * lightness, (5, 5))
    deviation = np.sqrt(np.maximum(squares - mean * mean, 0))
    return np.asarray(np.log((deviation + 1) / (deviation[window.cell] + 1)), np.float32)


def _on_the_way(window: ClickWindow, evidence: FloatGrid) -> FloatGrid:
    """Mean evidence on the straight line between a cell and the click."""
    rows, columns = np.indices(evidence.shape, dtype=np.float32)
    total = np.zeros_like(evidence)
    for step in range(1, _STEPS):
        part = step / _STEPS
        x = np.asarray(columns * part + np.float32(window.centre[1] * (1 - part)), np.float32)
        y = np.asarray(rows * part + np.float32(window.centre[0] * (1 - part)), np.float32)
        total += cv2.remap(evidence, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(total / (_STEPS - 1), np.float32)

"""Where along the outline of a mask the model was unsure.

At each point of the outline the width of the band is measured in which the probability changes over: the way
along the outline's normal on which it lies between 0.2 and 0.8 (at another threshold t than 0.5, between 0.4 t and
1 − 0.4 (1 − t)). A sure model changes over within two or three pixels of its grid, about 1.3 % of the tongue's
size; where it hesitates the band is wide. Of the outlines of 24 validation photos (tongue-base-2) 4.4 % were
marked that way, in 14 of the photos: there the true outline was on average 1.9 % of the tongue's size away, elsewhere
0.7 %.

Only the probability's own doubt counts. Where a person moved the outline to a place at which the model is sure of
something else, nothing is marked.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.photo import MaskArray

WIDE = 0.02
"""A band is wide from this part of the tongue's size on; the size is the root of the mask's area."""

_WIDE_ON_GRID = 4.5
"""… and from so many pixels of the grid on: an edge that is as sharp as the grid allows has two to three."""

_REACH, _STEP = 24, 0.5  # pixels of the grid to each side of the outline, and between samples
_NEAR = 2  # samples within which the band has to pass the outline
_GAP, _SHORTEST = 0.04, 0.04  # of the tongue's size: smaller gaps are closed, shorter stretches left out
_MOST = 8000  # samples of one outline; a coarser step is taken for a longer one
_OUTLINES = 50  # of a mask in crumbs only the longest are looked at
_TANGENT = 3  # photo pixels to both sides from which an outline's direction is taken
_SMOOTH = 0.6  # photo pixels by which a drawn stretch may leave the outline's pixel steps

_Points = NDArray[np.float64]
_Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stretch:
    """A part of an outline at which the model was unsure.

    Attributes:
        points: (N, 2) float64, N ≥ 2, (x, y) in photo pixels, along the outline.
        severity: the widest band of it, as part of the tongue's size; at least `WIDE`.
        middle: (x, y) of the point halfway along.
        length: in photo pixels.
    """

    points: _Points
    severity: float
    middle: tuple[float, float]
    length: float


def uncertain_stretches(prediction: Prediction, mask: MaskArray) -> tuple[Stretch, ...]:
    """The unsure stretches, class by class and in order along each outline, the longest outline first.

    Args:
        prediction: of the photo; its own threshold counts.
        mask: (H, W) uint8 class index, as the person left it.

    Raises:
        ValueError: the mask has another size than the prediction's photo.
    """
    if mask.shape != prediction.shape:
        raise ValueError(f"a prediction of {prediction.shape} does not fit a mask of {mask.shape}")
    found: list[Stretch] = []
    classes = prediction.grid.shape[0]
    for label in range(1, classes + 1):
        # A model of one class knows the tongue from the rest, whatever classes a person has divided it into.
        part = mask if classes == 1 else (mask == label).view(np.uint8)
        size = float(np.sqrt(cv2.countNonZero(part)))
        if size == 0:
            continue
        outlines, _ = cv2.findContours(part, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        outlines = [outline for outline in outlines if len(outline) >= max(8, _SHORTEST * size)]
        for outline in sorted(outlines, key=len, reverse=True)[:_OUTLINES]:
            chain = outline[:, 0, :].astype(np.float64) + 0.5
            found += _along(chain, size, prediction, prediction.grid[label - 1])
    return tuple(found)


def _along(chain: _Points, size: float, prediction: Prediction, plane: NDArray[np.uint8]) -> list[Stretch]:
    """The stretches of one closed outline, (N, 2) pixel centres of its outermost pixels."""
    box = prediction.letterbox
    pixel = box.shape[1] / box.content[1]  # photo pixels for one of the grid
    normals = _normals(chain)
    step = max(1, int(pixel / 2), -(-len(chain) // _MOST))
    widths = pixel * _band(chain[::step], normals[::step], box, plane, prediction.threshold)
    widths[_at_rim(chain[::step], box.shape)] = 0
    wide = widths >= max(WIDE * size, _WIDE_ON_GRID * pixel)
    edge = chain + 0.5 * normals  # a pixel's centre is half a pixel inside of the edge that is seen
    found = []
    for first, last in _runs(wide, round(_GAP * size / step), max(2, round(_SHORTEST * size / step))):
        widest = float(widths[np.arange(first, last + 1) % len(widths)].max())
        found.append(_stretch(edge, first * step, last * step, widest / size))
    return found


def _normals(chain: _Points) -> _Points:
    """Unit vectors that point out of the mask; zero where the outline turns back on itself."""
    along = np.roll(chain, -_TANGENT, axis=0) - np.roll(chain, _TANGENT, axis=0)
    length = np.hypot(along[:, 0], along[:, 1])
    length[length == 0] = 1
    # OpenCV walks around the outside of a piece counter-clockwise (x to the right, y down), holes the other way.
    return np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]


def _band(
    points: _Points, normals: _Points, box: Letterbox, plane: NDArray[np.uint8], threshold: float
) -> NDArray[np.float64]:
    """Width of the band at each point, in pixels of the grid; 0 where it passes elsewhere."""
    rows, columns = box.window
    content = np.ascontiguousarray(plane[rows, columns])
    x, y = box.point_to_grid(points[:, 0], points[:, 1])  # type: ignore[arg-type]  # the formula fits arrays too
    ways = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    at_x = (np.asarray(x) - columns.start - 0.5)[:, None] + normals[:, :1] * ways
    at_y = (np.asarray(y) - rows.start - 0.5)[:, None] + normals[:, 1:] * ways
    seen = cv2.remap(
        content,
        at_x.astype(np.float32),
        at_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    low, high = 0.4 * threshold, 1 - 0.4 * (1 - threshold)
    inside: _Flags = (seen > 255 * low) & (seen < 255 * high)
    middle = len(ways) // 2
    near = slice(middle - _NEAR, middle + _NEAR + 1)
    inside[:, near] |= inside[:, near].any(axis=1, keepdims=True)
    outwards = np.logical_and.accumulate(inside[:, middle:], axis=1).sum(axis=1)
    inwards = np.logical_and.accumulate(inside[:, middle::-1], axis=1).sum(axis=1)
    widths: NDArray[np.float64] = np.maximum(0, outwards + inwards - 1) * _STEP
    return widths


def _at_rim(points: _Points, shape: tuple[int, int]) -> _Flags:
    """Where the mask runs out of the photo: that edge is the photo's, not the model's."""
    x, y = points[:, 0], points[:, 1]
    flags: _Flags = (x < 1) | (y < 1) | (x > shape[1] - 1) | (y > shape[0] - 1)
    return flags


def _runs(wide: _Flags, gap: int, shortest: int) -> list[tuple[int, int]]:
    """First and last index of each run on a closed line; the last may lie beyond its length, after a turn."""
    count = len(wide)
    if wide.all():
        return [(0, count)]
    marked = np.flatnonzero(wide)
    if marked.size == 0:
        return []
    # A run never starts in the middle of another: begin right after the longest pause.
    pauses = np.diff(marked, append=marked[0] + count)
    after = (int(np.argmax(pauses)) + 1) % marked.size
    marked = np.concatenate([marked[after:], marked[:after] + count])
    cuts = np.flatnonzero(np.diff(marked) > gap + 1)
    firsts, lasts = marked[np.r_[0, cuts + 1]], marked[np.r_[cuts, marked.size - 1]]
    runs = [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True) if b - a + 1 >= shortest]
    return sorted((a % count, a % count + b - a) for a, b in runs)


def _stretch(edge: _Points, first: int, last: int, severity: float) -> Stretch:
    points = edge[np.arange(first, last + 1) % len(edge)]
    ways = np.hypot(*np.diff(points, axis=0).T)
    walked = np.concatenate([[0.0], np.cumsum(ways)])
    middle = points[int(np.searchsorted(walked, walked[-1] / 2))]
    line = cv2.approxPolyDP(points.astype(np.float32)[:, None], _SMOOTH, False)[:, 0]  # noqa: FBT003 - OpenCV's
    simple = line.astype(np.float64)
    if not np.allclose(line[-1], points[-1]):  # OpenCV leaves it out where it is the first one again
        simple = np.concatenate([simple, points[-1:]])
    return Stretch(simple, severity, (float(middle[0]), float(middle[1])), float(walked[-1]))

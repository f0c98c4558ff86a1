"""From a score around a click to the pixels that change."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.click_cut import cut
from tongue_viewer.core.click_window import BoolGrid, Click, ClickWindow, FloatGrid
from tongue_viewer.core.photo import MaskArray

_FIXED = 20.0
_REPULSION = 8.0  # how much a click of the other label speaks against its surroundings
_LOUDEST, _SOFTEST = 3.0, 0.3  # of a cell's score where the grid is enlarged

Pixels = NDArray[np.bool_]
"""(height, width) bool of a window at the photo's own size."""


def enclosed_piece(window: ClickWindow, mask: MaskArray, value: int) -> Pixels | None:
    """The hole, or the loose piece, that the click lies in, if all of it is within reach; else None.

    A hole is background that the class encloses: it reaches no edge of the photo. A loose piece is smaller than the
    rest of the class.

    Args:
        window: of the click.
        mask: (H, W) uint8, the whole mask.
        value: the class.
    """
    connectivity = 4 if window.positive else 8  # as in core.masks: a hole is 4-connected, a piece 8-connected
    row, column = (p - o for p, o in zip(window.pixel, window.box[:2], strict=True))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(
        window.still_open.view(np.uint8), connectivity=connectivity
    )
    left, top, width, height, area = (int(value) for value in stats[pieces[row, column]])
    box = (slice(top, top + height), slice(left, left + width))
    piece = pieces[box] == pieces[row, column]
    if (piece & ~window.free[box]).any():  # it goes on beyond the reach, which ends inside the window
        return None
    if window.positive:
        at_edge = left == 0 or top == 0 or left + width == pieces.shape[1] or top + height == pieces.shape[0]
        if at_edge:
            return None
    elif 2 * area >= np.count_nonzero(mask == value):
        return None
    out = np.zeros(pieces.shape, bool)
    out[box] = piece
    return out


def repulsed(window: ClickWindow, score: FloatGrid, others: Iterable[Click]) -> FloatGrid:
    """The score, lowered around clicks of the other label: they said that the label ends before them."""
    rows, columns = np.ogrid[: score.shape[0], : score.shape[1]]
    depth = window.depth / window.scale
    for other in others:
        row, column = window.to_grid(other.x, other.y)
        between = float(np.hypot(row - window.centre[0], column - window.centre[1]))
        if between * window.scale > window.reach:
            continue
        width = 0.6 * min(between, 3 * depth) + 0.5
        squared = (rows - row) ** 2 + (columns - column) ** 2
        score = score - np.float32(_REPULSION) * np.exp(-squared / width**2).astype(np.float32)
    return score


def repaired(window: ClickWindow, score: FloatGrid) -> Pixels:
    """The pixels that get the clicked label: connected with the click, and no farther than its reach.

    Args:
        window: of the click.
        score: (h, w) logarithm of the odds that an open cell has the clicked label; held cells do not count.
    """
    near = window.apart <= max(1.5 * window.scale, 0.35 * window.depth)
    beyond = window.apart > window.reach - window.scale
    fixed = np.full(score.shape, -1, np.int8)
    fixed[beyond] = 0
    fixed[~window.open | near] = 1
    new = cut(score, window.lab[..., :0:-1], fixed) & window.open
    new[window.cell] = True
    _, pieces = cv2.connectedComponents(new.view(np.uint8), connectivity=4)
    new = pieces == pieces[window.cell]
    changed = _enlarged(window, score, new) & window.free
    changed[window.pixel[0] - window.box[0], window.pixel[1] - window.box[1]] = True
    return changed


def _enlarged(window: ClickWindow, score: FloatGrid, new: BoolGrid) -> Pixels:
    """The new cells at the photo's size, their rim placed between cells by the score."""
    size = window.free.shape[::-1]
    loudness = np.where((score > 0) == new, np.clip(np.abs(score), _SOFTEST, _LOUDEST), _SOFTEST)
    signed = np.where(window.open, np.where(new, loudness, -loudness), _LOUDEST).astype(np.float32)
    soft = cv2.resize(signed, size, interpolation=cv2.INTER_LINEAR)
    # Beside old outline the cells are too coarse to say anything: only what touches a new cell may change.
    touching = cv2.dilate(new.view(np.uint8), np.ones((3, 3), np.uint8))
    return (soft > 0) & (cv2.resize(touching, size, interpolation=cv2.INTER_NEAREST) > 0)

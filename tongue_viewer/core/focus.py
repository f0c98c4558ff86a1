"""The second look: a square of the photo around the tongue that the first look found, and the way back.

A network that always sees the tongue at about the same size need not learn every size, and spends its grid on
the tongue instead of on the room around it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.letterbox import PAD_RGB, Letterbox
from tongue_viewer.core.masks import bounding_box, keep_largest
from tongue_viewer.core.photo import ProbabilityArray, RgbArray

MAX_CANVAS = 1536
"""Longest side of the grid that both looks are merged on, in pixels: a small tongue on a 12-megapixel photo."""

SMALLEST_PART = 0.0005
"""Part of the photo's area below which a piece of the first look is no tongue (16 pixels of 200×150)."""

_LARGE = 4  # a window of so many grids is reduced before its border is added
_LEAST = np.float32(1e-6)  # where one look says 0 and the other 1 there is no mean


@dataclass(frozen=True)
class Focus:
    """A square window on a photo, and the grid that shows it.

    Attributes:
        shape: (H, W) of the photo.
        corner: (x, y) of the window's first pixel in the photo's frame; may lie outside the photo.
        side: of the window in pixels of the photo.
        size: side of the grid in pixels.
    """

    shape: tuple[int, int]
    corner: tuple[int, int]
    side: int
    size: int

    @classmethod
    def on(
        cls, probability: ProbabilityArray, shape: tuple[int, int], threshold: float, margin: float, size: int
    ) -> Focus | None:
        """The window around the largest connected piece, or None where nothing reaches the threshold.

        Args:
            probability: (N, h, w) float32 whose letterbox holds a photo of `shape`.
            shape: (H, W) of the photo.
            threshold: probability from which a pixel counts, of any class.
            margin: side of the window in longer sides of the piece's box.
            size: side of the grid in pixels.
        """
        box = Letterbox.fit(shape, (int(probability.shape[1]), int(probability.shape[2])))
        content = probability.max(axis=0)[box.window]
        piece = keep_largest((content >= np.float32(threshold)).view(np.uint8))
        found = bounding_box(piece)
        if found is None or int(np.count_nonzero(piece)) < SMALLEST_PART * piece.size:
            return None
        rows, columns = found
        scale = (shape[0] / box.content[0], shape[1] / box.content[1])
        tall, wide = (rows.stop - rows.start) * scale[0], (columns.stop - columns.start) * scale[1]
        side = max(16, math.ceil(margin * max(tall, wide)))
        x = (columns.start + columns.stop) / 2 * scale[1] - side / 2
        y = (rows.start + rows.stop) / 2 * scale[0] - side / 2
        return cls(shape, (round(x), round(y)), side, size)

    def cuts(self, other: Focus) -> bool:
        """Whether `other`, a window around a better mask, does not fit inside this one."""
        near = (other.corner[0] - self.corner[0], other.corner[1] - self.corner[1])
        slack = 0.1 * self.side
        return any(n < -slack or n + other.side > self.side + slack for n in near)

    def photo_to_grid(self, rgb: RgbArray) -> RgbArray:
        """(H, W, 3) uint8 photo → (size, size, 3) uint8; the border's colour beyond the photo's edges."""
        if rgb.shape[:2] != self.shape:
            raise ValueError(f"this window is for a photo of {self.shape}, got {rgb.shape[:2]}")
        (x, y), side = self.corner, self.side
        height, width = self.shape
        rows, columns = slice(max(0, y), min(height, y + side)), slice(max(0, x), min(width, x + side))
        if side > _LARGE * self.size:
            return self._reduced(rgb[rows, columns], (columns.start - x, rows.start - y))
        cut = cv2.copyMakeBorder(
            np.ascontiguousarray(rgb[rows, columns]),
            rows.start - y,
            y + side - rows.stop,
            columns.start - x,
            x + side - columns.stop,
            cv2.BORDER_CONSTANT,
            value=PAD_RGB,
        )
        shrinks = self.size < side
        grid = cv2.resize(
            cut, (self.size, self.size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        )
        return np.asarray(grid, np.uint8)

    def _reduced(self, part: RgbArray, offset: tuple[int, int]) -> RgbArray:
        """`photo_to_grid` of a large window without its border at full size, which may be many times the photo.

        Args:
            part: (h, w, 3) what the window covers of the photo.
            offset: (x, y) of `part` in the window, in pixels of the photo.
        """
        scale = 2 * self.size / self.side
        small = tuple(max(1, round(length * scale)) for length in part.shape[1::-1])
        reduced = cv2.resize(np.ascontiguousarray(part), small, interpolation=cv2.INTER_AREA)
        grid = self.size / self.side
        zoom = [length / count * grid for length, count in zip(part.shape[1::-1], small, strict=True)]
        move = [o * grid + 0.5 * z - 0.5 for o, z in zip(offset, zoom, strict=True)]
        matrix = np.array([[zoom[0], 0, move[0]], [0, zoom[1], move[1]]])
        square = (self.size, self.size)
        return np.asarray(cv2.warpAffine(reduced, matrix, square, borderValue=PAD_RGB), np.uint8)

    def fineness_of(self, grid: tuple[int, int]) -> float:
        """How fine the letterboxed photo on a grid of (h, w) is, as a part of this window's fineness."""
        whole = min(grid[0] / self.shape[0], grid[1] / self.shape[1])
        return whole * self.side / self.size

    def canvas_shape(self, first: float = 0.0) -> tuple[int, int]:
        """(h, w) of a grid of the whole photo, as fine as the finer of both looks; never finer than the photo.

        A letterbox of the photo fills it: whoever knows the photo's shape and this one knows every pixel's place.

        Args:
            first: pixels of the first look's grid for one pixel of the photo.
        """
        scale = min(1.0, max(first, self.size / self.side), MAX_CANVAS / max(self.shape))
        grid = (max(1, round(self.shape[0] * scale)), max(1, round(self.shape[1] * scale)))
        while (content := Letterbox.fit(self.shape, grid).content) != grid:
            grid = (
                content  # rounding of one side made the other too long; each turn takes a row or column away
            )
        return grid

    def merge(
        self, fine: ProbabilityArray, coarse: ProbabilityArray, *, average: bool = False
    ) -> ProbabilityArray:
        """Both looks on one grid of the whole photo: the second one inside the window, the first outside.

        Args:
            fine: (N, size, size) float32 0..1, the answer to `photo_to_grid`.
            coarse: (N, h, w) float32 0..1 of the whole photo, in the letterbox of its grid.
            average: inside the window take the mean of both looks' logits instead of the second one's alone.

        Returns:
            (N, *canvas_shape(…)) float32 0..1.
        """
        whole = Letterbox.fit(self.shape, (int(coarse.shape[1]), int(coarse.shape[2])))
        height, width = self.canvas_shape(max(whole.content) / max(self.shape))
        rows, columns = whole.window
        matrix, inside = self._canvas_to_grid(height, width), self._on_canvas(height, width)
        out = np.empty((fine.shape[0], height, width), np.float32)
        for plane, first, target in zip(fine, coarse, out, strict=True):
            content = np.ascontiguousarray(first[rows, columns])
            cv2.resize(content, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)
            warped = cv2.warpAffine(
                np.ascontiguousarray(plane),
                matrix,
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            second = np.asarray(warped, np.float32)
            target[inside] = mean_logit(second[inside], target[inside]) if average else second[inside]
        return out

    def _canvas_to_grid(self, height: int, width: int) -> NDArray[np.float64]:
        """(2, 3) from pixel indices of the canvas to pixel indices of the window's grid."""
        grid = self.size / self.side
        zoom = (self.shape[1] / width * grid, self.shape[0] / height * grid)
        move = [z * 0.5 - c * grid - 0.5 for z, c in zip(zoom, self.corner, strict=True)]
        return np.array([[zoom[0], 0, move[0]], [0, zoom[1], move[1]]])

    def _on_canvas(self, height: int, width: int) -> tuple[slice, slice]:
        """The rows and columns of the canvas whose centres the window covers."""
        spans = []
        for length, count, start in zip(
            self.shape, (height, width), (self.corner[1], self.corner[0]), strict=True
        ):
            step = length / count
            first = max(0, math.ceil(start / step - 0.5))
            spans.append(slice(first, min(count, max(first, math.ceil((start + self.side) / step - 0.5)))))
        return spans[0], spans[1]


def mean_logit(p: NDArray[np.float32], q: NDArray[np.float32]) -> NDArray[np.float32]:
    """The probability whose logit is the mean of both logits, any shape, float32 0..1."""
    p, q = np.clip(p, _LEAST, 1 - _LEAST), np.clip(q, _LEAST, 1 - _LEAST)
    yes, no = np.sqrt(p * q), np.sqrt((1 - p) * (1 - q))
    return np.asarray(yes / (yes + no), np.float32)

"""Fitting a photo into the network's square without squashing it, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import GridArray, MaskArray, ProbabilityArray, RgbArray

PAD_RGB = (124, 116, 104)
"""The border's colour: the ImageNet mean × 255, so that the border is about zero after normalisation."""


@dataclass(frozen=True)
class Letterbox:
    """A uniform scale and a centred border, with its inverse.

    Frames: the photo's own pixels (`shape`), the scaled content (`content`), the network's grid (`grid`). Pixel
    centres are aligned (corner of the photo on corner of the content), as `cv2.resize` and PyTorch's
    `align_corners=False` do, so that the inverse adds no shift.

    Attributes:
        shape: (H, W) of the photo.
        grid: (h, w) of the network's input.
        content: (h', w') of the scaled photo inside the grid.
        offset: (row, column) of the content's first pixel in the grid.
    """

    shape: tuple[int, int]
    grid: tuple[int, int]
    content: tuple[int, int]
    offset: tuple[int, int]

    @classmethod
    def fit(cls, shape: tuple[int, int], grid: int | tuple[int, int]) -> Letterbox:
        """The largest uniform scale that fits a photo of `shape` into `grid` (one number: a square)."""
        grid_h, grid_w = (grid, grid) if isinstance(grid, int) else grid
        height, width = shape
        if min(height, width, grid_h, grid_w) < 1:
            raise ValueError(
                f"a letterbox needs positive sizes, got photo {shape} and grid {(grid_h, grid_w)}"
            )
        scale = min(grid_h / height, grid_w / width)
        content = (
            min(grid_h, max(1, round(height * scale))),
            min(grid_w, max(1, round(width * scale))),
        )
        offset = ((grid_h - content[0]) // 2, (grid_w - content[1]) // 2)
        return cls(shape, (grid_h, grid_w), content, offset)

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the grid that the photo covers."""
        (row, column), (height, width) = self.offset, self.content
        return slice(row, row + height), slice(column, column + width)

    def photo_to_grid(self, rgb: RgbArray) -> RgbArray:
        """(H, W, 3) uint8 photo → (h, w, 3) uint8 grid; area averaging when shrinking, bilinear when enlarging."""
        if rgb.shape[:2] != self.shape:
            raise ValueError(f"this letterbox is for a photo of {self.shape}, got {rgb.shape[:2]}")
        shrinks = self.content[0] < self.shape[0]
        scaled = cv2.resize(
            rgb, self.content[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        )
        out = np.empty((*self.grid, 3), np.uint8)
        out[:] = PAD_RGB
        out[self.window] = scaled
        return out

    def mask_to_grid(self, mask: MaskArray) -> MaskArray:
        """(H, W) uint8 class index → (h, w) uint8; nearest neighbour, border = background."""
        out = np.zeros(self.grid, np.uint8)
        out[self.window] = cv2.resize(mask, self.content[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
        return out

    def probability_to_photo(self, probability: NDArray[np.float32] | GridArray) -> ProbabilityArray:
        """(N, h, w) float32 0..1 (or uint8 0..255) on the grid → (N, H, W) float32 0..1 at the photo's own size."""
        if probability.shape[1:] != self.grid:
            raise ValueError(f"this letterbox is for a grid of {self.grid}, got {probability.shape[1:]}")
        rows, columns = self.window
        out = np.empty((probability.shape[0], *self.shape), np.float32)
        for plane, target in zip(probability, out, strict=True):
            content = np.ascontiguousarray(plane[rows, columns], dtype=np.float32)
            cv2.resize(content, self.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)
        if probability.dtype == np.uint8:
            out *= np.float32(1 / 255)
        return out

    def point_to_grid(self, x: float, y: float) -> tuple[float, float]:
        """A point (x, y) of the photo, in pixels from its top-left corner, in the grid's frame."""
        return (
            self.offset[1] + x * self.content[1] / self.shape[1],
            self.offset[0] + y * self.content[0] / self.shape[0],
        )

    def point_to_photo(self, x: float, y: float) -> tuple[float, float]:
        """The inverse of `point_to_grid`."""
        return (
            (x - self.offset[1]) * self.shape[1] / self.content[1],
            (y - self.offset[0]) * self.shape[0] / self.content[0],
        )

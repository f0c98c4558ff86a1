"""What stands on the screen, kept at its resolution, so that a stroke draws only its own rectangle again."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box
from tongue_viewer.ui.canvas.class_layers import ClassLayers
from tongue_viewer.ui.canvas.difference_layers import DifferenceLayers
from tongue_viewer.ui.canvas.sampling import MaskLevel, PhotoLevels


class Frame:
    """Photo, coverage, outline and halo of one box of the grid; both panes draw from it.

    Attributes:
        scale: device pixels for one photo pixel.
        box: (row, column, height, width) of the grid that the layers hold.
        rgb: (h, w, 3) uint8.
        coverage, line, halo: (h, w) uint8, 255 = full.
        classes: coverage and line by class, where the mask has more than the first one.
        difference: against another mask, where one is given.
    """

    def __init__(self, photo: PhotoLevels, mask: MaskArray, against: MaskArray | None = None) -> None:
        """Nothing is made yet.

        Args:
            photo: the photo's levels; frames of one photo share them.
            mask: (H, W) uint8 class index that may be painted on.
            against: (H, W) uint8, a mask that `mask` is compared with.
        """
        self._photo = photo
        self._mask = MaskLevel(mask)
        self._against = None if against is None else MaskLevel(against)
        self._by_class = self._against is not None and self._against.several
        self.difference: DifferenceLayers | None = None
        self._grid = (0, 0)
        self._several = self._mask.several
        self.classes: ClassLayers | None = None
        self._line_kernel = _disc(1)
        self._halo_kernel = _disc(2)
        self._margin = 4
        self._line_width = 0.0
        self.scale = 0.0
        self.box: Box = (0, 0, 0, 0)
        self.rgb: RgbArray = np.zeros((0, 0, 3), np.uint8)
        self.coverage: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self.line: NDArray[np.uint8] = self.coverage
        self.halo: NDArray[np.uint8] = self.coverage

    def holds(self, scale: float, box: Box, line_width: float) -> bool:
        """Whether a box of the grid can be drawn from the layers as they are."""
        row, column, height, width = self.box
        return (
            scale == self.scale
            and line_width == self._line_width
            and row <= box[0]
            and column <= box[1]
            and row + height >= box[0] + box[2]
            and column + width >= box[1] + box[3]
        )

    def show(self, scale: float, grid: tuple[int, int], box: Box, line_width: float) -> None:
        """Make the layers for a box of the grid.

        Args:
            scale: device pixels for one photo pixel.
            grid: (width, height) of the whole photo in device pixels.
            box: what is to be seen; the layers hold a little more, so that outlines at the rim are right.
            line_width: of the outline, in device pixels.
        """
        half = max(1, round(line_width / 2))
        self._line_kernel, self._halo_kernel = _disc(half), _disc(half + max(1, half // 2))
        self._margin = 2 * half + 3
        self._line_width = line_width
        before, rgb, coverage = self.box if scale == self.scale else (0, 0, 0, 0), self.rgb, self.coverage
        self._grid, self.scale = grid, scale
        self.box = self._widen(box)
        self.rgb = np.empty((self.box[2], self.box[3], 3), np.uint8)
        self.coverage = np.empty(self.box[2:], np.uint8)
        kept = _common(before, self.box)  # while the view is moved, only what comes into sight is made
        if kept[2] and kept[3]:
            source, target = _window(_within(kept, before)), _window(_within(kept, self.box))
            self.rgb[target], self.coverage[target] = rgb[source], coverage[source]
        for part in _rest(self.box, kept):
            window = _window(_within(part, self.box))
            self.rgb[window] = self._photo.sample(scale, part)
            self.coverage[window] = self._mask.sample(scale, part)
        self.line = np.empty_like(self.coverage)
        self.halo = np.empty_like(self.coverage)
        self.classes = ClassLayers(self.box[2:]) if self._several else None
        if self._against is not None:
            other = self._against.sample(scale, self.box)
            line = np.asarray(cv2.morphologyEx(other, cv2.MORPH_GRADIENT, _disc(1)), np.uint8)
            classes = self._against.labels(scale, self.box) if self._by_class else None
            self.difference = DifferenceLayers(other, line, classes)
        self._outline((0, 0, self.box[2], self.box[3]))

    def mask_changed(self, box: Box) -> Box:
        """The mask changed inside a box of photo pixels; returns the box of the grid to be drawn again."""
        self._mask.update(box)
        if self.scale == 0:
            return (0, 0, 0, 0)
        if not self._several and self._mask.has_others(box):
            self._several = True
            self.classes = ClassLayers(self.box[2:])
            self._outline((0, 0, self.box[2], self.box[3]))
            return self.box
        spread = 2.0 if self.scale < 1 else 0.0  # smooth scaling looks at its neighbours
        top, left = int(box[0] * self.scale - spread), int(box[1] * self.scale - spread)
        bottom = int((box[0] + box[2]) * self.scale + spread) + 2
        right = int((box[1] + box[3]) * self.scale + spread) + 2
        dirty = _common(self.box, (top, left, bottom - top, right - left))
        if dirty[2] == 0 or dirty[3] == 0:
            return dirty
        rows, columns = _window(_within(dirty, self.box))
        self.coverage[rows, columns] = self._mask.sample(self.scale, dirty)
        drawn = _common(self.box, self._widen(dirty))
        self._outline(_within(drawn, self.box))
        return drawn

    def _widen(self, box: Box) -> Box:
        """The box with a margin, inside the photo."""
        m = self._margin
        return _common(
            (0, 0, self._grid[1], self._grid[0]), (box[0] - m, box[1] - m, box[2] + 2 * m, box[3] + 2 * m)
        )

    def _outline(self, inner: Box) -> None:
        """Line and halo of a part of the layers: the grey-level morphological gradient of the coverage.

        Of a smooth edge it gives a smooth line; of pixels that are seen as squares it follows their sides. A
        mask that runs out of the photo is closed along the photo's rim.
        """
        m = self._margin
        row, column, height, width = inner
        around = _common(
            (0, 0, self.box[2], self.box[3]), (row - m, column - m, height + 2 * m, width + 2 * m)
        )
        part = self.coverage[_window(around)]
        top, left = int(self.box[0] + around[0] == 0), int(self.box[1] + around[1] == 0)
        bottom = int(self.box[0] + around[0] + around[2] == self._grid[1])
        right = int(self.box[1] + around[1] + around[3] == self._grid[0])
        padded = cv2.copyMakeBorder(part, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0)
        cut = (
            slice(row - around[0] + top, row - around[0] + top + height),
            slice(column - around[1] + left, column - around[1] + left + width),
        )
        window = _window(inner)
        self.line[window] = cv2.morphologyEx(padded, cv2.MORPH_GRADIENT, self._line_kernel)[cut]
        self.halo[window] = cv2.morphologyEx(padded, cv2.MORPH_GRADIENT, self._halo_kernel)[cut]
        self._colour(inner)

    def _colour(self, inner: Box) -> None:
        """What depends on more than the coverage, for a part of the layers."""
        window, labels = _window(inner), None
        if self.classes is not None or (self.difference is not None and self.difference.by_class):
            place = (self.box[0] + inner[0], self.box[1] + inner[1], inner[2], inner[3])
            labels = self._mask.labels(self.scale, place)
        if self.difference is not None:
            self.difference.update(window, self.coverage[window], labels)
        if self.classes is not None and labels is not None:
            self.classes.update(window, labels, self.coverage[window], self.line[window], self._line_kernel)


def _disc(radius: int) -> NDArray[np.uint8]:
    if radius == 1:
        return np.ones((3, 3), np.uint8)
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _common(first: Box, second: Box) -> Box:
    row, column = max(first[0], second[0]), max(first[1], second[1])
    bottom = min(first[0] + first[2], second[0] + second[2])
    right = min(first[1] + first[3], second[1] + second[3])
    return (row, column, max(0, bottom - row), max(0, right - column))


def _within(box: Box, outer: Box) -> Box:
    """The box counted from the corner of another one."""
    return (box[0] - outer[0], box[1] - outer[1], box[2], box[3])


def _rest(box: Box, kept: Box) -> list[Box]:
    """The box without `kept`, which lies inside it, as up to four boxes."""
    row, column, height, width = box
    top, left, tall, wide = kept
    if tall == 0 or wide == 0:
        return [box] if height and width else []
    parts = [
        (row, column, top - row, width),
        (top + tall, column, row + height - top - tall, width),
        (top, column, tall, left - column),
        (top, left + wide, tall, column + width - left - wide),
    ]
    return [part for part in parts if part[2] and part[3]]


def _window(box: Box) -> tuple[slice, slice]:
    return slice(box[0], box[0] + box[2]), slice(box[1], box[1] + box[3])

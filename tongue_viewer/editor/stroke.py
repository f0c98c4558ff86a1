"""A stroke in hand: visible at once, one step at its end, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import Box, paint_capsule
from tongue_viewer.editor.open_case import box_to_rect


class Stroke:
    """A transaction on the document's working mask; `Document.begin_stroke` makes it, one at a time.

    A stroke that the document has ended (undo, another case, another stroke) is dead: painting does nothing.
    """

    def __init__(
        self,
        mask: MaskArray,
        settled: MaskArray,
        changed: Callable[[QRect], None],
        finish: Callable[[Stroke, str, str, str], bool],
        cancel: Callable[[Stroke], None],
    ) -> None:
        self._mask = mask
        self._settled = settled
        self._changed = changed
        self._finish = finish
        self._cancel = cancel
        self.box: Box = (0, 0, 0, 0)
        """The box that holds everything painted so far."""
        self.alive = True
        """Whether the stroke still changes the mask."""

    @property
    def settled(self) -> MaskArray:
        """(H, W) uint8, the mask as it was before the stroke; not to be written."""
        return self._settled

    def paint_segment(
        self, start: tuple[float, float], end: tuple[float, float], radius: float, value: int
    ) -> QRect:
        """Paint a capsule between two points (x, y) in photo pixels; returns the rectangle to repaint."""
        if not self.alive:
            return QRect()
        box = paint_capsule(self._mask, start, end, radius, value)
        rect = box_to_rect(box)
        if not rect.isEmpty():
            self.box = _union(self.box, box)
            self._changed(rect)
        return rect

    def show(self, box: Box, pixels: MaskArray) -> QRect:
        """Show other pixels instead of all that this stroke has painted so far; returns the rectangle to repaint.

        Args:
            box: (row, column, height, width) inside the photo.
            pixels: (height, width) uint8 class index; outside of the box the mask is as before the stroke.
        """
        if not self.alive:
            return QRect()
        before, self.box = self.box, box
        for part, source in ((before, self._settled[_window(before)]), (box, pixels)):
            self._mask[_window(part)] = source
        empty = 0 in before[2:], 0 in box[2:]
        rect = box_to_rect(box if empty[0] else before if empty[1] else _union(box, before))
        if not rect.isEmpty():
            self._changed(rect)
        return rect

    def commit(self, action: str, tool: str, merge: str = "") -> bool:
        """End the stroke as one undo step; False where it changed nothing (no step is made) or is dead.

        Steps in a row with the same non-empty `merge` become one step of undo.
        """
        return self.alive and self._finish(self, action, tool, merge)

    def rollback(self) -> None:
        """End the stroke and take back what it painted."""
        if self.alive:
            self._cancel(self)


def _window(box: Box) -> tuple[slice, slice]:
    return slice(box[0], box[0] + box[2]), slice(box[1], box[1] + box[3])


def _union(first: Box, second: Box) -> Box:
    """The smallest box around two, of which `second` is not empty."""
    if first[2] == 0 or first[3] == 0:
        return second
    row, column = min(first[0], second[0]), min(first[1], second[1])
    bottom = max(first[0] + first[2], second[0] + second[2])
    right = max(first[1] + first[3], second[1] + second[3])
    return (row, column, bottom - row, right - column)

"""Filling a closed area, or taking a whole piece off."""

from __future__ import annotations

from PySide6.QtCore import QObject

from tongue_viewer.core.flood import flood_region
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer

OPEN_AREA = "That area reaches the photo's edge: draw its outline closed first, then fill it."


class FillTool(AreaTool):
    """The left button fills the area under the pointer up to the mask's outline; the right one takes a piece off.

    An area that runs out of the photo is not filled: nobody means the whole surround.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("fill", "Fill", document, parent)

    def press(self, pointer: Pointer) -> None:
        """Fill the area or take the piece off: one undo step, or none where nothing changes."""
        photo = self._document.photo
        if photo is None:
            return
        height, width = photo.shape
        column, row = int(pointer.x // 1), int(pointer.y // 1)
        if not (0 <= column < width and 0 <= row < height):
            return
        self._decide(pointer)
        stroke = self._begin()  # it drops a preview that is shown: only then the mask is the one to look at
        settled = stroke.settled
        under = int(settled[row, column])
        if under == self._value:
            self.cancel()
            return
        (top, left, tall, wide), region = flood_region(settled, column, row)
        touches = top == 0 or left == 0 or top + tall == height or left + wide == width
        if under == 0 and touches:
            self.cancel()
            self.refused.emit(OPEN_AREA)
            return
        pixels = settled[top : top + tall, left : left + wide].copy()
        pixels[region != 0] = self._value
        stroke.show((top, left, tall, wide), pixels)
        self._finish()

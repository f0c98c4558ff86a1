"""Regions of similar colour: the tolerance follows the drag."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from tongue_viewer.core.wand import Wand
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer

MIN_TOLERANCE, MAX_TOLERANCE = 0.5, 100.0
_PER_REACH = 0.9  # change of the tolerance for a drag of one reach (6 px of the screen)


class WandTool(AreaTool):
    """A press takes the region of similar colour around it; a drag to the right or up widens what counts as similar.

    Signals:
        tolerance_changed(float): colour difference (ΔE) up to which a pixel belongs to the region.
    """

    tolerance_changed = Signal(float)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("wand", "Magic wand", document, parent)
        self._tolerance = 12.0
        self._from = self._tolerance
        self._wand: Wand | None = None
        self._pressed: Pointer | None = None

    @property
    def tolerance(self) -> float:
        """Colour difference (ΔE, CIELAB) up to which a pixel belongs to the region."""
        return self._tolerance

    def set_tolerance(self, tolerance: float) -> None:
        """Change the tolerance, limited to 0.5 … 100."""
        tolerance = min(MAX_TOLERANCE, max(MIN_TOLERANCE, tolerance))
        if tolerance != self._tolerance:
            self._tolerance = tolerance
            self.tolerance_changed.emit(tolerance)

    def press(self, pointer: Pointer) -> None:
        """Show the region around the pointer."""
        photo = self._document.photo
        if photo is None or self.busy:
            return
        height, width = photo.shape
        if not (0 <= pointer.x < width and 0 <= pointer.y < height):
            return
        self._decide(pointer)
        self._wand = Wand(photo.rgb, (pointer.x, pointer.y))
        self._pressed, self._from = pointer, self._tolerance
        self._begin()
        self._preview()

    def move(self, pointer: Pointer) -> None:
        """Widen or narrow the region."""
        if self._pressed is None or not self.busy:
            super().move(pointer)
            return
        along = (pointer.x - self._pressed.x) - (pointer.y - self._pressed.y)
        before = self._tolerance
        self.set_tolerance(self._from + _PER_REACH * along / pointer.reach)
        if self._tolerance != before:
            self._preview()

    def release(self, pointer: Pointer) -> None:
        """Keep what is shown: one undo step."""
        if self.busy:
            self.move(pointer)
            self._finish()
        self._wand = self._pressed = None

    def cancel(self) -> None:
        """Take the region back; the tolerance is the one before the drag."""
        if self._pressed is not None:
            self.set_tolerance(self._from)
        self._wand = self._pressed = None
        super().cancel()

    def _preview(self) -> None:
        if self._wand is None or self._stroke is None:
            return
        (row, column, height, width), region = self._wand.region(self._tolerance)
        pixels = self._stroke.settled[row : row + height, column : column + width].copy()
        pixels[region != 0] = self._value
        self._stroke.show((row, column, height, width), pixels)

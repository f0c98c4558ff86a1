"""Photo and mask side by side, with a tool in the hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import NOTHING
from tongue_viewer.editor.tools.brush import MAX_RADIUS, MIN_RADIUS
from tongue_viewer.editor.tools.tool import Tool, ToolCursor
from tongue_viewer.ui.canvas.gestures import Gestures
from tongue_viewer.ui.canvas.pane import Pane
from tongue_viewer.ui.canvas.pane_marks import GRIP_RADIUS, grip_centre
from tongue_viewer.ui.canvas.past_views import PastViews
from tongue_viewer.ui.canvas.sketch_painter import REACH, sketch_bounds

_SHAPES: Mapping[str, Qt.CursorShape] = MappingProxyType(
    {
        "ring": Qt.CursorShape.CrossCursor,
        "cross": Qt.CursorShape.CrossCursor,
        "hand": Qt.CursorShape.OpenHandCursor,
        "grabbing": Qt.CursorShape.ClosedHandCursor,
    }
)


class CanvasView(PastViews):
    """Shows the document and forwards the pointer to the tool; the pointer is mirrored in the other pane.

    Signals (beside those of `PastViews`):
        cursor_moved(float, float, bool): the pointer is at (x, y) in photo pixels; whether inside the photo.
        brush_radius_changed(float): in photo pixels.
    """

    cursor_moved = Signal(float, float, bool)
    brush_radius_changed = Signal(float)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._tool: Tool | None = None
        self._radius = 12.0
        self._hand: Qt.CursorShape | None = None
        self._on_grip = False
        gestures = Gestures(self, self)
        self.photo_pane.installEventFilter(gestures)
        self.mask_pane.installEventFilter(gestures)

    @property
    def tool(self) -> Tool | None:
        """The tool in the hand; over an earlier mask only one that paints nothing."""
        return None if self._resting else self._tool

    @property
    def _resting(self) -> bool:
        return self.shows_past and self._tool is not None and self._tool.paints

    def set_tool(self, tool: Tool) -> None:
        """Take a tool into the hand; what the last one had begun is dropped."""
        if self._tool is not None:
            self._tool.cancel()
            self._tool.leave()
            self._tool.cursor_changed.disconnect(self._on_cursor)
            self._tool.sketch_changed.disconnect(self._on_sketch)
            self._tool.pan_requested.disconnect(self._on_pan)
        self._tool = tool
        tool.set_radius(self._radius)
        tool.cursor_changed.connect(self._on_cursor)
        tool.sketch_changed.connect(self._on_sketch)
        tool.pan_requested.connect(self._on_pan)
        self._on_cursor()
        self._on_sketch()

    @property
    def brush_radius(self) -> float:
        """Of every brush, in photo pixels."""
        return self._radius

    def set_brush_radius(self, radius: float) -> None:
        """Change the brush's radius, in photo pixels, limited to 0.5 … 2000."""
        radius = min(MAX_RADIUS, max(MIN_RADIUS, radius))
        if self._tool is not None:
            self._tool.set_radius(radius)
        if radius != self._radius:
            self._radius = radius
            self.brush_radius_changed.emit(radius)

    def zoom_at(self, pane: Pane, position: QPointF, factor: float) -> None:
        """Scale by a factor; the photo's point under the pane's point (logical pixels) stays there."""
        ratio = pane.devicePixelRatioF()
        x, y = position.x() * ratio, position.y() * ratio
        self.transform.zoom(self.transform.scale * factor, x, y, pane.device_size)
        self.point_at(pane, position)

    def pan_device(self, dx: float, dy: float) -> None:
        """Move the photo by logical pixels."""
        step = self.devicePixelRatioF() / self.transform.scale
        self.transform.pan(-dx * step, -dy * step, self._common_size())

    def point_at(self, pane: Pane, position: QPointF | None) -> None:
        """The pointer is at a pane's point (logical pixels), or has left."""
        on_grip = position is not None and self.grips(pane, position)
        if on_grip != self._on_grip:
            self._on_grip = on_grip
            self._on_cursor()
        last = self.scene.pointer
        self.scene.pointer = None if position is None else pane.to_photo(position)
        self.photo_pane.update_pointer()
        self.mask_pane.update_pointer()
        x, y = self.scene.pointer or last or (0.0, 0.0)
        width, height = self.transform.photo
        inside = self.scene.pointer is not None and 0 <= x < width and 0 <= y < height
        self.cursor_moved.emit(x, y, inside)

    def show_hand(self, shape: Qt.CursorShape | None) -> None:
        """The pointer becomes a hand, without a ring; None: the tool's pointer again."""
        self._hand = shape
        self._on_cursor()

    def grips(self, pane: Pane, position: QPointF) -> bool:
        """Whether a pane's point (logical pixels) lies on the swipe's grip."""
        if pane is not self.mask_pane or self.scene.mode != "swipe":
            return False
        away = position * pane.devicePixelRatioF() - grip_centre(self.scene, pane.device_size)
        return math.hypot(away.x(), away.y()) <= GRIP_RADIUS * pane.devicePixelRatioF()

    def drag_divider(self, pane: Pane, position: QPointF) -> None:
        """The swipe's divider follows the pointer."""
        self.set_divider(position.x() / max(1, pane.width()))

    @Slot()
    def _on_cursor(self) -> None:
        cursor = ToolCursor() if self._tool is None else self._tool.cursor
        hand = Qt.CursorShape.SplitHCursor if self._on_grip and self._hand is None else self._hand
        if hand is None and self._resting:
            hand = Qt.CursorShape.ArrowCursor
        self.scene.cursor = cursor if hand is None else ToolCursor("hand")
        shape = _SHAPES[cursor.shape] if hand is None else hand
        for pane in (self.photo_pane, self.mask_pane):
            if pane.cursor().shape() != shape:
                pane.setCursor(shape)
            pane.update_pointer()

    def _show_other(self) -> None:
        if self.shows_past and self._tool is not None:
            self._tool.leave()  # what it would do here is meant for another mask
        super()._show_other()
        self._on_cursor()

    @Slot()
    def _on_sketch(self) -> None:
        before, now = self.scene.sketch, NOTHING if self._tool is None else self._tool.sketch
        self.scene.sketch = now
        for bounds in (sketch_bounds(before), sketch_bounds(now)):
            if bounds is not None:
                self.photo_pane.update_photo_rect(*bounds, REACH)
                self.mask_pane.update_photo_rect(*bounds, REACH)

    @Slot(float, float)
    def _on_pan(self, dx: float, dy: float) -> None:
        self.transform.pan(dx, dy, self._common_size())

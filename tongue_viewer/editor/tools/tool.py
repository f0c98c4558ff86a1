"""What every tool has: pointer events in photo pixels in, a change of the document out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal

from tongue_viewer.editor.sketch import NOTHING, Sketch


@dataclass(frozen=True)
class Pointer:
    """One event of the mouse or the pen, in the photo's frame.

    Attributes:
        x, y: photo pixels from the photo's top-left corner, with fractions; may lie outside the photo.
        buttons: those that are held (for a press and a release: also the one that changed).
        modifiers: keys that are held.
        pressure: 0..1 of a pen; 1.0 for a mouse.
        eraser: whether the eraser's end of a pen is used.
        reach: photo pixels within which a point of the screen counts as hit.
    """

    x: float
    y: float
    buttons: Qt.MouseButton = Qt.MouseButton.NoButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    pressure: float = 1.0
    eraser: bool = False
    reach: float = 6.0

    @property
    def shift(self) -> bool:
        """Whether Shift is held."""
        return self.has_key(Qt.KeyboardModifier.ShiftModifier)

    @property
    def point(self) -> tuple[float, float]:
        """(x, y)."""
        return (self.x, self.y)

    def has_button(self, button: Qt.MouseButton) -> bool:
        """Whether a button is held."""
        return bool(self.buttons & button)

    def has_key(self, key: Qt.KeyboardModifier) -> bool:
        """Whether a modifier key is held."""
        return bool(self.modifiers & key)


@dataclass(frozen=True)
class ToolCursor:
    """How the pointer looks over the photo.

    Attributes:
        shape: "ring" (a circle of `radius`), "cross" or "hand".
        radius: of the ring in photo pixels.
        erasing: whether a press would erase; the ring is red then.
    """

    shape: Literal["ring", "cross", "hand", "grabbing"] = "cross"
    radius: float = 0.0
    erasing: bool = False


class Tool(QObject):
    """The base of all tools: does nothing.

    Signals:
        cursor_changed(): `cursor` is another one.
        sketch_changed(): `sketch` is another one.
        refused(str): why nothing was done, for people.
        pan_requested(float, float): the view is to move by that many photo pixels (x, y).
    """

    cursor_changed = Signal()
    sketch_changed = Signal()
    refused = Signal(str)
    pan_requested = Signal(float, float)

    paints = True
    """Whether it changes the mask."""

    confirms_by_double_click = False
    """Whether a double click is `confirm`, not another press."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        """Stable machine word, the `tool` of `EditStep`."""
        self.class_index = 1
        """The class that is painted, added or moved."""
        self._cursor = ToolCursor()
        self._sketch = NOTHING

    @property
    def cursor(self) -> ToolCursor:
        """How the pointer looks now."""
        return self._cursor

    def set_cursor(self, cursor: ToolCursor) -> None:
        """Change the look of the pointer."""
        if cursor != self._cursor:
            self._cursor = cursor
            self.cursor_changed.emit()

    @property
    def sketch(self) -> Sketch:
        """What stands over the photo while something is in hand, or as a preview."""
        return self._sketch

    def set_sketch(self, sketch: Sketch) -> None:
        """Draw something else over the photo."""
        if sketch != self._sketch:
            self._sketch = sketch
            self.sketch_changed.emit()

    @property
    def busy(self) -> bool:
        """Whether something is in hand that `cancel` would end."""
        return False

    def set_radius(self, radius: float) -> None:
        """Take over the brush's radius in photo pixels; only brushes care."""

    def set_class(self, index: int) -> None:
        """Take over the class that is painted."""
        self.class_index = index

    def press(self, pointer: Pointer) -> None:
        """A button went down."""

    def move(self, pointer: Pointer) -> None:
        """The pointer moved, with or without a button."""

    def release(self, pointer: Pointer) -> None:
        """The button went up."""

    def leave(self) -> None:
        """The pointer left the panes: previews go, what is in hand stays."""

    def confirm(self) -> None:
        """Enter or a double click: finish what is in hand."""

    def step_back(self) -> None:
        """Backspace or undo while busy: take the last point or click back."""

    def cancel(self) -> None:
        """Drop what is in hand, as if it had never begun."""

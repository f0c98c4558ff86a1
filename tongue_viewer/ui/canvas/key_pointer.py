"""The pointer by keyboard, so that every tool works without a mouse."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from tongue_viewer.editor.tools.tool import Pointer, Tool
from tongue_viewer.ui.canvas.pane import Pane

_STEP = 8.0  # logical pixels of one press of an arrow
_REACH = 6.0
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NONE = Qt.MouseButton.NoButton


class View(Protocol):
    """What it needs of the canvas."""

    @property
    def tool(self) -> Tool | None:
        """The tool in the hand; over an earlier mask only one that paints nothing."""

    def leave_past(self) -> bool:
        """Show the mask of now in the place of an earlier one; False where it is shown already."""

    def point_at(self, pane: Pane, position: QPointF | None) -> None:
        """The pointer is at a pane's point, or has left."""


class KeyPointer:
    """Alt and the arrows move the pointer, with Shift by one pixel of the photo; K presses or lets go.

    Shift+K is the right button. Ctrl counts as with the mouse.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._at: QPointF | None = None
        self._held = _NONE
        self._begun = False  # whether the press left the tool with something in hand

    @property
    def holds(self) -> bool:
        """Whether K has pressed and not let go; what another tool, another photo or undo has ended is let go."""
        tool = self._view.tool
        if self._begun and (tool is None or not tool.busy):
            self.drop()
        return self._held != _NONE

    def take_over(self, position: QPointF) -> None:
        """The mouse was here; the keyboard goes on from there."""
        self._at = position

    def key(self, pane: Pane, event: QKeyEvent) -> bool:
        """Work off a key press; True where it was one of these."""
        modifiers = event.modifiers()
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is not None and modifiers & Qt.KeyboardModifier.AltModifier:
            fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            self._move(pane, arrow, self._pixel(pane) if fine else _STEP, modifiers)
            return True
        if event.key() == Qt.Key.Key_K and not modifiers & Qt.KeyboardModifier.AltModifier:
            if not event.isAutoRepeat():
                self._toggle(pane, modifiers)
            return True
        return False

    def drop(self) -> None:
        """Nothing is held any more."""
        self._held, self._begun = _NONE, False

    def _pixel(self, pane: Pane) -> float:
        """Logical pixels of one photo pixel, at least the smallest move that can be seen."""
        width = pane.to_photo(QPointF(1, 0))[0] - pane.to_photo(QPointF(0, 0))[0]
        return max(1 / pane.devicePixelRatioF(), 1 / width)

    def _move(self, pane: Pane, arrow: tuple[int, int], step: float, keys: Qt.KeyboardModifier) -> None:
        at = self._place(pane) + QPointF(*arrow) * step
        self._at = QPointF(min(max(at.x(), 0.0), pane.width()), min(max(at.y(), 0.0), pane.height()))
        self._view.point_at(pane, self._at)
        if self._view.tool is not None:
            self._view.tool.move(self._pointer(pane, self._at, keys & Qt.KeyboardModifier.ControlModifier))

    def _toggle(self, pane: Pane, keys: Qt.KeyboardModifier) -> None:
        tool, at = self._view.tool, self._place(pane)
        if tool is None:
            self._view.leave_past()  # what was aimed at is not the mask
            return
        control = keys & Qt.KeyboardModifier.ControlModifier
        if not self.holds:
            right = bool(keys & Qt.KeyboardModifier.ShiftModifier)
            self._held = Qt.MouseButton.RightButton if right else Qt.MouseButton.LeftButton
            self._view.point_at(pane, at)
            tool.press(self._pointer(pane, at, control))
            self._begun = tool.busy
        else:
            self.drop()
            tool.release(self._pointer(pane, at, control))

    def _place(self, pane: Pane) -> QPointF:
        return QPointF(pane.rect().center()) if self._at is None else self._at

    def _pointer(self, pane: Pane, at: QPointF, keys: Qt.KeyboardModifier) -> Pointer:
        x, y = pane.to_photo(at)
        reach = pane.to_photo(at + QPointF(_REACH, 0))[0] - x
        return Pointer(x, y, self._held if self.holds else _NONE, keys, reach=reach)

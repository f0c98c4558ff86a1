"""Mouse, wheel, pen and keys of the panes: the view's own gestures, and the pointer's way to the tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit

from tongue_viewer.editor.tools.tool import Pointer, Tool
from tongue_viewer.ui.canvas.key_pointer import KeyPointer
from tongue_viewer.ui.canvas.pane import Pane

_Key = Qt.Key
_Button = Qt.MouseButton
_Modifier = Qt.KeyboardModifier
_PointEvent: TypeAlias = QMouseEvent | QTabletEvent

_NOTCH = 120  # eighths of a degree in one step of a usual wheel
_ZOOM_STEP = 1.2
_SIZE_STEP = 1.1
_DRAG_STEP = 0.008  # growth of the brush for one logical pixel of an Alt-drag
_REACH = 6.0  # logical pixels within which a point counts as hit
_TYPING = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)


class View(Protocol):
    """What the gestures need of the canvas."""

    @property
    def tool(self) -> Tool | None:
        """The tool in the hand; over an earlier mask only one that paints nothing."""

    def leave_past(self) -> bool:
        """Show the mask of now in the place of an earlier one; False where it is shown already."""

    @property
    def brush_radius(self) -> float:
        """In photo pixels."""

    def set_brush_radius(self, radius: float) -> None:
        """In photo pixels."""

    def zoom_at(self, pane: Pane, position: QPointF, factor: float) -> None:
        """Scale by a factor; the point under the pointer stays."""

    def pan_device(self, dx: float, dy: float) -> None:
        """Move the photo by logical pixels."""

    def point_at(self, pane: Pane, position: QPointF | None) -> None:
        """The pointer is at a pane's point, or has left."""

    def show_hand(self, shape: Qt.CursorShape | None) -> None:
        """The pointer looks like a hand, or (None) like the tool's."""

    def grips(self, pane: Pane, position: QPointF) -> bool:
        """Whether a pane's point lies on the swipe's grip."""

    def drag_divider(self, pane: Pane, position: QPointF) -> None:
        """The swipe's divider follows the pointer."""


class Gestures(QObject):
    """An event filter of all panes.

    Left and right button go to the tool. The middle button, or Space and a drag, moves the photo; the wheel
    zooms; Shift and the wheel, or Alt and a drag, change the brush in proportion; Esc drops what is in hand, Enter finishes
    it, Backspace takes its last point back.
    """

    def __init__(self, view: View, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._swiping = False
        self._space = False
        self._panned: QPointF | None = None
        self._sized: tuple[float, float] | None = None  # x of the press, radius at the press
        self._held = _Button.NoButton  # the button that the tool's press came from
        self._left_past = False  # whether the last press only left an earlier mask
        self._last: tuple[Pane, Pointer] | None = None
        self._keys = KeyPointer(view)

    def eventFilter(self, pane: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Work off an event of a pane; True where it needs no more attention."""
        if not isinstance(pane, Pane):
            return False
        kind = event.type()
        if isinstance(event, QMouseEvent | QTabletEvent) and kind != QEvent.Type.TabletTrackingChange:
            return self._point(pane, event, kind)
        if isinstance(event, QWheelEvent):
            return self._wheel(pane, event)
        if isinstance(event, QNativeGestureEvent):
            return self._pinch(pane, event)
        if isinstance(event, QKeyEvent):
            return self._key(pane, event, kind)
        if isinstance(event, QEnterEvent):
            self._take_focus(pane)
        elif kind == QEvent.Type.Leave:
            self._view.point_at(pane, None)
            if self._view.tool is not None:
                self._view.tool.leave()
        elif kind == QEvent.Type.FocusOut:
            # With the pointer the keys go from pane to pane.
            self._space = self._space and isinstance(QApplication.focusWidget(), Pane)
            self._show_hand()
        return False

    def _point(self, pane: Pane, event: _PointEvent, kind: QEvent.Type) -> bool:
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.TabletPress):
            self._press(pane, event)
        elif kind in (QEvent.Type.MouseMove, QEvent.Type.TabletMove):
            self._move(pane, event)
        elif kind in (QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease):
            self._release(pane, event)
        event.accept()
        return True

    def _press(self, pane: Pane, event: _PointEvent) -> None:
        taken = self._swiping or self._panned is not None or self._sized is not None
        if taken or self._held != _Button.NoButton:
            return
        button, position = event.button(), event.position()
        pane.setFocus(Qt.FocusReason.MouseFocusReason)
        self._view.point_at(pane, position)
        if button == _Button.LeftButton and not self._space and self._view.grips(pane, position):
            self._swiping = True
        elif button == _Button.MiddleButton or (button == _Button.LeftButton and self._space):
            self._panned = position
            self._show_hand()
        elif button == _Button.LeftButton and event.modifiers() & _Modifier.AltModifier:
            self._sized = (position.x(), self._view.brush_radius)
        elif button in (_Button.LeftButton, _Button.RightButton):
            self._press_tool(pane, event)

    def _press_tool(self, pane: Pane, event: _PointEvent) -> None:
        double = event.type() == QEvent.Type.MouseButtonDblClick
        if double and self._left_past:
            return  # its first half was aimed at an earlier mask
        tool = self._view.tool
        self._left_past = tool is None and self._view.leave_past()
        if tool is None:
            return
        if tool.confirms_by_double_click and double:
            tool.confirm()
            return
        self._held = event.button()
        tool.press(self._pointer(pane, event, event.buttons() | event.button()))

    def _move(self, pane: Pane, event: _PointEvent) -> None:
        position = event.position()
        self._swiping = self._swiping and bool(event.buttons() & _Button.LeftButton)  # a release may be lost
        if self._swiping:
            self._view.drag_divider(pane, position)
            return
        if self._panned is not None:
            step = position - self._panned
            self._panned = position
            self._view.pan_device(step.x(), step.y())
        elif self._sized is not None:
            start, radius = self._sized
            self._view.set_brush_radius(radius * (1 + _DRAG_STEP) ** (position.x() - start))
            return  # the ring stays where it is while it grows
        self._view.point_at(pane, position)
        self._keys.take_over(position)
        tool = self._view.tool
        if tool is None or self._panned is not None:
            return
        if self._held != _Button.NoButton and not event.buttons() & self._held:
            self._release_tool(pane, event)  # the release was lost, for example to a dialog
        else:
            tool.move(self._pointer(pane, event, event.buttons()))
            self._view.point_at(pane, position)  # a tool may have moved the view

    def _release(self, pane: Pane, event: _PointEvent) -> None:
        if self._swiping:
            self._swiping = bool(event.buttons() & _Button.LeftButton)
        elif self._panned is not None and not event.buttons() & (_Button.MiddleButton | _Button.LeftButton):
            self._panned = None
            self._show_hand()
        elif self._sized is not None and event.button() == _Button.LeftButton:
            self._sized = None
            self._view.point_at(pane, event.position())
        elif self._held != _Button.NoButton and event.button() == self._held:
            self._release_tool(pane, event)

    def _release_tool(self, pane: Pane, event: _PointEvent) -> None:
        self._held = _Button.NoButton
        if self._view.tool is not None:
            self._view.tool.release(self._pointer(pane, event, event.buttons()))

    def _pointer(self, pane: Pane, event: _PointEvent, buttons: Qt.MouseButton) -> Pointer:
        x, y = pane.to_photo(event.position())
        reach = pane.to_photo(event.position() + QPointF(_REACH, 0))[0] - x
        if isinstance(event, QTabletEvent):
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
            pointer = Pointer(x, y, buttons, event.modifiers(), event.pressure(), eraser, reach)
        else:
            pointer = Pointer(x, y, buttons, event.modifiers(), reach=reach)
        self._last = (pane, pointer)
        return pointer

    def _wheel(self, pane: Pane, event: QWheelEvent) -> bool:
        angle = event.angleDelta()
        notches = (angle.y() or angle.x()) / _NOTCH  # with Shift or Alt some systems turn the wheel sideways
        if event.modifiers() & _Modifier.ShiftModifier:
            self._view.set_brush_radius(self._view.brush_radius * _SIZE_STEP**notches)
        elif notches:
            self._view.zoom_at(pane, event.position(), _ZOOM_STEP**notches)
        event.accept()
        return True

    def _pinch(self, pane: Pane, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._view.zoom_at(pane, event.position(), max(0.2, 1 + event.value()))
        event.accept()
        return True

    def _key(self, pane: Pane, event: QKeyEvent, kind: QEvent.Type) -> bool:
        tool = self._view.tool
        key = event.key()
        of_tool = self._tool_key(event) if tool is not None and tool.busy else None
        if kind == QEvent.Type.ShortcutOverride:
            ours = key == _Key.Key_Space or of_tool is not None
            if ours:
                event.accept()
            return ours
        pressed = kind == QEvent.Type.KeyPress
        if pressed and of_tool is not None:
            of_tool()
            return True
        if pressed and self._keys.key(pane, event):
            return True
        if key == _Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = pressed
                self._show_hand()
            return True
        if key == _Key.Key_Control:
            self._hover(pressed)
        return False

    def _tool_key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key means to a tool that has something in hand, before the window's shortcuts see it."""
        tool = self._view.tool
        assert tool is not None  # noqa: S101 - for mypy: the caller has looked
        key = event.key()
        if key == _Key.Key_Escape:
            return self._cancel
        if key in (_Key.Key_Return, _Key.Key_Enter):
            return tool.confirm
        if key in (_Key.Key_Backspace, _Key.Key_Z) and not event.modifiers() & _Modifier.ShiftModifier:
            return tool.step_back
        return None

    def _cancel(self) -> None:
        self._held = _Button.NoButton
        self._keys.drop()
        if self._view.tool is not None:
            self._view.tool.cancel()

    def _hover(self, control: bool) -> None:
        """Ctrl changes what a press would do: the ring shows it before the pointer moves.

        A tool that collects with Ctrl hears at once that it was let go, not only with the pointer's next move.
        """
        tool = self._view.tool
        if tool is None or self._last is None:
            return
        if tool.busy and (control or self._held != _Button.NoButton or self._keys.holds):
            return
        pointer = self._last[1]
        modifiers = _Modifier.ControlModifier if control else _Modifier.NoModifier
        tool.move(Pointer(pointer.x, pointer.y, _Button.NoButton, modifiers, reach=pointer.reach))

    def _show_hand(self) -> None:
        if self._panned is not None:
            self._view.show_hand(Qt.CursorShape.ClosedHandCursor)
        else:
            self._view.show_hand(Qt.CursorShape.OpenHandCursor if self._space else None)

    def _take_focus(self, pane: Pane) -> None:
        """The keys go where the pointer is, except from a field that is being typed in."""
        if pane.window().isActiveWindow() and not isinstance(QApplication.focusWidget(), _TYPING):
            pane.setFocus(Qt.FocusReason.MouseFocusReason)

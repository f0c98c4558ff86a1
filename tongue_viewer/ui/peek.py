"""The overlay's key where the photo has not the keyboard: a tap is its action, a hold shows the model's mask."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeyEvent, QShortcutEvent
from PySide6.QtWidgets import QWidget

from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.canvas.hold_key import HoldKey


class Peek(QObject):
    """Takes the place of a shortcut of an action.

    A shortcut is told when its key goes down and never again, so the key's release is looked for in the window,
    which gets every key that no widget has used.
    """

    def __init__(self, action: QAction, canvas: CanvasView, window: QWidget) -> None:
        super().__init__(window)
        self._action, self._window = action, window
        self._canvas = canvas
        self._key = 0
        self._hold = HoldKey(self)
        self._hold.tapped.connect(action.trigger)
        self._hold.held.connect(self._on_held)
        action.setAutoRepeat(False)
        action.installEventFilter(self)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keep the shortcut from the action until it is known whether the key is held."""
        kind = event.type()
        if watched is self._action and isinstance(event, QShortcutEvent):
            self._key = event.key()[0].key()  # type: ignore[index]  # Qt's stubs leave the operator out
            self._hold.press()
            return True
        if watched is self._window and kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if event.key() == self._key and not event.isAutoRepeat():
                self._hold.release()
        elif watched is self._window and kind == QEvent.Type.WindowDeactivate:
            self._hold.drop()
        return False

    @Slot(bool)
    def _on_held(self, held: bool) -> None:
        self._canvas.show_model_mask(held)

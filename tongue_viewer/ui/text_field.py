"""A line of text whose keys are its own, not the window's."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from tongue_viewer.ui.theme import CONTROL_HEIGHT

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN = frozenset({*_ENTER, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape})


class TextField(QLineEdit):
    """Enter, Esc and the arrows stay in the field; Qt leaves them to the window's shortcuts, where Enter accepts the photo.

    Signals:
        entered(): Enter was pressed.
        escaped(): Esc was pressed.
    """

    entered = Signal()
    escaped = Signal()

    def __init__(self, name: str, placeholder: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFixedHeight(CONTROL_HEIGHT)

    def event(self, event: QEvent) -> bool:
        """Claim the keys before the window's shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in _OWN:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of Enter and Esc; the rest is typing."""
        if event.key() in _ENTER:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

"""The middle of the window: messages, the view's bar, the tools and the photo — or where to begin."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tongue_viewer.editor.document import Document
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.empty_state import EmptyState
from tongue_viewer.ui.message_bar import MessageBar
from tongue_viewer.ui.parts import hairline
from tongue_viewer.ui.theme import WIDE
from tongue_viewer.ui.tool_strip import ToolStrip
from tongue_viewer.ui.view_bar import ViewBar

_NOTE_WIDTH = 640


class Workbench(QWidget):
    """Places its parts; shows either the empty state or the photo."""

    def __init__(self, document: Document, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = EmptyState(actions)
        self.canvas = CanvasView(document)
        self.canvas.setAccessibleName("Photo and mask")
        self.canvas.addAction(actions["panels"])
        self.bar = ViewBar(actions)
        self.strip = ToolStrip(actions)
        photo = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.strip)
        row.addWidget(hairline(vertical=True))
        row.addWidget(self.canvas, 1)
        column = QVBoxLayout(photo)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(hairline())
        column.addLayout(row, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(photo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        self.messages = MessageBar(self)
        self.messages.changed.connect(self._place_messages)

    def show_photo(self, shown: bool) -> None:
        """The photo's place, or the empty state."""
        self._stack.setCurrentIndex(int(shown))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The note keeps its place at the lower edge."""
        super().resizeEvent(event)
        self._place_messages()

    @Slot()
    def _place_messages(self) -> None:
        width = min(_NOTE_WIDTH, self.width() - 2 * WIDE)
        height = self.messages.heightForWidth(width)
        height = max(height, self.messages.sizeHint().height() if height < 0 else height)
        self.messages.setGeometry((self.width() - width) // 2, self.height() - height - WIDE, width, height)
        self.messages.raise_()

    def take_focus(self) -> None:
        """The keyboard goes to what is shown."""
        (self.canvas if self._stack.currentIndex() else self.empty).setFocus()

    def refresh_icons(self) -> None:
        """Make the icons again after the palette has changed."""
        self.messages.refresh_icons()
        self.empty.refresh_icons()

"""The bar over the mask pane while an earlier mask is shown: what it is, and the ways on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from tongue_viewer.ui.elided_label import ElidedLabel
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE

_ONE_LINE = 560
"""In a pane narrower than this the buttons stand below the text."""


class HistoryBar(QFrame):
    """Lies over the upper edge of a pane and moves nothing.

    Signals:
        back_wanted(), compare_changed(bool), close_wanted(): its buttons.
    """

    back_wanted = Signal()
    compare_changed = Signal(bool)
    close_wanted = Signal()

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self._pane = pane
        self.setAttribute(
            Qt.WidgetAttribute.WA_NoMousePropagation
        )  # a click beside a button is none on the mask
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.text = ElidedLabel(Qt.TextElideMode.ElideMiddle)  # of one height, so that no button moves
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back_button = _button(
            "&Go back to this", "Make it the mask of now, as a step that can be undone"
        )
        self.compare_button = _button("&Compare", "What was added and taken off since then")
        self.compare_button.setCheckable(True)
        self.close_button = _button("Close", "The mask of now again (Esc)")
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(SPACE + GAP, SPACE, SPACE, SPACE)
        self._layout.setSpacing(SPACE)
        self._layout.addWidget(self.text, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        self.buttons = (self.back_button, self.compare_button, self.close_button)
        for button in self.buttons:
            buttons.addWidget(button)
        self._layout.addLayout(buttons)
        self.back_button.clicked.connect(self.back_wanted)
        self.compare_button.toggled.connect(self.compare_changed)
        self.close_button.clicked.connect(self.close_wanted)
        pane.installEventFilter(self)
        self.hide()

    def show_text(self, text: str, *, differs: bool) -> None:
        """Say what is shown; there is nothing to go back to, or to compare, where it is the mask of now."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.back_button.setEnabled(differs)
        self.compare_button.setEnabled(differs)
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keep to the pane's upper edge."""
        if event.type() == QEvent.Type.Resize and watched is self._pane and not self.isHidden():
            self._place()
        return False

    def _place(self) -> None:
        wide = self._pane.width() >= _ONE_LINE
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._layout.setDirection(direction)
        self._layout.activate()
        self.setGeometry(SPACE, SPACE, self._pane.width() - 2 * SPACE, self.sizeHint().height())


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setFixedHeight(CONTROL_HEIGHT)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the keys stay with the list or the photo
    return button

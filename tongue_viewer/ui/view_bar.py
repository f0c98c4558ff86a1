"""The line above the photo: how the mask is shown, how many panes, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from tongue_viewer.core.settings import OverlayMode
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.parts import quiet, tool_button
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE

MODES: tuple[OverlayMode, ...] = ("overlay", "outline", "mask", "cutout", "swipe", "difference")
_WORDS = {
    "overlay": "Overlay",
    "outline": "Outline",
    "mask": "Mask",
    "cutout": "Cut-out",
    "swipe": "Swipe",
    "difference": "Difference",
}


class ViewBar(QWidget):
    """The kinds of view to choose from, the two panes, and the scale; a word where the photo is not shown as it is.

    Where there is no room for a button for each kind, one button names the chosen kind and opens a menu.
    """

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.zoom = quiet()
        self.adjusted = QToolButton()
        self.adjusted.setText("Colours adjusted · reset")
        self.adjusted.setToolTip("The photo is not shown as it is in its file. Press to show it so again.")
        self.adjusted.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.adjusted.setFixedHeight(CONTROL_HEIGHT)
        self.adjusted.hide()
        self.row, self.chosen = _row(actions), _menu(actions)
        self._panes = tool_button(actions["two_panes"])
        for mode in MODES:
            actions[f"view_{mode}"].toggled.connect(self._on_mode)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, GAP, SPACE, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.zoom)
        layout.addWidget(self.adjusted)
        layout.addStretch()
        layout.addWidget(self.row)
        layout.addWidget(self.chosen)
        layout.addSpacing(SPACE)
        layout.addWidget(self._panes)
        self.setFixedHeight(CONTROL_HEIGHT + 2 * GAP)
        self._on_mode()
        self._fit()

    def show_scale(self, scale: float) -> None:
        """The screen's pixels for one of the photo."""
        self.zoom.setText(f"{scale * 100:.0f} %" if scale > 0 else "")

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Of the narrow form."""
        return QSize(self._width_with(self.chosen), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take the form that fits."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """A part came, went or has another text: there may be room for less, or for more."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        wide = self.width() >= self._width_with(self.row)
        if self.row.isHidden() == wide:
            self.row.setVisible(wide)
        if self.chosen.isHidden() != wide:
            self.chosen.setVisible(not wide)

    def _width_with(self, modes: QWidget) -> int:
        """What all needs with one of the two forms."""
        parts = [self.zoom, modes, self._panes, *([] if self.adjusted.isHidden() else [self.adjusted])]
        return sum(part.sizeHint().width() + GAP for part in parts) + 3 * SPACE + GAP

    @Slot()
    def _on_mode(self) -> None:
        mode = next((mode for mode in MODES if self._actions[f"view_{mode}"].isChecked()), MODES[0])
        self.chosen.setText(f"{_WORDS[mode]} ▾")


def _row(actions: Actions) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GAP)
    for mode in MODES:
        action = actions[f"view_{mode}"]
        action.setIconText(_WORDS[mode])
        button = tool_button(action, text=True)
        button.setToolTip(action.toolTip())
        layout.addWidget(button)
    return row


def _menu(actions: Actions) -> QToolButton:
    button = QToolButton()
    menu = QMenu(button)
    for mode in MODES:
        menu.addAction(actions[f"view_{mode}"])
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setFixedHeight(CONTROL_HEIGHT)
    button.setAccessibleName("Kind of view")
    return button

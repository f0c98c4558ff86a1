"""The line above the photo: how the mask is shown, how many panes, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

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
    """The kinds of view to choose from, the two panes, and the scale; a word where the photo is not shown as it is."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zoom = quiet()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, GAP, SPACE, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.zoom)
        self.adjusted = QToolButton()
        self.adjusted.setText("Colours adjusted · reset")
        self.adjusted.setToolTip("The photo is not shown as it is in its file. Press to show it so again.")
        self.adjusted.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.adjusted.setFixedHeight(CONTROL_HEIGHT)
        self.adjusted.hide()
        layout.addWidget(self.adjusted)
        layout.addStretch()
        for mode in MODES:
            action = actions[f"view_{mode}"]
            action.setIconText(_WORDS[mode])
            button = tool_button(action, text=True)
            button.setToolTip(action.toolTip())
            layout.addWidget(button)
        layout.addSpacing(SPACE)
        layout.addWidget(tool_button(actions["two_panes"]))
        self.setFixedHeight(CONTROL_HEIGHT + 2 * GAP)

    def show_scale(self, scale: float) -> None:
        """The screen's pixels for one of the photo."""
        self.zoom.setText(f"{scale * 100:.0f} %" if scale > 0 else "")

"""The narrow strip of tools at the photo's left edge."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tongue_viewer.ui.action_table import TOOLS
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.parts import hairline, tool_button
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE


class ToolStrip(QWidget):
    """One button for each tool, then the view's."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        actions["one_to_one"].setIconText("1:1")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, SPACE, GAP, SPACE)
        layout.setSpacing(GAP)
        for name in TOOLS:
            layout.addWidget(self._button(actions, name))
        layout.addSpacing(GAP)
        layout.addWidget(hairline())
        layout.addSpacing(GAP)
        for name in ("fit", "one_to_one"):
            layout.addWidget(self._button(actions, name))
        layout.addStretch()
        self.setFixedWidth(CONTROL_HEIGHT + 4 + 2 * GAP)

    def _button(self, actions: Actions, name: str) -> QWidget:
        button = tool_button(actions[name])
        if name == "one_to_one":
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)  # 1:1 needs no picture
        button.setFixedSize(CONTROL_HEIGHT + 4, CONTROL_HEIGHT + 4)
        return button

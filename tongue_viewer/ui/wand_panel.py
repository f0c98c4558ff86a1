"""How different a colour may be for the magic wand to take it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tongue_viewer.ui.fields import NumberField
from tongue_viewer.ui.parts import quiet, title
from tongue_viewer.ui.theme import SPACE


class WandPanel(QWidget):
    """The tolerance as a colour difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = NumberField("Tolerance", 1, 100, " ΔE", "Tolerance of the wand, a colour difference")
        note = quiet("Press and drag on the photo to widen it while you look.")
        note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(title("Magic wand"))
        layout.addWidget(self.field)
        layout.addWidget(note)

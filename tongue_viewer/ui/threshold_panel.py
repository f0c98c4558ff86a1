"""From which probability a pixel belongs to the mask."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tongue_viewer.ui.fields import NumberField
from tongue_viewer.ui.parts import quiet, title
from tongue_viewer.ui.theme import SPACE

EXPLAINED = "Lower: the mask grows; higher: it shrinks. What you changed by hand stays."


class ThresholdPanel(QWidget):
    """A slider in hundredths, and one sentence of what it does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = NumberField(
            "Probability", 1, 99, " %", "Threshold on the model's probability, in percent"
        )
        note = quiet(EXPLAINED)
        note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(title("Threshold"))
        layout.addWidget(self.field)
        layout.addWidget(note)

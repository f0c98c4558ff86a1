"""How many pixels of the photos of a folder are one millimetre."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QLabel, QVBoxLayout, QWidget

from tongue_viewer.ui.parts import quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, WIDE

_EXPLAINED = (
    "Photograph a ruler at the tongue's distance, and divide a length in pixels (the line at the bottom shows the place "
    "under the pointer) by the same length in millimetres. The scale holds for all photos of this folder, so it is "
    "right only where the camera kept its distance. 0: not known."
)


class ScaleDialog(QDialog):
    """One number.

    Signals:
        scale_chosen(float): pixels for one millimetre, 0 for unknown.
    """

    scale_chosen = Signal(float)

    def __init__(self, pixels_per_mm: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Scale of this folder")
        explained = quiet(_EXPLAINED)
        explained.setWordWrap(True)
        self.field = QDoubleSpinBox()
        self.field.setRange(0, 1000)
        self.field.setDecimals(2)
        self.field.setSuffix(" px / mm")
        self.field.setSpecialValueText("not known")
        self.field.setFixedHeight(CONTROL_HEIGHT)
        self.field.setAccessibleName("Pixels of the photo for one millimetre")
        self.field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.field.setValue(pixels_per_mm)
        self.field.setFocus()
        self.field.selectAll()  # the first digit replaces what stands there
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._on_accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(explained)
        layout.addWidget(QLabel("Pixels of the photo for one millimetre"))
        layout.addWidget(self.field)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)

    @Slot()
    def _on_accept(self) -> None:
        self.scale_chosen.emit(self.field.value())
        self.accept()

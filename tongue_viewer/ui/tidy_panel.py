"""Tidying the whole mask, with a preview before it counts."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tongue_viewer.ui.fields import NumberField
from tongue_viewer.ui.parts import ComboBox, title
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE

OPERATIONS: tuple[tuple[str, str], ...] = (
    ("", "Choose …"),
    ("fill_holes", "Fill holes"),
    ("keep_largest", "Keep the largest piece"),
    ("smooth", "Smooth the outline"),
    ("grow", "Grow"),
    ("shrink", "Shrink"),
    ("invert", "Invert"),
)
"""Name in `core.tidy.TIDY` → what people read."""

WITH_RADIUS = frozenset({"smooth", "grow", "shrink"})


class TidyPanel(QWidget):
    """Choose, look, apply.

    Signals (only by the person's hand):
        preview_wanted(): the operation or its radius was changed.
        apply_wanted(), cancel_wanted(): keep the preview, or drop it.
        compare_changed(bool): the mask before is to be shown as long as the button is held.
    """

    preview_wanted = Signal()
    apply_wanted = Signal()
    cancel_wanted = Signal()
    compare_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = ComboBox("How to tidy the mask")
        for name, text in OPERATIONS:
            self.choice.addItem(text, name)
        self.radius = NumberField("Radius", 1, 60, " px", "Radius in pixels of the photo")
        self.radius.show_value(5)
        self.apply_button, self.compare_button, self.cancel_button = (
            QPushButton(text) for text in ("Apply", "Before", "Cancel")
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(title("Tidy"))
        layout.addWidget(self.choice)
        layout.addWidget(self.radius)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for button in (self.apply_button, self.compare_button, self.cancel_button):
            button.setFixedHeight(CONTROL_HEIGHT)
            button.setSizePolicy(
                QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed
            )  # never wider than the panel
            row.addWidget(button, 1)
        self.compare_button.setToolTip("Hold it to see the mask as it was before")
        self._buttons = QWidget()
        self._buttons.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._buttons)
        self.choice.activated.connect(self._on_choice)
        self.radius.chosen.connect(self.preview_wanted)
        self.apply_button.clicked.connect(self.apply_wanted)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.compare_button.pressed.connect(self._on_compare)
        self.compare_button.released.connect(self._on_compared)
        self.show_operation("")

    @property
    def operation(self) -> str:
        """Name in `core.tidy.TIDY`, "" for none."""
        return str(self.choice.currentData())

    def show_operation(self, name: str) -> None:
        """Follow a choice that was made elsewhere, without a signal."""
        self.choice.setCurrentIndex(self.choice.findData(name))
        self.radius.setVisible(name in WITH_RADIUS)
        self._buttons.setVisible(bool(name))

    @Slot()
    def _on_choice(self) -> None:
        self.show_operation(self.operation)
        (self.preview_wanted if self.operation else self.cancel_wanted).emit()

    @Slot()
    def _on_compare(self) -> None:
        self.compare_changed.emit(True)  # noqa: FBT003 - Qt's signature

    @Slot()
    def _on_compared(self) -> None:
        self.compare_changed.emit(False)  # noqa: FBT003 - Qt's signature

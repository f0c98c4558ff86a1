"""Names and colours of the classes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.core.classes import MOST_CLASSES, MaskClass, Rgb, parse_classes, usual_colour
from tongue_viewer.ui.class_panel import swatch
from tongue_viewer.ui.parts import quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE, WIDE

_EXPLAINED = (
    "A mask holds a number for each pixel: 1 for the first class, 2 for the second. So classes are only added at the "
    "end, and only the last one can be removed; masks that hold it keep its number."
)


class ClassesDialog(QDialog):
    """A line for each class.

    Signals:
        classes_chosen(tuple): of `MaskClass`, once the person has confirmed them.
    """

    classes_chosen = Signal(object)

    def __init__(self, classes: Sequence[MaskClass], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Classes")
        self._lines: list[_Line] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE)
        self.add_button, self.remove_button = QPushButton("Add a class"), QPushButton("Remove the last")
        self.add_button.clicked.connect(self._on_add)
        self.remove_button.clicked.connect(self._on_remove)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._on_accept)
        self.buttons.rejected.connect(self.reject)
        explained = quiet(_EXPLAINED)
        explained.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(explained)
        layout.addLayout(self._rows)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(420)
        for known in classes:
            self._add(known.name, known.colour)
        self._follow()

    def _add(self, name: str, colour: Rgb) -> None:
        line = _Line(len(self._lines) + 1, name, colour)
        self._lines.append(line)
        self._rows.addWidget(line)

    def _follow(self) -> None:
        self.add_button.setEnabled(len(self._lines) < MOST_CLASSES)
        self.remove_button.setEnabled(len(self._lines) > 1)

    @Slot()
    def _on_add(self) -> None:
        index = len(self._lines) + 1
        self._add(f"class {index}", usual_colour(index))
        self._lines[-1].name.setFocus()
        self._lines[-1].name.selectAll()
        self._follow()

    @Slot()
    def _on_remove(self) -> None:
        self._lines.pop().deleteLater()
        self._follow()

    @Slot()
    def _on_accept(self) -> None:
        try:
            classes = parse_classes(line.value.text for line in self._lines)
        except ValueError as error:
            self.problem.setText(f"These classes cannot be used: {error}.")
            return
        self.classes_chosen.emit(classes)
        self.accept()


class _Line(QWidget):
    """Number, colour and name of one class."""

    def __init__(self, index: int, name: str, colour: Rgb) -> None:
        super().__init__()
        self._index, self._colour = index, colour
        self._button = QPushButton()
        self._button.setFixedSize(CONTROL_HEIGHT + SPACE, CONTROL_HEIGHT)
        self._button.setIcon(swatch(colour))
        self._button.setAccessibleName(f"Colour of class {index}")
        self._button.clicked.connect(self._on_colour)
        self.name = QLineEdit(name)
        self.name.setMaxLength(40)
        self.name.setFixedHeight(CONTROL_HEIGHT)
        self.name.setAccessibleName(f"Name of class {index}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(str(index)))
        row.addWidget(self._button)
        row.addWidget(self.name, 1)

    @property
    def value(self) -> MaskClass:
        return MaskClass(self._index, self.name.text().strip(), self._colour)

    @Slot()
    def _on_colour(self) -> None:
        dialog = QColorDialog(QColor(*self._colour), self)
        dialog.colorSelected.connect(self._on_chosen)
        dialog.open()

    @Slot(QColor)
    def _on_chosen(self, colour: QColor) -> None:
        self._colour = (colour.red(), colour.green(), colour.blue())
        self._button.setIcon(swatch(self._colour))

"""Which class is painted; shown only where there is more than one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.core.classes import DEFAULT_CLASSES, MaskClass
from tongue_viewer.ui.parts import title
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE

_SWATCH = 14


class ClassPanel(QWidget):
    """One button for each class, with its colour and key.

    Signals (only by the person's hand):
        class_chosen(int): index of the class.
        edit_wanted(): the classes are to be changed.
    """

    class_chosen = Signal(int)
    edit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.class_chosen)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GAP)
        edit = QPushButton("Edit …")
        edit.setFixedHeight(CONTROL_HEIGHT)
        edit.setAccessibleName("Edit the classes")
        edit.clicked.connect(self._on_edit)
        head = QHBoxLayout()
        head.addWidget(title("Class"), 1)
        head.addWidget(edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(head)
        layout.addLayout(self._rows)
        self.show_classes(DEFAULT_CLASSES, 1)

    def show_classes(self, classes: Sequence[MaskClass], chosen: int) -> None:
        """Show these classes, one of them chosen."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            button.deleteLater()
        for known in classes:
            button = QToolButton()
            button.setProperty("framed", True)  # noqa: FBT003 - Qt's signature
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setText(f"{known.name}   Ctrl+{known.index}")
            button.setIcon(swatch(known.colour))
            button.setCheckable(True)
            button.setFixedHeight(CONTROL_HEIGHT)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(f"Paint the class {known.name}")
            self._group.addButton(button, known.index)
            self._rows.addWidget(button)
        self.show_chosen(chosen)

    def show_chosen(self, index: int) -> None:
        """Follow a choice that was made elsewhere."""
        button = self._group.button(index)
        if button is not None:
            button.setChecked(True)

    @Slot()
    def _on_edit(self) -> None:
        self.edit_wanted.emit()


def swatch(colour: tuple[int, int, int]) -> QIcon:
    """A square of a colour with a dark rim, seen on light and dark panels."""
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(QColor(*colour))
    painter = QPainter(pixmap)
    painter.setPen(QColor(40, 40, 40))
    painter.drawRect(0, 0, _SWATCH - 1, _SWATCH - 1)
    painter.end()
    return QIcon(pixmap)

"""Size of the brush, and whether it paints or erases."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.parts import NumberBox, Slider, title, tool_button
from tongue_viewer.ui.theme import SPACE

MIN_DIAMETER, MAX_DIAMETER = 1, 1000
_STEPS = 200


def slider_to_diameter(position: int) -> int:
    """Equal ways on the slider are equal proportions of the brush, as with the keys [ and ]."""
    return max(MIN_DIAMETER, round(math.exp(position / _STEPS * math.log(MAX_DIAMETER))))


def diameter_to_slider(diameter: int) -> int:
    """The inverse of `slider_to_diameter`, to the nearest step."""
    return round(math.log(max(MIN_DIAMETER, diameter)) / math.log(MAX_DIAMETER) * _STEPS)


class BrushPanel(QWidget):
    """Shows and changes the brush.

    Signals:
        diameter_chosen(int): in photo pixels; only by the person's hand.
    """

    diameter_chosen = Signal(int)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = Slider(0, _STEPS, "Brush size")
        self.spin = NumberBox(MIN_DIAMETER, MAX_DIAMETER, " px", "Brush size in pixels of the photo")
        self.slider.valueChanged.connect(self._on_slider)
        self.spin.valueChanged.connect(self._on_spin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(title("Brush"))
        modes = QHBoxLayout()
        modes.setSpacing(SPACE)
        for name in ("brush", "eraser"):
            modes.addWidget(tool_button(actions[name], text=True, wide=True), 1)
        layout.addLayout(modes)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.addWidget(QLabel("Size"), 0, 0)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(self.spin, 0, 2)
        layout.addLayout(grid)

    def show_diameter(self, diameter: int) -> None:
        """Follow a change that was made elsewhere, without a signal."""
        for widget, value in ((self.slider, diameter_to_slider(diameter)), (self.spin, diameter)):
            blocked = widget.blockSignals(True)  # noqa: FBT003 - Qt's signature
            widget.setValue(value)
            widget.blockSignals(blocked)

    @Slot(int)
    def _on_slider(self, position: int) -> None:
        self._choose(slider_to_diameter(position))

    @Slot(int)
    def _on_spin(self, diameter: int) -> None:
        self._choose(diameter)

    def _choose(self, diameter: int) -> None:
        self.show_diameter(diameter)
        self.diameter_chosen.emit(diameter)

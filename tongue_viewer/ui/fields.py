"""A slider with a number beside it, as the panels of the inspector use it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tongue_viewer.ui.parts import NumberBox, Slider
from tongue_viewer.ui.theme import SPACE

_LABEL_WIDTH = 62


class NumberField(QWidget):
    """A whole number, by slider or by typing.

    Signals:
        chosen(int): only by the person's hand.
        settled(int): the slider was let go, or a key or the box changed the number: the person is done for now.
    """

    chosen = Signal(int)
    settled = Signal(int)

    def __init__(self, text: str, low: int, high: int, suffix: str, name: str) -> None:
        super().__init__()
        self.slider = Slider(low, high, name)
        self.spin = NumberBox(low, high, suffix, name)
        self.spin.setKeyboardTracking(False)
        label = QLabel(text)
        label.setMinimumWidth(_LABEL_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.spin)
        self.slider.valueChanged.connect(self._on_slider)
        self.slider.sliderReleased.connect(self._on_released)
        self.spin.valueChanged.connect(self._on_spin)

    @property
    def value(self) -> int:
        """What is shown."""
        return self.spin.value()

    def show_value(self, value: int) -> None:
        """Follow a change that was made elsewhere, without a signal."""
        for widget in (self.slider, self.spin):
            blocked = widget.blockSignals(True)  # noqa: FBT003 - Qt's signature
            widget.setValue(value)
            widget.blockSignals(blocked)

    @Slot(int)
    def _on_slider(self, value: int) -> None:
        self.show_value(value)
        self.chosen.emit(value)
        if not self.slider.isSliderDown():
            self.settled.emit(value)

    @Slot()
    def _on_released(self) -> None:
        self.settled.emit(self.value)

    @Slot(int)
    def _on_spin(self, value: int) -> None:
        self.show_value(value)
        self.chosen.emit(value)
        self.settled.emit(value)

"""How strongly the mask lies over the photo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.parts import Slider, quiet, title
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE

_BOXES = (("overlay", "Overlay"), ("outline", "Outline"), ("uncertain", "Uncertain stretches"))


class OverlayPanel(QWidget):
    """Overlay and outline on or off, and the overlay's opacity.

    Signals:
        opacity_chosen(float): 0..1; only by the person's hand.
    """

    opacity_chosen = Signal(float)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = Slider(0, 100, "Opacity of the mask over the photo")
        self.percent = quiet()
        self.percent.setFixedWidth(40)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider.valueChanged.connect(self._on_slider)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(title("Mask on the photo"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(0)
        self.boxes = {name: _ActionBox(actions, name, text) for name, text in _BOXES}
        for row, box in enumerate(self.boxes.values()):
            grid.addWidget(box, row, 0, 1, 3)
        row = len(_BOXES)
        grid.addWidget(QLabel("Opacity"), row, 0)
        grid.addWidget(self.slider, row, 1)
        grid.addWidget(self.percent, row, 2)
        layout.addLayout(grid)

    def show_opacity(self, opacity: float) -> None:
        """Follow a change that was made elsewhere, without a signal."""
        blocked = self.slider.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.slider.setValue(round(opacity * 100))
        self.slider.blockSignals(blocked)
        self.percent.setText(f"{round(opacity * 100)} %")

    @Slot(int)
    def show_doubts(self, count: int) -> None:
        """How many uncertain stretches are marked."""
        text = dict(_BOXES)["uncertain"]
        self.boxes["uncertain"].setText(f"{text}  ·  {count}" if count else text)

    @Slot(int)
    def _on_slider(self, percent: int) -> None:
        self.percent.setText(f"{percent} %")
        self.opacity_chosen.emit(percent / 100)


class _ActionBox(QCheckBox):
    """A check box that is one with a checkable action."""

    def __init__(self, actions: Actions, name: str, text: str) -> None:
        super().__init__(text)
        self._action = actions[name]
        self.setToolTip(self._action.toolTip())
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setChecked(self._action.isChecked())
        self._action.toggled.connect(self.setChecked)
        self.clicked.connect(self._on_clicked)

    @Slot(bool)
    def _on_clicked(self, checked: bool) -> None:
        if checked != self._action.isChecked():
            self._action.trigger()

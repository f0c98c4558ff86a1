"""The scale of each folder, and the bar that shows it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.dialogs.scale_dialog import ScaleDialog


class ScaleControl(QObject):
    """Remembers pixels per millimetre for every folder that the person gave a scale.

    Signals:
        scales_changed(): the person changed one.
    """

    scales_changed = Signal()

    def __init__(self, actions: Actions, canvas: CanvasView, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas, self._window = canvas, parent
        self._scales: dict[str, float] = {}
        self._folder, self._action = "", actions["set_scale"]
        self._action.setEnabled(False)
        self._action.triggered.connect(self._on_ask)

    @property
    def scales(self) -> dict[str, float]:
        """Folder → photo pixels for one millimetre."""
        return dict(self._scales)

    def set_scales(self, scales: Mapping[str, float]) -> None:
        """Take over what was kept."""
        self._scales = dict(scales)
        self.show_folder(self._folder)

    def show_folder(self, folder: str) -> None:
        """Another folder is open: its scale, if it has one."""
        self._folder = folder
        self._action.setEnabled(bool(folder))
        self._canvas.set_scale_bar(self._scales.get(folder, 0.0))

    @Slot()
    def _on_ask(self) -> None:
        dialog = ScaleDialog(self._scales.get(self._folder, 0.0), self._window)
        dialog.scale_chosen.connect(self._on_chosen)
        dialog.open()

    @Slot(float)
    def _on_chosen(self, pixels_per_mm: float) -> None:
        self._scales.pop(self._folder, None)
        if pixels_per_mm > 0 and self._folder:
            self._scales[self._folder] = pixels_per_mm
        self.show_folder(self._folder)
        self.scales_changed.emit()

"""Samples, keys, log folder, about."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.core.errors import WriteError
from tongue_viewer.jobs.samples import sample_photos
from tongue_viewer.storage.locations import ensure_folder, log_folder
from tongue_viewer.ui.dialogs.about_dialog import AboutDialog
from tongue_viewer.ui.dialogs.keys_dialog import KeysDialog
from tongue_viewer.ui.main_window import MainWindow


class HelpDesk(QObject):
    """What the Help menu and the empty state offer."""

    def __init__(self, window: MainWindow, predictions: PredictionDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._predictions = window, predictions
        window.table["open_samples"].triggered.connect(self._on_samples)
        window.table["keys"].triggered.connect(self._on_keys)
        window.table["log_folder"].triggered.connect(self._on_log_folder)
        window.table["about"].triggered.connect(self._on_about)

    @Slot()
    def _on_samples(self) -> None:
        try:
            self._window.folder_requested.emit(sample_photos())
        except WriteError as error:
            self._window.messages.show_message(str(error), "problem")

    @Slot()
    def _on_keys(self) -> None:
        KeysDialog(self._window).open()

    @Slot()
    def _on_log_folder(self) -> None:
        try:
            folder = ensure_folder(log_folder())
        except WriteError as error:
            self._window.messages.show_message(str(error), "problem")
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._window.messages.show_message(f"The log is in {folder}")

    @Slot()
    def _on_about(self) -> None:
        AboutDialog(program_version(), self._predictions.model_name(), self._window).open()


def program_version() -> str:
    """Of the installed package."""
    try:
        return version("tongue-viewer")
    except PackageNotFoundError:
        return ""

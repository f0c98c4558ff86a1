"""The dialog of an import, and its result in the message bar."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tongue_viewer.app.export_desk import failure_text
from tongue_viewer.app.import_desk import ImportDesk, import_text
from tongue_viewer.core.events import FolderListed, Progress
from tongue_viewer.core.imports import ImportFinished, ImportScanned
from tongue_viewer.ui.dialogs.import_dialog import ImportDialog, ImportRequest
from tongue_viewer.ui.dialogs.result_dialog import ResultDialog
from tongue_viewer.ui.main_window import MainWindow
from tongue_viewer.ui.message_bar import Kind
from tongue_viewer.workers.job_runner import JobFailure

_WORD = "failed_imports"
READ_ONLY = (
    "Masks cannot be imported: changes of this folder cannot be kept. Nothing was changed. The note that came up when "
    "the folder was opened says why."
)
BUSY = "An import is running. What it has taken in stays. Wait for its end, or cancel it in the line at the bottom."


class ImportShown(QObject):
    """Asks for an import, and says what came of it."""

    def __init__(self, window: MainWindow, imports: ImportDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._imports = window, imports
        self._folder: Path | None = None
        self._writable = True
        self._dialog: ImportDialog | None = None
        self._finished: ImportFinished | None = None
        window.table["import_masks"].triggered.connect(self.ask)
        window.messages.action_requested.connect(self._on_message_action)
        imports.scan_progressed.connect(self._on_progress)
        imports.scanned.connect(self._on_scanned)
        imports.scan_failed.connect(self._on_scan_failed)
        imports.import_finished.connect(self._on_imported)

    @Slot(object)
    def show_folder(self, listed: FolderListed) -> None:
        """Another folder is open."""
        self._folder, self._writable = listed.folder, listed.writable

    @Slot()
    def ask(self) -> None:
        """Show the dialog; not while something in hand could be rolled back by an imported mask."""
        if self._folder is None or self._window.in_hand.refuses():
            return
        if self._imports.busy:
            self._window.messages.show_message(BUSY, word="import")
            return
        if not self._writable:
            self._window.messages.show_message(READ_ONLY, "problem", word="import")
            return
        self._dialog = dialog = ImportDialog(self._folder.parent, self._window)
        dialog.scan_requested.connect(self._on_scan_requested)
        dialog.scan_stopped.connect(self._imports.stop_scan)
        dialog.import_requested.connect(self._on_requested)
        dialog.finished.connect(self._on_dialog_finished)
        dialog.open()

    @Slot(object)
    def _on_scan_requested(self, masks: Path) -> None:
        if self._folder is not None:
            self._imports.scan(self._folder, masks)

    @Slot(object)
    def _on_requested(self, request: ImportRequest) -> None:
        if self._folder is not None:
            self._imports.start(self._folder, request.pairs, request.choice)

    @Slot()
    def _on_dialog_finished(self) -> None:
        self._dialog = None

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        if self._dialog is not None:
            self._dialog.show_progress(progress)

    @Slot(object)
    def _on_scanned(self, scan: ImportScanned) -> None:
        if self._dialog is not None:
            self._dialog.show_scan(scan)

    @Slot(object)
    def _on_scan_failed(self, failure: JobFailure) -> None:
        if self._dialog is not None:
            self._dialog.show_failure(failure_text(failure))

    @Slot(object)
    def _on_imported(self, finished: ImportFinished) -> None:
        self._finished = finished
        kind: Kind = "problem" if finished.failed else "info"
        button = "Show the files" if finished.failed else ""
        self._window.messages.show_message(import_text(finished), kind, button, _WORD)

    @Slot(str)
    def _on_message_action(self, word: str) -> None:
        if word == _WORD and self._finished is not None:
            ResultDialog(import_text(self._finished), self._finished.failed, self._window, "Import").open()

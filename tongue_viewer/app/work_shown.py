"""Long work in the status line, and its result in the message bar."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tongue_viewer.app.export_desk import ExportDesk, export_text, failed_files, failure_text
from tongue_viewer.app.import_desk import ImportDesk
from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.core.events import ExportFinished, Progress
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.ui.dialogs.export_dialog import ExportDialog, ExportRequest, Only
from tongue_viewer.ui.dialogs.result_dialog import ResultDialog
from tongue_viewer.ui.main_window import MainWindow
from tongue_viewer.ui.message_bar import Kind
from tongue_viewer.workers.job_runner import JobFailure


class WorkShown(QObject):
    """Asks for exports, shows what runs (export, then import, then prediction), and cancels what is shown."""

    def __init__(
        self,
        window: MainWindow,
        predictions: PredictionDesk,
        exports: ExportDesk,
        imports: ImportDesk,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._predictions, self._exports = window, predictions, exports
        self._imports = imports
        self._plan = ExportPlan()
        self._predicting: Progress | None = None
        self._exporting: Progress | None = None
        self._importing: Progress | None = None
        self._finished: ExportFinished | None = None
        window.status_line.cancel_requested.connect(self._on_cancel)
        window.table["cancel"].triggered.connect(self._on_cancel)
        window.table["export_folder"].triggered.connect(self._on_export_folder)
        window.table["export_photo"].triggered.connect(self._on_export_photo)
        window.messages.action_requested.connect(self._on_message_action)
        predictions.progress_changed.connect(self._on_predicting)
        predictions.folder_done.connect(self._on_folder_done)
        exports.progress_changed.connect(self._on_exporting)
        imports.progress_changed.connect(self._on_importing)
        exports.export_finished.connect(self._on_exported)
        exports.problem.connect(self._on_problem)
        window.table["cancel"].setEnabled(False)

    def ask(self, *, this_photo: bool) -> None:
        """Show the export dialog; not while the screen shows something that would not be exported."""
        folder = self._window.folder
        if folder is None or self._window.in_hand.refuses():
            return
        model = self._window.photos.model
        choices: list[tuple[Only, str]] = [
            ("all", f"All {model.rowCount()} photos"),
            ("edited", "Painted, edited or reviewed ones"),
            ("reviewed", "Reviewed ones only"),
        ]
        current = self._window.photos.current
        if current is not None:
            choices.insert(0 if this_photo else len(choices), ("photo", f"This photo ({current.name})"))
        dialog = ExportDialog(self._plan, folder.parent / f"{folder.name}-masks", choices, self._window)
        dialog.export_requested.connect(self._on_export_requested)
        dialog.open()

    def _show(self) -> None:
        progress = self._exporting or self._importing or self._predicting
        self._window.status_line.show_progress(progress)
        self._window.table["cancel"].setEnabled(progress is not None)

    @Slot()
    def _on_export_folder(self) -> None:
        self.ask(this_photo=False)

    @Slot()
    def _on_export_photo(self) -> None:
        self.ask(this_photo=True)

    @Slot(object)
    def _on_export_requested(self, request: ExportRequest) -> None:
        self._plan = request.plan
        folder = self._window.folder
        if folder is not None:
            self._exports.start(request, folder, self._window.photos.current)

    @Slot()
    def _on_cancel(self) -> None:
        if self._exporting is not None:
            self._exports.cancel()
        elif self._importing is not None:
            self._imports.cancel()
        else:
            self._predictions.cancel()

    @Slot(object)
    def _on_predicting(self, progress: Progress | None) -> None:
        self._predicting = progress
        self._show()

    @Slot(object)
    def _on_exporting(self, progress: Progress | None) -> None:
        self._exporting = progress
        self._show()

    @Slot(object)
    def _on_importing(self, progress: Progress | None) -> None:
        self._importing = progress
        self._show()

    @Slot(int, int)
    def _on_folder_done(self, done: int, failed: int) -> None:
        text = f"{done} {'photo has' if done == 1 else 'photos have'} a mask of the model."
        if failed:
            text += f" {failed} could not be read; the list marks them with △ and the reason."
        kind: Kind = "problem" if failed else "info"
        self._window.messages.show_message(text, kind, word="predicted", brief=not failed)

    @Slot(object)
    def _on_exported(self, finished: ExportFinished) -> None:
        self._finished = finished
        failed = failed_files(finished)
        button = "Show failed files" if failed else ""
        kind: Kind = "problem" if failed else "info"
        self._window.messages.show_message(export_text(finished), kind, button, "failed_files")

    @Slot(object)
    def _on_problem(self, failure: JobFailure) -> None:
        self._window.messages.show_message(failure_text(failure), "problem", word="export")

    @Slot(str)
    def _on_message_action(self, word: str) -> None:
        if word == "failed_files" and self._finished is not None:
            ResultDialog(export_text(self._finished), failed_files(self._finished), self._window).open()

    @property
    def last_export(self) -> Path | None:
        """The folder that was written last."""
        return self._finished.out if self._finished else None

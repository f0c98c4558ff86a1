"""A damaged case database in the window: says so with a button, asks, repairs, opens a folder again that is still open."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from tongue_viewer.app.case_desk import CaseDesk
from tongue_viewer.app.export_desk import failure_text
from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import StoreCorruptError
from tongue_viewer.core.events import CaseFailed, FolderListed, JobEvent, RescueFinished
from tongue_viewer.core.exports import FileResult
from tongue_viewer.core.rescue import RescueReport
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.rescue import rescue_folder
from tongue_viewer.ui.dialogs.result_dialog import ResultDialog
from tongue_viewer.ui.main_window import MainWindow
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket

_WORD = "repair"
_OLDER = "Its mask is an earlier one, or could not be shown to be the last one. Look at it."
_LOST = "Its mask is gone. Segment or paint it again; the damaged file is kept."


class RepairDesk(QObject):
    """Steps that could not be saved stay held meanwhile, and are saved into the repaired database.

    Signals:
        open_requested(Path): the folder, or the photo that was open, is to be opened again.
    """

    open_requested = Signal(object)

    def __init__(
        self,
        library: Library,
        cases: CaseDesk,
        predictions: PredictionDesk,
        window: MainWindow,
    ) -> None:
        super().__init__(cases)
        self._library, self._cases, self._predictions = library, cases, predictions
        self._window = window
        self._folder: Path | None = None
        self._shown: Path | None = None
        self._not_opened: Path | None = None
        self._repaired: tuple[JobTicket, Path] | None = None
        self._told = ""
        self._question: QMessageBox | None = None
        self._yes: QAbstractButton | None = None
        self._ticket = 0
        cases.folder_listed.connect(self._on_folder)
        cases.problem.connect(self._on_not_opened)
        cases.case_failed.connect(self._on_case_failed)
        cases.runner.reported.connect(self._on_event)
        cases.runner.failed.connect(self._on_failed)
        cases.runner.finished.connect(self._on_job_finished)
        predictions.runner.failed.connect(self._on_failed)
        window.messages.action_requested.connect(self._on_action)

    @property
    def question(self) -> QMessageBox | None:
        """The question that is on the screen."""
        return self._question

    def watch(self, runner: JobRunner) -> None:
        """Notice damage in the jobs of a further runner."""
        runner.failed.connect(self._on_failed)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        if failure.ticket.number == self._ticket:
            self._window.messages.show_message(failure_text(failure), "problem", "Try again", _WORD)
        elif isinstance(failure.error, StoreCorruptError) and failure.error.folder is not None:
            again = self._cases.saves.owns(failure.ticket) and failure.message == self._told
            if not again:
                self._tell(failure.message, failure.error.folder)

    @Slot(object)
    def _on_case_failed(self, failed: CaseFailed) -> None:
        if failed.damaged is not None:
            self._tell(failed.message, failed.damaged)

    def _tell(self, message: str, folder: Path) -> None:
        self._folder, self._told = folder, message
        self._window.messages.show_message(message, "problem", "Repair…", _WORD)

    @Slot(str)
    def _on_action(self, word: str) -> None:
        if word != _WORD or self._folder is None or self._question is not None:
            return
        text = f"Repair the case database of the folder “{self._folder.name}”?"
        box = QMessageBox(QMessageBox.Icon.Question, "tongue-viewer", text, parent=self._window)
        unsaved = len(self._cases.saves.unsaved)
        held = (
            f" The last changes to {unsaved} {'photo' if unsaved == 1 else 'photos'}, which are not saved yet, are"
            " saved into it afterwards."
            if unsaved
            else ""
        )
        box.setInformativeText(
            "What can be read of it, and of its copy, goes into a new one; where the newest mask of a photo is"
            " damaged, an earlier one of the same photo stands in for it, and you are told which. The damaged file is kept"
            f" beside it under another name, and the photos are not touched.{held}"
        )
        self._yes = box.addButton("Repair", QMessageBox.ButtonRole.AcceptRole)
        later = box.addButton("Not now", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(later)
        box.setEscapeButton(later)
        box.buttonClicked.connect(self._on_answer)
        box.finished.connect(self._on_finished)
        self._question = box
        box.open()

    @Slot(QAbstractButton)
    def _on_answer(self, button: QAbstractButton) -> None:
        if self._folder is None:
            return
        if button is not self._yes:
            self._window.messages.show_message(self._told, "problem", "Repair…", _WORD)
            return
        self._predictions.cancel()
        self._window.messages.show_message("The case database is being repaired …", "info", word="repairing")
        name = self._window.preferences.signed
        job = partial(rescue_folder, library=self._library, folder=self._folder, user_name=name)
        self._ticket = self._cases.runner.submit(job, f"Repair {self._folder.name}", durable=True).number

    @Slot()
    def _on_finished(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
        self._question = None

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        if not isinstance(event, RescueFinished):
            return
        self._told = ""
        self._window.messages.withdraw("repairing")
        self._cases.saves.retry()
        # Another folder may have been asked for meanwhile: that is known when the queue has come to here.
        self._repaired = self._cases.runner.submit(_nothing, "Go on after a repair"), event.folder
        ResultDialog(
            event.report.text,
            _named(event.report, event.folder),
            self._window,
            title="Repair",
            named="Photos to look at",
        ).open()

    @Slot(object)
    def _on_folder(self, listed: FolderListed) -> None:
        self._shown, self._not_opened = listed.folder, None

    @Slot(object)
    def _on_not_opened(self, failure: JobFailure) -> None:
        if isinstance(failure.error, StoreCorruptError):
            self._not_opened = failure.error.folder

    @Slot(object)
    def _on_job_finished(self, ticket: JobTicket) -> None:
        if self._repaired is None or ticket is not self._repaired[0]:
            return
        (_, folder), self._repaired = self._repaired, None
        if folder in (self._shown, self._not_opened):
            photo = self._cases.wanted
            inside = photo is not None and photo.parent == folder and photo.is_file()
            self.open_requested.emit(photo if inside else folder)


def _nothing(_token: CancelToken) -> Iterator[JobEvent]:
    yield from ()


def _named(report: RescueReport, folder: Path) -> list[FileResult]:
    lines = [FileResult(folder / name, error=_LOST) for name in report.lost]
    return lines + [FileResult(folder / name, error=_OLDER) for name in report.older]

"""Reads logs and earlier masks for the history panel, behind everything that is still to be saved."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from tongue_viewer.app.case_desk import CaseDesk
from tongue_viewer.core.events import EditSaved, HistoryExported, HistoryRead, JobEvent, RevisionRead
from tongue_viewer.core.history import CaseFigures, LogEntry
from tongue_viewer.editor.document import Document
from tongue_viewer.jobs.history import export_history, read_history, read_revision
from tongue_viewer.jobs.library import Library
from tongue_viewer.ui.main_window import MainWindow
from tongue_viewer.workers.job_runner import JobFailure, JobTicket

_PAUSE = 100  # milliseconds in which several saved steps are read together


class HistoryDesk(QObject):
    """Keeps the panel's log fresh while it is shown; one read at a time, of the mask only the latest."""

    def __init__(self, library: Library, cases: CaseDesk, document: Document, window: MainWindow) -> None:
        super().__init__(window)
        self._library, self._cases, self._document, self._window = library, cases, document, window
        self._control = window.history
        self._log: JobTicket | None = None
        self._outdated = False  # whether the log that is being read is not the last word
        self._mask: JobTicket | None = None
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._read)
        cases.runner.reported.connect(self._on_event)
        cases.runner.failed.connect(self._on_failed)
        cases.runner.finished.connect(self._on_finished)
        document.opened.connect(self._read)
        document.prediction_changed.connect(self._on_changed)
        self._control.log_wanted.connect(self._read)
        self._control.revision_wanted.connect(self._on_revision)
        self._control.export_wanted.connect(self._on_export)

    @Slot()
    def _read(self) -> None:
        """Read the log, behind the saves that wait; once more where one is being read already."""
        self._timer.stop()
        case_id = self._document.case_id
        if not self._control.is_open or self._cases.runner.closed:
            return
        if not case_id:  # of a folder without a database
            self._control.show_log(HistoryRead("", (), CaseFigures(0, 0.0)))
            return
        self._outdated = self._log is not None
        if self._outdated:
            return
        job = partial(
            read_history,
            library=self._library,
            folder=self._cases.folder,
            case_id=case_id,
        )
        self._log = self._cases.runner.submit(job, "Read the history")

    @Slot()
    def _on_changed(self) -> None:
        if self._control.is_open and not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def _on_revision(self, entry: LogEntry) -> None:
        if self._mask is not None:
            self._mask.cancel()
        job = partial(
            read_revision,
            library=self._library,
            folder=self._cases.folder,
            case_id=entry.case_id,
            number=entry.number,
        )
        self._mask = self._cases.runner.submit(job, "Read an earlier mask")

    @Slot(object)
    def _on_export(self, out: Path) -> None:
        path = self._document.path
        if path is None or not self._document.case_id:
            return
        job = partial(
            export_history,
            library=self._library,
            folder=self._cases.folder,
            case_id=self._document.case_id,
            name=path.name,
            out=out,
        )
        self._cases.runner.submit(job, "Export the history")

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        match event:
            case EditSaved():
                if event.summary.case_id == self._document.case_id:
                    self._on_changed()
            case HistoryRead():
                self._control.show_log(event)
            case RevisionRead():
                self._control.show_revision(event)
            case HistoryExported():
                self._window.messages.show_message(exported_text(event), word="history")

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        """Why is told by the desk of the cases; what cannot be shown is not pointed at."""
        if failure.ticket is self._mask:
            self._control.close()

    @Slot(object)
    def _on_finished(self, ticket: JobTicket) -> None:
        if ticket is self._log:
            self._log = None
            if self._outdated:
                self._read()
        elif ticket is self._mask:
            self._mask = None


def exported_text(event: HistoryExported) -> str:
    """What was written, in words for people."""
    table, lines = event.files
    entries = f"{event.entries} {'entry' if event.entries == 1 else 'entries'}"
    return f"The history of this photo ({entries}) was written to {table}, and as JSON lines to {lines.name}."

"""Export: asks how, waits for the last stroke to be saved, writes, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.events import ExportFinished, JobEvent, Progress
from tongue_viewer.core.exports import FileResult
from tongue_viewer.jobs.export import NO_MASK, export_folder
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import Only
from tongue_viewer.ui.dialogs.export_dialog import ExportRequest
from tongue_viewer.workers.job_runner import Job, JobFailure, JobRunner, JobTicket, Policy


class ExportDesk(QObject):
    """Runs exports in a thread of their own, so that painting and saving go on meanwhile.

    An empty job in the queue of the saves goes ahead of each export: when it comes back, everything that was
    painted before the export was asked for is on the disk.

    Signals:
        progress_changed(object): `Progress`, or None.
        export_finished(ExportFinished): all files were tried.
        problem(JobFailure): nothing, or not all, could be written.
    """

    progress_changed = Signal(object)
    export_finished = Signal(object)
    problem = Signal(object)

    def __init__(self, library: Library, saves: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._library, self._saves = library, saves
        self.runner = JobRunner(Policy.IN_ORDER, "export", self)
        self.runner.reported.connect(self._on_event)
        self.runner.failed.connect(self.problem)
        self.runner.finished.connect(self._on_exported)
        saves.finished.connect(self._on_saves_passed)
        self._waiting: dict[int, Job] = {}

    @property
    def busy(self) -> bool:
        """Whether an export runs or waits."""
        return bool(self._waiting) or not self.runner.idle

    def start(self, request: ExportRequest, folder: Path, photo: Path | None) -> None:
        """Export from the database of `folder`; `photo` is meant by the request's "photo"."""
        only: Only | tuple[Path, ...]
        only = (() if photo is None else (photo,)) if request.only == "photo" else request.only
        job = partial(
            export_folder, library=self._library, folder=folder, out=request.out, plan=request.plan, only=only
        )
        ticket = self._saves.submit(_nothing, "Wait for the saves", durable=True)
        self._waiting[ticket.number] = job
        self.progress_changed.emit(Progress("Exporting …", 0, 0))

    @Slot()
    def cancel(self) -> None:
        """Stop; what is written stays."""
        self._waiting.clear()
        self.runner.cancel()
        self.progress_changed.emit(None)

    def shutdown(self) -> None:
        """Stop and end the thread."""
        self.cancel()
        self.runner.shutdown(finish=False)

    @Slot(object)
    def _on_saves_passed(self, ticket: JobTicket) -> None:
        job = self._waiting.pop(ticket.number, None)
        if job is not None:
            self.runner.submit(job, "Export")

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        if isinstance(event, Progress):
            self.progress_changed.emit(event)
        elif isinstance(event, ExportFinished):
            self.export_finished.emit(event)

    @Slot(object)
    def _on_exported(self, _ticket: JobTicket) -> None:
        if not self.busy:
            self.progress_changed.emit(None)


def _nothing(token: CancelToken) -> Iterator[JobEvent]:
    token.check()
    return iter(())


def failed_files(finished: ExportFinished) -> tuple[FileResult, ...]:
    """The results that are errors; a photo that has no mask yet is none."""
    return tuple(result for result in finished.results if result.error and result.error != NO_MASK)


def export_text(finished: ExportFinished) -> str:
    """For example "300 photos exported to …; 2 failed." in words for people."""
    failed = len(failed_files(finished))
    without = sum(result.error == NO_MASK for result in finished.results)
    done = sum(bool(result.written) for result in finished.results)
    parts = [f"{done} {'photo' if done == 1 else 'photos'} exported to {finished.out}"]
    if without:
        parts.append(f"{without} without a mask")
    if failed:
        parts.append(f"{failed} failed")
    text = "; ".join(parts) + "."
    return f"{text} The export was stopped; what is written stays." if finished.cancelled else text


def failure_text(failure: JobFailure) -> str:
    """A failure in words; a fault of the program names the log."""
    if failure.expected:
        return failure.message
    return (
        f"{failure.label} failed by a fault of the program ({failure.message}). Your photos and saved masks "
        "are safe. Help ▸ Open the log folder shows more; please send it to us."
    )

"""Folders, loads and saves: everything that goes through the queue in which nothing is dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseState, EditStep
from tongue_viewer.core.errors import PhotoError
from tongue_viewer.core.events import (
    CaseFailed,
    CaseLoaded,
    EditSaved,
    FolderListed,
    JobEvent,
    SummaryChanged,
)
from tongue_viewer.editor.document import Document
from tongue_viewer.jobs.cases import load_case, save_step
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.open_folder import open_folder
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket, Policy


@dataclass(frozen=True, eq=False)
class PendingStep:
    """A step on its way to the disk: of which photo, into which folder's database."""

    path: Path
    folder: Path
    step: EditStep


class CaseDesk(QObject):
    """Opens folders and cases, saves steps.

    A step that could not be saved is kept, shown again when its photo is opened, and tried again.

    Signals:
        folder_listed(FolderListed): another folder is open.
        case_loaded(CaseState): the wanted photo is ready.
        case_failed(CaseFailed): the wanted photo cannot be shown.
        summary_changed(CaseSummary): a line of the list changed.
        wanted_changed(Path): another photo is asked for.
        saving_changed(): something was sent to the disk, arrived there, or failed.
        save_failed(str): a step could not be saved; the reason.
        problem(JobFailure): a folder could not be opened, or a fault of the program.
    """

    folder_listed = Signal(object)
    case_loaded = Signal(object)
    case_failed = Signal(object)
    summary_changed = Signal(object)
    wanted_changed = Signal(object)
    saving_changed = Signal()
    save_failed = Signal(str)
    problem = Signal(object)

    def __init__(self, library: Library, document: Document, user_name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._library, self._document, self._user_name = library, document, user_name
        document.step_made.connect(self._on_step)
        self.runner = JobRunner(Policy.IN_ORDER, "cases", self)
        self.runner.reported.connect(self._on_event)
        self.runner.failed.connect(self._on_failed)
        self.runner.finished.connect(self._on_finished)
        self._wanted: Path | None = None
        self._arrived = False
        self._loads: list[JobTicket] = []
        self._saving: dict[int, PendingStep] = {}
        self._unsaved: dict[Path, PendingStep] = {}
        self._folder = Path()
        self.saved_at = 0.0

    @property
    def wanted(self) -> Path | None:
        """The photo that is open or on its way."""
        return self._wanted

    @property
    def waiting(self) -> int:
        """How many steps are on their way to the disk."""
        return len(self._saving)

    @property
    def unsaved(self) -> Mapping[Path, PendingStep]:
        """The last step of each photo whose saving failed."""
        return self._unsaved

    def is_saving(self, path: Path) -> bool:
        """Whether a step of this photo is on its way to the disk."""
        return any(pending.path == path for pending in self._saving.values())

    def open_folder(self, path: Path) -> None:
        """Ask for a folder, or for a photo and its folder."""
        job = partial(open_folder, library=self._library, folder=path, user_name=self._user_name)
        self.runner.submit(job, f"Open {path.name or path}")

    def want(self, path: Path) -> None:
        """Ask for a photo of the folder; an earlier wish that is still on its way is dropped."""
        self._cancel_loads()
        self._wanted = path
        self._arrived = (
            path == self._document.path
        )  # back to what is still shown: nothing is read, undo stays
        if not self._arrived:
            self._retry(path)
            job = partial(load_case, library=self._library, path=path)
            self._loads.append(self.runner.submit(job, f"Open {path.name}"))
        self.wanted_changed.emit(path)

    def decode_ahead(self, path: Path) -> None:
        """Decode a photo that will probably be wanted next, so that it is shown at once then."""
        job = partial(_decode, library=self._library, path=path)
        self._loads.append(self.runner.submit(job, f"Decode {path.name}"))

    @Slot()
    def retry(self) -> None:
        """Try again to save what failed."""
        for path in list(self._unsaved):
            self._retry(path)

    def finish(self) -> None:
        """Block until every step is on the disk or has failed."""
        self.runner.cancel()
        self.runner.wait_until_done()

    def shutdown(self) -> None:
        """End the thread; steps that wait are still saved."""
        self.runner.shutdown(finish=True)

    def _cancel_loads(self) -> None:
        for ticket in self._loads:
            ticket.cancel()
        self._loads.clear()

    def _retry(self, path: Path) -> None:
        """Save the kept step, unless a newer one is on its way: an older mask never follows a newer one."""
        kept = self._unsaved.get(path)
        if kept is not None and not self.is_saving(path):
            self._save(kept)

    def _save(self, pending: PendingStep) -> None:
        job = partial(save_step, library=self._library, folder=pending.folder, step=pending.step)
        ticket = self.runner.submit(job, f"Save {pending.path.name}", durable=True)
        self._saving[ticket.number] = pending
        self.saving_changed.emit()

    @Slot(object)
    def _on_step(self, step: EditStep) -> None:
        if self._document.path is not None:
            self._save(PendingStep(self._document.path, self._folder, step))

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        match event:
            case FolderListed():
                self._wanted, self._arrived = None, False
                self._cancel_loads()
                self.folder_listed.emit(event)
            case CaseLoaded():
                # Only the first answer to a wish: another one would take back what was painted meanwhile.
                if event.state.summary.path == self._wanted and not self._arrived:
                    self._arrived = True
                    self._folder = event.folder
                    self.case_loaded.emit(self._with_unsaved(event.state))
            case CaseFailed():
                if event.path == self._wanted:
                    self.case_failed.emit(event)
            case SummaryChanged():
                self.summary_changed.emit(event.summary)
            case EditSaved():
                self.saved_at = event.at
                self.summary_changed.emit(event.summary)

    def _with_unsaved(self, state: CaseState) -> CaseState:
        """What stands only in memory is newer than what the disk holds."""
        pending = self._unsaved.get(state.summary.path)
        if pending is None or pending.step.mask.shape != state.photo.shape:
            return state
        step = pending.step
        summary = replace(state.summary, status=step.status, note=step.note)
        return replace(state, summary=summary, mask=step.mask, origin=step.origin)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        pending = self._saving.pop(failure.ticket.number, None)
        if pending is None:
            self.problem.emit(failure)
            return
        known = self._unsaved.get(pending.path)
        if known is None or known.step.revision <= pending.step.revision:
            self._unsaved[pending.path] = pending
        self.saving_changed.emit()
        self.save_failed.emit(failure.message)

    @Slot(object)
    def _on_finished(self, ticket: JobTicket) -> None:
        pending = self._saving.pop(ticket.number, None)
        if pending is None:
            return
        known = self._unsaved.get(pending.path)
        if known is not None and known.step.revision <= pending.step.revision:
            del self._unsaved[pending.path]
        self.saving_changed.emit()


def _decode(token: CancelToken, *, library: Library, path: Path) -> Iterator[JobEvent]:
    token.check()
    with contextlib.suppress(PhotoError):  # told when the photo is opened
        library.photo(path)
    yield from ()

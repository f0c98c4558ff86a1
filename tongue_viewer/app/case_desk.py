"""Folders, loads and saves: everything that goes through the queue in which nothing is dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tongue_viewer.app.save_queue import PendingStep, SaveQueue
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseState, EditStep
from tongue_viewer.core.errors import PhotoError, StoreError
from tongue_viewer.core.events import (
    CaseFailed,
    CaseLoaded,
    EditSaved,
    FolderListed,
    JobEvent,
    SummaryChanged,
)
from tongue_viewer.editor.document import Document
from tongue_viewer.jobs.cases import load_case
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.open_folder import open_folder
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket, Policy

_RELOAD_MS = 200


class CaseDesk(QObject):
    """Opens folders and cases, saves steps.

    A step that could not be saved is held by `saves`, and shown again when its photo is opened.

    Signals:
        folder_listed(FolderListed): another folder is open.
        case_loaded(CaseState): the wanted photo is ready.
        case_failed(CaseFailed): the wanted photo cannot be shown.
        summary_changed(CaseSummary): a line of the list changed.
        wanted_changed(Path): another photo is asked for.
        offered(MaskOffer): the photo that was just shown could have a mask that lies elsewhere.
        reloaded(CaseState): the open photo again, after something else than the editor changed its case.
        problem(JobFailure): a folder could not be opened, or a fault of the program.
    """

    folder_listed = Signal(object)
    case_loaded = Signal(object)
    case_failed = Signal(object)
    summary_changed = Signal(object)
    wanted_changed = Signal(object)
    reloaded = Signal(object)
    offered = Signal(object)
    problem = Signal(object)

    def __init__(self, library: Library, document: Document, user_name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._library, self._document, self._user_name = library, document, user_name
        document.step_made.connect(self._on_step)
        self.runner = JobRunner(Policy.IN_ORDER, "cases", self)
        self.runner.reported.connect(self._on_event)
        self.runner.failed.connect(self._on_failed)
        self.saves = SaveQueue(library, self.runner, self)
        self._wanted: Path | None = None
        self._arrived = False
        self._loads: list[JobTicket] = []
        self._reload: JobTicket | None = None
        self._reload_revision = 0
        self._folder, self._writable = Path(), True

    @property
    def wanted(self) -> Path | None:
        """The photo that is open or on its way."""
        return self._wanted

    @property
    def folder(self) -> Path:
        """The folder that the open case was loaded from."""
        return self._folder

    def set_user_name(self, user_name: str) -> None:
        """Write this name into the history of every step from now on."""
        self._user_name = user_name
        self._library.set_user_name(user_name)

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
            self.saves.retry_photo(path)
            job = partial(load_case, library=self._library, path=path)
            self._loads.append(self.runner.submit(job, f"Open {path.name}"))
        self.wanted_changed.emit(path)

    def decode_ahead(self, path: Path) -> None:
        """Decode a photo that will probably be wanted next and make its case, so that it is shown at once then."""
        job = partial(_look_ahead, library=self._library, path=path)
        self._loads.append(self.runner.submit(job, f"Decode {path.name}"))

    @Slot()
    def reload(self) -> None:
        """Read the open photo's case again: something else than the editor has changed it in the store.

        What the person does meanwhile counts: then it is read once more, behind the saving of that.
        """
        path = self._document.path
        if path is not None:
            self._reload_revision = self._document.revision
            job = partial(load_case, library=self._library, path=path, folder=self._folder)
            self._reload = self.runner.submit(job, f"Read {path.name} again")

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

    @Slot(object)
    def _on_step(self, step: EditStep) -> None:
        # In a folder that is open read-only nothing is kept, as its note says: a step that waited for the right to write
        # would take the place of what somebody else has done meanwhile.
        if self._document.path is not None and self._writable:
            self.saves.put(PendingStep(self._document.path, self._folder, step))

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        match event:
            case FolderListed():
                self._wanted, self._arrived, self._writable = None, False, event.writable
                self._cancel_loads()
                self.folder_listed.emit(event)
            case CaseLoaded():
                # Only the first answer to a wish: another one would take back what was painted meanwhile.
                if event.state.summary.path == self._wanted and not self._arrived:
                    self._arrived = True
                    self._folder = event.folder
                    self.case_loaded.emit(self._with_unsaved(event.state))
                    if event.offer is not None and event.state.summary.path not in self.saves.unsaved:
                        self.offered.emit(event.offer)
                elif self._reload is not None and event.state.summary.path == self._document.path:
                    self._show_again(event.state)
            case CaseFailed():
                if event.path == self._wanted:
                    self.case_failed.emit(event)
            case SummaryChanged():
                self.summary_changed.emit(event.summary)
            case EditSaved():
                self.summary_changed.emit(event.summary)

    def _show_again(self, state: CaseState) -> None:
        self._reload = None
        self._document.leaving.emit()  # what is being typed is a step, too
        if self._document.revision != self._reload_revision or self._document.stroke_in_hand:
            QTimer.singleShot(_RELOAD_MS, self.reload)
        else:
            self.summary_changed.emit(state.summary)
            self.reloaded.emit(self._with_unsaved(state))

    def _with_unsaved(self, state: CaseState) -> CaseState:
        """What stands only in memory is newer than what the disk holds."""
        pending = self.saves.unsaved.get(state.summary.path)
        if pending is None or pending.step.mask.shape != state.photo.shape:
            return state
        if pending.step.case_id != state.summary.case_id:  # the photo has another content by now
            return state
        step = pending.step
        summary = replace(state.summary, status=step.status, note=step.note)
        return replace(state, summary=summary, mask=step.mask, origin=step.origin, undo=None)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        if not self.saves.owns(failure.ticket):
            self.problem.emit(failure)


def _look_ahead(token: CancelToken, *, library: Library, path: Path) -> Iterator[JobEvent]:
    token.check()
    with contextlib.suppress(PhotoError, StoreError), library.use() as store:  # told when the photo is opened
        # A new case is a commit: milliseconds of waiting for the disk that nobody waits for here.
        store.load(library.photo(path))
    yield from ()

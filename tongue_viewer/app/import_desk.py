"""Import of masks: looks through their folder in a thread of its own, then takes them in among the saves."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.app.case_desk import CaseDesk
from tongue_viewer.core.events import JobEvent, Progress
from tongue_viewer.core.exports import FileResult
from tongue_viewer.core.imports import (
    ImportChoice,
    ImportFinished,
    ImportScanned,
    MaskImported,
    MaskPair,
    MaskRefused,
)
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.imports import take_import
from tongue_viewer.jobs.import_masks import import_mask
from tongue_viewer.jobs.import_scan import scan_folder
from tongue_viewer.jobs.library import Library
from tongue_viewer.workers.job_runner import JobRunner, JobTicket, Policy

UNSAVED = "The last change to {name} could not be saved yet, so its mask was not replaced. Save it first (Try again)."
FAULT = "It failed by a fault of the program; the mask that the photo had is safe. The log shows more."


@dataclass
class _Run:
    """An import under way.

    Attributes:
        queue: what is still to be sent.
        at_work: what was sent last, until its answer is there.
    """

    folder: Path
    choice: ImportChoice
    queue: deque[MaskPair]
    total: int
    at_work: MaskPair | None = None
    ticket: JobTicket | None = None
    imported: int = 0
    kept: int = 0
    failed: list[FileResult] = field(default_factory=list)
    begin: float = field(default_factory=time.monotonic)

    def fail(self, photo: Path, reason: str) -> None:
        self.failed.append(FileResult(photo, error=reason))

    def progress(self) -> Progress:
        done = self.imported + self.kept + len(self.failed)
        left = (time.monotonic() - self.begin) / done * (self.total - done) if done else None
        return Progress("Importing", done, self.total, left)


class ImportDesk(QObject):
    """One mask at a time goes through the queue of the loads and saves, so that those never wait for a whole folder.

    No step is overtaken: a mask is sent only when no step of its photo is on its way, and every step made after that
    stands behind it. A photo that is opened after it is read after it. One that was open, or was being read, is told
    by `take_import`, whose step follows all others. A photo with a change that could not be saved is left alone.

    Signals:
        scan_progressed(Progress): the folder of masks is being read.
        scanned(ImportScanned): it was read.
        scan_failed(JobFailure): it cannot be read.
        progress_changed(object): `Progress` of the import, or None.
        summary_changed(CaseSummary): a line of the list changed.
        import_finished(ImportFinished): all masks were tried, or it was stopped.
    """

    scan_progressed = Signal(object)
    scanned = Signal(object)
    scan_failed = Signal(object)
    progress_changed = Signal(object)
    summary_changed = Signal(object)
    import_finished = Signal(object)

    def __init__(self, library: Library, document: Document, cases: CaseDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._library, self._document, self._cases = library, document, cases
        self.scans = JobRunner(Policy.LATEST_WINS, "import scan", self)
        self.scans.reported.connect(self._on_scan_event)
        self.scans.failed.connect(self.scan_failed)
        cases.runner.reported.connect(self._on_event)
        cases.runner.finished.connect(self._on_finished)
        cases.saves.saving_changed.connect(self._on_saving)
        self._run: _Run | None = None

    @property
    def busy(self) -> bool:
        """Whether an import runs."""
        return self._run is not None

    def scan(self, folder: Path, masks: Path) -> None:
        """Look through a folder of masks for the photos of `folder`; an earlier look is given up."""
        self.scans.submit(
            partial(scan_folder, library=self._library, folder=folder, masks=masks), "Read masks"
        )

    @Slot()
    def stop_scan(self) -> None:
        """Give the look up."""
        self.scans.cancel()

    def start(self, folder: Path, pairs: Iterable[MaskPair], choice: ImportChoice) -> None:
        """Import into the database of `folder`; not while another import runs."""
        # The open photo first: before anything new is painted on it.
        ordered = sorted(pairs, key=lambda pair: pair.photo != self._document.path)
        if self._run is None and ordered:
            self._run = _Run(folder, choice, deque(ordered), len(ordered))
            self._next(self._run)

    @Slot()
    def cancel(self) -> None:
        """Stop after the mask in hand; what was taken in stays."""
        run = self._run
        if run is not None:
            run.queue.clear()
            if run.ticket is None:
                self._finish(run)

    def shutdown(self) -> None:
        """Stop and end the thread of the looks; the mask in hand is still taken in."""
        self.cancel()
        self.scans.shutdown(finish=False)

    def _next(self, run: _Run) -> None:
        while run.queue and run.queue[0].photo in self._cases.saves.unsaved:
            photo = run.queue.popleft().photo
            run.fail(photo, UNSAVED.format(name=photo.name))
        self.progress_changed.emit(run.progress())
        if not run.queue:
            self._finish(run)
        elif not self._cases.saves.is_saving(run.queue[0].photo):
            run.at_work = pair = run.queue.popleft()
            job = partial(import_mask, library=self._library, folder=run.folder, pair=pair, choice=run.choice)
            # Durable: closing the window waits for it instead of dropping it unseen.
            run.ticket = self._cases.runner.submit(job, f"Import {pair.mask.name}", durable=True)

    def _finish(self, run: _Run) -> None:
        self._run = None
        left = run.total - run.imported - run.kept - len(run.failed)
        self.progress_changed.emit(None)
        self.import_finished.emit(
            ImportFinished(run.folder, run.imported, run.kept, tuple(run.failed), max(0, left))
        )

    @Slot()
    def _on_saving(self) -> None:
        if self._run is not None and self._run.ticket is None:
            self._next(self._run)

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        run = self._run
        if run is None or run.at_work is None:
            return
        if isinstance(event, MaskImported):
            run.imported, run.at_work = run.imported + 1, None
            take_import(self._document, event, overwrite=run.choice.overwrite)
            self.summary_changed.emit(event.summary)
        elif isinstance(event, MaskRefused):
            run.at_work = None
            if event.kept:
                run.kept += 1
            else:
                run.fail(event.photo, event.reason)
            if event.fatal:
                run.queue.clear()

    @Slot(object)
    def _on_finished(self, ticket: JobTicket) -> None:
        run = self._run
        if run is None or ticket is not run.ticket:
            return
        run.ticket = None
        if run.at_work is not None:
            run.fail(run.at_work.photo, FAULT)
            run.at_work = None
        self._next(run)

    @Slot(object)
    def _on_scan_event(self, event: JobEvent) -> None:
        if isinstance(event, Progress):
            self.scan_progressed.emit(event)
        elif isinstance(event, ImportScanned):
            self.scanned.emit(event)


def import_text(finished: ImportFinished) -> str:
    """For example "20 masks imported; 2 photos kept the mask that a person made." in words for people."""
    parts = [f"{finished.imported} {'mask' if finished.imported == 1 else 'masks'} imported"]
    if finished.kept:
        photos = (
            "1 photo keeps its mask" if finished.kept == 1 else f"{finished.kept} photos keep their masks"
        )
        parts.append(f"{photos} made by hand")
    if finished.failed:
        parts.append(f"{len(finished.failed)} could not be taken")
    if finished.left:
        parts.append(f"{finished.left} were not tried")
    return "; ".join(parts) + "."

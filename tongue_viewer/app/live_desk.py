"""Folders of masks that are kept in step: what changed is written by a runner of its own, the newest state only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.app.export_desk import failure_text
from tongue_viewer.core.cases import CaseState, CaseSummary
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.events import FolderListed, JobEvent
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.core.live import ForeignFile, LiveReport, LiveState
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.live_export import LiveFolder
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket, Policy


@dataclass
class _Followed:
    """One folder of photos whose masks are kept in step.

    Attributes:
        live: writes.
        look: whether the whole folder has to be looked through.
        changed: cases to write as soon as the runner is free.
        behind: cases whose writing failed; they go along with the next change.
        replacing: cases whose file may be replaced although somebody else changed it.
        foreign: case_id → file that was left alone.
        reason: why writing failed, "" if it did not.
        held: whether a look waits for a change, or for the person, because it failed.
        fresh: whether it was switched on just now and has not been written as a whole yet.
    """

    live: LiveFolder
    look: bool = True
    changed: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)
    replacing: set[str] = field(default_factory=set)
    foreign: dict[str, ForeignFile] = field(default_factory=dict)
    reason: str = ""
    held: bool = False
    fresh: bool = False

    @property
    def owes(self) -> bool:
        """Whether masks are missing that the person counts on."""
        return bool(self.changed or self.behind or (self.fresh and self.look))

    def state(self, *, working: bool) -> LiveState:
        """What the person is shown."""
        behind = 0 if working and not self.reason else len(self.behind)
        return LiveState(self.live.out, working, behind, len(self.foreign), self.reason)

    def take(self, report: LiveReport, cases: frozenset[str] | None) -> tuple[ForeignFile, ...]:
        """Note what came of a job for some cases (None: for all); the foreign files that are new."""
        before = self.foreign
        tried = before.keys() | self.behind if report.whole else cases or frozenset()
        kept = {key: file for key, file in before.items() if key not in tried}
        self.foreign = kept | {file.case_id: file for file in report.foreign}
        self.behind = (self.behind - tried) | report.behind
        self.replacing -= tried
        if report.whole:
            self.look = self.fresh = False
        return tuple(file for key, file in self.foreign.items() if key not in before)


@dataclass(frozen=True)
class _AtWork:
    ticket: JobTicket
    followed: _Followed
    cases: frozenset[str] | None

    def stale(self, known: Mapping[Path, _Followed]) -> bool:
        """Whether the folder was switched off, or on anew, while this ran."""
        return known.get(self.followed.live.folder) is not self.followed


class LiveDesk(QObject):
    """Hears of every change of a case that is on disk, and writes its mask.

    One job at a time: while it runs, the changes of a case add up to one write of its newest state, which is read from
    the database.

    Signals:
        state_changed(LiveState): of the open folder.
        folders_changed(): a folder was switched on or off (`folders`).
        failed(str): masks could not be written; the reason. Once, until writing works again.
        recovered(): it works again.
        foreign_found(tuple): files that somebody else changed (`ForeignFile`) and that were not known so far.
        refused(str): a folder of masks cannot be used, and was switched off; the reason.
    """

    state_changed = Signal(object)
    folders_changed = Signal()
    failed = Signal(str)
    recovered = Signal()
    foreign_found = Signal(object)
    refused = Signal(str)

    def __init__(self, library: Library, folders: Mapping[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._library = library
        self._folders = dict(folders)
        self._followed: dict[Path, _Followed] = {}
        self._folder: Path | None = None
        self._at_work: _AtWork | None = None
        self._leaving = False
        self.runner = JobRunner(Policy.IN_ORDER, "masks folder", self)
        self.runner.reported.connect(self._on_event)
        self.runner.failed.connect(self._on_failed)
        self.runner.finished.connect(self._on_finished)

    @property
    def folders(self) -> Mapping[str, str]:
        """Folder of photos → folder of masks, of all that are switched on."""
        return self._folders

    @property
    def _current(self) -> _Followed | None:
        return self._followed.get(self._folder) if self._folder else None

    def switch_on(self, out: Path, plan: ExportPlan) -> None:
        """Keep the masks of the open folder in step in `out`."""
        if self._folder is not None:
            live = LiveFolder(self._folder, out, plan, new=True)
            self._followed[self._folder] = _Followed(live, fresh=True)
            self._folders[str(self._folder)] = str(out)
            self.folders_changed.emit()
            self._go_on()

    def switch_off(self) -> None:
        """Leave the masks of the open folder as they are from now on."""
        if self._folder is not None:
            self._forget(self._folder)
            self._go_on()

    @Slot(object)
    def show_folder(self, listed: FolderListed) -> None:
        """Another folder is open: what is out of step there is written."""
        self._folder = listed.folder
        out = self._folders.get(str(listed.folder))
        if out and listed.writable:
            live = LiveFolder(listed.folder, Path(out))
            self._followed.setdefault(listed.folder, _Followed(live)).look = True
        work = self._at_work
        if work is not None and work.cases is None and work.followed is not self._current:
            work.ticket.cancel()
        self._go_on()

    @Slot(object)
    def note(self, summary: CaseSummary) -> None:
        """A case changed on disk."""
        followed = self._followed.get(summary.path.parent)
        if followed is not None and summary.case_id:
            followed.changed.add(summary.case_id)
            self._go_on()

    @Slot(object)
    def note_opened(self, state: CaseState) -> None:
        """A case was opened: its photo may have been renamed."""
        followed = self._followed.get(state.summary.path.parent)
        if followed is not None and not followed.live.follows(state.summary):
            self.note(state.summary)

    @Slot()
    def retry(self) -> None:
        """Try again to write what failed, and go on with what `finish` stopped."""
        self._leaving = False
        for followed in self._followed.values():
            followed.changed |= followed.behind
            followed.held = False
        self._go_on()

    @Slot()
    def replace_foreign(self) -> None:
        """Replace the files of the open folder that this program wrote and somebody else changed."""
        followed = self._current
        if followed is not None:
            followed.replacing |= {case_id for case_id, file in followed.foreign.items() if file.ours}
            followed.changed |= followed.replacing
            self._go_on()

    def finish(self) -> bool:
        """Block until the last changes are written or have failed; a look at a whole folder is stopped.

        Returns:
            Whether the person need not be told of anything: all is written, but for files that were missing when the
            folder was opened. They are written when it is opened the next time. `retry` goes on with it.
        """
        self._leaving = True
        self.runner.cancel()
        self._go_on()
        while not self.runner.idle:
            self.runner.wait_until_done()
        return not any(followed.owes for followed in self._followed.values())

    def shutdown(self) -> None:
        """Write the last changes and end the thread."""
        self.finish()
        self.runner.shutdown(finish=True)

    def _go_on(self) -> None:
        """Start the next job if there is something to do and nothing runs."""
        if self._at_work is None and not self.runner.closed:
            for followed in self._followed.values():
                whole = followed.look and followed is self._current and not (followed.held or self._leaving)
                if whole or followed.changed:
                    self._submit(followed, whole=whole)
                    break
        self._tell()

    def _submit(self, followed: _Followed, *, whole: bool) -> None:
        followed.behind |= followed.changed  # until the report says better
        followed.changed = set()
        cases = None if whole else frozenset(followed.behind)
        job = partial(
            followed.live.write, library=self._library, cases=cases, replacing=frozenset(followed.replacing)
        )
        # The last step must not be dropped when the window closes; a look can be made again.
        ticket = self.runner.submit(job, f"Write masks to {followed.live.out.name}", durable=not whole)
        self._at_work = _AtWork(ticket, followed, cases)

    def _forget(self, folder: Path) -> None:
        followed = self._followed.pop(folder, None)
        if self._at_work is not None and self._at_work.followed is followed:
            self._at_work.ticket.cancel()
        if self._folders.pop(str(folder), None) is not None:
            self.folders_changed.emit()

    def _tell(self) -> None:
        followed = self._current
        working = self._at_work is not None and self._at_work.followed is followed
        self.state_changed.emit(followed.state(working=working) if followed else LiveState())

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        work = self._at_work
        if work is None or work.stale(self._followed) or not isinstance(event, LiveReport):
            return
        new = work.followed.take(event, work.cases)
        self._take_reason(work.followed, event.failed[0].error if event.failed else "")
        if new:
            self.foreign_found.emit(new)

    def _take_reason(self, followed: _Followed, reason: str) -> None:
        was, followed.reason, followed.held = followed.reason, reason, bool(reason)
        if reason and not was:
            self.failed.emit(reason)
        elif was and not reason:
            self.recovered.emit()

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        work = self._at_work
        if work is None or work.stale(self._followed):
            return
        if work.followed.fresh and isinstance(failure.error, UsageError):
            self._forget(work.followed.live.folder)
            self.refused.emit(failure.message)
        else:
            self._take_reason(work.followed, failure_text(failure))

    @Slot(object)
    def _on_finished(self, ticket: JobTicket) -> None:
        if self._at_work is not None and ticket is self._at_work.ticket:
            self._at_work = None
            self._go_on()

"""Steps on their way to the disk: none is dropped, none overtakes another one of its photo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tongue_viewer.core.cases import EditStep
from tongue_viewer.core.events import EditSaved, JobEvent
from tongue_viewer.jobs.cases import save_steps
from tongue_viewer.jobs.library import Library
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket

RETRY_MS = 5000
"""A drive that comes back, or a disk with room again, is noticed after this time at the latest."""

_HELD_STEPS = 32
"""So many steps of a photo wait with a mask of their own; then the oldest becomes a part of the next one."""


@dataclass(frozen=True, eq=False)
class PendingStep:
    """A step on its way to the disk: of which photo, into which folder's database."""

    path: Path
    folder: Path
    step: EditStep


class SaveQueue(QObject):
    """Saves steps in their order; what failed is held, tried again by itself, and saved before anything newer.

    A step that was already on its way when an earlier one failed may still arrive. It holds the whole mask, so the
    earlier one is then part of it.

    Signals:
        saving_changed(): something was sent to the disk, arrived there, or failed.
        save_failed(str): steps could not be saved; the reason. Told again only where the reason changed or a person
            asked for another try.
    """

    saving_changed = Signal()
    save_failed = Signal(str)

    def __init__(self, library: Library, runner: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._library, self._runner = library, runner
        self._saving: dict[int, tuple[PendingStep, ...]] = {}
        self._held: dict[Path, list[PendingStep]] = {}
        self._failed: set[int] = set()
        self._told = ""
        self.saved_at = 0.0
        self._again = QTimer(self, interval=RETRY_MS)
        self._again.timeout.connect(self._try_again)
        runner.reported.connect(self._on_event)
        runner.failed.connect(self._on_failed)
        runner.finished.connect(self._on_finished)

    @property
    def waiting(self) -> int:
        """How many steps are on their way to the disk."""
        return sum(len(steps) for steps in self._saving.values())

    @property
    def unsaved(self) -> Mapping[Path, PendingStep]:
        """The newest step of each photo whose saving failed."""
        return {path: steps[-1] for path, steps in self._held.items()}

    def owns(self, ticket: JobTicket) -> bool:
        """Whether a job of the runner is the saving of steps, whose failure this queue tells."""
        return ticket.number in self._saving

    def put(self, pending: PendingStep) -> None:
        """Save a step, after those of its photo that failed."""
        if pending.path in self._held:
            self._hold([pending])
            self.retry_photo(pending.path)
        else:
            self._submit((pending,))

    @Slot()
    def retry(self) -> None:
        """A person asks to save what failed."""
        self._told = ""
        self._try_again()

    def retry_photo(self, path: Path) -> None:
        """Save what is held of a photo, unless a step of it is on its way: older never follows newer."""
        held = self._held.get(path)
        if held and not self.is_saving(path):
            self._submit(tuple(held))

    def is_saving(self, path: Path) -> bool:
        """Whether a step of this photo is on its way to the disk."""
        return any(steps[0].path == path for steps in self._saving.values())

    def _submit(self, steps: tuple[PendingStep, ...]) -> None:
        first = steps[0]
        job = partial(
            save_steps, library=self._library, folder=first.folder, steps=tuple(p.step for p in steps)
        )
        ticket = self._runner.submit(job, f"Save {first.path.name}", durable=True)
        self._saving[ticket.number] = steps
        self.saving_changed.emit()

    def _hold(self, steps: list[PendingStep]) -> None:
        held = self._held.setdefault(steps[0].path, [])
        held += steps
        held.sort(key=lambda pending: pending.step.revision)
        del held[:-_HELD_STEPS]
        self._again.start()

    def _release(self, path: Path, revision: int) -> None:
        """A step is durable: those held up to it are part of it."""
        rest = [p for p in self._held.get(path, ()) if p.step.revision > revision]
        if rest:
            self._held[path] = rest
        else:
            self._held.pop(path, None)
        if not self._held:
            self._again.stop()
            self._told = ""

    @Slot()
    def _try_again(self) -> None:
        for path in list(self._held):
            self.retry_photo(path)

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        if isinstance(event, EditSaved):
            self.saved_at = event.at
            saved = (
                event.folder,
                event.summary.case_id,
            )  # a folder that was copied whole has the same case_ids
            for path, held in list(self._held.items()):
                if (held[-1].folder, held[-1].step.case_id) == saved:
                    self._release(path, event.revision)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        steps = self._saving.get(failure.ticket.number)
        if steps is None:
            return
        self._failed.add(failure.ticket.number)
        if steps[-1] not in self._held.get(steps[0].path, ()):  # else it was another try, and is held already
            self._hold(list(steps))
        if failure.message != self._told:
            self._told = failure.message
            self.save_failed.emit(failure.message)

    @Slot(object)
    def _on_finished(self, ticket: JobTicket) -> None:
        steps = self._saving.pop(ticket.number, None)
        if steps is None:
            return
        if ticket.number in self._failed:
            self._failed.remove(ticket.number)
        else:
            self._release(steps[0].path, steps[-1].step.revision)
            self.retry_photo(steps[0].path)  # what was painted meanwhile was held behind these steps
        self.saving_changed.emit()

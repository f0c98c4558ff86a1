"""One resource, one thread, one queue: `JobRunner` runs jobs away from the window."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, Signal, Slot

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, TongueViewerError
from tongue_viewer.core.events import JobEvent

log = logging.getLogger(__name__)

Job: TypeAlias = Callable[[CancelToken], Iterator[JobEvent]]
"""A generator function that checks its token between two units of work."""

_STACK_BYTES = 16 * 2**20
"""Secondary threads of macOS get 512 KiB, too little for the linear algebra below a prediction."""

_numbers = itertools.count(1)
_live: dict[int, str] = {}
"""id → name of every runner that was not shut down yet; GUI thread only."""


class Policy(Enum):
    """What a new job means for the ones before it."""

    IN_ORDER = "in order, none dropped"
    LATEST_WINS = "latest wins"


@dataclass(frozen=True, eq=False)
class JobTicket:
    """The receipt of one submitted job.

    Attributes:
        number: unique in the process, growing.
        label: what is being done, for people and the log.
        durable: must still be done when the window closes (saving); the others can be asked again.
        token: the job's own; cancelling it stops this job only.
    """

    number: int
    label: str
    durable: bool = False
    token: CancelToken = field(default_factory=CancelToken)

    def cancel(self) -> None:
        """Stop this job at its next check, or before it starts."""
        self.token.cancel()


@dataclass(frozen=True, eq=False)
class JobFailure:
    """A job ended with an exception.

    Attributes:
        ticket: of the job.
        message: text for people; for a fault of the program the traceback stands in the log.
        error: the exception.
        expected: True for a `TongueViewerError`, False for a fault of the program.
    """

    ticket: JobTicket
    message: str
    error: Exception
    expected: bool

    @property
    def label(self) -> str:
        """What was being done."""
        return self.ticket.label


class _JobThread(QThread):
    """Takes jobs off the queue until it is told to end. Its signals are received only by its `JobRunner`."""

    yielded = Signal(object)
    failed = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._change = threading.Condition()
        self._queue: deque[tuple[JobTicket, Job]] = deque()
        self._running: JobTicket | None = None
        self._ending = False
        self.setStackSize(_STACK_BYTES)

    def put(self, ticket: JobTicket, job: Job) -> None:
        with self._change:
            self._queue.append((ticket, job))
            self._change.notify_all()

    def cancel(self, *, durable_too: bool) -> None:
        """Cancel the running and the waiting jobs; a cancelled job that waits ends without having begun."""
        with self._change:
            tickets = [ticket for ticket, _ in self._queue]
            if self._running is not None:
                tickets.append(self._running)
        for ticket in tickets:
            if durable_too or not ticket.durable:
                ticket.cancel()

    def wait_until_empty(self) -> None:
        with self._change:
            self._change.wait_for(lambda: not self._queue and self._running is None)

    def end(self) -> None:
        """Let the thread end when its queue is empty."""
        with self._change:
            self._ending = True
            self._change.notify_all()

    def run(self) -> None:
        """The thread's life; called by Qt."""
        while (task := self._take()) is not None:
            self._work(*task)
            with self._change:
                self._running = None
                self._change.notify_all()

    def _take(self) -> tuple[JobTicket, Job] | None:
        with self._change:
            self._change.wait_for(lambda: self._queue or self._ending)
            if not self._queue:
                return None
            task = self._queue.popleft()
            self._running = task[0]
            return task

    def _work(self, ticket: JobTicket, job: Job) -> None:
        try:
            if not ticket.token.cancelled:
                for event in job(ticket.token):
                    self.yielded.emit(event)
        except Cancelled:
            log.info("%s: cancelled", ticket.label)
        except TongueViewerError as error:
            log.warning("%s: %s", ticket.label, error)
            self.failed.emit(JobFailure(ticket, str(error), error, expected=True))
        except Exception as error:  # a fault in one job must not take the queue of the others along
            log.error("%s: fault of the program", ticket.label, exc_info=error)  # noqa: TRY400 - the same line
            message = f"{type(error).__name__}: {error}"
            self.failed.emit(JobFailure(ticket, message, error, expected=False))
        finally:
            self.ended.emit(ticket)


class JobRunner(QObject):
    """Runs jobs one after another in a thread of its own.

    Every signal is emitted in the thread that the runner lives in (the GUI): the worker's signals end in
    slots of this object, so that a receiver need not care.

    Signals:
        reported(JobEvent): what a job yielded (`event` is a method of every QObject).
        failed(JobFailure): a job ended with an exception; `finished` follows.
        finished(JobTicket): a job ended, whatever the way; exactly once for each submitted job.
        busy_changed(bool): from idle to busy or back.
    """

    reported = Signal(object)
    failed = Signal(object)
    finished = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, policy: Policy, name: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._policy = policy
        self._open: dict[int, JobTicket] = {}
        self._closed = False
        self._thread = _JobThread(self)
        self._thread.setObjectName(name)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.failed.connect(self._on_failed)
        self._thread.ended.connect(self._on_ended)
        _live[id(self)] = name
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether every submitted job has been reported as finished."""
        return not self._open

    @property
    def closed(self) -> bool:
        """Whether `shutdown` was called."""
        return self._closed

    def submit(self, job: Job, label: str = "", *, durable: bool = False) -> JobTicket:
        """Queue a job; with "latest wins" the ones before it are cancelled.

        Args:
            job: called in the thread with its own token.
            label: what is being done.
            durable: whether `shutdown(finish=True)` still does it.

        Raises:
            RuntimeError: the runner has been shut down.
        """
        if self._closed:
            raise RuntimeError(
                f"{self.objectName() or 'the runner'} was shut down; {label!r} cannot be started"
            )
        if self._policy is Policy.LATEST_WINS:
            self._thread.cancel(durable_too=True)
        ticket = JobTicket(next(_numbers), label, durable)
        was_idle = self.idle
        self._open[ticket.number] = ticket
        self._thread.put(ticket, job)
        if was_idle:
            self.busy_changed.emit(not self.idle)
        return ticket

    def cancel(self) -> None:
        """Cancel what runs and what waits, except durable jobs."""
        self._thread.cancel(durable_too=False)

    def wait_until_done(self) -> None:
        """Block until every job has ended, then deliver what they reported. For closing the window."""
        self._thread.wait_until_empty()
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def shutdown(self, *, finish: bool) -> None:
        """End the thread and wait for it; a second call does nothing.

        Args:
            finish: do the durable jobs that still wait; the others are cancelled either way.
        """
        if self._closed:
            return
        self._closed = True
        self._thread.cancel(durable_too=not finish)
        self._thread.end()
        self._thread.wait()
        _live.pop(id(self), None)
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    @Slot(object)
    def _on_yielded(self, event: JobEvent) -> None:
        self.reported.emit(event)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        self.failed.emit(failure)

    @Slot(object)
    def _on_ended(self, ticket: JobTicket) -> None:
        self._open.pop(ticket.number, None)
        self.finished.emit(ticket)
        if self.idle:
            self.busy_changed.emit(not self.idle)


def running_threads() -> list[str]:
    """Names of the runners whose thread was not ended and waited for; for tests."""
    return list(_live.values())

"""JobRunner: order, latest wins, cancel, failures, threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import StoreError
from tongue_viewer.core.events import JobEvent, Progress
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket, Policy, running_threads

MakeRunner = Callable[[Policy], JobRunner]


@pytest.fixture
def make_runner(qtbot: QtBot) -> Iterator[MakeRunner]:
    made: list[JobRunner] = []

    def make(policy: Policy) -> JobRunner:
        made.append(JobRunner(policy, "test"))
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown(finish=False)
    assert running_threads() == []


def count(token: CancelToken, *, name: str, upto: int = 3) -> Iterator[JobEvent]:
    for done in range(upto):
        token.check()
        yield Progress(name, done + 1, upto)


@dataclass
class Gate:
    """A job that says when it has begun and goes on when it is let."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def job(self, token: CancelToken) -> Iterator[JobEvent]:
        self.begun.set()
        while not self.go.wait(0.005):
            token.check()
        yield Progress("gate", 1, 1)


class Log(QObject):
    """Receives in slots, and notes the thread that it was called in."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self.events: list[JobEvent] = []
        self.failures: list[JobFailure] = []
        self.finished: list[JobTicket] = []
        self.busy: list[bool] = []
        self.threads: set[QThread] = set()
        runner.reported.connect(self.on_event)
        runner.failed.connect(self.on_failed)
        runner.finished.connect(self.on_finished)
        runner.busy_changed.connect(self.on_busy)

    @Slot(object)
    def on_event(self, event: JobEvent) -> None:
        self.threads.add(QThread.currentThread())
        self.events.append(event)

    @Slot(object)
    def on_failed(self, failure: JobFailure) -> None:
        self.threads.add(QThread.currentThread())
        self.failures.append(failure)

    @Slot(object)
    def on_finished(self, ticket: JobTicket) -> None:
        self.threads.add(QThread.currentThread())
        self.finished.append(ticket)

    @Slot(bool)
    def on_busy(self, busy: bool) -> None:
        self.busy.append(busy)


def test_jobs_run_in_order_and_none_is_dropped(make_runner: MakeRunner, qtbot: QtBot) -> None:
    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    tickets = [runner.submit(partial(count, name=str(n))) for n in range(40)]
    qtbot.waitUntil(lambda: runner.idle)
    assert [t.number for t in log.finished] == [t.number for t in tickets]
    assert log.events == [Progress(str(n), d + 1, 3) for n in range(40) for d in range(3)]
    assert log.busy == [True, False]


def test_latest_wins_cancels_the_running_and_drops_the_waiting(make_runner: MakeRunner, qtbot: QtBot) -> None:
    runner = make_runner(Policy.LATEST_WINS)
    log = Log(runner)
    gate = Gate()
    first = runner.submit(gate.job)
    assert gate.begun.wait(5)
    second = runner.submit(partial(count, name="dropped"))
    last = runner.submit(partial(count, name="last"))
    qtbot.waitUntil(lambda: runner.idle)
    assert [e.text for e in log.events if isinstance(e, Progress)] == ["last"] * 3
    assert [t.number for t in log.finished] == [first.number, second.number, last.number]
    assert first.token.cancelled
    assert second.token.cancelled
    assert not last.token.cancelled
    assert log.failures == []


def test_cancel_takes_less_than_200_ms(make_runner: MakeRunner, qtbot: QtBot) -> None:
    runner = make_runner(Policy.IN_ORDER)
    gate = Gate()
    runner.submit(gate.job)
    assert gate.begun.wait(5)
    start = time.perf_counter()
    with qtbot.waitSignal(runner.finished, timeout=2000):
        runner.cancel()
    assert time.perf_counter() - start < 0.2


def test_a_failing_job_is_told_and_the_next_one_runs(make_runner: MakeRunner, qtbot: QtBot) -> None:
    def full_disk(token: CancelToken) -> Iterator[JobEvent]:
        yield Progress("saving", 0, 1)
        raise StoreError("The disk is full; free some space.")

    def faulty(token: CancelToken) -> Iterator[JobEvent]:
        yield Progress("x", 1 // len(()), 1)

    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    runner.submit(full_disk, "Save 041.bmp")
    runner.submit(faulty, "Faulty")
    runner.submit(partial(count, name="after"))
    qtbot.waitUntil(lambda: runner.idle)
    expected, bug = log.failures
    assert (expected.label, expected.message, expected.expected) == (
        "Save 041.bmp",
        "The disk is full; free some space.",
        True,
    )
    assert not bug.expected
    assert "ZeroDivisionError" in bug.message
    assert isinstance(bug.error, ZeroDivisionError)
    assert log.events[-1] == Progress("after", 3, 3)
    assert len(log.finished) == 3


def test_receivers_run_in_the_gui_thread_and_jobs_do_not(make_runner: MakeRunner, qtbot: QtBot) -> None:
    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    plain: list[QThread] = []
    runner.reported.connect(lambda _: plain.append(QThread.currentThread()))
    inside: list[QThread] = []

    def job(token: CancelToken) -> Iterator[JobEvent]:
        inside.append(QThread.currentThread())
        yield Progress("x", 1, 1)
        raise StoreError("no")

    runner.submit(job)
    qtbot.waitUntil(lambda: runner.idle)
    assert log.threads == {runner.thread()}
    assert plain == [runner.thread()]
    assert inside != [runner.thread()]


def test_shutdown_finishes_durable_jobs_and_cancels_the_others(make_runner: MakeRunner) -> None:
    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    gate = Gate()
    runner.submit(gate.job, "load")
    assert gate.begun.wait(5)
    runner.submit(partial(count, name="load two"))
    for name in ("save 1", "save 2"):
        runner.submit(partial(count, name=name, upto=1), durable=True)
    runner.shutdown(finish=True)
    assert [e.text for e in log.events if isinstance(e, Progress)] == ["save 1", "save 2"]
    assert len(log.finished) == 4
    assert runner.idle
    assert running_threads() == []
    runner.shutdown(finish=True)
    with pytest.raises(RuntimeError, match="shut down"):
        runner.submit(gate.job)


def test_shutdown_without_finish_drops_everything(make_runner: MakeRunner) -> None:
    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    gate = Gate()
    runner.submit(gate.job)
    assert gate.begun.wait(5)
    runner.submit(partial(count, name="save"), durable=True)
    runner.shutdown(finish=False)
    assert log.events == []


def test_wait_until_done_delivers_failures_and_the_runner_lives_on(
    make_runner: MakeRunner, qtbot: QtBot
) -> None:
    def failing(token: CancelToken) -> Iterator[JobEvent]:
        yield from count(token, name="before", upto=0)
        raise StoreError("no")

    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    runner.submit(failing, durable=True)
    runner.wait_until_done()
    assert len(log.failures) == 1
    assert runner.idle
    runner.submit(partial(count, name="again"))
    qtbot.waitUntil(lambda: runner.idle)
    assert len(log.events) == 3


def test_thousands_of_events_arrive(make_runner: MakeRunner, qtbot: QtBot) -> None:
    runner = make_runner(Policy.IN_ORDER)
    log = Log(runner)
    runner.submit(partial(count, name="many", upto=20_000))
    qtbot.waitUntil(lambda: runner.idle, timeout=20_000)
    assert len(log.events) == 20_000

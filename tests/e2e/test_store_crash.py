"""Kills, failing disks and races in small: the large runs are `python -m benchmarks.store.crash`, `.faults`, `.race`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from benchmarks.store.crash import crash_test
from benchmarks.store.faults import FULL, Bench, full_disk_reason
from benchmarks.store.race import Race
from benchmarks.store.shim import Shim, ShimMissingError
from tongue_viewer.workers.job_runner import running_threads

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="needs SIGKILL: this system ends a process in another way"
)

_FAULTS = ("write error", "truncate error", FULL)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Shim:
    try:
        return Shim.build(tmp_path_factory.mktemp("shim"))
    except ShimMissingError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def window_settings(qapp: QApplication) -> Iterator[QApplication]:
    """Puts the looks of the process back, and sees that no thread is left."""
    palette, sheet, style = qapp.palette(), qapp.styleSheet(), qapp.style().name()
    yield qapp
    qapp.setStyleSheet(sheet)
    qapp.setStyle(style)
    qapp.setPalette(palette)
    assert running_threads() == []


def test_what_was_finished_before_a_kill_is_there(tmp_path: Path, shim: Shim) -> None:
    tally = crash_test(tmp_path, runs=3, seed=2, shim=shim, latest=1.5)
    assert (tally.lost, tally.misplaced, tally.problems) == ([], [], [])
    assert tally.runs == 3
    assert tally.old_steps + tally.young_kept > 5


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, shim: Shim) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("faults") / "bench", shim, longest=0.8)
    yield bench
    bench.close()


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_disk_that_failed_for_a_while_costs_nothing_and_is_told(bench: Bench, fault: str) -> None:
    if fault == FULL and full_disk_reason():
        pytest.skip(full_disk_reason())
    tally = bench.run(fault, seed=_FAULTS.index(fault))
    assert (tally.lost, tally.misplaced, tally.problems, tally.not_shown) == ([], [], [], [])
    assert tally.moments_without_a_word == 0
    assert tally.failed_saves > 0


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_hasty_switches_mix_nothing_up(tmp_path: Path, window_settings: QApplication) -> None:
    tally = Race(window_settings, tmp_path, seed=4).run(150)
    assert (tally.foreign, tally.dropped, tally.problems) == ([], [], [])
    assert tally.steps.total() > 50
    assert tally.opened > 20

"""From an event to its picture: the clock of the benchmarks of the canvas and of the list."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from tongue_viewer.ui.canvas.pane import Pane

PERIOD = 0.008
"""Seconds between two events, at least: a mouse of 125 Hz."""
_PATIENCE = 1.0  # seconds


@dataclass(frozen=True)
class Lap:
    """What one event took, in milliseconds: of the clock, and of the processor on all threads."""

    clock: float
    processor: float


class PaintWatch(QObject):
    """Tells when a widget that knows nothing of it is painted.

    Signals:
        painted(): the widget is painted now; it is done when `QApplication.processEvents` comes back.
    """

    painted = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See each event of the widget; none is kept from it."""
        if event.type() == QEvent.Type.Paint:
            self.painted.emit()
        return super().eventFilter(watched, event)


class Clock:
    """Times events up to the moment when the window system has the new picture.

    A lap begins before the event is handed to the widget and ends when the watched part was painted, nothing else
    waits to be painted, and the window system has answered that it took all (one round trip; the offscreen
    platform has nothing to answer). The next event comes 8 ms after the last one, or later if that took longer.
    """

    def __init__(self, watched: Pane | PaintWatch) -> None:
        self._painted = False
        watched.painted.connect(self._on_painted)

    def laps(self, acts: Iterable[Callable[[], object]]) -> dict[str, float]:
        """Time each of them; `summary` of the laps."""
        return summary(self.measured(acts))

    def measured(self, acts: Iterable[Callable[[], object]]) -> list[Lap]:
        """Time each of them."""
        return [self._lap(act) for act in acts]

    def settle(self) -> None:
        """Let the window come to rest."""
        for _ in range(6):
            QApplication.processEvents()
            time.sleep(0.002)
        QGuiApplication.sync()

    def _lap(self, act: Callable[[], object]) -> Lap:
        start, used = time.perf_counter(), time.process_time()
        self._painted = False
        act()
        while True:
            QApplication.processEvents()
            if self._painted:
                break
            if time.perf_counter() > start + _PATIENCE:
                raise RuntimeError("nothing was painted; is the window covered or on no screen?")
        QGuiApplication.sync()
        end = time.perf_counter()
        lap = Lap(1e3 * (end - start), 1e3 * (time.process_time() - used))
        time.sleep(max(0.0, start + PERIOD - end))
        return lap

    def _on_painted(self) -> None:
        self._painted = True


def summary(laps: list[Lap]) -> dict[str, float]:
    """Milliseconds: p50, p95 and max of the clock, `cpu_p95` of the processor, and n, the number of events.

    The processor's time tells a slow program from a busy machine.
    """
    clock = [lap.clock for lap in laps]
    figures = {"p50": np.median(clock), "p95": np.percentile(clock, 95), "max": max(clock)}
    figures["cpu_p95"] = np.percentile([lap.processor for lap in laps], 95)
    return {name: round(float(value), 3) for name, value in figures.items()} | {"n": len(laps)}


def megabytes_now() -> float | None:
    """The memory that this process has in use (2**20 bytes); None where nobody can tell."""
    return _of_linux("VmRSS")


def peak_megabytes() -> float | None:
    """The most memory that this process has had in use so far (2**20 bytes); None where nobody can tell."""
    # Not getrusage: on Linux a child begins with the peak of the process that started it.
    told = _of_linux("VmHWM")
    if told is not None:
        return told
    if sys.platform == "darwin":
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 1)
    return None


def _of_linux(word: str) -> float | None:
    """A line of the kernel's account of this process, in 2**20 bytes; None on another system."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    words = next(line for line in status.read_text().splitlines() if line.startswith(word)).split()
    return round(int(words[1]) / 1024, 1)

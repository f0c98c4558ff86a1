"""How fast a large folder opens, scrolls and is walked through: `python -m tongue_viewer.app.bench_folder --json`.

The program's own window of 1600×1000 on whatever display there is, in a fresh user folder: no settings, no small
pictures kept, no database. No model is asked (`predict_ahead` is off), so the engine's memory is in none of the figures.
The photos are 256×192 BMPs that all differ, written into a temporary folder before the clock runs.

The document on stdout:
    first_photo_s, list_s: from the request to open the folder until the first photo, and the list's lines, are painted.
    open_processor_s: the processor's time for both, on all threads.
    scroll_ms: the list, from the event to its picture; wheel_ms: one notch, jump_ms: the bar drawn to another place. Events
        come in bursts with a short rest after each, in which small pictures are asked for; they arrive in the next burst.
    switch_ms: the next photo by its key, decoded ahead, until it is painted; the wish is sent when the photo before is
        shown and the next one is in memory.
    rss_mb: the most memory of the whole process, in MiB; rss_before_mb: with the empty window;
        rss_open_mb: after opening; rss_end_mb: at the end.
    small_pictures: how many arrived while scrolling.
    start: see `bench_start`.
    platform: where it was measured; "offscreen" is no real window.
Each of the `_ms` has p50, p95, max, cpu_p95 (the processor's time on all threads) and n.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.app.bench_start import measure as measure_start
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.locations import HOME_VARIABLE
from tongue_viewer.ui.bench_clock import (
    PERIOD,
    Clock,
    Lap,
    PaintWatch,
    megabytes_now,
    peak_megabytes,
    summary,
)

PHOTO = (192, 256)
"""(H, W) of each photo."""
WINDOW = (1600, 1000)
BURSTS, NOTCHES, JUMPS, REST = 20, 10, 100, 0.06
"""Bursts of so many notches of the wheel, jumps of the bar in bursts of 5, and seconds of rest after a burst."""
SWITCHES = 100
PATIENCE = 120.0  # seconds
"""After this long nothing more is waited for."""


def write_photos(folder: Path, count: int) -> None:
    """Write BMPs that all differ, the same ones each time; names as people give them."""
    height, width = PHOTO
    coarse = np.random.default_rng(0).integers(40, 220, (12, 16, 3), np.uint8)
    rgb = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    cv2.ellipse(rgb, (width // 2, height // 2), (60, 70), 0, 0, 360, (110, 100, 190), cv2.FILLED)
    header = cv2.imencode(".bmp", rgb)[1].tobytes()[: -rgb.size]
    pixels = np.ascontiguousarray(rgb[::-1])  # a BMP's rows stand from below
    for number in range(count):
        moved = np.roll(pixels, (number // width % height, number % width), (0, 1))
        moved[0, 0] = list(number.to_bytes(3, "little"))
        (folder / f"P{number // 3:05d}_V{number % 3 + 1}_{number:06d}.bmp").write_bytes(
            header + moved.tobytes()
        )


class Bench:
    """Opens the folder in the program's window, scrolls its list, walks from photo to photo."""

    def __init__(self, application: QApplication) -> None:
        self._program = TongueViewerApp(application, settings=Settings(predict_ahead=False))
        window = self._program.window
        window.resize(*WINDOW)
        window.show()
        self._view = window.photos.view
        self._viewport = self._view.viewport()
        self._list_watch = PaintWatch(self._viewport)
        self._clock = Clock(self._list_watch)
        self._heart = QTimer(interval=1000)
        self._heart.start()  # an event now and then, so that waiting for one ends
        self._clock.settle()
        self._seen: set[str] = set()
        self._pictures = 0
        self._program.thumbnails.thumbnail_ready.connect(self._count_picture)

    def run(self, folder: Path) -> dict[str, Any]:
        """All figures, by the keys of the command line's contract and more."""
        figures: dict[str, Any] = {"rss_before_mb": megabytes_now()}
        figures |= self._open(folder)
        self._wait(lambda: self._program.cases.runner.idle and self._program.thumbnails.runner.idle)
        figures["rss_open_mb"] = megabytes_now()
        _tell("scrolling")
        before = self._pictures
        wheel, jumps = self._clock.measured(self._notches()), self._clock.measured(self._jumps())
        figures["scroll_ms"] = summary(wheel + jumps)
        figures["wheel_ms"], figures["jump_ms"] = summary(wheel), summary(jumps)
        figures["small_pictures"] = self._pictures - before
        self._wait(lambda: self._program.thumbnails.runner.idle)
        _tell("going from photo to photo")
        figures |= self._switches()
        figures["rss_end_mb"], figures["rss_mb"] = megabytes_now(), peak_megabytes()
        return figures

    def close(self) -> None:
        """End the program; its threads are waited for."""
        self._program.shutdown()
        self._program.window.let_close()
        self._program.window.deleteLater()
        self._program.deleteLater()

    def _open(self, folder: Path) -> dict[str, Any]:
        program, marks = self._program, dict[str, float]()
        model = program.window.photos.model
        self._list_watch.painted.connect(self._see_list)
        program.window.workbench.canvas.photo_pane.painted.connect(self._see_photo)
        begin, used = time.perf_counter(), time.process_time()
        program.open(folder)
        while not {"list_s", "first_photo_s"} <= marks.keys():
            self._work_off(begin)
            now = time.perf_counter() - begin
            if "list" in self._seen and model.rowCount():
                marks.setdefault("list_s", round(now, 3))
            if "photo" in self._seen:
                marks.setdefault("first_photo_s", round(now, 3))
        return marks | {"open_processor_s": round(time.process_time() - used, 3)}

    def _notches(self) -> Iterator[Callable[[], None]]:
        """Down from the top, and up again at the end."""
        bar = self._view.verticalScrollBar()
        angle = -120
        for _ in range(BURSTS):
            for _ in range(NOTCHES):
                if bar.value() in (bar.minimum(), bar.maximum()):
                    angle = -120 if bar.value() == bar.minimum() else 120
                yield partial(self._wheel, angle)
            self._rest(REST)

    def _jumps(self) -> Iterator[Callable[[], None]]:
        bar = self._view.verticalScrollBar()
        places = np.random.default_rng(1).permutation(JUMPS) / JUMPS
        for number, place in enumerate(places):
            value = round(float(place) * bar.maximum())
            if value != bar.value():
                yield partial(bar.setValue, value)
            if number % 5 == 4:
                self._rest(REST)

    def _switches(self) -> dict[str, Any]:
        laps: list[Lap] = []
        count = min(SWITCHES, self._program.window.photos.model.rowCount() - 1)
        for _ in range(count):
            self._wait(lambda: self._program.cases.runner.idle)
            laps.append(self._switch())
            self._rest(PERIOD)
        return {"switch_ms": summary(laps)} if laps else {}

    def _switch(self) -> Lap:
        """From the key to the painted photo."""
        document, before = self._program.document, self._program.document.path
        start, used = time.perf_counter(), time.process_time()
        for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(self._view, key)
        while True:
            self._seen.discard("photo")
            self._work_off(start)
            if "photo" in self._seen and document.path != before:
                break
        return Lap(1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - used))

    def _work_off(self, begin: float) -> None:
        """Sleep until there are events, as the program's own loop does, work them off and wait for the window system."""
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        QGuiApplication.sync()
        if time.perf_counter() > begin + PATIENCE:
            raise RuntimeError(f"what was asked for was not shown within {PATIENCE:.0f} s")

    def _wheel(self, angle: int) -> None:
        at = QPointF(self._viewport.rect().center())
        none, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        phase, inverted, turn = Qt.ScrollPhase.NoScrollPhase, False, QPoint(0, angle)
        where = self._viewport.mapToGlobal(at)
        event = QWheelEvent(at, where, QPoint(), turn, none, modifiers, phase, inverted)
        QApplication.sendEvent(self._viewport, event)

    def _wait(self, done: Callable[[], bool]) -> None:
        end = time.perf_counter() + PATIENCE
        while not done():
            self._rest(0.002)
            if time.perf_counter() > end:
                raise RuntimeError(f"the program did not come to rest within {PATIENCE:.0f} s")

    def _rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            QApplication.processEvents()
            time.sleep(0.001)

    def _see_list(self) -> None:
        self._seen.add("list")

    def _see_photo(self) -> None:
        if self._program.document.is_open:
            self._seen.add("photo")

    def _count_picture(self) -> None:
        self._pictures += 1


@contextmanager
def _fresh_home(folder: Path) -> Iterator[None]:
    """A user folder of its own, so that neither settings nor kept pictures of the person count."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before


def measure(count: int) -> dict[str, Any]:
    """The document for a folder of `count` photos, without `start`."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)  # noqa: S101 - for mypy: made here, or by a test
    with tempfile.TemporaryDirectory() as name:
        home, folder = Path(name) / "home", Path(name) / "photos"
        folder.mkdir()
        _tell(f"writing {count} photos")
        write_photos(folder, count)
        with _fresh_home(home):
            _tell("opening the folder")
            bench = Bench(application)
            try:
                figures = bench.run(folder)
            finally:
                bench.close()
    screen = QApplication.primaryScreen().size()
    about = {"photos": count, "predict_ahead": False, "window": WINDOW}
    about |= {"platform": QApplication.platformName(), "screen": (screen.width(), screen.height())}
    return about | figures


def _tell(text: str) -> None:
    print(f"folder: {text}", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(
        prog="bench_folder", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    parser.add_argument("--photos", type=int, default=10_000, help="size of the folder (10000)")
    parser.add_argument("--no-start", action="store_true", help="leave out the starts of the program")
    chosen = parser.parse_args(arguments)
    if chosen.photos < 2:
        parser.error(f"--photos is {chosen.photos}; at least 2 are needed")
    report = measure(chosen.photos)
    if not chosen.no_start:
        _tell("starting the program 5 times")
        report["start"] = measure_start()
    print(json.dumps(report, indent=None if chosen.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

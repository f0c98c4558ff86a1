"""napari's Labels painting, measured as `tongue-viewer bench canvas` measures this program's.

Run by `benchmarks/canvas_peers.py` inside an environment that holds napari and nothing of this project:

    python napari_painting.py FOLDER

FOLDER holds `photo.npy` (H, W, 3) uint8, `mask.npy` (H, W) uint8, `stroke.npy` (events, 2) float64 and `job.json`:
`scale` (pixels of the screen for one photo pixel), `brush` (diameter on the screen), `panned`, `close` (scales), `window`
(width, height), `notches`, `close_notches` (of the wheel), `rounds`, `undos`, `period` (seconds between events).

A lap begins before the event is handed to napari's canvas, as the window system would hand it over, and ends when the
first frame that the canvas has drawn after it was swapped (`QOpenGLWidget.frameSwapped`; the software renderer has
finished it and copied it to the screen by then). Events are worked off with `processEvents` on both sides. This program's
own laps end later: when nothing else waits to be painted and the window system has answered. What napari still paints
after its frame, such as its status bar, is not counted. A virtual screen has no refresh that could be waited for.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import napari
import numpy as np
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt, qVersion
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtWidgets import QApplication
from vispy.gloo import gl

NONE, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Bench:
    """A viewer with a photo and a Labels layer over it, napari's defaults everywhere else."""

    def __init__(self, folder: Path) -> None:
        self.job: dict[str, Any] = json.loads((folder / "job.json").read_text())
        self.stroke = np.load(folder / "stroke.npy")
        self.viewer = napari.Viewer()
        self.viewer.add_image(np.load(folder / "photo.npy"), name="photo")
        self.labels = self.viewer.add_labels(np.load(folder / "mask.npy"), name="mask")
        self.labels.n_edit_dimensions = 2
        self.labels.selected_label = 1
        self.viewer.window.resize(*self.job["window"])
        # The only way to hand napari events as the window system does.
        self.canvas = self.viewer.window._qt_viewer.canvas.native  # noqa: SLF001
        self.camera = getattr(self.viewer, "scene", self.viewer).camera
        self.drawn = False
        self.seen: tuple[float, float] | None = (
            None  # clock and processor when the frame was swapped, in seconds
        )
        self.canvas._vispy_canvas.events.draw.connect(self.on_draw)  # noqa: SLF001 - vispy's own name
        self.canvas.frameSwapped.connect(self.on_swapped)
        self.settle(2.0)

    def run(self) -> dict[str, Any]:
        """The figures, by the keys of `tongue-viewer bench canvas --json`."""
        figures: dict[str, Any] = {}
        self.look(self.job["scale"], "paint")
        figures["brush_ms"] = self.drag()
        figures["painted_px"] = int((np.asarray(self.labels.data) > 0).sum())
        figures["undo_ms"] = self.laps([self.labels.undo, self.labels.redo] * self.job["undos"])
        self.look(self.job["panned"], "pan_zoom")
        figures["pan_ms"] = self.drag()
        self.look(self.job["scale"], "pan_zoom")
        figures["zoom_ms"] = self.zoom(self.job["notches"])
        self.look(self.job["close"], "paint")
        figures["brush_400_ms"] = self.drag()
        self.look(self.job["close"], "pan_zoom")
        figures["pan_400_ms"] = self.drag()
        self.look(self.job["close"], "pan_zoom")
        figures["zoom_400_ms"] = self.zoom(self.job["close_notches"])
        return figures

    def look(self, scale: float, mode: str) -> None:
        """The photo's middle in the canvas' middle, at a scale; the brush keeps its size on the screen."""
        height, width = self.labels.data.shape
        self.camera.center = (height / 2, width / 2)
        self.camera.zoom = scale
        self.labels.brush_size = self.job["brush"] / scale
        self.labels.mode = mode
        self.settle(0.2)

    def drag(self) -> dict[str, float]:
        """Press, many moves, release; the moves are timed."""
        middle = QPointF(self.canvas.rect().center())
        path = [middle + QPointF(x, y) for x, y in self.stroke]
        self.mouse(QEvent.Type.MouseButtonPress, path[0], LEFT, LEFT)
        self.settle(0.1)
        figures = self.laps(partial(self.mouse, QEvent.Type.MouseMove, at, NONE, LEFT) for at in path[1:])
        self.mouse(QEvent.Type.MouseButtonRelease, path[-1], LEFT, NONE)
        self.settle(0.1)
        return figures

    def zoom(self, angles: list[int]) -> dict[str, float]:
        """Turn the wheel; the scales that were reached come with the figures."""
        scales = [self.camera.zoom]
        figures = self.laps(partial(self.wheel, angle, scales) for angle in angles * self.job["rounds"])
        return figures | {"from_scale": round(min(scales), 4), "to_scale": round(max(scales), 4)}

    def laps(self, acts: Iterable[Callable[[], object]]) -> dict[str, float]:
        """Milliseconds of the clock: p50, p95, max; of the processor: cpu_p95; and their number."""
        clock, processor = [], []
        for act in acts:
            begin, used = time.perf_counter(), time.process_time()
            self.drawn, self.seen = False, None
            act()
            end, used_then = self.wait_for_frame()
            clock.append(1e3 * (end - begin))
            processor.append(1e3 * (used_then - used))
            time.sleep(max(0.0, begin + self.job["period"] - time.perf_counter()))
            # napari holds moves back that come within 5 ms of the last one: its timer is to have run out by now.
            QApplication.processEvents()
        figures = {"p50": np.median(clock), "p95": np.percentile(clock, 95), "max": max(clock)}
        figures["cpu_p95"] = np.percentile(processor, 95)
        return {name: round(float(value), 3) for name, value in figures.items()} | {"n": len(clock)}

    def wait_for_frame(self) -> tuple[float, float]:
        """Work off events until the canvas' frame was swapped; seconds of clock and processor at that moment."""
        limit = time.perf_counter() + 20
        while self.seen is None:
            QApplication.processEvents()
            if time.perf_counter() > limit:
                raise RuntimeError("napari drew no frame for 20 seconds; is its window on a screen?")
        return self.seen

    def on_draw(self, _event: object) -> None:
        """The canvas has drawn its part of the next frame."""
        self.drawn = True

    def on_swapped(self) -> None:
        """A frame went to the window system; it may be one without the canvas, for example for the status bar."""
        if self.drawn and self.seen is None:
            self.seen = time.perf_counter(), time.process_time()

    def settle(self, seconds: float) -> None:
        """Let the window come to rest."""
        limit = time.perf_counter() + seconds
        while time.perf_counter() < limit:
            QApplication.processEvents()
            time.sleep(0.005)

    def mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        """Hand the canvas an event of the pointer."""
        event = QMouseEvent(kind, at, QPointF(self.canvas.mapToGlobal(at.toPoint())), button, held, PLAIN)
        QApplication.sendEvent(self.canvas, event)

    def wheel(self, angle: int, scales: list[float]) -> None:
        """Hand the canvas a turn of the wheel."""
        at = QPointF(self.canvas.rect().center())
        place, turn = QPointF(self.canvas.mapToGlobal(at.toPoint())), QPoint(0, angle)
        phase, inverted = Qt.ScrollPhase.NoScrollPhase, False
        event = QWheelEvent(at, place, QPoint(), turn, NONE, PLAIN, phase, inverted)
        QApplication.sendEvent(self.canvas, event)
        scales.append(self.camera.zoom)

    def environment(self) -> dict[str, Any]:
        """What it ran on."""
        self.canvas.makeCurrent()
        renderer, version = gl.glGetParameter(gl.GL_RENDERER), gl.glGetParameter(gl.GL_VERSION)
        self.canvas.doneCurrent()
        return {
            "napari": napari.__version__,
            "qt": qVersion(),
            "python": platform.python_version(),
            "gl": f"{renderer}, OpenGL {version}",
            "platform": QApplication.platformName(),
            "canvas": (self.canvas.width(), self.canvas.height()),
        }


def peak_megabytes() -> float | None:
    """The most memory that this process has had in use so far (2**20 bytes); Linux only."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    words = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()
    return round(int(words[1]) / 1024, 1)


def main() -> int:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    bench = Bench(parser.parse_args().folder)
    figures = bench.run()
    print(json.dumps(figures | {"peak_mb": peak_megabytes()} | bench.environment()))
    bench.viewer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

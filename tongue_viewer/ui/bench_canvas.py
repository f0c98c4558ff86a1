"""How fast the canvas answers: `python -m tongue_viewer.ui.bench_canvas --json`.

A window of 1600×1000 with both panes, fit zoom, overlay and outline, a brush of 64 px on the screen. Each
figure is the time from the event to the end of the paint, with all that hangs on it (mask, layers, both
panes, the window system's copy), in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary
from tongue_viewer.core.photo import Photo
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.canvas.pane import Pane

_NONE, _LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton


def synthetic_case(megapixels: float, seed: int = 0) -> CaseState:
    """A photo of 4:3 with texture and an elliptical mask."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 220, (24, 32, 3), dtype=np.uint8)
    rgb = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    rgb = cv2.add(rgb, rng.integers(0, 24, (height, width, 1), dtype=np.uint8).repeat(3, axis=2))
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, height // 2), (width // 5, height // 3), 0, 0, 360, 1, cv2.FILLED)
    path = Path(f"synthetic-{seed}.bmp")
    summary = CaseSummary(path, f"bench-{seed}", CaseStatus.PREDICTED)
    return CaseState(summary, Photo(path, np.asarray(rgb, np.uint8), ""), mask)


class Bench:
    """Runs each gesture and times it."""

    def __init__(self, megapixels: float, moves: int) -> None:
        self._moves = moves
        self._cases = [synthetic_case(megapixels, seed) for seed in (0, 1)]
        self._document = Document()
        self._view = CanvasView(self._document)
        self._view.resize(1600, 1000)
        self._view.set_tool(BrushTool(self._document))
        self._painted = False
        self._view.mask_pane.painted.connect(self._on_painted)
        self._view.show()
        self._document.open(self._cases[0])
        self._view.fit()
        self._view.set_brush_radius(32 / self._view.transform.scale)
        self._settle()

    def run(self) -> dict[str, dict[str, float]]:
        """All figures, by the keys of the command line's contract."""
        return {
            "brush_ms": self._brush(),
            "undo_ms": self._undo(),
            "pan_ms": self._pan(),
            "zoom_ms": self._zoom(),
            "switch_prefetched_ms": self._switch(),
        }

    def close(self) -> None:
        """Take the window away before Python forgets its parts: Qt still sends events to them."""
        self._view.close()
        shiboken6.delete(self._view)

    def _settle(self) -> None:
        for _ in range(6):
            QApplication.processEvents()
            time.sleep(0.002)

    def _time(self, act: Callable[[], None]) -> tuple[float, float]:
        """Milliseconds of the clock and of the processor."""
        start, used = time.perf_counter(), time.process_time()
        self._painted = False
        act()
        for _ in range(100):
            QApplication.processEvents()
            if self._painted:
                return 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - used)
        raise RuntimeError("nothing was painted; is the window covered or on no screen?")

    def _on_painted(self) -> None:
        self._painted = True

    def _mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        pane = self._view.mask_pane
        event = QMouseEvent(kind, at, pane.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pane, event)

    def _path(self, count: int) -> list[QPointF]:
        """A lively stroke in and out of the mask, 12 px between events."""
        middle = QPointF(self._view.mask_pane.rect().center())
        turns = np.arange(count) * 12 / 190
        radius = 190 + 90 * np.sin(turns * 0.37)
        return [middle + QPointF(r * np.cos(t), r * np.sin(t)) for r, t in zip(radius, turns, strict=True)]

    def _brush(self) -> dict[str, float]:
        path = self._path(self._moves + 1)
        self._mouse(QEvent.Type.MouseButtonPress, path[0], _LEFT, _LEFT)
        self._settle()
        times = [
            self._time(lambda at=at: self._mouse(QEvent.Type.MouseMove, at, _NONE, _LEFT))  # type: ignore[misc]
            for at in path[1:]
        ]
        self._mouse(QEvent.Type.MouseButtonRelease, path[-1], _LEFT, _NONE)
        self._settle()
        return _summary(times)

    def _undo(self) -> dict[str, float]:
        stack = self._document.undo_stack
        times = []
        for _ in range(15):
            times += [self._time(stack.undo), self._time(stack.redo)]
        return _summary(times)

    def _pan(self) -> dict[str, float]:
        self._view.zoom_to(0.6)
        self._settle()
        times = [self._time(lambda: self._view.pan_device(9, 5)) for _ in range(15)]
        times += [self._time(lambda: self._view.pan_device(-9, -5)) for _ in range(15)]
        self._view.fit()
        self._settle()
        return _summary(times)

    def _zoom(self) -> dict[str, float]:
        pane = self._view.mask_pane
        times = [self._time(lambda n=n: _wheel(pane, n)) for n in [120] * 15 + [-120] * 15]  # type: ignore[misc]
        self._view.fit()
        self._settle()
        return _summary(times)

    def _switch(self) -> dict[str, float]:
        times = []
        for number in range(16):
            case = self._cases[(number + 1) % 2]
            times.append(self._time(lambda case=case: self._document.open(case)))  # type: ignore[misc]
            self._settle()
        return _summary(times)


def _wheel(pane: Pane, angle: int) -> None:
    at = QPointF(pane.rect().center())
    modifiers, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        at,
        pane.mapToGlobal(at),
        QPoint(),
        QPoint(0, angle),
        _NONE,
        modifiers,
        phase,
        False,  # noqa: FBT003 - Qt's signature
    )
    QApplication.sendEvent(pane, event)


def _summary(times: list[tuple[float, float]]) -> dict[str, float]:
    """By the clock; and the processor's own time, which tells a slow program from a busy machine."""
    clock = [pair[0] for pair in times]
    figures = {"p50": np.median(clock), "p95": np.percentile(clock, 95), "max": max(clock)}
    figures["cpu_p95"] = np.percentile([pair[1] for pair in times], 95)
    return {name: round(float(value), 3) for name, value in figures.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench_canvas", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("--megapixels", type=float, default=12.0, help="size of the photo (default 12)")
    parser.add_argument("--moves", type=int, default=500, help="pointer events of the stroke (default 500)")
    chosen = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    result: dict[str, object] = {"megapixels": chosen.megapixels}
    bench = Bench(chosen.megapixels, chosen.moves)
    result |= bench.run()
    bench.close()
    result["platform"] = QApplication.platformName()
    del app
    if chosen.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:22s} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

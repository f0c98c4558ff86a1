"""How fast the canvas answers: `python -m tongue_viewer.ui.bench_canvas --json`.

A window of 1600×1000 with both panes, fit zoom, overlay and outline, a brush of 64 px on the screen. Each
figure is the time from the event to the end of the paint, with all that hangs on it (mask, layers, both
panes, the window system's copy), in milliseconds. Small photos come first, so that the peak of memory that
stands beside a photo's figures is its own.

The document on stdout holds the largest photo's figures and, under `photos`, those of each:
    brush_ms, undo_ms, zoom_ms: at fit zoom; undo and redo by turns; the wheel 15 notches in and out again.
    pan_ms: the photo is dragged at 3 times the fit zoom.
    brush_400_ms, pan_400_ms, zoom_400_ms: at 400 %.
    switch_prefetched_ms: another photo that is already decoded.
    painted_px: pixels of the mask after the first stroke; scale: screen pixels for one photo pixel at fit zoom.
    peak_mb: memory of the whole process with one photo open, in MiB.
    platform, window, screen, whole_window: where it was measured; "offscreen" is no real window.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from tongue_viewer.core.cases import CaseState
from tongue_viewer.core.events import FolderListed
from tongue_viewer.core.settings import Settings
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.ui.bench_case import stroke, synthetic_case
from tongue_viewer.ui.bench_clock import Clock, peak_megabytes
from tongue_viewer.ui.canvas.canvas_view import CanvasView

WINDOW = (1600, 1000)
BRUSH = 64
"""Diameter of the brush in pixels of the screen."""
CLOSE = 4.0
"""The scale of the figures with `_400`: 400 %."""
PANNED = 3.0
"""Panning is measured at so many times the fit zoom: the photo fills the pane, whatever its size."""
NOTCHES, CLOSE_NOTCHES = [120] * 15 + [-120] * 15, [120] * 5 + [-120] * 5
"""Turns of the wheel in eighths of a degree: in from where it is, and out again."""
ROUNDS, UNDOS = 3, 25

_NONE, _LEFT, _MIDDLE = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
_Press, _Move, _Release = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
)


class Bench:
    """Runs each gesture and times it, on the canvas alone or inside the program's whole window."""

    def __init__(self, megapixels: float, moves: int, *, whole_window: bool = False) -> None:
        self._megapixels, self._moves = megapixels, moves
        self._document = Document()
        case = synthetic_case(megapixels)
        self._window, self._view = _whole(self._document, case) if whole_window else _alone(self._document)
        self._window.resize(*WINDOW)
        self._clock = Clock(self._view.mask_pane)
        self._window.show()
        self._document.open(case)
        self._fit()
        self._fitted = self._view.transform.scale
        self._reach = self._fitted * case.photo.shape[0]

    def run(self) -> dict[str, object]:
        """All figures, by the keys of the command line's contract."""
        figures: dict[str, object] = {"megapixels": self._megapixels, "scale": round(self._fitted, 6)}
        figures["brush_ms"] = self._brush()
        figures["painted_px"] = int((self._document.mask > 0).sum())
        figures["undo_ms"] = self._undo()
        self._look(PANNED * self._fitted)
        figures["pan_ms"] = self._pan()
        self._fit()
        figures["zoom_ms"] = self._zoom(NOTCHES)
        self._look(CLOSE)
        figures["brush_400_ms"] = self._brush()
        figures["pan_400_ms"] = self._pan()
        self._look(CLOSE)
        figures["zoom_400_ms"] = self._zoom(CLOSE_NOTCHES)
        figures["peak_mb"] = peak_megabytes()
        self._fit()
        figures["switch_prefetched_ms"] = self._switch()
        return figures

    def close(self) -> None:
        """Take the window away before Python forgets its parts: Qt still sends events to them."""
        self._window.hide()
        shiboken6.delete(self._window)

    def _fit(self) -> None:
        self._view.fit()
        self._rest()

    def _look(self, scale: float) -> None:
        self._view.fit()
        self._view.zoom_to(scale)
        self._rest()

    def _rest(self) -> None:
        self._view.set_brush_radius(BRUSH / 2 / self._view.transform.scale)
        self._clock.settle()

    def _brush(self) -> dict[str, float]:
        return self._drag(_LEFT)

    def _pan(self) -> dict[str, float]:
        return self._drag(_MIDDLE)

    def _drag(self, button: Qt.MouseButton) -> dict[str, float]:
        """Press, many moves, release; the moves are timed."""
        middle = QPointF(self._view.mask_pane.rect().center())
        path = [middle + QPointF(x, y) for x, y in stroke(self._moves + 1, self._reach)]
        self._mouse(_Press, path[0], button, button)
        self._clock.settle()
        figures = self._clock.laps(partial(self._mouse, _Move, at, _NONE, button) for at in path[1:])
        self._mouse(_Release, path[-1], button, _NONE)
        self._clock.settle()
        return figures

    def _undo(self) -> dict[str, float]:
        stack = self._document.undo_stack
        return self._clock.laps([stack.undo, stack.redo] * UNDOS)

    def _zoom(self, angles: list[int]) -> dict[str, float]:
        return self._clock.laps(partial(self._wheel, angle) for angle in angles * ROUNDS)

    def _switch(self) -> dict[str, float]:
        cases = [synthetic_case(self._megapixels, seed) for seed in (1, 0)]
        return self._clock.laps(self._openings(cases * 8))

    def _openings(self, cases: list[CaseState]) -> Iterator[Callable[[], None]]:
        for case in cases:
            yield partial(self._document.open, case)
            self._clock.settle()

    def _mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        pane = self._view.mask_pane
        event = QMouseEvent(kind, at, pane.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pane, event)

    def _wheel(self, angle: int) -> None:
        pane = self._view.mask_pane
        at = QPointF(pane.rect().center())
        modifiers, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        turn, inverted = QPoint(0, angle), False
        event = QWheelEvent(at, pane.mapToGlobal(at), QPoint(), turn, _NONE, modifiers, phase, inverted)
        QApplication.sendEvent(pane, event)


def _alone(document: Document) -> tuple[QWidget, CanvasView]:
    view = CanvasView(document)
    view.set_tool(BrushTool(document))
    return view, view


def _whole(document: Document, case: CaseState) -> tuple[QWidget, CanvasView]:
    from tongue_viewer.ui.main_window import MainWindow
    from tongue_viewer.ui.theme import Theme

    app = QApplication.instance()
    assert isinstance(app, QApplication)  # noqa: S101 - for mypy: `main` has made it
    window = MainWindow(document, Theme(app))
    window.apply_settings(Settings())
    window.show_folder(FolderListed(Path("bench"), (case.summary,)))
    return window, window.workbench.canvas


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one JSON document: the largest photo's figures, and those of all under `photos`."""
    parser = argparse.ArgumentParser(
        prog="bench_canvas", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    parser.add_argument(
        "--megapixels", type=float, action="append", help="size of the photo; may be repeated (1 and 12)"
    )
    parser.add_argument("--moves", type=int, default=500, help="pointer events of a stroke (500)")
    parser.add_argument("--whole-window", action="store_true", help="the program's window around the canvas")
    chosen = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    photos = []
    for megapixels in sorted(chosen.megapixels or [1.0, 12.0]):
        bench = Bench(megapixels, chosen.moves, whole_window=chosen.whole_window)
        photos.append(bench.run())
        bench.close()
    screen = QApplication.primaryScreen().size()
    if screen.width() < WINDOW[0] or screen.height() < WINDOW[1]:
        print("the window is larger than the screen: what is not seen is not drawn", file=sys.stderr)
    report = dict(photos[-1])
    report["window"], report["whole_window"] = WINDOW, chosen.whole_window
    report["platform"], report["screen"] = QApplication.platformName(), (screen.width(), screen.height())
    report["photos"] = photos
    del app
    print(json.dumps(report, indent=None if chosen.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The case store at size: `python -m benchmarks.store.scale FOLDER` (an empty folder, or one of an earlier call).

Three questions: how long from the request to open a folder of 10,000 cases with history to the first photo on the
screen; what the commit of a stroke costs, in the window's thread and in its own; how the file grows with edits.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary, EditStep, Origin, Prediction
from tongue_viewer.core.photo import MaskArray, Photo
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.photos import read_photo

SHAPES = {"576x768": (576, 768), "1 MP": (866, 1155), "12 MP": (3000, 4000)}


def main() -> None:
    """Build what is missing, measure, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=1000, help="strokes of each size of photo")
    parser.add_argument("--open", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.open:
        _open(arguments.folder)
        return
    build(arguments.folder, arguments.cases)
    found = [_child(arguments.folder) for _ in range(5)]
    opening = {key: round(statistics.median(run[key] for run in found), 3) for key in found[0]}
    opening["first_photo_s_worst"] = max(run["first_photo_s"] for run in found)
    commits = {name: commit(shape, arguments.steps) for name, shape in SHAPES.items()}
    print(json.dumps({"cases": arguments.cases, "opening": opening, "commit": commits}, indent=1))


def build(folder: Path, count: int) -> None:
    """Photos that all differ, each with a prediction, two strokes, an undo and every fourth one reviewed."""
    folder.mkdir(parents=True, exist_ok=True)
    with CaseStore.open(folder, user_name="bench") as store:
        done = len(store.names())
        for number in range(done, count):
            path = folder / f"{number:05d}.bmp"
            rgb = np.random.default_rng(number).integers(0, 255, (12, 16, 3), np.uint8)
            path.write_bytes(cv2.imencode(".bmp", cv2.resize(rgb, (256, 192)))[1].tobytes())
            _fill(store, read_photo(path), number)


def _fill(store: CaseStore, photo: Photo, number: int) -> None:
    grid = np.zeros((1, 96, 96), np.uint8)
    cv2.circle(grid[0], (48, 48), 20 + number % 11, 255, cv2.FILLED)
    masks = [_disc(photo.shape, (128 + k, 96), 60 + number % 13 + 3 * k) for k in range(3)]
    quality = 0.9 + number % 100 / 1000
    prediction = Prediction(grid, photo.shape, 0.5, "bench", "0" * 64, quality=quality)
    summary, _ = store.save_prediction(photo, prediction, masks[0])
    for revision, (mask, tool) in enumerate(
        ((masks[1], "brush"), (masks[2], "brush"), (masks[1], "undo")), 1
    ):
        store.save_step(_step(summary.case_id, mask, revision, tool))
    if number % 4 == 0:
        store.set_status(summary.case_id, CaseStatus.REVIEWED)


def _disc(shape: tuple[int, int], centre: tuple[int, int], radius: int) -> MaskArray:
    mask = np.zeros(shape, np.uint8)
    cv2.circle(mask, centre, radius, 1, cv2.FILLED)
    return mask


def _step(case_id: str, mask: MaskArray, revision: int, tool: str) -> EditStep:
    action = tool.capitalize()
    return EditStep(case_id, action, tool, Origin.HUMAN, mask, b"", CaseStatus.EDITED, revision, time.time())


def commit(shape: tuple[int, int], steps: int) -> dict[str, float]:
    """Strokes of 24 to 96 px on one photo: made in this thread, saved in another one, as the window does.

    Returns:
        `gui_ms_*`: from letting the pointer go to the end of that event; `save_ms_*`: of the store's transaction;
        `bytes_per_1000_edits`: growth of the file.
    """
    with tempfile.TemporaryDirectory() as name:
        photo = Photo(Path(name) / "a.bmp", np.zeros((*shape, 3), np.uint8), "0" * 64)
        photo.path.write_bytes(b"a")
        with CaseStore.open(Path(name), user_name="bench") as store:
            grid = np.zeros((1, 384, 384), np.uint8)
            middle = (shape[1] // 2, shape[0] // 2)
            mask = _disc(shape, middle, shape[0] // 3)
            store.save_prediction(photo, Prediction(grid, shape, 0.5, "bench", "0" * 64), mask)
            before = store.database.stat().st_size
            made, saved = list[float](), list[float]()
            worker = threading.Thread(
                target=_save_all, args=(store, _strokes(store, photo, steps, made), saved)
            )
            worker.start()
            worker.join()
            problems = store.verify()
            if problems:
                raise RuntimeError(f"the store is damaged: {problems}")
            grown = store.database.stat().st_size - before
    return {
        **{f"gui_ms_{key}": value for key, value in _spread(made).items()},
        **{f"save_ms_{key}": value for key, value in _spread(saved).items()},
        "bytes_per_1000_edits": round(grown * 1000 / steps),
    }


def _strokes(store: CaseStore, photo: Photo, count: int, made: list[float]) -> Iterator[EditStep]:
    from tongue_viewer.editor.document import Document

    state = store.load(photo)
    document, steps = Document(), list[EditStep]()
    document.step_made.connect(steps.append)
    document.open(CaseState(CaseSummary(photo.path, state.summary.case_id), photo, state.mask, state.origin))
    rng = np.random.default_rng(0)
    for _ in range(count):
        stroke = document.begin_stroke()
        radius = int(rng.integers(12, 48))
        angle, reach = rng.uniform(0, 2 * np.pi), photo.shape[0] / 3
        x = round(photo.shape[1] / 2 + reach * np.cos(angle))
        y = round(photo.shape[0] / 2 + reach * np.sin(angle))
        box = (max(0, y - radius), max(0, x - radius), 2 * radius, 2 * radius)
        pixels = document.mask[box[0] : box[0] + box[2], box[1] : box[1] + box[3]].copy()
        cv2.circle(pixels, (radius, radius), radius, int(rng.integers(0, 2)), cv2.FILLED)
        stroke.show(box, pixels)
        begin = time.perf_counter()
        told = stroke.commit("Brush", "brush")
        made.append(time.perf_counter() - begin)
        if told:
            yield steps.pop()


def _save_all(store: CaseStore, steps: Iterator[EditStep], saved: list[float]) -> None:
    for step in steps:
        begin = time.perf_counter()
        store.save_step(step)
        saved.append(time.perf_counter() - begin)


def _spread(seconds: list[float]) -> dict[str, float]:
    values = {"p50": np.percentile(seconds, 50), "p95": np.percentile(seconds, 95), "max": max(seconds)}
    return {key: round(1e3 * float(value), 2) for key, value in values.items()}


def _child(folder: Path) -> dict[str, float]:
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    with tempfile.TemporaryDirectory() as home:
        environment["TONGUE_VIEWER_HOME"] = home
        command = [sys.executable, "-m", "benchmarks.store.scale", str(folder), "--open"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _open(folder: Path) -> None:
    """In a process of its own: from the request to the list, and to the first photo painted."""
    from PySide6.QtWidgets import QApplication

    from tongue_viewer.app.application import TongueViewerApp
    from tongue_viewer.core.settings import Settings

    application = QApplication([])
    program = TongueViewerApp(application, settings=Settings(predict_ahead=False))
    program.window.resize(1600, 1000)
    program.window.show()
    while not program.window.isVisible():
        application.processEvents()
    marks = dict[str, float]()
    pane = program.window.workbench.canvas.photo_pane
    begin = time.perf_counter()
    program.cases.folder_listed.connect(lambda: marks.setdefault("list_s", time.perf_counter() - begin))
    pane.painted.connect(
        lambda: (
            marks.setdefault("first_photo_s", time.perf_counter() - begin)
            if program.document.is_open
            else None
        )
    )
    program.open(folder)
    while "first_photo_s" not in marks:
        application.processEvents()
    print(json.dumps({key: round(value, 3) for key, value in marks.items()}), flush=True)
    program.shutdown()


if __name__ == "__main__":
    main()

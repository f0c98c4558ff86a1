"""Random switches of photo and folder during prediction, painting, saving and filtering, in one real window.

    python -m benchmarks.store.race [--switches 10000] [--seed 0]

Two folders at a time hold photos of equal names. Every photo owns some columns: whatever is painted on it, and what the
model answers for it, lies there. A pixel anywhere else is a mask in a foreign case. Saves, loads and answers come late
at random. After the run the log of every case is replayed and held against the steps that the window made.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.store.check import read_contents, revisions
from benchmarks.store.hand import Button, Hand, Key, Modifier, Point
from benchmarks.store.journal import Line, mask_digest
from benchmarks.store.photos import SHAPE, KnowingSource, digests, marked, picture, write_photos
from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.core.cases import EditStep
from tongue_viewer.core.photo import MaskArray, Photo, RgbArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import CaseStore

PHOTOS = 8
COLUMNS = SHAPE[1] // (2 * PHOTOS)
"""That a photo owns."""

SWITCHES_A_PAIR = 150
"""After so many there are two fresh folders."""


class SlowLibrary(Library):
    """A disk that now and then takes its time."""

    def __init__(self, seed: int, slowest: float) -> None:
        super().__init__()
        self._random, self._slowest = Random(seed), slowest

    @contextmanager
    def use(self, folder: Path | None = None) -> Iterator[CaseStore]:
        """As of any library, later."""
        self._sleep()
        with super().use(folder) as store:
            yield store
            self._sleep()

    def photo(self, path: Path) -> Photo:
        """As of any library, later."""
        self._sleep()
        return super().photo(path)

    def _sleep(self) -> None:
        if self._random.random() < 0.2:
            time.sleep(self._random.random() ** 3 * self._slowest)


class LateAnswers(QObject):
    """Brings what the inference thread reports to the desk later, in its order, as a busy machine does."""

    def __init__(self, desk: PredictionDesk, seed: int, slowest: float) -> None:
        super().__init__(desk)
        self._desk, self._random, self._slowest = desk, Random(seed), slowest
        self._queue: deque[tuple[str, object]] = deque()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_time)
        runner = desk.runner
        for signal, take in (
            (runner.reported, self._on_reported),
            (runner.failed, self._on_failed),
            (runner.finished, self._on_finished),
        ):
            signal.disconnect()
            signal.connect(take)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        self._put("_on_event", event)

    @Slot(object)
    def _on_failed(self, failure: object) -> None:
        self._put("_on_failed", failure)

    @Slot(object)
    def _on_finished(self, ticket: object) -> None:
        self._put("_on_finished", ticket)

    def _put(self, slot: str, value: object) -> None:
        self._queue.append((slot, value))
        if not self._timer.isActive():
            self._timer.start(round(1000 * self._slowest * self._random.random() ** 3))

    @Slot()
    def _on_time(self) -> None:
        while self._queue:
            slot, value = self._queue.popleft()
            getattr(self._desk, slot)(value)
            if self._random.random() < 0.3:
                break
        if self._queue:
            self._timer.start(round(1000 * self._slowest * self._random.random() ** 3))


@dataclass
class Tally:
    """What the run came to."""

    switches: int = 0
    folder_switches: int = 0
    opened: int = 0
    strokes: int = 0
    strokes_cut_by_a_switch: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    entries: int = 0
    foreign: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was mixed up, dropped or damaged."""
        return not (self.foreign or self.dropped or self.problems)


class Race(QObject):
    """The window, a restless hand, and the account of both.

    Args:
        application: of the process.
        place: for two folders of photos.
        seed: of everything.
    """

    def __init__(self, application: QApplication, place: Path, seed: int) -> None:
        super().__init__()
        self.tally = Tally()
        self._place, self._random = place, Random(seed)
        self._seeds = range(2 * PHOTOS)
        self._known: dict[bytes, int] = {}
        self._owner: dict[Path, int] = {}
        self._photos: dict[Path, dict[str, str]] = {}
        self._steps: dict[Path, list[Line]] = {}
        self._cases: dict[tuple[Path, str], Path] = {}
        self._pairs: list[tuple[Path, Path]] = []
        models = KnowingSource(self._mask_of, seed, slowest=0.03)
        settings = Settings(user_name="racer", theme="dark", brush_size=5)
        self.app = app = TongueViewerApp(
            application, settings=settings, models=models, library=SlowLibrary(seed, 0.025)
        )
        LateAnswers(app.predictions, seed, 0.1)
        self._hand = Hand(app, self._random)
        app.document.step_made.connect(self._on_step)
        app.document.opened.connect(self._on_opened)
        app.document.closed.connect(self._on_opened)
        app.document.prediction_changed.connect(self._on_answer)
        app.cases.wanted_changed.connect(self._on_wanted)
        app.cases.folder_listed.connect(self._on_folder)

    def run(self, switches: int) -> Tally:
        """Everything, with the judgement."""
        begin = time.monotonic()
        app = self.app
        app.window.resize(1000, 640)
        app.window.show()
        QTest.qWaitForWindowExposed(app.window)
        while self.tally.switches < switches:
            if self.tally.switches >= SWITCHES_A_PAIR * len(self._pairs):
                self._make_pair()
                app.open(self._pairs[-1][0])
            self._go_on()
        while self._hand.answer():
            QTest.qWait(1)
        app.window.close()
        if app.window.isVisible():
            self.tally.problems.append("the window does not close")
        app.shutdown()
        self.tally.problems += [f"a save failed: {path.name}" for path in app.cases.saves.unsaved]
        app.window.let_close()
        app.window.deleteLater()
        for folder in self._photos:
            self._judge(folder)
        self.tally.seconds = round(time.monotonic() - begin, 1)
        return self.tally

    def _make_pair(self) -> None:
        """Two more folders, in which no person has painted and no model has answered."""
        place = self._place / f"pair-{len(self._pairs)}"
        pair = (place / "one", place / "two")
        for half, folder in enumerate(pair):
            first = half * PHOTOS
            # Every second pair has the photos of the one before: masks made elsewhere are then offered.
            pictures = [
                marked(picture(one), len(self._pairs) // 2) for one in self._seeds[first : first + PHOTOS]
            ]
            self._known |= {rgb.tobytes(): first + row for row, rgb in enumerate(pictures)}
            paths = write_photos(folder, pictures)
            self._owner |= {path: first + row for row, path in enumerate(paths)}
            self._photos[folder], self._steps[folder] = digests(folder), []
        self._pairs.append(pair)

    def _go_on(self) -> None:
        if self._random.random() < 0.3:
            self._hand.answer()  # else the question stays while other things happen
        what = self._random.choices(_DEEDS, _WEIGHTS)[0]
        getattr(self, f"_{what}")()
        if what == "switch" and self._random.random() < 0.4:
            self._wait_for_photo()
        else:
            self._pause()

    def _wait_for_photo(self) -> None:
        """As most people do before they paint; not for ever."""
        cases, document = self.app.cases, self.app.document
        end = time.monotonic() + 0.5
        while document.path != cases.wanted and time.monotonic() < end:
            QTest.qWait(2)

    def _pause(self) -> None:
        """Now and then nothing, so that one deed follows the other before anything was delivered."""
        if self._random.random() < 0.6:
            QTest.qWait(self._random.randrange(0, self._random.choice((2, 8, 40))))

    def _switch(self) -> None:
        hand, keys = self._hand, (Key.Key_D, Key.Key_A, Key.Key_D, Key.Key_A, Key.Key_N, Key.Key_Return)
        rows = max(1, self.app.window.photos.filter.rowCount())
        if self._random.random() < 0.4:
            hand.click_in_list(self._random.randrange(rows))
        else:
            hand.key(self._random.choice(keys))

    def _folder(self) -> None:
        self.app.window.folder_requested.emit(self._random.choice(self._pairs[-1]))

    def _filter(self) -> None:
        self._hand.change_list()

    def _keys(self) -> None:
        self._hand.key(self._random.choice((Key.Key_R, Key.Key_G, Key.Key_F5, Key.Key_Y, Key.Key_Z)))

    def _undo(self) -> None:
        self._hand.key(Key.Key_Z, Modifier.ControlModifier)

    def _reset(self) -> None:
        self._hand.key(Key.Key_R, Modifier.ControlModifier)

    def _all(self) -> None:
        self._hand.key(Key.Key_F5, Modifier.ShiftModifier)

    def _stroke(self) -> None:
        """A stroke in the columns of the photo that is shown."""
        if self.app.document.is_open:
            self._draw(disturbed=False)

    def _disturbed_stroke(self) -> None:
        """A switch, an answer or a folder comes between press and release."""
        if self.app.document.is_open:
            self._draw(disturbed=True)

    def _draw(self, *, disturbed: bool) -> None:
        document, hand, tally = self.app.document, self._hand, self.tally
        button = self._random.choice((Button.LeftButton, Button.LeftButton, Button.RightButton))
        before, opened, steps = document.mask.copy(), tally.opened, tally.steps.total()
        points = self._line(document.path)
        hand.press(points[0], button)
        for point in points[1:]:
            if disturbed and self._random.random() < 0.5:
                getattr(self, f"_{self._random.choice(_DISTURBANCES)}")()
                self._pause()
                steps = max(steps, tally.steps.total())
            hand.move(point)
        cut = tally.opened != opened
        changed = not cut and document.stroke_in_hand and not np.array_equal(before, document.mask)
        hand.release(points[-1], button)
        tally.strokes += 1
        tally.strokes_cut_by_a_switch += cut
        if changed and not disturbed and tally.steps.total() == steps:
            tally.dropped.append("a finished stroke made no step")

    def _line(self, path: Path | None) -> list[Point]:
        """Down the middle of the photo's own columns."""
        owner = self._owner[path] if path is not None else 0
        x = COLUMNS * (owner + 0.5)
        top = self._random.uniform(8, 60)
        return [(x, top + 6 * step) for step in range(self._random.randrange(2, 5))]

    def _mask_of(self, rgb: RgbArray) -> MaskArray:
        """The model's answer: a block low down in the photo's own columns."""
        first = COLUMNS * self._known[rgb.tobytes()]
        mask = np.zeros(SHAPE, np.uint8)
        mask[100:130, first + 2 : first + COLUMNS - 2] = 1
        return mask

    @Slot(object)
    def _on_step(self, step: EditStep) -> None:
        path = self.app.document.path
        if path is None:
            self.tally.problems.append(f"a step without an open photo: {step.tool}")
            return
        self.tally.steps[step.tool] += 1
        where = self._cases.setdefault((path.parent, step.case_id), path)
        if where != path or _is_foreign(step.mask, self._owner[path]):
            self.tally.foreign.append(f"{step.tool} on {path.parent.name}/{path.name}")
        line = Line(
            "step",
            time.monotonic(),
            path.name,
            step.case_id,
            mask_digest(step.mask),
            step.status.value,
            step.tool,
            step.made,
            step.revision,
        )
        self._steps[path.parent].append(line)

    @Slot()
    def _on_opened(self) -> None:
        self.tally.opened += 1
        document = self.app.document
        if document.path is not None and _is_foreign(document.mask, self._owner[document.path]):
            self.tally.foreign.append(f"shown on {document.path.parent.name}/{document.path.name}")

    @Slot()
    def _on_answer(self) -> None:
        self.tally.answers += 1

    @Slot(object)
    def _on_wanted(self, _path: Path) -> None:
        self.tally.switches += 1

    @Slot(object)
    def _on_folder(self, _listed: object) -> None:
        self.tally.folder_switches += 1

    def _judge(self, folder: Path) -> None:
        tally, steps = self.tally, self._steps[folder]
        contents = read_contents(folder)
        tally.problems += contents.problems
        tally.foreign += contents.misplaced(steps)
        tally.dropped += [f"{s.tool} on {s.photo} is not in its log" for s in steps if not contents.holds(s)]
        with CaseStore.open(folder) as store:
            for case_id, name in contents.names.items():
                for row, mask in revisions(store, case_id):
                    tally.entries += 1
                    if _is_foreign(mask, self._owner[folder / name]):
                        tally.foreign.append(f"entry {row.number} ({row.tool}) of {name}")
        if digests(folder) != self._photos[folder]:
            tally.problems.append("a photo file was changed")


def _is_foreign(mask: MaskArray, owner: int) -> bool:
    """Whether anything lies outside of the photo's own columns."""
    elsewhere = mask.copy()
    elsewhere[:, COLUMNS * owner : COLUMNS * (owner + 1)] = 0
    return bool(elsewhere.any())


_WORK = {
    "switch": 40,
    "filter": 5,
    "folder": 0.4,
    "stroke": 22,
    "disturbed_stroke": 8,
    "undo": 3,
    "keys": 6,
    "reset": 2,
    "all": 0.5,
}
_DISTURBANCES = (*("switch",) * 8, *("keys",) * 4, *("filter",) * 2, "folder")
_DEEDS, _WEIGHTS = tuple(_WORK), tuple(_WORK.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the outcome as JSON and as a line of a Markdown table; 1 where anything was mixed up or dropped."""
    parser = argparse.ArgumentParser(prog="benchmarks.store.race")
    parser.add_argument("--switches", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="tongue-viewer-race-") as folder:
        os.environ["TONGUE_VIEWER_HOME"] = str(Path(folder) / "home")
        tally = Race(QApplication([]), Path(folder), options.seed).run(options.switches)
    print(json.dumps(tally.__dict__, indent=1, ensure_ascii=False))
    print(
        f"| races | {tally.switches} switches of photo, {tally.folder_switches} of folder, in {tally.seconds} s |"
        f" {tally.strokes} strokes, {tally.steps.total()} steps, {tally.answers} answers, {tally.entries} entries |"
        f" in a foreign case: {len(tally.foreign)}, dropped: {len(tally.dropped)},"
        f" problems: {len(tally.problems)} |"
    )
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())

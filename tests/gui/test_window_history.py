"""The history in the window: earlier masks are only looked at, and going back is one step like any other."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.events import RevisionRead
from tongue_viewer.core.history import LogEntry
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.history_panel import HistoryPanel
from tongue_viewer.workers.job_runner import JobTicket

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False, user_name="Anna")
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class History:
    """A run of the program with two photos; on the first one the model's mask, then two strokes."""

    def __init__(self, run: Driver, qtbot: QtBot, paths: list[Path]) -> None:
        self.run, self.qtbot, self.paths = run, qtbot, paths
        self.control, self.bar = run.window.history, run.window.history.bar
        self.canvas = run.window.workbench.canvas
        run.open(paths[0])
        run.key(Qt.Key.Key_F5)
        qtbot.waitUntil(lambda: bool(run.mask().any()))
        self.masks = [run.mask()]
        for dx, dy in ((60, 40), (-70, 50)):
            run.paint(dx, dy)
            self.masks.append(run.mask())
        assert len({mask.tobytes() for mask in self.masks}) == 3
        run.window.table["history"].trigger()
        self.panel.model.set_folded(False)
        qtbot.waitUntil(lambda: self.panel.model.rowCount() == 3)

    @property
    def panel(self) -> HistoryPanel:
        return self.run.window.inspector.history

    def choose(self, row: int) -> LogEntry:
        """Choose a row as a click does, and wait for its mask."""
        self.panel.view.setCurrentIndex(self.panel.model.index(row))
        entry = self.panel.model.line_at(row).entry
        self.qtbot.waitUntil(lambda: self.canvas.shows_past and not self.bar.isHidden())
        self.run.wait_idle()
        return entry

    def seen(self) -> MaskArray:
        """The mask on the pane, read off its pixels (the view is "mask alone", one screen pixel for one)."""
        self.run.window.table["view_mask"].trigger()
        self.canvas.one_to_one()
        pane, shape = self.canvas.mask_pane, self.run.document.mask.shape
        self.canvas.point_at(pane, None)
        self.bar.setVisible(False)
        image = pane.grab().toImage()
        left, top = self.canvas.transform.origin(pane.device_size)
        found = [
            [image.pixelColor(left + x, top + y).red() > 128 for x in range(shape[1])]
            for y in range(shape[0])
        ]
        self.bar.setVisible(self.canvas.shows_past)
        return np.array(found, np.uint8)

    def stored(self) -> tuple[int, MaskArray]:
        """How many entries the store has of the first photo, and its mask."""
        self.run.wait_idle()
        store = self.run.app.library.store
        case_id = store.summaries(self.paths[:1])[0].case_id
        return len(store.history(case_id)), store.stored_case(case_id).mask

    def middle(self) -> QPoint:
        return self.canvas.mask_pane.rect().center()

    def is_now(self) -> bool:
        """Whether nothing but the mask of now is left on the screen."""
        return not self.canvas.shows_past and self.bar.isHidden() and not self.canvas.scene.shows_other


@pytest.fixture
def history(start: Start, qtbot: QtBot, tmp_path: Path) -> History:
    paths = make_folder(tmp_path / "photos", 2)
    return History(start(settings=QUIET), qtbot, paths)


def test_the_panel_is_folded_until_it_is_asked_for(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    panel = run.window.inspector.history
    assert not panel.view.isVisible()
    run.key(Qt.Key.Key_H, CTRL)
    assert panel.view.isVisible()
    assert not panel.view.visibleRegion().isEmpty()
    run.wait_idle()
    assert panel.figures.text() == "No step of this photo is stored yet."
    panel.head.click()
    assert not run.window.table["history"].isChecked()
    assert not panel.view.isVisible()


def test_the_list_says_what_was_done_and_follows_new_steps(history: History) -> None:
    panel, run = history.panel, history.run
    assert [panel.model.line_at(row).entry.tool for row in range(3)] == ["brush", "brush", "segment"]
    assert panel.figures.text().startswith("2 steps · ")
    assert "Dice with the model's mask 0." in panel.figures.text()
    run.key(Qt.Key.Key_R)
    history.qtbot.waitUntil(lambda: panel.model.rowCount() == 4)
    assert panel.model.line_at(0).entry.status is CaseStatus.REVIEWED
    assert panel.figures.text().endswith("reviewed by Anna")
    assert panel.anchors["reviewed"].isEnabled()


def test_a_folded_panel_reads_nothing(history: History) -> None:
    history.qtbot.waitUntil(lambda: not history.run.app._history._timer.isActive())
    history.run.wait_idle()
    history.run.window.table["history"].trigger()
    done: list[JobTicket] = []
    history.run.app.cases.runner.finished.connect(done.append)
    history.run.paint(-30, -30)
    history.run.wait_idle()
    assert [ticket.label for ticket in done if ticket.durable] == ["Save 000.bmp"] * len(done)
    assert not history.run.app._history._timer.isActive()
    assert history.panel.model.rowCount() == 3


def test_every_row_shows_its_mask_and_the_store_hears_nothing(history: History) -> None:
    before = history.stored()
    for row, mask in ((2, history.masks[0]), (1, history.masks[1])):
        history.choose(row)
        assert np.array_equal(history.seen(), mask)
        assert np.array_equal(history.run.mask(), history.masks[2])
    assert "as it was" in history.bar.text.text()
    history.run.key(Qt.Key.Key_Escape)
    assert history.is_now()
    assert np.array_equal(history.seen(), history.masks[2])
    after = history.stored()
    assert after[0] == before[0]
    assert np.array_equal(after[1], before[1])


def test_the_newest_row_is_the_mask_of_now(history: History) -> None:
    history.choose(0)
    assert "as it is now" in history.bar.text.text()
    assert not history.bar.back_button.isEnabled()


def test_going_back_is_one_undoable_step(history: History) -> None:
    entry = history.choose(1)
    history.bar.back_button.click()
    assert history.is_now()
    assert np.array_equal(history.run.mask(), history.masks[1])
    assert history.run.document.undo_stack.undoText().startswith("Back to ")
    count, mask = history.stored()
    assert count == 4
    assert np.array_equal(mask, history.masks[1])
    last = history.run.app.library.store.history(entry.case_id)[-1]
    assert (last.tool, last.status) == ("restore", CaseStatus.EDITED)
    history.run.key(Qt.Key.Key_Z)
    assert np.array_equal(history.run.mask(), history.masks[2])


def test_going_back_by_keys_alone(history: History) -> None:
    view = history.panel.view
    view.setFocus()
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Down)
    history.qtbot.waitUntil(lambda: history.canvas.shows_past)
    history.run.wait_idle()
    assert np.array_equal(history.seen(), history.masks[0])
    history.run.key(Qt.Key.Key_G, ALT)
    history.qtbot.waitUntil(history.is_now)  # the button is seen to go down first
    assert np.array_equal(history.run.mask(), history.masks[0])


def test_the_arrows_walk_from_the_photo_too(history: History) -> None:
    history.choose(0)
    pane = history.canvas.mask_pane
    pane.setFocus()
    for _ in range(2):
        QTest.keyClick(pane, Qt.Key.Key_Down)
    history.run.wait_idle()
    assert np.array_equal(history.seen(), history.masks[0])
    QTest.keyClick(pane, Qt.Key.Key_Up)
    history.run.wait_idle()
    assert np.array_equal(history.seen(), history.masks[1])


def test_named_places(history: History) -> None:
    assert not history.panel.anchors["reviewed"].isEnabled()
    assert not history.panel.anchors["yesterday"].isEnabled()
    history.panel.anchors["model"].click()
    history.qtbot.waitUntil(lambda: history.canvas.shows_past)
    assert np.array_equal(history.seen(), history.masks[0])
    assert history.panel.view.currentIndex().row() == 2


def test_compare_shows_what_was_added_and_taken_off_since(history: History) -> None:
    run, canvas = history.run, history.canvas
    run.key(Qt.Key.Key_E)
    run.paint(30, 10)
    now = run.mask()
    history.qtbot.waitUntil(lambda: history.panel.model.rowCount() == 4)
    history.choose(3)
    run.key(Qt.Key.Key_C, ALT)
    history.qtbot.waitUntil(lambda: "added" in canvas.mask_heading.text())
    canvas.set_outline_visible(False)
    canvas.one_to_one()
    pane, then = canvas.mask_pane, history.masks[0]
    image = pane.grab().toImage()
    left, top = canvas.transform.origin(pane.device_size)
    for wanted, colour in ((now & ~then & 1, look.ADDED), (then & ~now & 1, look.TAKEN)):
        eroded = wanted.copy()
        for axis in (0, 1):
            eroded &= np.roll(wanted, 2, axis) & np.roll(wanted, -2, axis)
        y, x = np.argwhere(eroded)[0]
        seen = image.pixelColor(int(left + x), int(top + y))
        assert abs(seen.hue() - colour.hue()) < 25
    run.key(Qt.Key.Key_Escape)
    assert not history.bar.compare_button.isChecked()
    assert canvas.mask_heading.text() == "Mask"


@pytest.mark.parametrize("tool", ["brush", "eraser", "lasso", "polygon", "wand", "fill", "rope", "click"])
def test_a_press_only_leaves_the_earlier_mask(history: History, tool: str) -> None:
    history.run.window.tools.choose(tool)
    history.choose(2)
    pane, middle = history.canvas.mask_pane, history.middle()
    for button in (LEFT, RIGHT):
        QTest.mousePress(pane, button, PLAIN, middle)
        assert history.is_now()
        QTest.mouseMove(pane, middle + QPoint(50, 30))
        QTest.mouseRelease(pane, button, PLAIN, middle + QPoint(50, 30))
        QTest.mouseDClick(pane, button, PLAIN, middle)  # the second half of a double click in haste
        assert not history.run.document.stroke_in_hand
        assert np.array_equal(history.run.mask(), history.masks[2])
        history.run.window.tools.choose("hand")
        history.run.window.tools.choose(tool)
        history.choose(1)
    QTest.keyClick(pane, Qt.Key.Key_K)
    assert history.is_now()
    assert not history.run.document.stroke_in_hand
    assert history.stored()[0] == 3


def test_the_view_can_be_moved_over_an_earlier_mask(history: History) -> None:
    history.choose(2)
    history.run.window.tools.choose("hand")
    history.canvas.zoom_to(6.0)
    pane, before = history.canvas.mask_pane, history.canvas.transform.centre
    QTest.mousePress(pane, LEFT, PLAIN, history.middle())
    QTest.mouseMove(pane, history.middle() + QPoint(40, 25))
    QTest.mouseRelease(pane, LEFT, PLAIN, history.middle() + QPoint(40, 25))
    assert history.canvas.transform.centre != before
    assert history.canvas.shows_past


@pytest.mark.parametrize("name", ["undo", "redo", "invert", "fill_holes", "grow", "reset"])
def test_what_changes_the_mask_first_leaves_the_earlier_one(history: History, name: str) -> None:
    history.run.paint(10, -40)
    history.run.key(Qt.Key.Key_Z)  # so that there is something to redo
    before = history.run.mask()
    history.qtbot.waitUntil(lambda: history.panel.model.rowCount() == 5)
    history.choose(4)
    history.run.window.table[name].trigger()
    assert history.is_now()
    assert np.array_equal(history.run.mask(), before)
    assert not history.run.document.stroke_in_hand
    assert history.run.window.findChild(QMessageBox) is None
    history.run.window.table[name].trigger()
    question = history.run.window.findChild(QMessageBox)
    assert name == "fill_holes" or question or not np.array_equal(history.run.mask(), before)
    assert (question is None) == (name != "reset")
    if question is not None:
        question.reject()


def test_nothing_is_accepted_while_an_earlier_mask_is_shown(history: History) -> None:
    history.choose(2)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_R):
        history.run.key(key)
        assert "earlier mask" in history.run.message()
    history.run.wait_idle()
    assert history.run.document.path == history.paths[0]
    assert history.run.document.status is CaseStatus.EDITED
    assert not history.run.window.inspector.tidy.isEnabled()
    assert not history.run.window.inspector.threshold.isEnabled()
    history.bar.close_button.click()
    assert history.run.window.inspector.tidy.isEnabled()
    assert history.run.window.inspector.threshold.isEnabled()
    history.run.key(Qt.Key.Key_R)
    history.run.wait_idle()
    assert history.run.statuses()[0] is CaseStatus.REVIEWED


def test_what_is_in_hand_is_neither_lost_nor_covered(history: History) -> None:
    history.run.key(Qt.Key.Key_P)
    QTest.mouseClick(history.canvas.mask_pane, LEFT, PLAIN, history.middle())
    history.panel.view.setCurrentIndex(history.panel.model.index(2))
    history.run.wait_idle()
    assert history.is_now()
    assert "in hand" in history.run.message()
    tool = history.canvas.tool
    assert tool is not None
    assert tool.busy
    assert not history.panel.view.selectionModel().hasSelection()


def test_the_models_mask_can_be_held_over_an_earlier_one(history: History) -> None:
    history.choose(1)
    history.canvas.show_model_mask(shown=True)
    assert history.canvas.mask_heading.text() == "The model's mask"
    assert np.array_equal(history.seen(), history.masks[0])
    history.canvas.show_model_mask(shown=False)
    assert np.array_equal(history.seen(), history.masks[1])


def test_leaving_the_photo_closes_it(history: History) -> None:
    history.choose(2)
    history.run.key(Qt.Key.Key_D)
    history.run.wait_open(history.paths[1])
    assert history.is_now()
    history.run.wait_idle()
    assert history.panel.model.rowCount() == 0


def test_a_mask_that_comes_too_late_is_never_shown(history: History) -> None:
    entry = history.panel.model.line_at(2).entry
    history.panel.view.setCurrentIndex(history.panel.model.index(2))  # on its way …
    history.run.app.cases.want(history.paths[1])  # … and another photo behind it
    history.run.wait_open(history.paths[1])
    history.run.wait_idle()
    late = RevisionRead(entry.case_id, entry.number, history.masks[0])
    history.control.show_revision(late)
    assert history.is_now()
    history.control.choose(replace(entry, case_id=history.run.document.case_id))
    history.control.show_revision(late)
    assert history.is_now()


def test_the_latest_choice_wins(history: History) -> None:
    for row in (2, 0, 2, 1):
        history.panel.view.setCurrentIndex(history.panel.model.index(row))
    history.qtbot.waitUntil(lambda: history.canvas.shows_past)
    history.run.wait_idle()
    assert np.array_equal(history.seen(), history.masks[1])


def test_a_step_that_is_still_to_be_saved_is_in_the_log(history: History) -> None:
    history.run.window.table["history"].trigger()
    history.run.paint(25, -35)
    painted = history.run.mask()
    history.run.window.table["history"].trigger()  # at once
    history.qtbot.waitUntil(lambda: history.panel.model.rowCount() == 4)
    history.choose(0)
    assert np.array_equal(history.seen(), painted)


def test_the_export_holds_every_entry_and_its_hash(history: History, tmp_path: Path) -> None:
    history.panel.export_button.click()
    dialog = history.run.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.selectedFiles()[0].endswith("000-history.csv")
    dialog.fileSelected.emit(str(tmp_path / "trail.csv"))
    dialog.reject()
    history.qtbot.waitUntil(lambda: "3 entries" in history.run.message())
    history.run.close()
    with CaseStore.open(tmp_path / "photos", read_only=True) as store:
        entries = store.history(store.summaries(history.paths[:1])[0].case_id)
        assert store.verify() == []
    text = (tmp_path / "trail.jsonl").read_text("utf-8")
    assert [entry.sha256 in text for entry in entries] == [True] * 3
    assert len((tmp_path / "trail.csv").read_text("utf-8-sig").splitlines()) == 4


def test_a_mask_that_cannot_be_read_is_told_and_not_pointed_at(history: History) -> None:
    history.panel.point_at(history.panel.model.line_at(1).entry)
    history.control.choose(replace(history.panel.model.line_at(1).entry, case_id="nobody's"))
    history.qtbot.waitUntil(lambda: "no case" in history.run.message())
    assert history.is_now()
    assert not history.panel.view.selectionModel().hasSelection()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_only_steps_change_the_mask(history: History, seed: int) -> None:
    draw, run, table = random.Random(seed), history.run, history.run.window.table
    panes = (history.canvas.mask_pane, history.canvas.photo_pane)

    def look() -> None:
        history.panel.view.setCurrentIndex(
            history.panel.model.index(draw.randrange(history.panel.model.rowCount()))
        )

    def press() -> None:
        point = history.middle() + QPoint(draw.randrange(-60, 60), draw.randrange(-40, 40))
        QTest.mouseClick(draw.choice(panes), draw.choice((LEFT, RIGHT)), PLAIN, point)

    def key() -> None:
        run.key(draw.choice((Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_R, Qt.Key.Key_Escape, Qt.Key.Key_E)))

    deeds = (look, look, press, key, table["invert"].trigger, history.bar.compare_button.toggle)
    for _ in range(40):
        past, before, revision = history.canvas.shows_past, run.mask(), run.document.revision
        deed = draw.choice((*deeds, history.bar.back_button.click))
        deed()
        if past and deed != history.bar.back_button.click:  # what leaves an earlier mask does nothing else
            assert run.document.revision == revision
        if run.document.revision == revision:
            assert np.array_equal(run.mask(), before)
        if draw.random() < 0.7:
            run.wait_idle()
        shown = history.canvas.shows_past
        assert shown == history.canvas.scene.shows_other == (not history.bar.isHidden())
        assert shown != run.window.inspector.tidy.isEnabled()
    case_id, now = run.document.case_id, run.mask()
    _, stored = history.stored()
    store = run.app.library.store
    assert np.array_equal(stored, now)
    assert np.array_equal(store.revision(case_id, store.history(case_id)[-1].number), now)
    assert store.verify() == []

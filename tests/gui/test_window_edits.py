"""Painting, saving, switching, quitting: no lost work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.events import CaseLoaded
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)
CTRL = Qt.KeyboardModifier.ControlModifier


def test_painting_then_switching_and_back_keeps_the_edit(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    assert painted.any()
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    assert not run.document.mask.any()
    run.key(Qt.Key.Key_A)
    run.wait_open(paths[0])
    assert np.array_equal(run.document.mask, painted)
    assert run.statuses() == [CaseStatus.EDITED, CaseStatus.TO_DO]


def test_quit_and_restart_keeps_every_mask_and_status(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 3)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    first = run.mask()
    run.key(Qt.Key.Key_Return)
    run.wait_open(paths[1])
    run.paint(dy=-20)
    second = run.mask()
    run.close()  # at once: nothing was waited for
    assert not run.window.isVisible()
    again = start(settings=QUIET)
    again.open(paths[1])
    assert np.array_equal(again.document.mask, second)
    assert again.statuses() == [CaseStatus.REVIEWED, CaseStatus.EDITED, CaseStatus.TO_DO]
    again.app.cases.want(paths[0])
    again.wait_open(paths[0])
    assert np.array_equal(again.document.mask, first)


def test_undo_and_redo_are_saved_too(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    assert not run.window.table["undo"].isEnabled()
    run.paint()
    painted = run.mask()
    assert run.window.table["undo"].text() == "&Undo Brush"
    run.key(Qt.Key.Key_Z, CTRL)
    assert not run.document.mask.any()
    run.key(Qt.Key.Key_Y)
    assert np.array_equal(run.document.mask, painted)
    run.key(Qt.Key.Key_Z)
    run.close()
    again = start(settings=QUIET)
    again.open(tmp_path)
    assert not again.document.mask.any()


def test_the_status_line_says_what_is_saved(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    saved = run.window.status_line.saved
    assert saved.text() == ""
    run.paint()
    assert saved.text() == "saving …"
    qtbot.waitUntil(lambda: saved.text().startswith("✓ saved"))


def status(run: Driver) -> CaseStatus:
    return run.document.status


def test_review_and_flag_are_toggles_and_an_edit_ends_a_review(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.key(Qt.Key.Key_R)
    assert status(run) is CaseStatus.REVIEWED
    run.key(Qt.Key.Key_R)
    assert status(run) is CaseStatus.TO_DO
    run.key(Qt.Key.Key_G)
    assert status(run) is CaseStatus.FLAGGED
    assert run.window.table["flag"].isChecked()
    run.paint()
    assert status(run) is CaseStatus.EDITED
    assert not run.window.table["flag"].isChecked()
    run.key(Qt.Key.Key_G)
    run.key(Qt.Key.Key_G)
    assert status(run) is CaseStatus.EDITED


def break_saving(run: Driver) -> CaseStore:
    """Take the right to write from the open database, as an unplugged drive does."""
    store = run.app.library.store
    store.writable = False
    return store


def test_a_failed_save_is_told_kept_and_tried_again(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    store = break_saving(run)
    run.paint()
    painted = run.mask()
    run.wait_idle()
    assert "was not saved" in run.message()
    assert run.window.status_line.saved.text() == "△ not saved"
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    run.key(Qt.Key.Key_A)
    run.wait_open(paths[0])
    assert np.array_equal(run.document.mask, painted)  # what only memory holds is newer than the disk
    assert run.document.status is CaseStatus.EDITED
    store.writable = True
    run.window.messages.button.click()
    run.wait_idle()
    assert run.window.status_line.saved.text().startswith("✓ saved")
    run.close()
    again = start(settings=QUIET)
    again.open(tmp_path)
    assert np.array_equal(again.document.mask, painted)


def test_another_try_is_offered_in_every_folder(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path / "one", 1)
    other = make_folder(tmp_path / "two", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "one")
    store = break_saving(run)
    run.paint()
    painted = run.mask()
    run.wait_idle()
    run.window.messages.show_message("No other photo is left to do.", word="done", brief=True)
    run.app.open(tmp_path / "two")
    run.wait_open(other[0])
    assert run.window.messages.word == "retry_save"
    store.writable = True
    run.window.messages.button.click()
    run.wait_idle()
    assert run.message() == ""
    run.close()
    again = start(settings=QUIET)
    again.open(tmp_path / "one")
    assert np.array_equal(again.document.mask, painted)


def test_what_is_painted_during_another_try_is_saved_right_after_it(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    store = break_saving(run)
    run.paint()
    run.wait_idle()
    store.writable = True
    run.window.messages.button.click()
    run.paint(dy=-30)  # the other try is on its way
    run.wait_idle()
    assert not run.app.cases.saves.unsaved
    run.window.close()
    assert not run.window.isVisible()  # nothing to ask


def test_an_older_failed_step_never_follows_a_newer_saved_one(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    store = break_saving(run)
    run.paint()
    run.wait_idle()
    assert run.app.cases.saves.unsaved
    store.writable = True
    run.paint(dy=-30)
    newest = run.mask()
    run.app.cases.saves.retry()
    run.wait_idle()
    assert not run.app.cases.saves.unsaved
    assert run.message() == ""
    run.close()
    again = start(settings=QUIET)
    again.open(tmp_path)
    assert np.array_equal(again.document.mask, newest)


def test_the_window_does_not_close_over_unsaved_work(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    store = break_saving(run)
    run.paint()
    run.window.close()
    assert run.window.isVisible()
    question = run.window.findChild(QMessageBox)
    assert isinstance(question, QMessageBox)
    assert "000.bmp" in question.text()
    default = question.defaultButton()
    assert default is not None
    assert "Keep" in default.text()
    store.writable = True
    run.key(Qt.Key.Key_Escape, widget=question)
    run.wait_idle()
    assert run.window.isVisible()
    run.window.close()  # saved meanwhile: no question
    assert not run.window.isVisible()


def test_closing_tries_again_before_it_asks(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    store = break_saving(run)
    run.paint()
    painted = run.mask()
    run.wait_idle()
    store.writable = True
    run.close()
    assert not run.window.isVisible()
    again = start(settings=QUIET)
    again.open(tmp_path)
    assert np.array_equal(again.document.mask, painted)


def test_a_person_may_leave_without_saving(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    break_saving(run)
    run.paint()
    run.window.close()
    question = run.window.findChild(QMessageBox)
    assert isinstance(question, QMessageBox)
    leave = next(b for b in question.buttons() if "lose" in b.text())
    leave.click()
    assert not run.window.isVisible()


def test_a_folder_in_use_elsewhere_says_that_changes_are_not_kept(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    with CaseStore.open(tmp_path):
        run = start(settings=QUIET)
        run.open(tmp_path)
        assert run.message()
        assert "read-only" in run.window.status_line.saved.text()
        assert run.document.is_open


def test_settings_of_the_window_come_back(start: Start) -> None:
    run = start()
    run.window.tools.set_diameter(60)
    run.window.view.set_mode("cutout")
    run.window.view.set_opacity(0.4)
    run.window.table["two_panes"].trigger()
    run.close()
    again = start()
    assert again.window.tools.diameter == 60
    assert again.window.view.mode == "cutout"
    assert again.window.view.opacity == 0.4
    assert not again.window.table["two_panes"].isChecked()


def test_going_back_before_the_other_photo_has_come_keeps_photo_and_undo(
    start: Start, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.app.cases.want(paths[1])
    run.app.cases.want(paths[0])
    run.paint(dy=-20)
    run.wait_idle()
    assert run.document.path == paths[0]
    assert run.document.undo_stack.count() == 2
    run.key(Qt.Key.Key_Z)
    assert np.array_equal(run.document.mask, painted)


def test_a_second_answer_to_one_wish_takes_nothing_back(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    for path in (paths[1], paths[0], paths[1]):
        run.app.cases.want(path)
    stale = CaseLoaded(run.app.library.store.load(run.app.library.photo(paths[1])), tmp_path)
    run.wait_open(paths[1])
    run.paint()
    painted = run.mask()
    run.app.cases.runner.reported.emit(stale)
    assert np.array_equal(run.document.mask, painted)

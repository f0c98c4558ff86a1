"""Saving in the window: undo outlives the program, failed steps come back by themselves, nothing is overtaken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.events import PredictionReady
from tongue_viewer.core.settings import Settings
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.storage.case_store import CaseStore

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def go_away_and_back(run: Driver, paths: list[Path]) -> None:
    for path in (paths[1], paths[0]):
        run.app.cases.want(path)
        run.wait_open(path)


def test_undo_survives_another_photo_and_the_end_of_the_program(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    first = run.mask()
    run.paint(dy=-30)
    second = run.mask()
    go_away_and_back(run, paths)
    run.key(Qt.Key.Key_Z)
    assert np.array_equal(run.document.mask, first)
    run.close()
    again = start(settings=QUIET)
    again.open(tmp_path)
    assert np.array_equal(again.document.mask, first)
    again.key(Qt.Key.Key_Y)
    assert np.array_equal(again.document.mask, second)
    again.key(Qt.Key.Key_Z)
    again.key(Qt.Key.Key_Z)
    assert not again.document.mask.any()
    assert not again.window.table["undo"].isEnabled()
    again.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert store.verify() == []


def test_every_failed_step_is_in_the_log_once_the_drive_is_back(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    saves, store = run.app.cases.saves, run.app.library.store
    saves._again.setInterval(20)
    store.writable = False
    masks = []
    for dy in (0, -30, 30):
        run.paint(dy=dy)
        masks.append(run.mask())
    run.wait_idle()
    assert saves.unsaved
    store.writable = True
    qtbot.waitUntil(lambda: not saves.unsaved)
    assert run.message() == ""
    entries = store.history(run.document.case_id)
    assert [entry.tool for entry in entries] == ["brush"] * 3
    for entry, mask in zip(entries, masks, strict=True):
        assert np.array_equal(store.revision(entry.case_id, entry.number), mask)


def test_a_late_answer_never_takes_what_was_painted_before_the_photo_was_opened_again(
    start: Start, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    photo = run.document.photo
    assert photo is not None
    prediction, mask = predict_mask(run.app.predictions._models.get()[0], photo)
    summary, replaced = run.app.library.store.save_prediction(photo, prediction, mask)
    assert replaced
    run.paint()
    painted = run.mask()
    go_away_and_back(run, paths)
    run.app.predictions.prediction_ready.emit(PredictionReady(summary, prediction, mask, replaced))
    run.wait_idle()
    assert np.array_equal(run.document.mask, painted)


def test_an_answer_never_takes_what_could_not_be_saved(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    store = run.app.library.store
    store.writable = False
    run.paint()
    painted = run.mask()
    go_away_and_back(run, paths)
    run.wait_idle()
    store.writable = True
    run.app.predictions.predict_now(paths[0])
    qtbot.waitUntil(lambda: run.document.prediction is not None)
    run.wait_idle()
    assert np.array_equal(run.document.mask, painted)
    assert np.array_equal(store.stored_case(run.document.case_id).mask, painted)


def test_what_the_store_got_from_elsewhere_is_shown_unless_the_person_went_on(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    photo = run.document.photo
    assert photo is not None
    prediction, mask = predict_mask(run.app.predictions._models.get()[0], photo)
    run.app.library.store.save_prediction(photo, prediction, mask)
    run.app.cases.reload()
    qtbot.waitUntil(lambda: np.array_equal(run.document.mask, mask))
    run.app.cases.reload()
    run.paint()  # while the case is on its way
    painted = run.mask()
    run.wait_idle()
    assert np.array_equal(run.document.mask, painted)
    assert np.array_equal(run.app.library.store.stored_case(run.document.case_id).mask, painted)


def test_a_photo_that_is_deleted_meanwhile_keeps_its_mask(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    content = paths[0].read_bytes()
    paths[0].unlink()
    run.paint()  # what is open can be worked on to its end
    painted = run.mask()
    run.wait_idle()
    assert run.window.status_line.saved.text().startswith("✓ saved")
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    run.app.cases.want(paths[0])
    run.wait_idle()
    assert "000.bmp" in run.message()
    assert not run.document.is_open
    paths[0].write_bytes(content)
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    run.app.cases.want(paths[0])
    run.wait_open(paths[0])
    assert np.array_equal(run.document.mask, painted)

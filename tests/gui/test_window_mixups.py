"""Ways in which work could land in the wrong place: copied folders, readers, late answers, other contents, other words."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.test_window_import import make_masks
from tests.gui.test_window_predictions import answer_question
from tests.unit.storage.store_makers import make_step
from tests.window_driver import (
    SHAPE,
    BrightPredictor,
    BrightSource,
    Driver,
    make_folder,
    photo_with_ellipse,
    write_photo,
)
from tongue_viewer.core.cases import CaseStatus, Prediction
from tongue_viewer.core.imports import ImportChoice, MaskPair
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)
ANNA, BEN = (Settings(predict_ahead=False, user_name=name) for name in ("anna", "ben"))


def show(run: Driver, path: Path) -> None:
    run.app.cases.want(path)
    run.wait_open(path)


def test_held_steps_of_a_copied_folder_survive_a_save_in_the_original(start: Start, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    make_folder(a, 1)
    run = start(settings=QUIET)
    run.open(a)
    run.paint()
    run.close()
    shutil.copytree(a, b)  # with its database: the same case_ids
    run = start(settings=QUIET)
    run.open(b)
    run.app.library.store.writable = False
    run.paint(dy=-30)
    run.wait_idle()
    saves = run.app.cases.saves
    held = saves.unsaved[b / "000.bmp"].step.mask
    saves._again.stop()
    run.open(a)
    run.wait_open(a / "000.bmp")
    saves._again.stop()
    run.paint(dy=30)
    run.wait_idle()
    with CaseStore.open(b, read_only=True) as store:
        there = any(np.array_equal(case.mask, held) for case in store.stored())
    assert there or b / "000.bmp" in saves.unsaved


def test_an_import_into_a_folder_never_lands_in_its_copy(start: Start, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    paths = make_folder(a, 40)
    run = start(settings=QUIET)
    run.open(a)
    for path in paths:
        run.app.library.store.load(run.app.library.photo(path))
    run.close()
    shutil.copytree(a, b)
    run = start(settings=QUIET)
    run.open(a)
    masks = make_masks(tmp_path / "masks", 39)
    show(run, paths[39])
    pairs = [MaskPair(path, mask) for path, mask in zip(paths[38::-1], masks[::-1], strict=True)]
    run.app.imports.start(a, pairs, ImportChoice())
    run.app.open(b)
    run.wait_open(b / "000.bmp")
    run.wait_idle()
    with CaseStore.open(b, read_only=True) as store:
        assert store.stored_index() == ()


def test_a_held_mask_is_not_shown_on_another_content(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.app.library.store.writable = False
    run.paint()
    run.wait_idle()
    old = run.document.case_id
    show(run, paths[1])
    run.app.cases.saves._again.stop()
    run.app.library.store.writable = True
    write_photo(paths[0], photo_with_ellipse(7))
    os.utime(paths[0], (1, 1))
    run.app.library.store.load(
        run.app.library.photo(paths[0])
    )  # the new content has a case of its own by now
    show(run, paths[0])
    run.wait_idle()
    assert run.document.case_id != old
    assert not run.document.mask.any()


def test_a_reader_never_overwrites_what_the_writer_did(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=ANNA)
    run.open(tmp_path)
    run.paint()
    run.close()
    writer = CaseStore.open(tmp_path, user_name="anna")
    ben = start(settings=BEN)
    ben.open(tmp_path)
    ben.paint(dy=-30)
    ben.wait_idle()
    case_id = writer.stored_index()[0].case_id
    approved = np.zeros(SHAPE, np.uint8)
    approved[10:80, 10:110] = 1
    writer.save_step(make_step(case_id, approved, 99, status=CaseStatus.REVIEWED))
    writer.close()
    ben.app.open(tmp_path)  # as the note of the read-only folder says
    qtbot.waitUntil(lambda: ben.app._writable)
    ben.wait_open()
    ben.app.cases.saves.retry()
    ben.wait_idle()
    case = ben.app.library.store.stored_case(case_id)
    assert case.status is CaseStatus.REVIEWED
    assert np.array_equal(case.mask, approved)
    assert np.array_equal(ben.document.mask, approved)


def test_what_a_reader_paints_on_a_copied_photo_is_not_the_original_s(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    run.close()
    shutil.copy(paths[0], tmp_path / "zz.bmp")
    writer = CaseStore.open(tmp_path)
    reader = start(settings=QUIET)
    reader.open(tmp_path / "zz.bmp")
    reader.paint(dy=-30)
    painted = reader.mask()
    reader.wait_idle()
    writer.close()
    reader.app.open(tmp_path)
    qtbot.waitUntil(lambda: reader.app._writable)
    reader.app.cases.saves.retry()
    reader.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        original = next(case for case in store.stored() if case.name == "000.bmp")
    assert not np.array_equal(original.mask, painted)


def test_an_import_without_overwriting_keeps_a_flag_and_its_note(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path / "photos", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.document.set_status(CaseStatus.FLAGGED, "no consent, do not use")
    run.wait_idle()
    (mask,) = make_masks(tmp_path / "masks", 1)
    run.app.imports.start(tmp_path / "photos", [MaskPair(paths[0], mask)], ImportChoice())
    run.wait_idle()
    line = run.app.library.store.summaries([paths[0]])[0]
    assert (line.status, line.note) == (CaseStatus.FLAGGED, "no consent, do not use")


def test_an_agreed_replacement_does_not_outlive_its_failed_job(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 2)
    source = BrightSource()
    run = start(source, settings=QUIET)
    run.open(tmp_path)
    run.paint()
    run.wait_idle()
    source.missing = True
    run.window.table["predict_photo"].trigger()
    answer_question(run, "Replace")
    run.wait_idle()
    source.missing = False
    run.paint(dy=-30)
    painted = run.mask()
    run.window.table["predict_folder"].trigger()
    run.wait_idle()
    assert np.array_equal(run.document.mask, painted)


class _Slow(BrightPredictor):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def predict_grid(self, rgb: RgbArray) -> Prediction:
        assert self.go.wait(10)
        return super().predict_grid(rgb)


def test_strokes_made_while_the_model_computes_are_kept(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    source, slow = BrightSource(), _Slow()
    source.predictor = slow
    run = start(source, settings=QUIET)
    run.open(tmp_path)
    run.window.table["predict_photo"].trigger()  # no question: there is no mask yet
    run.paint()
    painted = run.mask()
    slow.go.set()
    run.wait_idle()
    assert np.array_equal(run.document.mask, painted)


def test_a_mask_taken_over_is_told_to_the_list_also_behind_another_photo(
    start: Start, tmp_path: Path
) -> None:
    make_folder(tmp_path / "there", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "there")
    run.paint()
    run.key(Qt.Key.Key_R)
    run.close()
    paths = make_folder(tmp_path / "here", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "here")
    run.wait_idle()
    assert run.window.messages.word == "offer"
    run.window.messages.button.click()
    show(run, paths[1])
    run.wait_idle()
    assert run.statuses()[0] == run.app.library.store.summaries(paths)[0].status == CaseStatus.REVIEWED


def test_a_review_stays_with_the_content_it_was_given_to(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    paths = make_folder(tmp_path, 1)
    run = start(settings=ANNA)
    run.open(tmp_path)
    run.paint()
    run.key(Qt.Key.Key_R)
    painted = run.mask()
    run.close()
    write_photo(paths[0], photo_with_ellipse(30))
    run = start(settings=BEN)
    run.open(tmp_path)
    run.wait_idle()
    run.window.messages.button.click()
    qtbot.waitUntil(lambda: np.array_equal(run.document.mask, painted))
    run.wait_idle()
    line = run.app.library.store.summaries(paths)[0]
    assert (line.status, line.reviewed_by) == (CaseStatus.EDITED, "")


def test_a_note_being_typed_survives_what_comes_from_the_store(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.document.set_status(CaseStatus.FLAGGED, "")
    run.wait_idle()
    field = run.window.inspector.case.note_field
    field.setFocus()
    run.app.cases.reload()
    QTest.keyClicks(field, "blurred")
    qtbot.waitUntil(lambda: run.app.cases._reload is None)
    run.wait_idle()
    qtbot.waitUntil(lambda: run.app.library.store.summaries(paths)[0].note == run.document.note)
    assert "blurred" in (run.document.note or field.text())

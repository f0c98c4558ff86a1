"""Predictions in the window: in their own case, ahead of the person, and never over a human hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot

from tests.window_driver import (
    BrightPredictor,
    BrightSource,
    Driver,
    make_folder,
    photo_with_ellipse,
    write_photo,
)
from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.core.cases import CaseStatus, Prediction
from tongue_viewer.core.events import PredictionReady, Progress
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import CaseStore

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def answer_for(run: Driver, path: Path) -> PredictionReady:
    """An event as the inference thread would send it for a photo of the folder."""
    photo = run.app.library.photo(path)
    prediction = BrightSource().predictor.predict_grid(photo.rgb)
    summary = next(s for s in run.window.photos.model.summaries if s.path == path)
    mask = np.ones(photo.shape, np.uint8)
    return PredictionReady(replace(summary, status=CaseStatus.PREDICTED), prediction, mask, replaced=True)


def answer_question(run: Driver, word: str) -> None:
    """Press the button of the question about a replaced mask that has this word."""
    box = run.window.replace_question.box
    assert box is not None
    next(button for button in box.buttons() if word in button.text()).click()


def test_the_open_photo_and_the_next_three_are_predicted_by_themselves(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 6)
    run = start()
    run.open(tmp_path)
    run.wait_idle()
    assert run.statuses() == [CaseStatus.PREDICTED] * 4 + [CaseStatus.TO_DO] * 2
    inside = run.document.mask[photo_with_ellipse(0)[..., 0] > 128]
    assert inside.mean() > 0.9
    assert run.window.inspector.case.value("model") == "bright"
    assert run.window.table["undo"].isEnabled()


def test_an_answer_for_another_photo_never_lands_in_the_open_one(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.app.predictions.prediction_ready.emit(answer_for(run, paths[1]))
    assert np.array_equal(run.document.mask, painted)
    assert run.document.prediction is None


def test_in_a_folder_without_identities_the_path_decides(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    with CaseStore.open(tmp_path):  # another window holds the database: no case gets an identity here
        run = start(settings=QUIET)
        run.open(tmp_path)
        assert run.document.case_id == ""
        run.app.predictions.prediction_ready.emit(answer_for(run, paths[1]))
        assert not run.document.mask.any()
        assert run.document.prediction is None


def test_an_answer_that_comes_while_its_photo_is_loading_is_not_lost(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    run.app.cases.want(paths[0])
    run.wait_open(paths[0])
    event = answer_for(run, paths[1])
    event = replace(
        event, summary=replace(event.summary, case_id=run.app.library.store.summaries([paths[1]])[0].case_id)
    )
    run.app.cases.want(paths[1])
    run.app.predictions.prediction_ready.emit(event)
    assert not run.document.mask.any()  # still the first photo
    run.wait_open(paths[1])
    assert run.document.mask.all()


def test_a_late_answer_never_replaces_what_a_person_painted(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.wait_idle()
    run.key(Qt.Key.Key_F5)
    answer_question(run, "Keep")
    qtbot.waitUntil(lambda: run.document.prediction is not None)
    run.wait_idle()
    assert np.array_equal(run.document.mask, painted)
    assert run.document.status is CaseStatus.EDITED


@pytest.mark.parametrize("way", ["predict_photo", "reset"])
@pytest.mark.parametrize("reviewed", [False, True])
def test_a_mask_made_by_hand_is_only_replaced_after_a_question(
    start: Start, qtbot: QtBot, tmp_path: Path, way: str, *, reviewed: bool
) -> None:
    make_folder(tmp_path, 1)
    run = start()
    run.open(tmp_path)
    run.wait_idle()
    run.paint(dy=-60)
    run.paint()
    if reviewed:
        run.key(Qt.Key.Key_R)
    painted, status = run.mask(), run.document.status
    for word in ("Keep", "Replace"):
        run.window.table[way].trigger()
        box = run.window.replace_question.box
        assert box is not None
        assert "work by hand (last step: Brush)" in box.informativeText()
        assert ("review" in box.informativeText()) is reviewed
        assert "Keep" in box.defaultButton().text()
        answer_question(run, word)
        run.wait_idle()
        assert np.array_equal(run.document.mask, painted) is (word == "Keep")
    run.window.table["undo"].trigger()
    assert np.array_equal(run.document.mask, painted)
    assert run.document.status is status
    run.wait_idle()
    store = run.app.library.store
    revisions = [store.revision(e.case_id, e.number) for e in store.history(run.document.case_id)]
    assert any(np.array_equal(mask, painted) for mask in revisions[:-1])


def test_the_model_s_own_mask_is_replaced_unasked(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start()
    run.open(tmp_path)
    run.wait_idle()
    run.key(Qt.Key.Key_F5)
    assert run.window.replace_question.box is None
    run.wait_idle()


def test_the_whole_folder_is_predicted_with_progress_and_failures_are_counted(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path, 8)
    paths[5].write_bytes(b"BM broken")
    run = start(settings=QUIET)
    run.open(tmp_path)
    seen: list[tuple[int, int]] = []
    run.app.predictions.progress_changed.connect(lambda p: seen.append((p.done, p.total)) if p else None)
    run.window.table["predict_folder"].trigger()
    assert run.window.status_line.cancel_button.isVisible()
    qtbot.waitUntil(lambda: run.window.messages.word == "predicted")
    assert run.message().startswith("7 photos have a mask")
    assert "1 could not be read" in run.message()
    assert run.statuses().count(CaseStatus.PREDICTED) == 7
    assert run.statuses()[5] is CaseStatus.FAILED
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {8}
    assert not run.window.status_line.cancel_button.isVisible()


def test_going_on_during_a_folder_prediction_does_not_end_it(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path, 12)
    run = start()
    run.open(tmp_path)
    run.window.table["predict_folder"].trigger()
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    run.app.cases.want(paths[9])
    run.wait_open(paths[9])
    run.window.table["predict_photo"].trigger()
    qtbot.waitUntil(lambda: run.window.messages.word == "predicted")
    assert run.statuses() == [CaseStatus.PREDICTED] * 12
    assert run.message().startswith("12 photos have a mask")


def test_cancel_stops_the_folder_and_keeps_what_is_finished(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path, 40)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.window.table["predict_folder"].trigger()
    qtbot.waitUntil(lambda: run.statuses().count(CaseStatus.PREDICTED) > 1)
    run.window.status_line.cancel_button.click()
    run.wait_idle()
    done = run.statuses().count(CaseStatus.PREDICTED)
    assert 1 < done < 40
    assert not run.window.status_line.bar.isVisible()
    assert not run.window.table["cancel"].isEnabled()


def test_another_folder_during_a_prediction_gets_nothing_of_it(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    first = make_folder(tmp_path / "one", 30)
    make_folder(tmp_path / "two", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "one")
    run.window.table["predict_folder"].trigger()
    qtbot.waitUntil(lambda: run.statuses().count(CaseStatus.PREDICTED) > 0)
    run.app.open(tmp_path / "two")
    run.wait_open(tmp_path / "two" / "000.bmp")
    run.wait_idle()
    assert run.statuses() == [CaseStatus.TO_DO] * 3
    run.close()
    with CaseStore.open(first[0].parent) as store:
        assert 0 < sum(s.status is CaseStatus.PREDICTED for s in store.summaries(first)) <= 30
        assert store.verify() == []


def test_without_a_model_the_window_says_so_calmly_and_works(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path, 3)
    models = BrightSource(missing=True)
    run = start(models)
    run.open(tmp_path)
    qtbot.waitUntil(lambda: run.window.messages.word == "model")
    assert "no model" in run.message()
    assert "painting" in run.message()
    run.window.messages.clear()
    run.paint()
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    run.wait_idle()
    assert run.message() == ""  # said once, not at every photo
    assert run.statuses()[0] is CaseStatus.EDITED
    models.missing = False
    run.key(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.document.prediction is not None)
    assert run.document.mask.any()


def test_a_replaced_file_of_the_same_name_is_another_case(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    run.wait_idle()
    write_photo(paths[0], photo_with_ellipse(9, (60, 80)))
    run.key(Qt.Key.Key_A)
    run.wait_open(paths[0])
    assert run.document.mask.shape == (60, 80)
    assert not run.document.mask.any()


class SlowPredictor(BrightPredictor):
    """Answers when the window is already being closed."""

    def predict_grid(self, rgb: RgbArray) -> Prediction:
        time.sleep(0.3)
        return super().predict_grid(rgb)


def test_an_answer_that_comes_while_the_window_closes_is_saved(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path, 1)
    models = BrightSource()
    models.predictor = SlowPredictor()
    run = start(models, settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.key(Qt.Key.Key_F5)
    box = run.window.replace_question.box
    assert box is not None
    next(button for button in box.buttons() if "Replace" in button.text()).click()
    qtbot.waitUntil(lambda: not run.app.predictions.runner.idle)
    run.close()
    again = start(settings=QUIET)
    again.open(tmp_path)
    assert again.document.prediction is not None
    assert not np.array_equal(again.document.mask, painted)


class WaitingSource(BrightSource):
    """Its model is there when it is let go."""

    def __init__(self) -> None:
        super().__init__(missing=True)
        self.let_go = threading.Event()

    def card(self) -> ModelCard:
        self.let_go.wait()
        return super().card()


def test_the_progress_of_ten_thousand_photos_never_holds_the_window_up(qtbot: QtBot, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:05d}.bmp" for number in range(10_000)]
    owner, library, models = QObject(), Library(), WaitingSource()
    desk = PredictionDesk(library, models, owner)
    seen: list[tuple[int, int]] = []
    desk.progress_changed.connect(lambda p: seen.append((p.done, p.total)) if p else None)
    desk.set_folder(tmp_path)
    desk.predict_folder(paths)
    events = [1, 2, 6000, *range(6001, 6101)]
    begin = time.perf_counter()
    for done in events:
        desk.runner.reported.emit(Progress("Predicting", done, 10_000))
    spent = time.perf_counter() - begin
    assert seen == [(done, 10_000) for done in (0, *events)]
    desk.predict_folder(paths)  # asked for once more: what the job has behind it is passed over again
    desk.runner.reported.emit(Progress("Predicting", 6101, 10_000))
    assert seen[-1] == (6101, 10_000)
    models.let_go.set()
    desk.shutdown()
    library.close()
    assert spent < 1  # seconds for each of them where every event goes through all photos

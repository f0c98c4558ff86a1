"""A damaged case database in the window: told with a button, asked about, repaired, and nothing that was painted is lost."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QAbstractButton, QMessageBox
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.events import CaseFailed
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_aside import copy_of, partial_of
from tongue_viewer.storage.case_store_place import home_database
from tongue_viewer.ui.dialogs.result_dialog import ResultDialog

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def damage(folder: Path) -> bytes:
    """Zeros over the first page, as a drive leaves them; returns what is then in the file."""
    database = home_database(folder)
    with database.open("r+b") as file:
        file.write(bytes(4096))
    return database.read_bytes()


def answer(run: Driver, text: str) -> None:
    """Press the message's button, then a button of the question."""
    run.window.messages.button.click()
    question = run.app.repairs.question
    assert isinstance(question, QMessageBox)
    assert question.defaultButton().text() == "Not now"
    buttons: list[QAbstractButton] = question.buttons()
    next(button for button in buttons if button.text() == text).click()


def close_report(run: Driver) -> str:
    dialog = run.window.findChild(ResultDialog)
    assert isinstance(dialog, ResultDialog)
    assert dialog.windowTitle() == "Repair"
    count = dialog.table.rowCount()
    dialog.close()
    return str(count)


def test_a_damaged_database_is_repaired_when_the_person_says_so(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.close()
    content = damage(tmp_path)
    run = start(settings=QUIET)
    run.app.open(paths[0])
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    assert "photos are safe" in run.message()
    answer(run, "Not now")
    assert run.window.messages.word == "repair"
    assert home_database(tmp_path).read_bytes() == content
    answer(run, "Repair")
    run.wait_open(paths[0])
    assert np.array_equal(run.document.mask, painted)
    assert close_report(run) == "0"
    (kept,) = home_database(tmp_path).parent.glob("cases.damaged-*.db")
    assert kept.read_bytes() == content
    assert run.message() == ""


def test_what_could_not_be_saved_is_saved_into_the_repaired_database(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    run.wait_idle()
    case_id = run.document.case_id
    damage(tmp_path)
    run.paint(dy=-30)
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    run.paint(dy=30)
    painted = run.mask()
    run.wait_idle()
    assert run.app.cases.saves.unsaved
    answer(run, "Repair")
    qtbot.waitUntil(lambda: not run.app.cases.saves.unsaved and run.document.is_open)
    run.wait_idle()
    close_report(run)
    assert run.document.path == paths[0]
    assert run.document.case_id == case_id
    assert np.array_equal(run.document.mask, painted)
    run.close()
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert store.verify() == []
        assert np.array_equal(store.stored_case(case_id).mask, painted)
        assert [entry.tool for entry in store.history(case_id)] == ["brush"] * 3


def test_a_lost_database_comes_back_from_its_copy(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    paths = make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.close()
    assert copy_of(home_database(tmp_path)).exists()
    home_database(tmp_path).unlink()
    run = start(settings=QUIET)
    run.app.open(tmp_path)
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    answer(run, "Repair")
    run.wait_open(paths[0])
    assert np.array_equal(run.document.mask, painted)
    close_report(run)


def test_a_damaged_mask_offers_the_repair_and_the_other_photos_go_on(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.paint()
    run.wait_idle()
    first = run.mask()
    run.paint(dy=-30)
    run.wait_idle()
    patch = run.app.library.store.audit(run.document.case_id)[-1].patch
    run.close()
    copy_of(home_database(tmp_path)).unlink()
    database = home_database(tmp_path)
    data = bytearray(database.read_bytes())
    at = bytes(data).index(patch)
    data[at + len(patch) - 1] ^= 255
    database.write_bytes(data)
    run = start(settings=QUIET)
    run.app.open(paths[0])
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    answer(run, "Repair")
    run.wait_open(paths[0])
    assert np.array_equal(run.document.mask, first)
    assert close_report(run) == "1"


def test_after_a_repair_that_failed_the_folder_still_works_and_a_second_try_helps(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.wait_idle()
    obstacle = partial_of(home_database(tmp_path))
    obstacle.mkdir()
    run.app.cases.case_failed.emit(CaseFailed(paths[0], "Its mask is damaged.", damaged=tmp_path))
    answer(run, "Repair")
    qtbot.waitUntil(lambda: "could not be repaired" in run.message())
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    run.paint()
    painted = run.mask()
    run.wait_idle()
    damage(tmp_path)
    run.app.repairs.open_requested.emit(tmp_path)
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    obstacle.rmdir()
    answer(run, "Repair")
    qtbot.waitUntil(lambda: run.window.messages.word != "repair")
    run.wait_idle()
    close_report(run)
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    assert np.array_equal(run.mask(), painted)


def test_who_opened_another_folder_while_the_repair_ran_stays_there(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    make_folder(tmp_path / "a", 1)
    (other,) = make_folder(tmp_path / "b", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "a")
    run.paint()
    run.wait_idle()
    damage(tmp_path / "a")
    run.paint(dy=-30)
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    answer(run, "Repair")
    run.app.open(tmp_path / "b")
    qtbot.waitUntil(lambda: run.window.findChild(ResultDialog) is not None)
    run.wait_idle()
    close_report(run)
    assert run.document.path == other
    assert run.app.library.folder == tmp_path / "b"
    assert not run.app.cases.saves.unsaved


def test_a_folder_that_could_not_be_opened_is_opened_after_its_repair(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    (damaged,) = make_folder(tmp_path / "a", 1)
    make_folder(tmp_path / "b", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "a")
    run.open(tmp_path / "b")
    run.wait_idle()
    damage(tmp_path / "a")
    run.app.open(tmp_path / "a")
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    answer(run, "Repair")
    run.app.open(tmp_path / "nowhere")  # cannot be opened either, so the person is where they were
    run.wait_open(damaged)
    run.wait_idle()
    close_report(run)


def test_a_repair_is_signed_with_the_name_of_now(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    (photo,) = make_folder(tmp_path, 1)
    run = start(settings=replace(QUIET, user_name="anna"))
    run.open(tmp_path)
    run.paint()
    painted = run.mask()
    run.close()
    copy_of(home_database(tmp_path)).unlink()
    with contextlib.closing(sqlite3.connect(home_database(tmp_path))) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'chain'").fetchone()
    with home_database(tmp_path).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))  # no hash speaks for an entry, so the mask is put in with one of its own
    run = start(settings=replace(QUIET, user_name="anna"))
    run.app.open(tmp_path)
    qtbot.waitUntil(lambda: run.window.messages.word == "repair")
    preferences = run.window.preferences
    preferences.set_preferences(replace(preferences.chosen, user_name="ben"))
    preferences.preferences_changed.emit()
    answer(run, "Repair")
    run.wait_open(photo)
    run.wait_idle()
    close_report(run)
    assert np.array_equal(run.mask(), painted)
    entry = run.app.library.store.audit(run.document.case_id)[-1]
    assert (entry.tool, entry.user) == ("rescue", "ben")

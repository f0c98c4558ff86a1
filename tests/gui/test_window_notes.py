"""The note of a flag: typed while the work goes on, kept in its own case however it is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.ui.note_field import NoteField

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def flagged(run: Driver, qtbot: QtBot) -> NoteField:
    """Press G; the field that has the keyboard then."""
    run.window.activateWindow()
    run.window.workbench.canvas.setFocus()
    run.key(Qt.Key.Key_G)
    field = run.window.inspector.case.note_field
    qtbot.waitUntil(field.hasFocus)
    return field


def kept(folder: Path) -> list[tuple[str, str]]:
    """(status, note) of each photo as the database holds it."""
    with CaseStore.open(folder, read_only=True) as store:
        paths = sorted(folder.glob("*.bmp"))
        return [(summary.status.value, summary.note) for summary in store.summaries(paths)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_note_is_typed_and_the_keyboard_goes_back(
    start: Start, tmp_path: Path, qtbot: QtBot, key: Qt.Key
) -> None:
    make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    field = flagged(run, qtbot)
    QTest.keyClicks(field, "nda?")  # every one of these letters is a key of the window elsewhere
    assert run.document.note == ""
    QTest.keyClick(field, key)
    assert (run.document.status, run.document.note) == (CaseStatus.FLAGGED, "nda?")
    qtbot.waitUntil(run.window.workbench.canvas.hasFocus)
    run.wait_idle()
    assert kept(tmp_path) == [("flagged", "nda?"), ("to do", "")]
    assert run.window.photos.model.summary_at(0).note == "nda?"


def test_the_field_is_there_while_the_case_is_flagged(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    field = run.window.inspector.case.note_field
    assert not field.isVisible()
    flagged(run, qtbot)
    QTest.keyClicks(field, "why")
    run.window.workbench.canvas.setFocus()
    run.key(Qt.Key.Key_G)
    assert not field.isVisible()
    assert run.document.status is CaseStatus.TO_DO
    assert flagged(run, qtbot).text() == ""


def test_a_typed_note_stays_with_its_case_when_the_next_photo_opens(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    """The next photo may have been asked for before the note was typed: its coming must not take the text."""
    paths = make_folder(tmp_path, 3)
    run = start(settings=QUIET)
    run.open(tmp_path)
    field = flagged(run, qtbot)
    run.app.cases.want(paths[1])
    QTest.keyClicks(field, "of the first")
    run.wait_open(paths[1])
    assert run.document.note == ""
    assert not field.isVisible()
    run.wait_idle()
    assert kept(tmp_path)[:2] == [("flagged", "of the first"), ("to do", "")]
    run.app.cases.want(paths[0])
    run.wait_open(paths[0])
    assert field.text() == "of the first"


def test_from_flag_to_flag_no_text_is_mixed_up(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    paths = make_folder(tmp_path, 3)
    run = start(settings=QUIET)
    run.open(tmp_path)
    for number, path in enumerate(paths):
        run.app.cases.want(path)
        run.wait_open(path)
        QTest.keyClicks(flagged(run, qtbot), f"note {number}")
    for path in (*paths, *reversed(paths)):
        run.app.cases.want(path)
        run.wait_open(path)
        assert run.window.inspector.case.note_field.text() == f"note {paths.index(path)}"
    run.wait_idle()
    assert kept(tmp_path) == [("flagged", f"note {number}") for number in range(3)]


@pytest.mark.parametrize("action", ["reviewed", "accept_next", "flag", "next"])
def test_whatever_is_done_next_the_history_knows_the_note(
    start: Start, tmp_path: Path, qtbot: QtBot, action: str
) -> None:
    make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    case_id = run.document.case_id
    QTest.keyClicks(flagged(run, qtbot), "seen")
    run.window.table[action].trigger()
    run.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert "seen" in [row.note for row in store.audit(case_id)]


def test_another_folder_and_the_end_of_the_program_keep_the_note(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    for name in ("one", "two"):
        make_folder(tmp_path / name, 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "one")
    QTest.keyClicks(flagged(run, qtbot), "first folder")
    run.app.open(tmp_path / "two")
    run.wait_open(tmp_path / "two" / "000.bmp")
    QTest.keyClicks(flagged(run, qtbot), "second folder")
    at_the_question: list[
        tuple[str, int]
    ] = []  # whether something would be lost is asked of what is saved by then
    run.window.close_requested.connect(
        lambda: at_the_question.append((run.document.note, run.app.cases.saves.waiting))
    )
    run.window.close()
    assert at_the_question == [("second folder", 0)]
    assert kept(tmp_path / "one") == [("flagged", "first folder")]
    assert kept(tmp_path / "two") == [("flagged", "second folder")]


def test_nothing_typed_makes_no_step(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    field = flagged(run, qtbot)
    QTest.keyClicks(field, "once")
    QTest.keyClick(field, Qt.Key.Key_Return)
    revision = run.document.revision
    run.key(Qt.Key.Key_Escape, widget=field)
    field.setFocus()
    run.window.workbench.canvas.setFocus()
    assert run.document.revision == revision

"""The settings dialog: the person's name in the history, the pattern in the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.login_name import login_name
from tongue_viewer.storage.settings_file import load_settings
from tongue_viewer.ui.dialogs.settings_dialog import EXAMPLES, Preferences, SettingsDialog

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)
OK = QDialogButtonBox.StandardButton.Ok
NAMES = ("P1_V1_a.bmp", "P1_V2_a.bmp", "P2_V1_a.bmp", "other.bmp")
PATTERN = r"^(?P<patient>P\d+)_(?P<visit>V\d+)"


def dialog_of(run: Driver) -> SettingsDialog:
    run.window.table["settings"].trigger()
    dialog = run.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    return dialog


def cells_of(dialog: SettingsDialog, row: int) -> list[str]:
    items = [dialog.preview.item(row, column) for column in range(3)]
    return [item.text() for item in items if item is not None]


def test_the_name_signs_the_next_step_at_once(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    case_id = run.document.case_id
    run.paint()
    run.wait_idle()
    dialog = dialog_of(run)
    assert dialog.name.text() == login_name()  # proposed, and what has signed so far
    dialog.name.setText("  李医生 ")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    run.key(Qt.Key.Key_R)
    run.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert [row.user for row in store.audit(case_id)] == [login_name(), "李医生"]
    assert load_settings().user_name == "李医生"
    run.app.open(tmp_path)
    run.wait_open(paths[1])
    run.window.table["flag"].trigger()
    run.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert store.audit(run.document.case_id)[-1].user == "李医生"


def test_cancel_changes_nothing(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    dialog = dialog_of(run)
    dialog.name.setText("somebody")
    dialog.pattern.setText(PATTERN)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert run.window.preferences.signed == login_name()
    assert run.window.chosen_settings(run.app.settings) == run.app.settings


def test_the_pattern_is_shown_on_the_folders_names_and_reaches_the_list(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, names=NAMES)
    run = start(settings=QUIET)
    run.open(tmp_path)
    photos = run.window.photos
    assert photos.head.order.findData("By patient and visit") < 0
    dialog = dialog_of(run)
    dialog.pattern.setText(PATTERN)
    dialog.refresh()
    cells = [cells_of(dialog, row) for row in range(4)]
    assert cells[1:3] == [["P1_V1_a", "P1", "V1"], ["P1_V2_a", "P1", "V2"]]
    assert cells[0] == ["other", "–", "–"]
    assert dialog.told.text() == "2 patients in 4 photos; 1 name does not match: other."
    dialog.buttons.button(OK).click()
    assert photos.model.patient_at(1).text == "P1 · V1"
    assert photos.head.order.findData("By patient and visit") > 0
    assert load_settings().patient_pattern == PATTERN
    run.shutdown()
    again = start()
    again.open(tmp_path)
    assert again.window.photos.model.patient_at(1).text == "P1 · V1"


@pytest.mark.parametrize("pattern", ["([", "(a+)+$", r"(?P<visit>\d)"])
def test_a_pattern_that_cannot_be_used_is_told_and_not_taken(qtbot: QtBot, pattern: str) -> None:
    dialog = SettingsDialog(Preferences("me", ""), ["1_2", "3_4"])
    qtbot.addWidget(dialog)
    chosen: list[Preferences] = []
    dialog.preferences_chosen.connect(chosen.append)
    dialog.pattern.setText(pattern)
    dialog.buttons.button(OK).click()  # before the preview has settled
    assert chosen == []
    assert dialog.told.text().startswith("This pattern cannot be used: it ")
    assert not dialog.buttons.button(OK).isEnabled()
    dialog.pattern.setText(r"^(\d)")
    qtbot.waitUntil(dialog.buttons.button(OK).isEnabled)
    dialog.buttons.button(OK).click()
    assert chosen == [Preferences("me", r"^(\d)")]


def test_the_examples_fit_the_names_that_they_show(qtbot: QtBot) -> None:
    stems = [text.rpartition(": ")[2] for text, _ in EXAMPLES]
    dialog = SettingsDialog(Preferences(), stems)
    qtbot.addWidget(dialog)
    found = []
    for row, (_, pattern) in enumerate(EXAMPLES):
        dialog.examples.activated.emit(row + 1)
        assert dialog.pattern.text() == pattern
        found.append(cells_of(dialog, row)[1:])
    assert found == [["0123", "2"], ["2018101", "3"], ["P012", "V2"]]

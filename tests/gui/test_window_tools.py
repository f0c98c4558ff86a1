"""Tools, tidy, threshold and classes in the whole window, with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.classes import MaskClass, parse_classes
from tongue_viewer.core.settings import Settings
from tongue_viewer.editor.sketch import NOTHING
from tongue_viewer.ui.dialogs.classes_dialog import ClassesDialog
from tongue_viewer.ui.dialogs.export_dialog import ExportDialog
from tongue_viewer.ui.dialogs.scale_dialog import ScaleDialog

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN, ALT, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def run(start: Start, tmp_path: Path) -> Driver:
    """The program with one photo open, no mask, and the photo's pixels 4 × 4 on the screen."""
    make_folder(tmp_path, 2)
    driver = start(settings=QUIET)
    driver.open(tmp_path)
    driver.window.workbench.canvas.zoom_to(4.0)
    return driver


@pytest.fixture
def predicted(start: Start, tmp_path: Path) -> Driver:
    """The program with one photo open and the model's mask on it."""
    make_folder(tmp_path, 2)
    driver = start(settings=Settings(predict_ahead=False))
    driver.open(tmp_path)
    driver.key(Qt.Key.Key_F5)
    driver._qtbot.waitUntil(lambda: driver.document.prediction is not None and bool(driver.mask().any()))
    return driver


def at(run: Driver, x: float, y: float) -> QPoint:
    """A photo point in the mask pane."""
    canvas = run.window.workbench.canvas
    pane = canvas.mask_pane
    px, py = canvas.transform.to_pane(x, y, pane.device_size)
    return QPoint(round(px / pane.devicePixelRatioF()), round(py / pane.devicePixelRatioF()))


def click(run: Driver, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
    QTest.mouseClick(run.window.workbench.canvas.mask_pane, button, PLAIN, at(run, x, y))


def drag(run: Driver, *points: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    pane = run.window.workbench.canvas.mask_pane
    QTest.mousePress(pane, button, PLAIN, at(run, *points[0]))
    for point in points[1:]:
        QTest.mouseMove(pane, at(run, *point))
    QTest.mouseRelease(pane, button, PLAIN, at(run, *points[-1]))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *(("L", "lasso"), ("P", "polygon"), ("S", "scissors"), ("M", "rectangle"), ("W", "wand")),
        *(("F", "fill"), ("J", "rope"), ("C", "click")),
    ],
)
def test_every_tool_has_a_key_a_button_and_a_hint(run: Driver, key: str, name: str) -> None:
    run.key(getattr(Qt.Key, f"Key_{key}"))
    assert run.window.tools.name == name
    assert run.window.table[name].isChecked()
    assert (
        run.window.status_line.hint.text()
        .lower()
        .startswith({"rope": "push", "wand": "magic wand"}.get(name, name))
    )
    assert run.window.inspector.wand.isVisible() == (name == "wand")
    assert run.window.inspector.brush.isVisible() == (name == "rope")


def test_a_rectangle_by_mouse_is_saved_and_undone(run: Driver) -> None:
    run.key(Qt.Key.Key_M)
    drag(run, (50, 40), (60, 50), (70, 60))
    assert run.mask().sum() == 20 * 20
    assert run.document.status is CaseStatus.EDITED
    run.key(Qt.Key.Key_Z)
    assert not run.mask().any()


def test_a_polygon_takes_enter_backspace_and_escape_from_the_window(run: Driver) -> None:
    run.key(Qt.Key.Key_P)
    canvas = run.window.workbench.canvas
    for x, y in ((50, 40), (70, 40), (70, 60), (20, 20)):
        click(run, x, y)
    first = run.document.path
    QTest.keyClick(canvas.mask_pane, Qt.Key.Key_Backspace)
    QTest.keyClick(canvas.mask_pane, Qt.Key.Key_Return)
    assert run.document.path == first  # Enter did not accept the photo
    assert 180 <= run.mask().sum() <= 220
    click(run, 30, 30)
    assert canvas.scene.sketch is not NOTHING
    QTest.keyClick(canvas.mask_pane, Qt.Key.Key_Escape)
    assert canvas.scene.sketch is NOTHING
    click(run, 30, 30)
    run.key(Qt.Key.Key_B)
    assert canvas.scene.sketch is NOTHING  # another tool drops what is in hand


def test_a_double_click_closes_the_polygon(run: Driver) -> None:
    run.key(Qt.Key.Key_P)
    for x, y in ((50, 40), (70, 40), (70, 60), (50, 60)):
        click(run, x, y)
    pane = run.window.workbench.canvas.mask_pane
    QTest.mouseDClick(pane, LEFT, PLAIN, at(run, 50, 60))
    assert 380 <= run.mask().sum() <= 420


def test_the_keyboard_alone_draws_with_a_tool(run: Driver) -> None:
    pane = run.window.workbench.canvas.mask_pane
    run.key(Qt.Key.Key_M)
    pane.setFocus()
    QTest.keyClick(pane, Qt.Key.Key_K)
    for _ in range(5):
        QTest.keyClick(pane, Qt.Key.Key_Right, ALT)
    for _ in range(3):
        QTest.keyClick(pane, Qt.Key.Key_Down, ALT)
    QTest.keyClick(pane, Qt.Key.Key_K)
    assert run.mask().sum() == 10 * 6  # 8 pixels of the screen a press, 4 for one of the photo
    QTest.keyClick(pane, Qt.Key.Key_K, SHIFT)  # the right button
    QTest.keyClick(pane, Qt.Key.Key_Left, ALT | SHIFT)
    QTest.keyClick(pane, Qt.Key.Key_Up, ALT | SHIFT)
    QTest.keyClick(pane, Qt.Key.Key_K, SHIFT)
    assert run.mask().sum() == 10 * 6 - 1


def test_a_swapped_area_tool_takes_off_with_the_left_button(run: Driver) -> None:
    run.key(Qt.Key.Key_M)
    drag(run, (50, 40), (70, 60))
    run.key(Qt.Key.Key_X)
    drag(run, (50, 40), (60, 60))
    assert run.mask().sum() == 10 * 20
    assert run.window.tools.name == "rectangle"


def test_filling_the_open_surround_is_refused_in_words(run: Driver) -> None:
    run.key(Qt.Key.Key_F)
    click(run, 60, 45)
    assert "closed" in run.message()
    assert not run.mask().any()


def test_tidy_shows_compares_applies_and_cancels(run: Driver) -> None:
    run.key(Qt.Key.Key_M)
    drag(run, (40, 30), (70, 60))
    before = run.mask()
    panel = run.window.inspector.tidy
    panel.choice.setCurrentIndex(panel.choice.findData("grow"))
    panel.choice.activated.emit(panel.choice.currentIndex())
    run._qtbot.waitUntil(lambda: run.mask().sum() > before.sum())
    grown = run.mask()
    rows, columns = np.nonzero(before)
    assert grown[rows[0] - 5, columns[0]] == 1
    assert grown[rows[0] - 6].sum() == 0
    panel.compare_button.pressed.emit()
    assert np.array_equal(run.mask(), before)
    panel.compare_button.released.emit()
    assert np.array_equal(run.mask(), grown)
    panel.cancel_button.click()
    assert np.array_equal(run.mask(), before)
    run.window.table["grow"].trigger()
    panel.apply_button.click()
    assert np.array_equal(run.mask(), grown)
    assert run.document.undo_stack.undoText() == "Grow"
    run.key(Qt.Key.Key_Z)
    assert np.array_equal(run.mask(), before)


def test_painting_drops_a_preview_that_was_not_applied(run: Driver) -> None:
    run.key(Qt.Key.Key_M)
    drag(run, (40, 30), (70, 60))
    run.window.table["shrink"].trigger()
    assert run.window.inspector.tidy.operation == "shrink"
    drag(run, (10, 10), (14, 14))
    assert run.window.inspector.tidy.operation == ""
    assert run.mask().sum() == 30 * 30 + 16


def test_the_menu_applies_at_once_what_needs_no_radius(run: Driver) -> None:
    run.key(Qt.Key.Key_M)
    drag(run, (40, 30), (70, 60))
    drag(run, (50, 40), (60, 50), button=RIGHT)
    run.window.table["fill_holes"].trigger()
    assert run.mask().sum() == 30 * 30
    run.window.table["invert"].trigger()
    assert run.mask().sum() == run.mask().size - 30 * 30


def test_the_threshold_moves_the_mask_as_one_step_and_keeps_edits(predicted: Driver) -> None:
    run = predicted
    model, steps = run.mask(), run.document.undo_stack.count()
    run.key(Qt.Key.Key_M)
    drag(run, (2, 2), (10, 10))
    drawn = run.mask().astype(bool) & ~model.astype(bool)
    field = run.window.inspector.threshold.field
    for percent in (99, 97, 99):
        field.spin.setValue(percent)
    moved = run.mask().astype(bool)
    assert moved.sum() < (model.astype(bool) | drawn).sum()
    assert (moved & drawn).sum() == drawn.sum()
    assert run.document.undo_stack.count() == steps + 2
    run.key(Qt.Key.Key_Z)
    assert np.array_equal(run.mask().astype(bool), model.astype(bool) | drawn)


def test_classes_are_added_chosen_by_key_and_kept(run: Driver, qtbot: QtBot) -> None:
    assert not run.window.inspector.classes.isVisible()
    dialog = ClassesDialog(run.window.classes.classes, run.window)
    dialog.classes_chosen.connect(run.window.classes._on_chosen)
    dialog.add_button.click()
    dialog._lines[1].name.setText("coating")
    dialog._on_accept()
    assert run.window.inspector.classes.isVisible()
    run.key(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    run.key(Qt.Key.Key_M)
    drag(run, (50, 40), (70, 60))
    assert set(np.unique(run.mask())) == {0, 2}
    run.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    drag(run, (50, 40), (60, 60))
    assert (run.mask() == 1).sum() == (run.mask() == 2).sum() == 200
    kept = run.window.chosen_settings(QUIET).classes
    assert kept == (MaskClass(1, "tongue", (0, 213, 224)).text, MaskClass(2, "coating", (255, 176, 0)).text)


def test_the_threshold_slider_stands_where_the_mask_stands_after_an_undo(
    predicted: Driver, qtbot: QtBot
) -> None:
    field = predicted.window.inspector.threshold.field
    field.spin.setValue(99)
    assert field.value == 99
    moved = predicted.mask()
    predicted.key(Qt.Key.Key_Z)
    qtbot.waitUntil(lambda: field.value != 99)
    field.spin.setValue(99)  # the same number again means something again
    assert np.array_equal(predicted.mask(), moved)


def test_a_click_corrects_the_mask_without_a_foreign_preview(predicted: Driver) -> None:
    run = predicted
    before = run.mask()
    run.window.table["grow"].trigger()
    assert run.mask().sum() > before.sum()
    run.key(Qt.Key.Key_C)
    rows, columns = np.nonzero(before)
    click(run, float(columns[0]) + 0.5, float(rows[0]) + 0.5, RIGHT)
    grown_only = (run.mask() > before).sum()
    assert grown_only == 0
    assert run.mask().sum() < before.sum()


def test_invert_exchanges_the_class_that_is_painted(run: Driver) -> None:
    run.window.classes.set_classes(parse_classes(["tongue #00d5e0", "coating #ffb000"]))
    run.window.classes.choose(2)
    run.key(Qt.Key.Key_M)
    drag(run, (40, 30), (70, 60))
    run.window.table["invert"].trigger()
    assert set(np.unique(run.mask())) == {0, 2}
    assert (run.mask() == 0).sum() == 30 * 30


def test_nothing_is_exported_while_the_screen_shows_something_else(run: Driver) -> None:
    run.key(Qt.Key.Key_M)
    drag(run, (40, 30), (70, 60))
    run.window.table["grow"].trigger()
    run.window.table["export_folder"].trigger()
    assert "preview" in run.message()
    assert run.window.findChildren(ExportDialog) == []


def test_dialogs_go_when_they_are_closed(run: Driver, qtbot: QtBot) -> None:
    for name, kind in (("classes", ClassesDialog), ("set_scale", ScaleDialog)):
        for _ in range(3):
            run.window.table[name].trigger()
            run.window.findChildren(kind)[-1].reject()
        qtbot.waitUntil(lambda kind=kind: run.window.findChildren(kind) == [])  # type: ignore[misc]

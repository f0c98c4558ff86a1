"""Keys, wheel and reviews while something is in hand: nothing is accepted, changed or lost by the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.settings import Settings
from tongue_viewer.editor.sketch import NOTHING
from tongue_viewer.ui.canvas.pane import Pane
from tongue_viewer.ui.canvas.pane_marks import grip_centre

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)
LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
PLAIN, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def run(start: Start, tmp_path: Path) -> Driver:
    """The program with the first of three photos open and the model's mask on it."""
    make_folder(tmp_path, 3)
    driver = start(settings=QUIET)
    driver.open(tmp_path)
    driver.key(Qt.Key.Key_F5)
    driver._qtbot.waitUntil(lambda: driver.document.prediction is not None and bool(driver.mask().any()))
    driver.wait_idle()
    return driver


def pane_of(run: Driver) -> Pane:
    return run.window.workbench.canvas.mask_pane


def middle(run: Driver) -> QPoint:
    return pane_of(run).rect().center()


def wheel_over(widget: QWidget) -> None:
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        QPointF(widget.mapToGlobal(centre.toPoint())),
        QPoint(),
        QPoint(0, -120),
        NONE,
        PLAIN,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003 - Qt's signature
    )
    QApplication.sendEvent(widget, event)


def test_enter_in_a_number_takes_the_number_and_accepts_nothing(run: Driver) -> None:
    first, spin = run.document.path, run.window.inspector.threshold.field.spin
    spin.setFocus()
    spin.selectAll()
    QTest.keyClicks(spin, "99")
    QTest.keyClick(spin, Qt.Key.Key_Return)
    run.wait_idle()
    assert run.document.path == first
    assert spin.value() == 99
    assert run.document.status is CaseStatus.EDITED
    assert run.document.undo_stack.undoText() == "Threshold 99 %"


def test_nothing_is_accepted_while_a_preview_is_shown(run: Driver) -> None:
    first, before = run.document.path, run.mask()
    run.window.table["grow"].trigger()
    assert run.mask().sum() > before.sum()
    run.key(Qt.Key.Key_Return)
    run.key(Qt.Key.Key_R)
    run.wait_idle()
    assert run.document.path == first
    assert run.document.status is CaseStatus.PREDICTED
    assert not run.window.table["reviewed"].isChecked()
    assert "preview" in run.message()


def test_a_preview_that_was_applied_can_be_reviewed(run: Driver) -> None:
    run.window.table["grow"].trigger()
    grown = run.mask()
    run.window.inspector.tidy.apply_button.click()
    run.key(Qt.Key.Key_R)
    assert np.array_equal(run.mask(), grown)
    assert run.document.status is CaseStatus.REVIEWED


def test_nothing_is_accepted_while_a_polygon_is_in_hand(run: Driver) -> None:
    first = run.document.path
    run.key(Qt.Key.Key_P)
    QTest.mouseClick(pane_of(run), LEFT, PLAIN, middle(run))
    run.window.photos.view.setFocus()
    run.key(Qt.Key.Key_Return, widget=run.window.photos.view)
    run.wait_idle()
    assert run.document.path == first
    assert run.document.status is CaseStatus.PREDICTED
    assert run.window.workbench.canvas.scene.sketch is not NOTHING


def test_undo_takes_a_preview_back_and_no_step_beside_it(run: Driver) -> None:
    run.paint()
    painted = run.mask()
    run.window.table["grow"].trigger()
    run.key(Qt.Key.Key_Z)
    assert np.array_equal(run.mask(), painted)
    assert run.window.inspector.tidy.operation == ""
    run.key(Qt.Key.Key_Z)
    assert not np.array_equal(run.mask(), painted)


def test_undo_from_the_toolbar_takes_a_corner_back(run: Driver) -> None:
    run.paint()
    painted = run.mask()
    run.key(Qt.Key.Key_P)
    for dx in (0, 60):
        QTest.mouseClick(pane_of(run), LEFT, PLAIN, middle(run) + QPoint(dx, 0))
    run.window.table["undo"].trigger()
    assert np.array_equal(run.mask(), painted)
    assert len(run.window.workbench.canvas.scene.sketch.handles) == 1


def test_the_wheel_over_the_inspector_changes_no_mask(run: Driver) -> None:
    before, inspector = run.mask(), run.window.inspector
    pane_of(run).setFocus()
    for field in (inspector.threshold.field, inspector.tidy.radius, inspector.tone.fields["gamma"]):
        value = field.value
        wheel_over(field.slider)
        wheel_over(field.spin)
        assert field.value == value
    wheel_over(inspector.tidy.choice)
    assert inspector.tidy.operation == ""
    assert np.array_equal(run.mask(), before)
    assert run.document.status is CaseStatus.PREDICTED
    spin = inspector.threshold.field.spin
    spin.setFocus()
    wheel_over(spin)
    assert spin.value() == 49


def test_an_answer_of_the_model_ends_the_threshold_in_hand(run: Driver) -> None:
    field, document = run.window.inspector.threshold.field, run.document
    field.slider.setSliderDown(True)
    field.slider.setValue(99)
    run._qtbot.waitUntil(lambda: document.stroke_in_hand)
    document.prediction_changed.emit()
    assert not document.stroke_in_hand
    field.slider.setSliderDown(False)


def test_undo_while_the_threshold_is_dragged_leaves_no_ring(run: Driver) -> None:
    field, prediction = run.window.inspector.threshold.field, run.document.prediction
    assert prediction is not None
    field.spin.setValue(90)
    field.slider.setSliderDown(True)
    field.slider.setValue(60)
    run._qtbot.waitUntil(lambda: run.document.stroke_in_hand)
    run.document.undo_stack.undo()
    field.slider.setValue(92)
    field.slider.setSliderDown(False)
    assert np.array_equal(run.mask(), mask_from_probability(prediction.probability(), 0.92))


def test_a_preview_from_the_menu_brings_its_panel(run: Driver) -> None:
    run.window.table["panels"].setChecked(False)
    run.window.table["smooth"].trigger()
    assert run.window.inspector.tidy.apply_button.isVisible()
    assert not run.window.inspector.tidy.apply_button.visibleRegion().isEmpty()


def test_a_right_click_while_the_swipe_is_dragged_does_nothing(run: Driver) -> None:
    canvas, pane, before = run.window.workbench.canvas, pane_of(run), run.mask()
    run.window.table["view_swipe"].trigger()
    grip = (grip_centre(canvas.scene, pane.device_size) / pane.devicePixelRatioF()).toPoint()
    QTest.mousePress(pane, LEFT, PLAIN, grip)
    QTest.mousePress(pane, RIGHT, PLAIN, middle(run))
    assert not run.document.stroke_in_hand
    QTest.mouseRelease(pane, RIGHT, PLAIN, middle(run))
    QTest.mouseRelease(pane, LEFT, PLAIN, grip)
    assert np.array_equal(run.mask(), before)


def test_k_presses_again_after_another_tool_was_taken(run: Driver) -> None:
    pane = pane_of(run)
    pane.setFocus()
    strokes = []
    for tool in (Qt.Key.Key_E, Qt.Key.Key_B):
        QTest.keyClick(pane, Qt.Key.Key_K)
        strokes.append(run.document.stroke_in_hand)
        run.key(tool)
        strokes.append(run.document.stroke_in_hand)
    assert strokes == [True, False, True, False]


def test_letting_ctrl_go_makes_a_step_of_the_collected_clicks(run: Driver) -> None:
    pane, canvas = pane_of(run), run.window.workbench.canvas
    run.window.tools.choose("click")
    QTest.mouseMove(pane, middle(run))
    busy = []
    QTest.keyPress(pane, Qt.Key.Key_Control)
    QTest.mouseClick(pane, LEFT, CTRL, middle(run) + QPoint(40, 0))
    busy.append(canvas.tool is not None and canvas.tool.busy)
    QTest.keyRelease(pane, Qt.Key.Key_Control)
    busy.append(canvas.tool is not None and canvas.tool.busy)
    assert busy == [True, False]


def test_q_let_go_beside_another_key_ends_the_models_mask(run: Driver) -> None:
    pane, canvas = pane_of(run), run.window.workbench.canvas
    pane.setFocus()
    QTest.keyPress(pane, Qt.Key.Key_Q)
    run._qtbot.waitUntil(lambda: canvas.scene.shows_other)
    canvas.photo_pane.setFocus()  # as the pointer does it: the key is still held
    assert canvas.scene.shows_other
    QTest.keyRelease(canvas.photo_pane, Qt.Key.Key_Q, CTRL)
    run._qtbot.waitUntil(lambda: not canvas.scene.shows_other)

"""What stands on the mask beside its colours: headings, dashes, grip and ring; and Q wherever the keyboard is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseState, CaseSummary, Prediction
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.settings import Settings
from tongue_viewer.core.uncertain import Stretch
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.canvas.pane_marks import grip_centre
from tongue_viewer.ui.dialogs.scale_dialog import ScaleDialog
from tongue_viewer.ui.view_bar import ViewBar

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Start = Callable[..., Driver]
Pixels = NDArray[np.uint8]
SHAPE = (60, 80)
QUIET = Settings(predict_ahead=False)


def square(top: int, left: int, bottom: int, right: int, value: int = 1) -> Pixels:
    mask = np.zeros(SHAPE, np.uint8)
    mask[top:bottom, left:right] = value
    return mask


MODEL = square(15, 20, 45, 60)


def answer(*masks: Pixels) -> Prediction:
    """A model's answer of one plane for each mask, on a grid with a border above and below."""
    grid = np.zeros((len(masks), 80, 80), np.uint8)
    for plane, mask in zip(grid, masks, strict=True):
        plane[10:70] = 255 * mask
    return Prediction(grid, SHAPE, 0.5, "m", "0" * 64)


def state(mask: Pixels, prediction: Prediction | None) -> CaseState:
    photo = Photo(Path("a.bmp"), np.full((*SHAPE, 3), 120, np.uint8), "")
    return CaseState(CaseSummary(photo.path, "a"), photo, mask, prediction=prediction)


@pytest.fixture
def view(qtbot: QtBot) -> CanvasView:
    document = Document()
    canvas = CanvasView(document)
    qtbot.addWidget(canvas)
    canvas.resize(1100, 480)
    canvas.set_tool(BrushTool(document, canvas))
    canvas.show()
    qtbot.waitExposed(canvas)
    document.open(state(square(20, 20, 45, 60), answer(MODEL)))
    canvas.zoom_to(6.0)
    return canvas


def shown(view: CanvasView) -> Pixels:
    """The mask pane, (H, W, 3) device pixels."""
    image = view.mask_pane.grab().toImage()
    image = image.convertToFormat(image.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def at(view: CanvasView, x: float, y: float) -> QPointF:
    return QPointF(*view.transform.to_pane(x, y, view.mask_pane.device_size))


def hover(view: CanvasView, spot: QPointF) -> None:
    pane, none = view.mask_pane, Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, spot, pane.mapToGlobal(spot), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(pane, event)


ACROSS = Stretch(np.array([[20.0, 20.0], [60.0, 20.0]]), 0.05, (40.0, 20.0), 40.0)


def amber(view: CanvasView) -> Pixels:
    """Where the pane has the dashes' colour, one value for each column."""
    pixels = shown(view).astype(int)
    colour = look.DOUBT[-1][0]
    near = np.abs(pixels - (colour.red(), colour.green(), colour.blue())).max(axis=2) < 12
    return np.asarray(near.any(axis=0))


def test_the_heading_says_what_is_shown(view: CanvasView) -> None:
    heading = view.mask_heading
    assert heading.text() == "Mask"
    view.set_view_mode("difference")
    assert "added" in heading.text()
    assert look.ADDED.name() in heading.text()
    view.show_model_mask(shown=True)
    assert heading.text() == "The model's mask"
    view.show_model_mask(shown=False)
    assert "added" in heading.text()
    view._document.open(state(MODEL, None))
    assert "no model's mask" in heading.text()
    view.set_view_mode("outline")
    assert heading.text() == "Mask"


def test_no_heading_moves_the_panes(view: CanvasView, qtbot: QtBot) -> None:
    before = view.mask_pane.geometry(), view.mask_pane.mapTo(view, QPoint())
    view.set_view_mode("difference")
    QApplication.processEvents()
    assert (view.mask_pane.geometry(), view.mask_pane.mapTo(view, QPoint())) == before


def test_uncertain_stretches_are_dashed_in_the_modes_with_an_outline(view: CanvasView) -> None:
    assert not amber(view).any()
    view.show_doubts((ACROSS,))
    for mode in look.VIEW_MODES:
        view.set_view_mode(mode)
        assert amber(view).any() == (mode in ("overlay", "outline", "swipe")), mode
    view.set_view_mode("outline")
    left, right = round(at(view, 22, 20).x()), round(at(view, 58, 20).x())
    dashes = amber(view)[left:right]
    assert 0.3 < dashes.mean() < 0.85  # dashes and pauses
    assert not amber(view)[: left - 20].any()
    view.show_model_mask(shown=True)
    assert not amber(view).any()  # they belong to the other outline
    view.show_model_mask(shown=False)
    view.set_outline_visible(False)
    assert not amber(view).any()


def test_the_swipes_plain_side_has_no_dashes(view: CanvasView) -> None:
    view.show_doubts((ACROSS,))
    view.set_view_mode("swipe")
    view.set_divider(0.5)
    middle = view.mask_pane.device_size[0] // 2
    assert not amber(view)[: middle - 1].any()
    assert amber(view)[middle:].any()


def test_the_grip_hangs_below_the_middle_and_stays_in_the_pane(view: CanvasView) -> None:
    view.set_view_mode("swipe")
    width, height = view.mask_pane.device_size
    for part in (0.0, 0.5, 1.0):
        view.set_divider(part)
        centre = grip_centre(view.scene, (width, height))
        assert 0 < centre.x() < width
        assert 0.75 * height < centre.y() < height


def has_ring(view: CanvasView) -> bool:
    return view.scene.cursor.shape == "ring"


def test_the_pointer_over_the_grip_says_that_it_moves_sideways(view: CanvasView) -> None:
    view.set_view_mode("swipe")
    view.set_brush_radius(5)
    centre = grip_centre(view.scene, view.mask_pane.device_size)
    hover(view, centre)
    assert view.mask_pane.cursor().shape() == Qt.CursorShape.SplitHCursor
    assert not has_ring(view)
    hover(view, centre - QPointF(0, 60))
    assert view.mask_pane.cursor().shape() == Qt.CursorShape.CrossCursor
    assert has_ring(view)
    view.set_view_mode("overlay")
    hover(view, centre)
    assert has_ring(view)


def test_a_view_that_moves_under_the_pointer_leaves_no_ring_behind(view: CanvasView) -> None:
    view.set_brush_radius(5)
    hover(view, at(view, 30, 30))
    QApplication.processEvents()
    view.pan_device(60, 10)  # by key, for example: no mouse event follows
    QApplication.processEvents()
    hover(view, at(view, 70, 10))
    QApplication.processEvents()
    left = QApplication.primaryScreen().grabWindow(view.winId()).toImage()
    corner = view.mask_pane.mapTo(view, QPoint())
    right = view.mask_pane.grab().toImage()
    part = left.copy(corner.x(), corner.y(), right.width(), right.height()).convertToFormat(right.format())
    assert part == right


def test_a_pixel_of_another_class_differs_where_the_model_knows_several(view: CanvasView) -> None:
    tip = square(35, 20, 45, 60)
    view._document.open(state(np.maximum(MODEL, square(15, 20, 25, 60, 2)), answer(MODEL - tip, tip)))
    view.set_view_mode("difference")
    view.set_outline_visible(False)
    pixels = shown(view)

    def differs(x: float, y: float) -> bool:
        spot = at(view, x, y).toPoint()
        return bool((pixels[spot.y(), spot.x()] != 120).any())

    assert differs(40, 20)  # the model's first class, the person's second
    assert not differs(40, 30)
    assert differs(40, 40)  # the model's second, the person's first
    assert not differs(40, 50)


def test_another_place_of_the_stretches_is_gone_to_at_a_useful_scale(view: CanvasView) -> None:
    view.fit()
    whole = view.transform.scale
    view.look_at(40.0, 20.0, 5.0)
    assert 2 * whole - 1 < view.transform.scale <= 4.5 * whole
    assert view.transform.centre == pytest.approx((40, 20))
    view.zoom_to(60.0)
    view.look_at(30.0, 30.0, 5.0)
    assert view.transform.scale == pytest.approx(60)


def test_q_is_held_and_tapped_wherever_the_keyboard_is(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.key(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.document.prediction is not None)
    overlay, scene = run.window.table["overlay"], run.window.workbench.canvas.scene
    for widget in (run.window.photos.view, run.window.workbench.canvas.mask_pane):
        widget.setFocus()
        QTest.keyPress(widget, Qt.Key.Key_Q)
        qtbot.waitUntil(lambda: scene.shows_other)
        QTest.keyRelease(widget, Qt.Key.Key_Q)
        qtbot.waitUntil(lambda: not scene.shows_other)
        assert overlay.isChecked()
        run.key(Qt.Key.Key_Q, widget=widget)
        qtbot.waitUntil(lambda: not overlay.isChecked())
        overlay.trigger()


def test_the_panel_counts_the_stretches_and_the_scale_waits_for_a_folder(
    start: Start, tmp_path: Path
) -> None:
    run = start(settings=QUIET)
    assert not run.window.table["set_scale"].isEnabled()
    make_folder(tmp_path, 1)
    run.open(tmp_path)
    assert run.window.table["set_scale"].isEnabled()
    box = run.window.inspector.overlay.boxes["uncertain"]
    run.window.inspector.overlay.show_doubts(3)
    assert box.text().endswith("3")
    run.window.inspector.overlay.show_doubts(0)
    assert box.text() == "Uncertain stretches"


def test_the_read_out_keeps_its_width(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    line = start(settings=QUIET).window.status_line
    line.show_pixel("x 100  y 100")
    wide = line.pixel.minimumWidth()
    line.show_pixel("x 1  y 1")
    assert line.pixel.minimumWidth() == wide > 0
    line.show_pixel("")
    assert line.pixel.minimumWidth() == wide


def test_the_view_bar_makes_do_with_little_room(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = Actions(window)
    actions["view_cutout"].setChecked(True)
    bar = ViewBar(actions, window)
    window.setMenuWidget(bar)  # as wide as the window
    window.resize(900, 100)
    window.show()
    qtbot.waitUntil(bar.row.isVisible)
    assert not bar.chosen.isVisible()
    wide = bar.row.sizeHint().width()
    window.resize(wide, 100)
    qtbot.waitUntil(bar.chosen.isVisible)
    assert not bar.row.isVisible()
    assert bar.chosen.text().startswith("Cut-out")
    menu = bar.chosen.menu()
    assert menu is not None
    menu.actions()[-1].trigger()
    assert bar.chosen.text().startswith("Difference")
    window.resize(wide + 200, 100)
    qtbot.waitUntil(bar.row.isVisible)
    bar.adjusted.show()  # a word more, and the row has no room again
    bar.adjusted.setMinimumWidth(220)
    qtbot.waitUntil(bar.chosen.isVisible)
    assert bar.minimumSizeHint().width() < wide


def test_a_scale_is_typed_kept_and_taken_away_again(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    choices = run.window.workbench.canvas.scene.choices
    for typed, expected in (("12.5", 12.5), ("0", 0.0)):
        run.window.table["set_scale"].trigger()
        dialog = next(d for d in run.window.findChildren(ScaleDialog) if d.isVisible())
        QTest.keyClicks(dialog.field, typed)
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
        assert not dialog.isVisible()
        assert choices.pixels_per_mm == expected
        kept = run.window.chosen_settings(QUIET).scales
        assert kept == ({str(tmp_path): expected} if expected else {})

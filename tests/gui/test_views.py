"""Ways of looking at a mask: swipe, difference, held Q, tone, uncertain stretches, scale bar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.cases import CaseState, CaseSummary, Prediction
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.settings import Settings
from tongue_viewer.core.tone import Tone
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.canvas.pane_marks import bar_millimetres, grip_centre

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Start = Callable[..., Driver]
Colour = tuple[int, int, int]
SHAPE = (60, 80)
GREY: Colour = (120, 120, 120)
CYAN: Colour = (look.CYAN.red(), look.CYAN.green(), look.CYAN.blue())
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def block(top: int, left: int, bottom: int, right: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    mask = np.zeros(SHAPE, np.uint8)
    mask[top:bottom, left:right] = 1
    return mask


MODEL = block(15, 20, 45, 60)


class Table:
    """A canvas with a grey photo, the model's mask, and a mask that differs from it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document()
        self.view = CanvasView(self.document)
        qtbot.addWidget(self.view)
        self.view.resize(1100, 480)
        self.view.set_tool(BrushTool(self.document))
        self.view.show()
        qtbot.waitExposed(self.view)
        grid = np.zeros((1, 80, 80), np.uint8)
        grid[0, 10:70] = 255 * MODEL
        prediction = Prediction(grid, SHAPE, 0.5, "m", "0")
        photo = Photo(Path("a.bmp"), np.full((*SHAPE, 3), 120, np.uint8), "")
        mask = MODEL.copy()
        mask[15:45, 52:60] = 0  # taken off
        mask[45:52, 20:52] = 1  # added
        self.document.open(CaseState(CaseSummary(photo.path, "a"), photo, mask, prediction=prediction))
        self.view.set_overlay_opacity(1.0)
        self.view.zoom_to(6.0)

    def colour(self, x: float, y: float, *, photo: bool = False) -> Colour:
        """What a pane shows at a photo point."""
        pane = self.view.photo_pane if photo else self.view.mask_pane
        px, py = self.view.transform.to_pane(x, y, pane.device_size)
        colour = pane.grab().toImage().pixelColor(round(px), round(py))
        return colour.red(), colour.green(), colour.blue()


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    return Table(qtbot)


def near(first: Colour, second: Colour, most: int = 3) -> bool:
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) <= most


def blended(over: object, under: Colour = GREY) -> Colour:
    part = over.alpha() / 255  # type: ignore[attr-defined]
    top = (over.red(), over.green(), over.blue())  # type: ignore[attr-defined]
    mixed = [round(a * part + b * (1 - part)) for a, b in zip(top, under, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def test_the_swipe_shows_the_photo_on_one_side_and_the_mask_on_the_other(table: Table) -> None:
    table.view.set_view_mode("swipe")
    table.view.set_divider(0.5)
    middle = table.view.transform.to_photo(
        table.view.mask_pane.device_size[0] / 2, 0, table.view.mask_pane.device_size
    )
    assert table.colour(middle[0] - 8, 25) == GREY
    assert table.colour(middle[0] + 8, 25) == CYAN
    table.view.set_divider(0.0)
    assert table.view.scene.choices.divider == pytest.approx(0.02)
    assert table.colour(middle[0] - 8, 25) == CYAN


def test_the_grip_moves_the_divider_and_beside_it_the_brush_paints(table: Table) -> None:
    table.view.set_view_mode("swipe")
    pane = table.view.mask_pane
    before = table.document.mask.copy()
    grip = grip_centre(table.view.scene, pane.device_size).toPoint()
    QTest.mousePress(pane, LEFT, PLAIN, grip)
    QTest.mouseMove(pane, grip + QPoint(60, 10))
    QTest.mouseRelease(pane, LEFT, PLAIN, grip + QPoint(60, 10))
    assert table.view.scene.choices.divider == pytest.approx((grip.x() + 60) / pane.width(), abs=0.01)
    assert np.array_equal(table.document.mask, before)
    beside = QPoint(grip.x() + 60, 40)  # on the line, away from the grip
    QTest.mouseClick(pane, LEFT, PLAIN, beside)
    assert not np.array_equal(table.document.mask, before)


def test_the_difference_from_the_models_mask_has_a_colour_for_each_direction(table: Table) -> None:
    table.view.set_view_mode("difference")
    assert near(table.colour(30, 49), blended(look.ADDED))
    assert near(table.colour(57, 30), blended(look.TAKEN))
    assert table.colour(35, 30) == GREY  # both agree: the photo itself
    stroke = table.document.begin_stroke()
    stroke.paint_segment((10, 8), (12, 8), 4, 1)
    assert near(table.colour(11, 8), blended(look.ADDED))
    stroke.rollback()
    assert table.colour(11, 8) == GREY


def test_another_answer_of_the_model_is_what_is_compared_with(table: Table) -> None:
    table.view.set_view_mode("difference")
    grid = np.zeros((1, 80, 80), np.uint8)
    table.document._prediction = Prediction(grid, SHAPE, 0.5, "m2", "1")
    table.document.prediction_changed.emit()
    assert near(table.colour(35, 30), blended(look.ADDED))


def test_the_models_mask_can_be_shown_instead(table: Table) -> None:
    assert table.colour(57, 30) == GREY
    table.view.show_model_mask(shown=True)
    assert table.colour(57, 30) == CYAN
    table.view.show_model_mask(shown=False)
    assert table.colour(57, 30) == GREY


def test_a_tone_changes_both_panes_and_never_the_photo(table: Table) -> None:
    table.view.set_view_mode("outline")
    table.view.set_tone(Tone(brightness=20))
    assert table.colour(10, 10) == table.colour(10, 10, photo=True) == (171, 171, 171)
    assert table.document.photo is not None
    assert (table.document.photo.rgb == 120).all()
    table.view.set_tone(Tone())
    assert table.colour(10, 10, photo=True) == GREY


@pytest.mark.parametrize(("per_mm", "expected"), [(10.0, 10.0), (3.0, 50.0), (150.0, 1.0), (4000.0, 0.02)])
def test_the_scale_bar_has_a_round_length(per_mm: float, expected: float) -> None:
    length = bar_millimetres(per_mm, 1.0)
    assert length == pytest.approx(expected)
    assert 60 <= length * per_mm <= 180


def test_the_scale_bar_is_drawn_as_long_as_it_says(table: Table) -> None:
    before = table.view.mask_pane.grab().toImage()
    table.view.set_scale_bar(10.0)  # photo pixels: 60 of the screen for a millimetre
    after = table.view.mask_pane.grab().toImage()
    row = table.view.mask_pane.height() - 18
    changed = [x for x in range(after.width()) if after.pixel(x, row) != before.pixel(x, row)]
    assert changed[-1] - changed[0] == pytest.approx(120, abs=6)  # two millimetres


def test_views_in_the_window(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=Settings(predict_ahead=False))
    run.open(tmp_path)
    run.key(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.document.prediction is not None)
    bar, panel = run.window.workbench.bar, run.window.inspector.tone
    panel.fields["contrast"].spin.setValue(40)
    assert bar.adjusted.isVisibleTo(bar)
    assert run.window.workbench.canvas.scene.choices.tone.contrast == 40
    bar.adjusted.click()
    assert not bar.adjusted.isVisibleTo(bar)
    assert run.window.workbench.canvas.scene.choices.tone == Tone()
    run.window.view.set_mode("swipe")
    before = run.window.workbench.canvas.scene.choices.divider
    run.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert run.window.workbench.canvas.scene.choices.divider > before
    run.window.scale._on_chosen(12.5)
    assert run.window.chosen_settings(Settings()).scales == {str(run.window.folder): 12.5}


def test_u_goes_to_where_the_model_is_unsure(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=Settings(predict_ahead=False))
    run.open(tmp_path)
    height, width = run.document.mask.shape
    ramp = np.linspace(1, 0, width)[None] * np.ones((height, 1))
    sharp = (np.arange(height) < height // 2)[:, None] * ramp
    grid = np.zeros((1, width, width), np.uint8)
    top = (width - height) // 2
    grid[0, top : top + height] = np.rint(sharp * 255)
    prediction = Prediction(grid, (height, width), 0.5, "m", "0")
    run.document._prediction = prediction
    run.document.set_mask((sharp >= 0.5).astype(np.uint8), "Segment", "segment")
    run.document.prediction_changed.emit()
    canvas = run.window.workbench.canvas
    qtbot.waitUntil(lambda: len(canvas.scene.doubts) > 0)
    run.key(Qt.Key.Key_U)
    x, y = canvas.transform.centre
    assert x == pytest.approx(width / 2, abs=3)
    assert y < height / 2
    run.window.table["uncertain"].setChecked(False)
    assert canvas.scene.doubts == ()


def test_the_pointer_over_the_grip_is_found_in_device_pixels(table: Table) -> None:
    table.view.set_view_mode("swipe")
    pane = table.view.mask_pane
    centre = grip_centre(table.view.scene, pane.device_size) / pane.devicePixelRatioF()
    assert table.view.grips(pane, centre)
    assert not table.view.grips(pane, centre + QPointF(0, 20))
    assert not table.view.grips(table.view.photo_pane, centre)

"""The canvas with real mouse, wheel and key events."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import qimage2ndarray
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cases import CaseState, CaseSummary, EditStep
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.raster import paint_capsule, paint_disc
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.editor.tools.hand import HandTool
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.canvas.pane import Pane

# The offscreen platform says so of every window with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SHAPE = (90, 120)
NONE, LEFT, RIGHT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE = Qt.MouseButton.MiddleButton
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
Pixels = NDArray[np.uint8]


def noise(shape: tuple[int, int] = SHAPE, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)


def case(case_id: str = "a", shape: tuple[int, int] = SHAPE, mask: Pixels | None = None) -> CaseState:
    path = Path(f"{case_id}.bmp")
    photo = Photo(path, noise(shape, len(case_id)), "")
    return CaseState(CaseSummary(path, case_id), photo, np.zeros(shape, np.uint8) if mask is None else mask)


class Table:
    """A canvas on the screen, with a brush, and a hand for the mouse."""

    def __init__(self, qtbot: QtBot) -> None:
        self.document = Document()
        self.view = CanvasView(self.document)
        qtbot.addWidget(self.view)
        self.view.resize(640, 420)
        self.brush = BrushTool(self.document)
        self.view.set_tool(self.brush)
        self.view.set_brush_radius(4)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.document.open(case())
        self.view.one_to_one()
        self.pane = self.view.mask_pane
        self.steps: list[EditStep] = []
        self.document.step_made.connect(self.steps.append)

    def at(self, x: float, y: float) -> QPointF:
        """A photo point in the pane, in logical pixels."""
        ratio = self.pane.devicePixelRatioF()
        px, py = self.view.transform.to_pane(x, y, self.pane.device_size)
        return QPointF(px / ratio, py / ratio)

    def mouse(
        self,
        kind: QEvent.Type,
        at: QPointF,
        button: Qt.MouseButton = NONE,
        held: Qt.MouseButton = NONE,
        keys: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        QApplication.sendEvent(
            self.pane, QMouseEvent(kind, at, self.pane.mapToGlobal(at), button, held, keys)
        )

    def press(self, at: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, at, button, button, keys)

    def move(self, at: QPointF, held: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self.mouse(QEvent.Type.MouseMove, at, NONE, held, keys)

    def release(self, at: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, at, button, NONE, keys)

    def wheel(self, at: QPointF, notches: float, keys: Qt.KeyboardModifier = PLAIN) -> None:
        angle = QPoint(0, round(notches * 120))
        phase, inverted = Qt.ScrollPhase.NoScrollPhase, False
        event = QWheelEvent(at, self.pane.mapToGlobal(at), QPoint(), angle, NONE, keys, phase, inverted)
        QApplication.sendEvent(self.pane, event)

    def leave(self) -> None:
        QApplication.sendEvent(self.pane, QEvent(QEvent.Type.Leave))


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    return Table(qtbot)


def pixels(pane: Pane) -> Pixels:
    """What a pane shows, (H, W, 3), device pixels."""
    return to_array(pane.grab().toImage())


def to_array(image: QImage) -> Pixels:
    """(H, W, 3), by another library than the one way that the canvas itself goes."""
    kept = image.convertToFormat(
        QImage.Format.Format_RGB32
    )  # with PySide6 the view does not keep its image alive
    return np.array(qimage2ndarray.rgb_view(kept), np.uint8)


def on_screen(table: Table) -> Pixels:
    """What the window's own repaints have left on the screen, for the mask pane; draws nothing itself."""
    QApplication.processEvents()
    whole = to_array(QApplication.primaryScreen().grabWindow(table.view.winId()).toImage())
    corner = table.pane.mapTo(table.view, QPoint(0, 0)) * table.pane.devicePixelRatioF()
    width, height = table.pane.device_size
    return whole[corner.y() : corner.y() + height, corner.x() : corner.x() + width].copy()


def photo_part(table: Table, pane: Pane) -> Pixels:
    left, top = table.view.transform.origin(pane.device_size)
    width, height = table.view.transform.grid_size()
    return pixels(pane)[top : top + height, left : left + width]


def test_at_one_to_one_the_photo_pane_is_the_file_bit_for_bit(table: Table) -> None:
    assert np.array_equal(photo_part(table, table.view.photo_pane), noise(seed=1))
    outside = pixels(table.view.photo_pane)[0, 0]
    surround = look.surround_for(table.view.palette())
    assert outside.tolist() == [surround.red(), surround.green(), surround.blue()]


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_enlarged_every_pixel_is_a_square(table: Table, factor: int) -> None:
    table.view.zoom_to(factor)
    shown = pixels(table.view.photo_pane)
    left, top = table.view.transform.origin(table.view.photo_pane.device_size)
    rows = (np.arange(shown.shape[0]) - top) // factor
    columns = (np.arange(shown.shape[1]) - left) // factor
    inside = np.ix_((rows >= 0) & (rows < SHAPE[0]), (columns >= 0) & (columns < SHAPE[1]))
    expected = noise(seed=1)[np.clip(rows, 0, SHAPE[0] - 1)][:, np.clip(columns, 0, SHAPE[1] - 1)]
    assert np.array_equal(shown[inside], expected[inside])


def test_a_real_stroke_is_the_oracles_mask_bit_for_bit(table: Table) -> None:
    table.view.zoom_to(2)
    path = [(20.0, 30.0), (45.5, 33.0), (80.0, 60.5)]
    spots = [table.at(*point) for point in path]
    table.press(spots[0])
    for spot in spots[1:]:
        table.move(spot)
    table.release(spots[-1])
    expected = np.zeros(SHAPE, np.uint8)
    paint_disc(expected, *path[0], 4, 1)
    for start, end in pairwise(path):
        paint_capsule(expected, start, end, 4, 1)
    assert np.array_equal(table.document.mask, expected)
    assert [step.tool for step in table.steps] == ["brush"]
    table.document.undo_stack.undo()
    assert not table.document.mask.any()


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("mode", look.VIEW_MODES)
def test_what_is_repainted_during_a_stroke_equals_a_full_repaint(
    table: Table, qtbot: QtBot, mode: look.ViewMode, scale: float
) -> None:
    table.view.set_view_mode(mode)
    table.view.zoom_to(scale)
    for number, (x, y) in enumerate([(60, 45), (70, 50), (90, 45), (115, 80), (119, 89)]):
        (table.move if number else table.press)(table.at(x, y))
        assert np.array_equal(on_screen(table), pixels(table.pane))
    table.leave()
    live = on_screen(table)
    assert np.array_equal(live, pixels(table.pane))
    table.view.scene.set_photo(table.document.photo.rgb, table.document.mask)  # type: ignore[union-attr]
    assert (
        np.array_equal(live, pixels(table.pane)) or np.abs(live.astype(int) - pixels(table.pane)).max() <= 3
    )
    table.release(table.at(119, 89))


def test_mask_mode_shows_the_mask_itself(table: Table) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[20:50, 30:70] = 1
    table.document.set_mask(mask, "Fill", "fill")
    table.view.set_view_mode("mask")
    assert np.array_equal(photo_part(table, table.pane), np.repeat(255 * mask[..., None], 3, 2))
    table.view.set_view_mode("cutout")
    table.view.set_surround(QColor(10, 20, 30))
    expected = np.where(mask[..., None] > 0, noise(seed=1), np.array([10, 20, 30], np.uint8))
    assert np.array_equal(photo_part(table, table.pane), expected)


def test_the_overlay_has_a_fill_and_a_two_pixel_outline_with_a_halo(table: Table) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[20:60, 30:80] = 1
    table.document.set_mask(mask, "Fill", "fill")
    shown, photo = photo_part(table, table.pane).astype(int), noise(seed=1).astype(int)
    cyan = np.array(look.CYAN.getRgb()[:3])  # type: ignore[index]
    assert np.abs(shown[40, 50] - (0.75 * photo[40, 50] + 0.25 * cyan)).max() <= 2
    assert np.array_equal(shown[40, 29], cyan)
    assert np.array_equal(shown[40, 30], cyan)
    assert shown[40, 28].sum() < photo[40, 28].sum()
    assert np.array_equal(shown[5, 5], photo[5, 5])
    table.view.set_overlay_visible(False)
    assert np.array_equal(photo_part(table, table.pane)[40, 50], photo[40, 50])
    table.view.set_outline_visible(False)
    assert np.array_equal(photo_part(table, table.pane), photo)
    table.view.set_overlay_visible(True)
    table.view.set_overlay_opacity(1.0)
    assert np.array_equal(photo_part(table, table.pane)[40, 50], cyan)


def test_a_mask_that_runs_out_of_the_photo_is_closed_at_the_rim(table: Table) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[40:, 30:80] = 1
    table.document.set_mask(mask, "Fill", "fill")
    cyan = list(look.CYAN.getRgb()[:3])  # type: ignore[index]
    assert photo_part(table, table.pane)[SHAPE[0] - 1, 50].tolist() == cyan


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_the_wheel_zooms_at_the_pointer(table: Table, scale: float) -> None:
    table.view.zoom_to(scale)
    spot = table.at(40, 30)
    before = table.pane.to_photo(spot)
    scales: list[float] = []
    table.view.scale_changed.connect(scales.append)
    for notches in (1, 2, -1, 0.5, 1, -1, 1, -1):
        table.wheel(spot, notches)
        after = table.pane.to_photo(spot)
        # The photo stands on whole device pixels, before and after: each may be off by half of one.
        allowed = 0.51 / scale + 0.51 / table.view.transform.scale
        assert np.abs(np.subtract(after, before)).max() <= allowed
    assert table.view.transform.scale == pytest.approx(scale * 1.2**2.5)
    assert scales[-1] == table.view.transform.scale


def test_zoom_has_limits(table: Table) -> None:
    table.view.zoom_to(1e9)
    assert table.view.transform.scale == 64
    assert pixels(table.pane).size
    table.view.zoom_to(1e-9)
    assert table.view.transform.scale == 0.05


def test_shift_and_wheel_and_alt_and_drag_change_the_brush_in_proportion(table: Table) -> None:
    radii: list[float] = []
    table.view.brush_radius_changed.connect(radii.append)
    table.wheel(table.at(10, 10), 1, SHIFT)
    assert radii == [pytest.approx(4.4)]
    assert table.brush.radius == pytest.approx(4.4)
    start = table.at(20, 20)
    table.press(start, keys=ALT)
    table.move(start + QPointF(87, 0), keys=ALT)
    table.release(start + QPointF(87, 0), keys=ALT)
    assert table.view.brush_radius == pytest.approx(8.8, rel=0.01)
    assert not table.document.mask.any()
    table.view.set_brush_radius(0)
    assert table.view.brush_radius == 0.5


@pytest.mark.parametrize("how", ["middle", "space", "hand"])
def test_the_photo_follows_the_pointer_that_pans(table: Table, qtbot: QtBot, how: str) -> None:
    table.view.zoom_to(3)
    if how == "hand":
        table.view.set_tool(HandTool(table.view))
    start = table.at(60, 45)
    button = MIDDLE if how == "middle" else LEFT
    if how == "space":
        QTest.keyPress(table.pane, Qt.Key.Key_Space)
    table.press(start, button)
    for step in (QPointF(5, 3), QPointF(17, -8), QPointF(40, 20)):
        table.move(start + step, button)
        assert np.abs(np.subtract(table.pane.to_photo(start + step), (60, 45))).max() < 0.2
    table.release(start + QPointF(40, 20), button)
    if how == "space":
        QTest.keyRelease(table.pane, Qt.Key.Key_Space)
    assert table.steps == []
    assert not table.document.mask.any()
    moved = table.pane.to_photo(start)
    table.move(start, NONE)
    assert table.pane.to_photo(start) == moved


def test_escape_cancels_the_stroke(table: Table, qtbot: QtBot) -> None:
    table.press(table.at(20, 20))
    table.move(table.at(60, 60))
    assert table.document.mask.any()
    QTest.keyClick(table.pane, Qt.Key.Key_Escape)
    assert not table.document.mask.any()
    table.move(table.at(70, 60))
    table.release(table.at(70, 60))
    assert not table.document.mask.any()
    assert table.steps == []
    table.press(table.at(20, 20))
    table.release(table.at(20, 20))
    assert len(table.steps) == 1


def test_the_right_button_and_ctrl_erase(table: Table, qtbot: QtBot) -> None:
    table.document.set_mask(np.ones(SHAPE, np.uint8), "Fill", "fill")
    table.press(table.at(20, 20), RIGHT)
    table.release(table.at(20, 20), RIGHT)
    table.press(table.at(60, 20), keys=CTRL)
    table.release(table.at(60, 20), keys=CTRL)
    assert table.document.mask[20, 20] == table.document.mask[20, 60] == 0
    assert [step.tool for step in table.steps[1:]] == ["erase", "erase"]
    QTest.keyPress(table.pane, Qt.Key.Key_Control)
    shown = [table.brush.cursor.erasing]
    QTest.keyRelease(table.pane, Qt.Key.Key_Control, CTRL)
    shown.append(table.brush.cursor.erasing)
    assert shown == [True, False]


def test_a_second_button_does_not_disturb_the_stroke(table: Table) -> None:
    table.press(table.at(20, 20))
    table.mouse(QEvent.Type.MouseButtonPress, table.at(40, 20), RIGHT, LEFT | RIGHT)
    table.mouse(QEvent.Type.MouseButtonRelease, table.at(40, 20), RIGHT, LEFT)
    table.move(table.at(60, 20))
    table.release(table.at(60, 20))
    assert table.document.mask[20, 20:60].all()
    assert [step.tool for step in table.steps] == ["brush"]


def test_a_lost_release_ends_the_stroke(table: Table) -> None:
    table.press(table.at(20, 20))
    table.move(table.at(60, 20))
    table.move(table.at(60, 70), held=NONE)
    assert len(table.steps) == 1
    table.move(table.at(90, 70), held=NONE)
    assert len(table.steps) == 1


def test_the_pointer_is_told_and_drawn_in_both_panes(table: Table, qtbot: QtBot) -> None:
    told: list[tuple[float, float, bool]] = []
    table.view.cursor_moved.connect(lambda x, y, inside: told.append((x, y, inside)))
    table.view.set_brush_radius(12)
    plain = pixels(table.view.photo_pane)
    table.move(table.at(60, 45), NONE)
    for pane in (table.view.photo_pane, table.pane):
        left, top = table.view.transform.origin(pane.device_size)
        shown = pixels(pane)
        assert shown[top + 45, left + 60 + 12].min() > 190  # the ring is white, and of the true size
        assert np.array_equal(shown[top + 45, left + 60], noise(seed=1)[45, 60])
    table.move(table.at(60, 45), NONE, CTRL)
    left, top = table.view.transform.origin(table.pane.device_size)
    red = pixels(table.pane)[top + 45, left + 60 + 12].astype(int)
    assert red[0] - red[1] > 60
    table.move(table.at(-30, 45), NONE)
    table.leave()
    assert np.array_equal(pixels(table.view.photo_pane), plain)
    assert [told[0], *told[-2:]] == [(60, 45, True), (-30, 45, False), (-30, 45, False)]


def test_the_next_photo_of_the_same_size_keeps_the_view_another_is_fitted(table: Table) -> None:
    table.view.zoom_to(5)
    table.view.pan_device(30, 10)
    before = table.view.transform.scale, table.view.transform.centre
    table.document.open(case("bb"))
    assert (table.view.transform.scale, table.view.transform.centre) == before
    table.document.open(case("ccc", (300, 200)))
    assert table.view.transform.fitted
    width, height = table.view.transform.grid_size()
    room = table.pane.device_size
    assert max(width / room[0], height / room[1]) == pytest.approx(1, abs=0.08)
    assert width <= room[0]
    assert height <= room[1]
    table.document.close()
    assert np.unique(pixels(table.pane).reshape(-1, 3), axis=0).shape[0] == 1


def test_a_fitted_photo_stays_fitted_when_the_window_changes(table: Table, qtbot: QtBot) -> None:
    table.view.fit()
    before = table.view.transform.scale
    table.view.resize(900, 700)
    qtbot.waitUntil(lambda: table.view.transform.scale > before)
    table.view.set_two_panes(False)
    qtbot.waitUntil(lambda: table.pane.width() > 880)
    assert not table.view.photo_pane.isVisible()
    assert table.view.transform.grid_size()[0] > 600


def test_a_dark_palette_brings_a_dark_surround(table: Table) -> None:
    palette = QPalette(QColor(40, 40, 40))
    table.view.setPalette(palette)
    assert pixels(table.pane)[0, 0].tolist() == [48, 48, 48]


def test_a_pan_moves_the_layers_as_if_they_were_made_anew(table: Table) -> None:
    table.document.open(case("bb", (700, 900)))
    table.document.set_mask(noise((700, 900))[..., 0] // 254, "Fill", "fill")
    for scale in (0.75, 1.0, 2.5):
        table.view.zoom_to(scale)
        pixels(table.pane)
        for dx, dy in ((13, 0), (0, -21), (-40, 17), (900, 900)):
            table.view.pan_device(dx, dy)
            live = on_screen(table).astype(int)
            document = table.document
            table.view.scene.set_photo(document.photo.rgb, document.mask)  # type: ignore[union-attr]
            fresh = pixels(table.pane)
            # The bilinear weights depend on the box by one part in 256, the outline on two of them.
            assert np.abs(live - fresh).max() <= (0 if scale >= 1 else 6)


def test_a_view_mode_that_is_none_is_refused(table: Table) -> None:
    with pytest.raises(ValueError, match="overlay, outline, mask, cutout, swipe, difference"):
        table.view.set_view_mode("x-ray")  # type: ignore[arg-type]


def test_without_a_photo_nothing_breaks(qtbot: QtBot) -> None:
    document = Document()
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.set_tool(BrushTool(document))
    view.show()
    view.fit()
    view.one_to_one()
    view.pan_device(3, 3)
    QTest.mouseClick(view.mask_pane, LEFT)
    assert pixels(view.mask_pane).size


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_on_a_dense_screen_one_to_one_is_still_the_file_bit_for_bit(factor: str) -> None:
    """In a child process: the factor is read when Qt starts."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; import test_canvas; "
        "app = test_canvas.QApplication([]); test_canvas.check_one_to_one()"
    )
    env = {**os.environ, "QT_SCALE_FACTOR": factor}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", code, str(Path(__file__).parent), str(root)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{float(factor)} same"


def check_one_to_one() -> None:
    """The child's part of the test above."""
    document = Document()
    view = CanvasView(document)
    view.resize(640, 420)
    view.show()
    document.open(case())
    view.one_to_one()
    QApplication.processEvents()
    pane = view.photo_pane
    left, top = view.transform.origin(pane.device_size)
    shown = pixels(pane)[top : top + SHAPE[0], left : left + SHAPE[1]]
    same = np.array_equal(shown, noise(seed=1))
    print(pane.devicePixelRatioF(), "same" if same else "different")

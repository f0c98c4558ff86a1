"""A mask of several classes on the canvas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cases import CaseState, CaseSummary
from tongue_viewer.core.photo import Photo
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.canvas_view import CanvasView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
RED, BLUE = (250, 20, 20), (20, 20, 250)


@pytest.fixture
def view(qtbot: QtBot) -> CanvasView:
    document = Document()
    canvas = CanvasView(document)
    qtbot.addWidget(canvas)
    canvas.resize(900, 400)
    canvas.set_overlay_opacity(1.0)
    canvas.show()
    qtbot.waitExposed(canvas)
    photo = Photo(Path("a.bmp"), np.full((40, 60, 3), 128, np.uint8), "")
    document.open(CaseState(CaseSummary(photo.path, "a"), photo, np.zeros((40, 60), np.uint8)))
    canvas.set_class_colours([RED, BLUE])
    canvas.zoom_to(6.0)
    return canvas


def colour_at(view: CanvasView, x: float, y: float) -> tuple[int, int, int]:
    pane = view.mask_pane
    image = pane.grab().toImage()
    px, py = view.transform.to_pane(x, y, pane.device_size)
    colour: QColor = image.pixelColor(round(px), round(py))
    return colour.red(), colour.green(), colour.blue()


def paint(view: CanvasView, top: int, left: int, value: int) -> None:
    stroke = view._document.begin_stroke()
    stroke.show((top, left, 12, 16), np.full((12, 16), value, np.uint8))
    stroke.commit("Paint", "test")


def test_one_class_is_cyan_and_the_second_brings_both_colours(view: CanvasView) -> None:
    paint(view, 12, 14, 1)
    cyan = (look.CYAN.red(), look.CYAN.green(), look.CYAN.blue())
    assert colour_at(view, 22, 18) == cyan
    paint(view, 12, 30, 2)
    assert colour_at(view, 22, 18) == RED
    assert colour_at(view, 38, 18) == BLUE
    assert colour_at(view, 50, 30) == (128, 128, 128)


def test_the_border_between_two_classes_is_an_outline(view: CanvasView) -> None:
    view.set_view_mode("outline")
    paint(view, 12, 14, 1)
    paint(view, 12, 30, 2)
    assert colour_at(view, 22, 18) == (128, 128, 128)
    assert colour_at(view, 30, 18) in {RED, BLUE}


def test_a_photo_that_is_opened_with_several_classes_shows_them(view: CanvasView) -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[12:24, 14:30], mask[12:24, 30:46] = 1, 2
    photo = Photo(Path("b.bmp"), np.full((40, 60, 3), 128, np.uint8), "")
    view._document.open(CaseState(CaseSummary(photo.path, "b"), photo, mask))
    assert colour_at(view, 22, 18) == RED
    assert colour_at(view, 38, 18) == BLUE
    view.zoom_to(0.5)
    assert colour_at(view, 22, 18) == RED

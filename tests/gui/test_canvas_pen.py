"""Pen and pinch on the canvas: events as the window system sends them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cases import CaseState, CaseSummary
from tongue_viewer.core.photo import Photo
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.ui.canvas.canvas_view import CanvasView

# The offscreen platform says so of every window with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SHAPE = (90, 120)
NONE, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def view(qtbot: QtBot, document: Document) -> CanvasView:
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(640, 420)
    view.show()
    path = Path("a.bmp")
    photo = Photo(path, np.zeros((*SHAPE, 3), np.uint8), "")
    document.open(CaseState(CaseSummary(path, "a"), photo, np.zeros(SHAPE, np.uint8)))
    view.one_to_one()
    return view


def place(view: CanvasView, x: float, y: float) -> QPointF:
    return QPointF(*view.transform.to_pane(x, y, view.mask_pane.device_size))


def pen(view: CanvasView, kind: QEvent.Type, at: QPointF, pressure: float, *, eraser: bool = False) -> None:
    types = QPointingDevice.PointerType
    device = QPointingDevice(
        "pen",
        7,
        QInputDevice.DeviceType.Stylus,
        types.Eraser if eraser else types.Pen,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        3,
    )
    moving = kind == QEvent.Type.TabletMove
    buttons = NONE if kind == QEvent.Type.TabletRelease else LEFT
    keys = Qt.KeyboardModifier.NoModifier
    top = view.mask_pane.mapToGlobal(at)
    event = QTabletEvent(
        kind, device, at, top, pressure, 0, 0, 0, 0, 0, keys, NONE if moving else LEFT, buttons
    )
    QApplication.sendEvent(view.mask_pane, event)
    assert event.isAccepted()  # else Qt would send the same again as a mouse


def stroke(view: CanvasView, pressure: float, *, eraser: bool = False) -> None:
    at = place(view, 60, 45)
    for kind in (QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease):
        pen(view, kind, at, pressure if kind != QEvent.Type.TabletRelease else 0.0, eraser=eraser)


def test_pressure_widens_the_stroke_and_the_other_end_erases(view: CanvasView, document: Document) -> None:
    view.set_tool(BrushTool(document, view))
    view.set_brush_radius(20)
    stroke(view, 0.05)
    light = int(document.mask.sum())
    stroke(view, 1.0)
    assert 0 < light < int(document.mask.sum()) / 4
    assert document.undo_stack.count() == 2
    stroke(view, 1.0, eraser=True)
    assert not document.mask.any()
    assert document.undo_stack.undoText() == "Erase"


def test_a_pinch_zooms_at_its_place(view: CanvasView) -> None:
    at = place(view, 30, 20)
    pane = view.mask_pane
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        pane.mapToGlobal(at),
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(pane, event)
    assert view.transform.scale == pytest.approx(1.5)
    assert np.abs(np.subtract(pane.to_photo(at), (30, 20))).max() < 0.9

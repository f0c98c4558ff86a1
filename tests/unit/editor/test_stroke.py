"""Strokes and the brush: live, one step at the end, or nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary, EditStep, Prediction
from tongue_viewer.core.events import PredictionReady
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.raster import paint_capsule, paint_disc
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.editor.tools.hand import HandTool
from tongue_viewer.editor.tools.tool import Pointer

SHAPE = (48, 64)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def case(case_id: str = "a", *, full: bool = False) -> CaseState:
    path = Path(f"{case_id}.bmp")
    mask = np.full(SHAPE, int(full), np.uint8)
    return CaseState(CaseSummary(path, case_id), Photo(path, np.zeros((*SHAPE, 3), np.uint8), ""), mask)


@pytest.fixture
def document() -> Document:
    document = Document()
    document.open(case())
    return document


@pytest.fixture
def steps(document: Document) -> list[EditStep]:
    made: list[EditStep] = []
    document.step_made.connect(made.append)
    return made


def brush(document: Document, radius: float = 4.0, *, erasing: bool = False) -> BrushTool:
    tool = BrushTool(document, erasing=erasing)
    tool.set_radius(radius)
    return tool


def test_a_stroke_is_seen_at_once_and_is_one_step_at_its_end(
    document: Document, steps: list[EditStep]
) -> None:
    rects: list[QRect] = []
    document.mask_changed.connect(rects.append)
    tool = brush(document)
    expected = np.zeros(SHAPE, np.uint8)
    tool.press(Pointer(10, 10, LEFT))
    paint_disc(expected, 10, 10, 4, 1)
    assert np.array_equal(document.mask, expected)
    tool.move(Pointer(30.5, 22.25, LEFT))
    paint_capsule(expected, (10, 10), (30.5, 22.25), 4, 1)
    assert np.array_equal(document.mask, expected)
    assert steps == []
    covered = np.zeros(SHAPE, np.uint8)
    for rect in rects:
        covered[rect.y() : rect.y() + rect.height(), rect.x() : rect.x() + rect.width()] = 1
    assert not expected[covered == 0].any()
    tool.release(Pointer(30.5, 22.25))
    assert [(s.action, s.tool, s.status) for s in steps] == [("Brush", "brush", CaseStatus.EDITED)]
    assert np.array_equal(steps[0].mask, expected)
    document.undo_stack.undo()
    assert not document.mask.any()
    document.undo_stack.redo()
    assert np.array_equal(document.mask, expected)


def test_a_stroke_that_changes_nothing_is_no_step(steps: list[EditStep], document: Document) -> None:
    tool = brush(document, erasing=True)
    tool.press(Pointer(10, 10, LEFT))
    tool.release(Pointer(12, 10))
    outside = brush(document)
    outside.press(Pointer(-90, -90, LEFT))
    outside.release(Pointer(-80, -90))
    assert (steps, document.undo_stack.count(), document.status) == ([], 0, CaseStatus.TO_DO)


def test_escape_takes_the_stroke_back(document: Document, steps: list[EditStep]) -> None:
    tool = brush(document)
    tool.press(Pointer(10, 10, LEFT))
    tool.move(Pointer(40, 30, LEFT))
    busy = [tool.busy]
    tool.cancel()
    assert [*busy, tool.busy] == [True, False]
    assert not document.mask.any()
    tool.move(Pointer(50, 30, LEFT))
    tool.release(Pointer(50, 30))
    assert not document.mask.any()
    assert (steps, document.undo_stack.count()) == ([], 0)


@pytest.mark.parametrize(
    ("erasing", "pointer", "erases"),
    [
        (False, Pointer(20, 20, LEFT), False),
        (False, Pointer(20, 20, RIGHT), True),
        (False, Pointer(20, 20, LEFT, CTRL), True),
        (False, Pointer(20, 20, LEFT, eraser=True), True),
        (True, Pointer(20, 20, LEFT), True),
        (True, Pointer(20, 20, RIGHT), False),
        (True, Pointer(20, 20, LEFT, eraser=True), True),
    ],
)
def test_what_paints_and_what_erases(erasing: bool, pointer: Pointer, erases: bool) -> None:
    document = Document()
    document.open(case(full=erases))
    made: list[EditStep] = []
    document.step_made.connect(made.append)
    tool = brush(document, erasing=erasing)
    tool.press(pointer)
    assert tool.cursor.erasing is erases
    tool.release(pointer)
    assert document.mask[20, 20] == (0 if erases else 1)
    assert [step.tool for step in made] == ["erase" if erases else "brush"]
    assert tool.cursor.erasing is erasing


def test_swap_exchanges_and_other_classes_are_painted(document: Document) -> None:
    tool = brush(document)
    tool.class_index = 3
    tool.press(Pointer(20, 20, LEFT))
    tool.release(Pointer(20, 20))
    assert set(np.unique(document.mask)) == {0, 3}
    tool.swap()
    assert tool.cursor.erasing
    tool.press(Pointer(20, 20, LEFT))
    tool.release(Pointer(20, 20))
    assert not document.mask.any()


def test_shift_joins_a_straight_segment_to_the_last_stroke(document: Document) -> None:
    tool = brush(document, 2)
    tool.press(Pointer(8, 8, LEFT))
    tool.release(Pointer(8, 8))
    tool.press(Pointer(50, 40, LEFT, SHIFT))
    tool.release(Pointer(50, 40, modifiers=SHIFT))
    expected = np.zeros(SHAPE, np.uint8)
    paint_capsule(expected, (8, 8), (50, 40), 2, 1)
    assert np.array_equal(document.mask, expected)
    assert document.undo_stack.count() == 2
    document.open(case("b"))
    tool.press(Pointer(50, 40, LEFT, SHIFT))
    tool.release(Pointer(50, 40, modifiers=SHIFT))
    assert document.mask[8, 8] == 0  # the last point of another photo is no point of this one


@settings(max_examples=60, deadline=None)
@given(
    path=st.lists(st.tuples(st.floats(0, 63.99), st.floats(0, 47.99)), min_size=1, max_size=8),
    radius=st.floats(0.5, 12),
)
def test_every_brush_paints_the_pixel_under_the_pointer(
    path: list[tuple[float, float]], radius: float
) -> None:
    document = Document()
    document.open(case())
    tool = brush(document, radius)
    tool.press(Pointer(*path[0], LEFT))
    for point in path:
        tool.move(Pointer(*point, LEFT))
        assert document.mask[int(point[1]), int(point[0])] == 1
    tool.release(Pointer(*path[-1]))
    assert document.undo_stack.count() == 1


def test_the_smallest_brush_is_one_pixel(document: Document) -> None:
    tool = brush(document, 0.5)
    tool.press(Pointer(10.9, 10.1, LEFT))
    tool.release(Pointer(10.9, 10.1))
    assert np.argwhere(document.mask).tolist() == [[10, 10]]


def test_pressure_makes_the_stroke_thinner(document: Document) -> None:
    tool = brush(document, 10)
    tool.press(Pointer(30, 24, LEFT, pressure=0.1))
    tool.release(Pointer(30, 24, pressure=0.1))
    thin = int(document.mask.sum())
    tool.press(Pointer(30, 24, LEFT, pressure=1.0))
    tool.release(Pointer(30, 24, pressure=1.0))
    assert 0 < thin < int(document.mask.sum()) / 4


def test_undo_during_a_stroke_first_takes_the_stroke_back(document: Document, steps: list[EditStep]) -> None:
    tool = brush(document)
    tool.press(Pointer(10, 10, LEFT))
    tool.release(Pointer(10, 10))
    tool.press(Pointer(40, 30, LEFT))
    document.undo_stack.undo()
    assert not document.mask.any()
    tool.move(Pointer(50, 30, LEFT))
    tool.release(Pointer(50, 30))
    assert not document.mask.any()
    assert [step.tool for step in steps] == ["brush", "undo"]


def test_another_photo_ends_the_stroke(document: Document, steps: list[EditStep]) -> None:
    tool = brush(document)
    tool.press(Pointer(10, 10, LEFT))
    document.open(case("b"))
    tool.move(Pointer(40, 30, LEFT))
    tool.release(Pointer(40, 30))
    assert not document.mask.any()
    assert steps == []


def test_an_answer_during_a_stroke_waits_for_its_end(document: Document, steps: list[EditStep]) -> None:
    predicted = np.zeros(SHAPE, np.uint8)
    predicted[20:30, 20:30] = 1
    summary = CaseSummary(Path("a.bmp"), "a", CaseStatus.PREDICTED)
    event = PredictionReady(
        summary, Prediction(np.zeros((1, 8, 8), np.uint8), SHAPE, 0.5, "m", "0"), predicted, replaced=True
    )
    tool = brush(document)
    tool.press(Pointer(5, 5, LEFT))
    document.accept_prediction(event)
    assert document.mask[25, 25] == 0
    tool.cancel()
    assert np.array_equal(document.mask, predicted)

    document.open(case())
    tool.press(Pointer(5, 5, LEFT))
    document.accept_prediction(event)
    tool.release(Pointer(5, 5))
    assert document.mask[5, 5] == 1
    assert document.mask[25, 25] == 0
    assert [step.tool for step in steps] == ["brush"]


def test_without_a_photo_the_brush_does_nothing() -> None:
    document = Document()
    tool = brush(document)
    tool.press(Pointer(5, 5, LEFT))
    assert not tool.busy
    tool.release(Pointer(5, 5))
    tool.cancel()


def test_the_hand_asks_for_the_way_back_to_the_grabbed_point() -> None:
    tool = HandTool()
    asked: list[tuple[float, float]] = []
    tool.pan_requested.connect(lambda dx, dy: asked.append((dx, dy)))
    tool.move(Pointer(1, 1))
    tool.press(Pointer(10, 20, LEFT))
    assert tool.busy
    tool.move(Pointer(13, 18, LEFT))
    tool.release(Pointer(10, 20))
    tool.move(Pointer(40, 40))
    assert asked == [(-3.0, 2.0)]
    assert tool.cursor.shape == "hand"

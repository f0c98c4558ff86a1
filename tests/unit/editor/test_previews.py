"""A preview that nobody has applied never becomes part of the mask, and no answer of the model is lost over it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.editor.hand import LEFT, NONE, PLAIN, RIGHT, Hand, disc_mask, photo_of
from tongue_viewer.core.cases import CaseStatus, CaseSummary, Origin, Prediction
from tongue_viewer.core.events import PredictionReady
from tongue_viewer.editor.stroke import Stroke
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.editor.tools.fill import FillTool
from tongue_viewer.editor.tools.lasso import LassoTool
from tongue_viewer.editor.tools.polygon import PolygonTool
from tongue_viewer.editor.tools.rope import RopeTool
from tongue_viewer.editor.tools.scissors import ScissorsTool
from tongue_viewer.editor.tools.shape import ShapeTool
from tongue_viewer.editor.tools.tool import Pointer

SHAPE = (40, 50)
BEFORE = disc_mask(SHAPE, (25, 20), 10)


@pytest.fixture
def hand() -> Hand:
    return Hand(photo_of(BEFORE), BEFORE)


def preview_of_everything(hand: Hand) -> Stroke:
    """A preview, as the tidy panel shows one, of a mask that covers the whole photo."""
    stroke = hand.document.begin_stroke()
    stroke.show((0, 0, *SHAPE), np.ones(SHAPE, np.uint8))
    return stroke


def answer(hand: Hand, mask: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> PredictionReady:
    grid = np.zeros((1, 64, 64), np.uint8)
    summary = CaseSummary(hand.photo.path, "a", CaseStatus.PREDICTED)
    return PredictionReady(summary, Prediction(grid, SHAPE, 0.5, "m", "0"), mask, replaced=True)


def test_a_lasso_takes_nothing_of_a_preview_along(hand: Hand) -> None:
    tool = LassoTool(hand.document)
    preview_of_everything(hand)
    hand.drag(tool, [(2, 2), (48, 2), (48, 5), (25, 38), (2, 5)], RIGHT)
    kept = hand.mask
    assert not (kept & ~BEFORE.astype(bool)).any()
    assert len(hand.steps) == 1


@pytest.mark.parametrize("name", ["polygon", "ellipse", "scissors"])
def test_an_area_takes_nothing_of_a_preview_along(hand: Hand, name: str) -> None:
    tool: AreaTool = {
        "polygon": PolygonTool(hand.document),
        "ellipse": ShapeTool(hand.document, ellipse=True),
        "scissors": ScissorsTool(hand.document),
    }[name]
    preview_of_everything(hand)
    corners = [(2.0, 2.0), (48.0, 38.0), (2.0, 38.0)]
    if name == "ellipse":
        hand.drag(tool, corners[:2], RIGHT)
    else:
        for x, y in corners:
            hand.click(tool, x, y, RIGHT)
        tool.confirm()
    assert not (hand.mask & ~BEFORE.astype(bool)).any()


def test_a_push_takes_nothing_of_a_preview_along(hand: Hand) -> None:
    tool = RopeTool(hand.document)
    tool.set_radius(12)
    preview_of_everything(hand)
    hand.drag(tool, [(35, 20), (37, 20)])
    assert np.array_equal(hand.mask[:, :20], BEFORE[:, :20])
    assert not hand.mask[:, 42:].any()


def test_a_fill_looks_at_the_mask_without_the_preview(hand: Hand) -> None:
    tool = FillTool(hand.document)
    preview_of_everything(hand)
    hand.click(tool, 25, 20, RIGHT)
    assert not hand.mask.any()  # the disc alone was taken off
    hand.document.undo_stack.undo()
    assert np.array_equal(hand.mask, BEFORE)
    preview_of_everything(hand)
    hand.click(tool, 1, 1, RIGHT)  # background under the preview: nothing to take off, and no preview left
    assert np.array_equal(hand.mask, BEFORE)
    assert not hand.document.stroke_in_hand


def test_an_answer_that_waited_for_a_preview_outlives_the_next_stroke(hand: Hand) -> None:
    model = disc_mask(SHAPE, (20, 20), 12)
    preview_of_everything(hand)
    hand.document.accept_prediction(answer(hand, model))
    hand.document.begin_stroke().rollback()  # a press that was taken back: the store holds the model's mask
    assert np.array_equal(hand.mask, model)
    assert hand.document.origin is Origin.MODEL


def test_a_review_beside_a_waiting_answer_keeps_the_mask_that_was_reviewed(hand: Hand) -> None:
    stroke = hand.document.begin_stroke()
    hand.document.accept_prediction(answer(hand, disc_mask(SHAPE, (20, 20), 12)))
    hand.document.set_status(CaseStatus.REVIEWED)
    stroke.rollback()
    assert np.array_equal(hand.mask, BEFORE)
    assert hand.document.status is CaseStatus.REVIEWED
    assert np.array_equal(hand.steps[-1].mask, BEFORE)


def test_steps_do_not_merge_over_a_review(hand: Hand) -> None:
    document = hand.document
    for corner, word in ((1, CaseStatus.REVIEWED), (3, CaseStatus.EDITED)):
        stroke = document.begin_stroke()
        stroke.show((corner, 1, 1, 1), np.ones((1, 1), np.uint8))
        assert stroke.commit(f"Threshold {corner} %", "threshold", merge="threshold")
        document.set_status(word)
        if word is CaseStatus.REVIEWED:
            reviewed = hand.mask
    document.undo_stack.undo()
    assert np.array_equal(hand.mask, reviewed)
    assert document.status is CaseStatus.REVIEWED


def test_a_merged_step_is_called_by_its_last_name(hand: Hand) -> None:
    document = hand.document
    told: list[str] = []
    document.undo_stack.undoTextChanged.connect(told.append)
    for percent in (60, 65):
        stroke = document.begin_stroke()
        stroke.show((percent - 60, 1, 1, 1), np.ones((1, 1), np.uint8))
        stroke.commit(f"Threshold {percent} %", "threshold", merge="threshold")
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == told[-1] == "Threshold 65 %"


def test_scissors_let_go_of_a_photo_that_is_no_longer_open(hand: Hand) -> None:
    def keeps_a_photo() -> bool:
        return tool._photo is not None and tool._wire is not None

    tool = ScissorsTool(hand.document)
    hand.click(tool, 10, 10)
    tool.cancel()
    assert keeps_a_photo()  # Esc: the same photo is gone on with
    hand.document.close()
    assert not keeps_a_photo()


def test_a_brush_ends_its_stroke_in_the_class_it_began_with(hand: Hand) -> None:
    tool = BrushTool(hand.document)
    tool.set_radius(2)
    tool.press(Pointer(4, 4, LEFT, PLAIN))
    tool.set_class(2)
    tool.move(Pointer(4, 30, LEFT, PLAIN))
    tool.release(Pointer(4, 30, NONE, PLAIN))
    assert set(np.unique(hand.mask)) == {0, 1}


def test_a_long_lasso_is_drawn_with_few_points_and_filled_with_all(hand: Hand) -> None:
    tool = LassoTool(hand.document)
    angles = np.linspace(0, 2 * np.pi, 1200)
    circle = [(25 + 200 * float(np.cos(a)), 20 + 200 * float(np.sin(a))) for a in angles]
    hand.drag(tool, circle, release=False)
    (line, _ends) = tool.sketch.lines
    assert len(line.points) < len(circle) / 4
    assert (line.points[0], line.points[-1]) == (circle[0], circle[-1])
    drawn = np.array(line.points) - (25, 20)
    middles = (drawn[1:] + drawn[:-1]) / 2  # where a chord is farthest from the circle
    assert np.abs(np.hypot(*middles.T) - 200).max() < 0.1
    tool.release(Pointer(*circle[-1], NONE, PLAIN, reach=1.5))
    assert hand.mask.all()

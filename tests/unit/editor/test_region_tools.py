"""Lasso, polygon, scissors, shapes, wand, fill, push: what they change, and what they leave alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.editor.hand import ALT, CTRL, LEFT, RIGHT, SHIFT, Hand, Mask, disc_mask, photo_of
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import NOTHING
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.editor.tools.fill import OPEN_AREA, FillTool
from tongue_viewer.editor.tools.lasso import LassoTool
from tongue_viewer.editor.tools.polygon import PolygonTool
from tongue_viewer.editor.tools.rope import RopeTool
from tongue_viewer.editor.tools.scissors import ScissorsTool
from tongue_viewer.editor.tools.shape import ShapeTool
from tongue_viewer.editor.tools.tool import Pointer, Tool
from tongue_viewer.editor.tools.wand import WandTool

SHAPE = (60, 80)
TONGUE = disc_mask(SHAPE, (40, 30), 18)
EMPTY = np.zeros(SHAPE, np.uint8)
SQUARE = ((10.0, 10.0), (30.0, 10.0), (30.0, 25.0), (10.0, 25.0))


def hand(mask: Mask = EMPTY) -> Hand:
    return Hand(photo_of(TONGUE), mask)


def inside(top: int, left: int, bottom: int, right: int) -> Mask:
    mask = EMPTY.copy()
    mask[top:bottom, left:right] = 1
    return mask


MAKERS: dict[str, Callable[[Document], Tool]] = {
    "brush": BrushTool,
    "lasso": LassoTool,
    "polygon": PolygonTool,
    "scissors": ScissorsTool,
    "rectangle": ShapeTool,
    "ellipse": lambda document: ShapeTool(document, ellipse=True),
    "wand": WandTool,
    "fill": FillTool,
    "rope": RopeTool,
}


def test_the_lasso_fills_what_it_surrounds_as_one_step() -> None:
    one = hand()
    Hand.drag(LassoTool(one.document), SQUARE)
    assert np.array_equal(one.mask, inside(10, 10, 25, 30))
    assert [(step.action, step.tool) for step in one.steps] == [("Lasso", "lasso")]


@pytest.mark.parametrize(("button", "keys"), [(RIGHT, None), (LEFT, CTRL)])
def test_the_right_button_or_ctrl_takes_off(button: object, keys: object) -> None:
    one = hand(np.ones(SHAPE, np.uint8))
    Hand.drag(LassoTool(one.document), SQUARE, button, keys or SHIFT)  # type: ignore[arg-type]
    assert np.array_equal(one.mask, 1 - inside(10, 10, 25, 30))


def test_swapped_the_left_button_takes_off_and_the_right_one_adds() -> None:
    one = hand(np.ones(SHAPE, np.uint8))
    lasso = LassoTool(one.document)
    lasso.swap()
    assert lasso.cursor.erasing
    Hand.drag(lasso, SQUARE)
    assert np.array_equal(one.mask, 1 - inside(10, 10, 25, 30))
    Hand.drag(lasso, SQUARE, RIGHT)
    assert one.mask.all()


def test_a_lasso_that_changes_nothing_makes_no_step() -> None:
    one = hand()
    lasso = LassoTool(one.document)
    Hand.drag(lasso, SQUARE, RIGHT)
    Hand.drag(lasso, [(3, 3), (4, 4)])
    assert one.steps == []
    assert one.document.undo_stack.count() == 0


def test_a_polygon_is_filled_by_a_click_on_its_first_corner() -> None:
    one = hand()
    tool = PolygonTool(one.document)
    for point in SQUARE:
        Hand.click(tool, *point)
    assert (tool.busy, int(one.mask.sum())) == (True, 0)
    Hand.click(tool, 10.5, 10.5)
    assert (tool.busy, tool.sketch) == (False, NOTHING)
    assert np.array_equal(one.mask, inside(10, 10, 25, 30))
    assert len(one.steps) == 1


def test_corners_of_a_polygon_can_be_moved_inserted_and_taken_back() -> None:
    one = hand()
    tool = PolygonTool(one.document)
    for point in ((10.0, 10.0), (30.0, 10.0), (33.0, 28.0)):
        Hand.click(tool, *point)
    Hand.drag(tool, [(33.0, 28.0), (31.0, 27.0), (30.0, 25.0)])  # the third corner, to its place
    Hand.drag(tool, [(20.0, 10.0), (20.0, 4.0)])  # a side becomes a corner
    assert len(tool.sketch.handles) == 4
    Hand.click(tool, 50.0, 50.0)
    tool.step_back()
    Hand.click(tool, 10.0, 25.0)
    tool.confirm()
    expected = inside(10, 10, 25, 30)
    expected[4:10, 10:30] = one.mask[4:10, 10:30]
    assert np.array_equal(one.mask, expected)
    assert one.mask[5, 20] == 1
    assert one.mask[5, 12] == 0


def test_a_polygon_in_hand_is_dropped_by_cancel_and_by_another_photo() -> None:
    one = hand()
    tool = PolygonTool(one.document)
    for drop in (tool.cancel, one.open):
        for point in SQUARE:
            Hand.click(tool, *point)
        drop()
        assert not tool.busy
        assert tool.sketch == NOTHING
    assert not one.mask.any()
    assert one.steps == []


@pytest.mark.parametrize("ellipse", [False, True])
def test_shapes_from_corner_to_corner(ellipse: bool) -> None:
    one = hand()
    Hand.drag(ShapeTool(one.document, ellipse=ellipse), [(10, 10), (20, 20), (30, 25)])
    if ellipse:
        assert one.mask[17, 20] == 1
        assert one.mask[10, 10] == 0
        assert abs(int(one.mask.sum()) - np.pi * 10 * 7.5) < 6
    else:
        assert np.array_equal(one.mask, inside(10, 10, 25, 30))


def test_shift_makes_a_shape_as_wide_as_high_and_alt_grows_it_from_its_middle() -> None:
    one = hand()
    Hand.drag(ShapeTool(one.document), [(10, 10), (30, 25)], keys=SHIFT)
    assert np.array_equal(one.mask, inside(10, 10, 30, 30))
    one.document.undo_stack.undo()
    Hand.drag(ShapeTool(one.document), [(20, 20), (25, 24)], keys=ALT)
    assert np.array_equal(one.mask, inside(16, 15, 24, 25))


def test_the_scissors_follow_the_edge_that_straight_lines_cut() -> None:
    one = hand()
    tool = ScissorsTool(one.document)
    for x, y in ((58.0, 30.0), (40.0, 48.0), (22.0, 30.0), (40.0, 12.0)):
        Hand.click(tool, x, y)
    tool.confirm()
    overlap = 2 * (one.mask & TONGUE).sum() / (one.mask.sum() + TONGUE.sum())
    assert overlap > 0.94  # the square through the pins has 0.78
    assert len(one.steps) == 1


def test_the_wand_takes_the_tongue_and_a_drag_widens_it() -> None:
    one = hand()
    wand = WandTool(one.document)
    Hand.click(wand, 40, 30)
    assert np.array_equal(one.mask, TONGUE)
    one.document.undo_stack.undo()
    Hand.drag(wand, [(40, 30), (60, 30), (160, 30)], release=False)
    assert one.mask.all()
    assert [step.tool for step in one.steps] == ["wand", "undo"]
    wand.cancel()
    assert not one.mask.any()
    assert wand.tolerance == 12.0


def test_fill_closes_a_hole_takes_a_piece_off_and_refuses_the_open_surround() -> None:
    ring = TONGUE - disc_mask(SHAPE, (40, 30), 6)
    one = hand(ring | inside(2, 2, 6, 6))
    fill, refused = FillTool(one.document), list[str]()
    fill.refused.connect(refused.append)
    Hand.click(fill, 40, 30)
    assert np.array_equal(one.mask, TONGUE | inside(2, 2, 6, 6))
    Hand.click(fill, 3, 3, RIGHT)
    assert np.array_equal(one.mask, TONGUE)
    Hand.click(fill, 75, 3)
    assert refused == [OPEN_AREA]
    assert len(one.steps) == 2


def test_a_pushed_outline_follows_comes_back_and_leaves_the_rest_alone() -> None:
    one = hand(TONGUE)
    rope = RopeTool(one.document)
    rope.set_radius(12)
    Hand.drag(rope, [(58, 30), (61, 30), (64, 30)], release=False)
    assert one.mask[30, 61] == 1
    assert np.array_equal(one.mask[:, :40], TONGUE[:, :40])
    rope.move(Pointer(58, 30, LEFT))
    assert (one.mask != TONGUE).sum() <= 4
    rope.move(Pointer(64, 30, LEFT))
    rope.release(Pointer(64, 30))
    assert [step.tool for step in one.steps] == ["rope"]
    one.document.undo_stack.undo()
    assert np.array_equal(one.mask, TONGUE)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_no_tool_does_anything_without_a_photo(name: str) -> None:
    tool = MAKERS[name](Document())
    Hand.drag(tool, [(5, 5), (9, 9), (5, 9)])
    tool.confirm()
    tool.step_back()
    tool.cancel()
    assert not tool.busy


coordinate = st.floats(-15, 95, allow_nan=False, width=32)
stroke = st.tuples(
    st.sampled_from(sorted(MAKERS)),
    st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=5),
    st.sampled_from([LEFT, RIGHT]),
    st.sampled_from(["release", "cancel"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(stroke, st.sampled_from(["undo", "redo"])), max_size=9))
def test_any_sequence_of_edits_undos_and_redos_is_a_walk_along_the_snapshots(moves: list[object]) -> None:
    one = hand(TONGUE)
    tools = {name: make(one.document) for name, make in MAKERS.items()}
    snapshots, place = [one.mask], 0
    for move in moves:
        steps = len(one.steps)
        if move in ("undo", "redo"):
            getattr(one.document.undo_stack, str(move))()
            place = max(0, place - 1) if move == "undo" else min(len(snapshots) - 1, place + 1)
        else:
            assert isinstance(move, tuple)
            name, points, button, end = move
            tool = tools[name]
            Hand.drag(tool, points, button, release=end == "release")
            if end == "cancel":
                tool.cancel()
            else:
                tool.confirm()  # what needs Enter gets it
            if len(one.steps) > steps:
                snapshots[place + 1 :] = [one.mask]
                place += 1
        assert np.array_equal(one.mask, snapshots[place])
        assert one.document.undo_stack.index() == place
    if one.steps:
        assert np.array_equal(
            one.steps[-1].mask, one.mask
        )  # what is stored, and so exported, is what is shown


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [name for name in sorted(MAKERS) if name in {"brush", "lasso", "rectangle", "ellipse", "rope"}]
    ),
    st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=5),
    st.sampled_from([LEFT, RIGHT]),
)
def test_tools_never_touch_pixels_outside_their_reach(
    name: str, points: list[tuple[float, float]], button: object
) -> None:
    one = hand(TONGUE)
    tool = MAKERS[name](one.document)
    radius = 6.0 if name in {"brush", "rope"} else 0.0
    tool.set_radius(radius)
    Hand.drag(tool, points, button)  # type: ignore[arg-type]
    rows, columns = np.nonzero(one.mask != TONGUE)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    margin = radius + 0.5
    assert ((columns + 0.5 >= min(xs) - margin) & (columns + 0.5 <= max(xs) + margin)).all()
    assert ((rows + 0.5 >= min(ys) - margin) & (rows + 0.5 <= max(ys) + margin)).all()


def test_a_tool_that_is_left_alone_says_nothing_of_areas() -> None:
    assert not AreaTool("area", "Area", Document()).busy

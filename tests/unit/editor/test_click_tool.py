"""Click to correct: one click, collected clicks, previews."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.unit.editor.hand import CTRL, LEFT, RIGHT, Hand, Mask, disc_mask, photo_of
from tongue_viewer.core.cases import Prediction
from tongue_viewer.editor.sketch import ADDED, NOTHING, TAKEN
from tongue_viewer.editor.tools.click import ClickTool
from tongue_viewer.editor.tools.tool import Pointer

pytestmark = pytest.mark.usefixtures("qapp")  # a preview waits for a timer

SHAPE = (120, 160)
TONGUE = disc_mask(SHAPE, (80, 60), 40)


def opened(mask: Mask) -> Hand:
    grid = np.zeros((1, 160, 160), np.uint8)
    grid[0, 20:140] = 255 * TONGUE
    return Hand(photo_of(TONGUE), mask, Prediction(grid, SHAPE, 0.5, "m", "0"))


def damaged() -> Mask:
    mask = TONGUE.copy()
    mask[40:70, 90:125] = 0  # a piece is missing
    mask[4:14, 4:20] = 1  # an island
    return mask


def dice(one: Mask, other: Mask) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def test_a_left_click_brings_what_is_missing_and_a_right_one_takes_what_is_too_much() -> None:
    one = opened(damaged())
    tool = ClickTool(one.document)
    Hand.click(tool, 103, 55)
    Hand.click(tool, 12, 9, RIGHT)
    assert dice(one.mask, TONGUE) > 0.97
    assert not one.mask[:20, :25].any()
    assert [step.tool for step in one.steps] == ["click", "click"]
    one.document.undo_stack.undo()
    one.document.undo_stack.undo()
    assert np.array_equal(one.mask, damaged())


def test_a_click_that_says_what_the_mask_says_makes_no_step() -> None:
    one = opened(TONGUE.copy())
    tool = ClickTool(one.document)
    Hand.click(tool, 80, 60)
    Hand.click(tool, 3, 3, RIGHT)
    assert one.steps == []


def test_collected_clicks_are_shown_taken_back_and_one_step() -> None:
    one = opened(damaged())
    tool = ClickTool(one.document)
    Hand.click(tool, 103, 55, keys=CTRL)
    Hand.click(tool, 12, 9, RIGHT, CTRL)
    assert [click.positive for click in tool.sketch.clicks] == [True, False]
    assert np.array_equal(one.mask, damaged())
    tint = tool.sketch.tint
    assert set(np.unique(tint.pixels if tint else [])) == {0, ADDED, TAKEN}
    tool.step_back()
    assert [click.positive for click in tool.sketch.clicks] == [True]
    tool.confirm()
    assert (len(one.steps), tool.sketch == NOTHING) == (1, True)
    assert one.mask[9, 12] == 1  # the click that was taken back


def test_letting_ctrl_go_makes_the_step_at_the_next_move() -> None:
    one = opened(damaged())
    tool = ClickTool(one.document)
    Hand.click(tool, 103, 55, keys=CTRL)
    tool.move(Pointer(100, 50))
    assert len(one.steps) == 1


def test_where_the_pointer_rests_the_change_is_shown_and_nothing_is_changed(qtbot: QtBot) -> None:
    one = opened(damaged())
    tool = ClickTool(one.document)
    tool.move(Pointer(103, 55))
    qtbot.waitUntil(lambda: tool.sketch.tint is not None)
    assert np.array_equal(one.mask, damaged())
    tool.leave()
    assert tool.sketch == NOTHING
    tool.move(Pointer(12, 9))
    qtbot.waitUntil(lambda: tool.sketch.tint is not None)
    assert tool.sketch.tint is not None
    assert TAKEN in tool.sketch.tint.pixels
    one.open()
    assert tool.sketch == NOTHING


def test_outside_of_the_photo_and_without_one_nothing_happens() -> None:
    one = opened(damaged())
    tool = ClickTool(one.document)
    Hand.click(tool, -5, 20)
    Hand.click(tool, 500, 20, LEFT)
    one.document.close()
    Hand.click(tool, 20, 20)
    assert one.steps == []
    assert isinstance(tool, QObject)

"""Strokes that show whole regions, and steps in a row that become one."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRect

from tests.unit.editor.hand import Hand, Mask, disc_mask, photo_of

SHAPE = (20, 30)
EMPTY = np.zeros(SHAPE, np.uint8)
ONES = np.ones((5, 6), np.uint8)


@pytest.fixture
def one() -> Hand:
    return Hand(photo_of(disc_mask(SHAPE, (15, 10), 6)), EMPTY)


def block(row: int, column: int) -> Mask:
    mask = EMPTY.copy()
    mask[row : row + 5, column : column + 6] = 1
    return mask


def test_what_is_shown_replaces_what_was_shown_before(one: Hand) -> None:
    rects: list[QRect] = []
    one.document.mask_changed.connect(rects.append)
    stroke = one.document.begin_stroke()
    stroke.show((2, 3, 5, 6), ONES)
    assert np.array_equal(one.mask, block(2, 3))
    stroke.show((4, 10, 5, 6), ONES)
    assert np.array_equal(one.mask, block(4, 10))
    assert rects == [QRect(3, 2, 6, 5), QRect(3, 2, 13, 7)]
    assert stroke.show((0, 0, 0, 0), EMPTY[:0, :0]) == QRect(10, 4, 6, 5)
    assert not one.mask.any()
    assert not stroke.commit("Nothing", "nothing")
    assert one.steps == []


def test_a_shown_region_is_one_step_and_can_be_rolled_back(one: Hand) -> None:
    stroke = one.document.begin_stroke()
    stroke.show((2, 3, 5, 6), ONES)
    stroke.rollback()
    assert not one.mask.any()
    assert stroke.show((2, 3, 5, 6), ONES) == QRect()
    stroke = one.document.begin_stroke()
    stroke.show((2, 3, 5, 6), ONES)
    assert stroke.commit("Region", "region")
    one.document.undo_stack.undo()
    assert not one.mask.any()
    one.document.undo_stack.redo()
    assert np.array_equal(one.mask, block(2, 3))


def show(one: Hand, row: int, column: int, merge: str = "") -> None:
    stroke = one.document.begin_stroke()
    mask = block(row, column) if row >= 0 else EMPTY
    stroke.show((0, 0, *SHAPE), mask)
    stroke.commit(f"at {row}", "region", merge)


def test_steps_of_one_kind_in_a_row_are_undone_together(one: Hand) -> None:
    show(one, 0, 0)
    for row in (1, 5, 9):
        show(one, row, row, "slider")
    stack = one.document.undo_stack
    assert stack.count() == 2
    assert stack.undoText() == "at 9"
    assert len(one.steps) == 4  # the log keeps each of them
    stack.undo()
    assert np.array_equal(one.mask, block(0, 0))
    stack.redo()
    assert np.array_equal(one.mask, block(9, 9))


def test_another_step_between_keeps_them_apart(one: Hand) -> None:
    show(one, 1, 1, "slider")
    show(one, 2, 2)
    show(one, 3, 3, "slider")
    show(one, 4, 4, "other")
    assert one.document.undo_stack.count() == 4


def test_after_an_undo_nothing_is_merged_into_what_was_undone(one: Hand) -> None:
    show(one, 1, 1, "slider")
    one.document.undo_stack.undo()
    show(one, 6, 6, "slider")
    assert one.document.undo_stack.count() == 1
    one.document.undo_stack.undo()
    assert not one.mask.any()


def test_steps_that_come_to_nothing_leave_no_step(one: Hand) -> None:
    show(one, 3, 3)
    show(one, 1, 1, "slider")
    show(one, 3, 3, "slider")
    stack = one.document.undo_stack
    assert (stack.count(), stack.undoText()) == (1, "at 3")
    assert np.array_equal(one.mask, block(3, 3))
    show(one, 8, 8)
    stack.undo()
    stack.undo()
    assert not one.mask.any()

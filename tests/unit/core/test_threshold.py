"""Another threshold for a mask that may have been edited."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.threshold import at_threshold, changed_box, closest_threshold

rows, columns = np.mgrid[:40, :50]
AWAY = np.hypot(rows - 20, columns - 25)
PROBABILITY = np.clip(1 - AWAY / 20, 0, 1).astype(np.float32)[None]
"""A cone: one threshold, one disc."""


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.5, 0.8])
def test_the_threshold_of_a_model_mask_is_found(threshold: float) -> None:
    mask = mask_from_probability(PROBABILITY, threshold)
    found = closest_threshold(PROBABILITY, mask, 0.5)
    assert np.array_equal(mask_from_probability(PROBABILITY, found), mask)


def test_an_edit_does_not_move_the_threshold_that_is_found() -> None:
    mask = mask_from_probability(PROBABILITY, 0.3)
    mask[:4, :4] = 1
    assert closest_threshold(PROBABILITY, mask, 0.5) == pytest.approx(0.3, abs=0.021)


def test_nothing_fits_better_than_the_usual_one() -> None:
    assert closest_threshold(PROBABILITY, mask_from_probability(PROBABILITY, 0.5), 0.5) == 0.5
    assert closest_threshold(PROBABILITY, np.zeros((40, 50), np.uint8), 0.42) == 0.42
    assert closest_threshold(np.repeat(PROBABILITY, 2, 0), np.ones((40, 50), np.uint8), 0.42) == 0.42


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_an_untouched_mask_becomes_the_models_and_edits_stay(before: float, after: float) -> None:
    mask = mask_from_probability(PROBABILITY, before)
    later = mask_from_probability(PROBABILITY, after)
    assert np.array_equal(at_threshold(mask, PROBABILITY, mask, after), later)
    edited = mask.copy()
    edited[0, :6] = 1
    edited[20, 25] = 0
    moved = at_threshold(edited, PROBABILITY, mask, after)
    assert moved[0, :6].all()
    assert moved[20, 25] == 0
    assert np.array_equal(at_threshold(moved, PROBABILITY, later, before), edited)


def test_the_box_of_a_change() -> None:
    before = np.zeros((9, 9), np.uint8)
    after = before.copy()
    assert changed_box(before, after)[2:] == (0, 0)
    after[2, 3] = after[5, 7] = 1
    assert changed_box(before, after) == (2, 3, 4, 5)

"""Masks the other way round are recognised, on phantoms of every frame and at every cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.phantoms.randoms import random_spec
from tests.phantoms.render import render
from tongue_viewer.core.mask_polarity import Polarity, PolarityCounts, Turning, mask_polarity, turn_round
from tongue_viewer.core.photo import MaskArray


@pytest.mark.parametrize("seed", range(24))
def test_phantoms_are_told_apart(seed: int) -> None:
    _, mask = render(random_spec(seed))
    assert mask.any()
    assert mask_polarity(mask) is Polarity.STRAIGHT
    assert mask_polarity(turn_round(mask)) is Polarity.INVERTED


@pytest.mark.parametrize("seed", range(6))
def test_a_photo_cut_to_the_tongue_is_never_taken_for_inverted(seed: int) -> None:
    _, mask = render(random_spec(seed))
    rows, columns = np.nonzero(mask)
    cut = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert mask_polarity(cut) is not Polarity.INVERTED
    assert mask_polarity(turn_round(cut)) is not Polarity.STRAIGHT


def test_an_empty_mask_is_straight_and_a_full_one_inverted() -> None:
    assert mask_polarity(np.zeros((5, 7), np.uint8)) is Polarity.STRAIGHT
    assert mask_polarity(np.ones((5, 7), np.uint8)) is Polarity.INVERTED


def test_half_a_frame_is_unclear() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[:, :10] = 1
    assert mask_polarity(mask) is Polarity.UNCLEAR


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1)))
def test_no_mask_and_its_inverse_get_the_same_clear_answer(mask: MaskArray) -> None:
    here, there = mask_polarity(mask), mask_polarity(turn_round(mask))
    assert here is Polarity.UNCLEAR or there is not here
    assert np.array_equal(turn_round(turn_round(mask)), mask)


@pytest.mark.parametrize(
    ("counts", "asks", "mixed", "words"),
    [
        (PolarityCounts(3, 0, 1), False, False, ""),
        (PolarityCounts(0, 3, 1), True, False, "3 of 4 masks look inverted"),
        (PolarityCounts(2, 1, 0), True, True, "two kinds"),
        (PolarityCounts(0, 1, 0), True, False, "The mask looks inverted"),
        (PolarityCounts(0, 0, 2), True, False, "not clear"),
        (PolarityCounts(), False, False, ""),
    ],
)
def test_a_folder_is_asked_about_when_it_must_be(
    counts: PolarityCounts, asks: bool, mixed: bool, words: str
) -> None:
    assert (counts.asks, counts.mixed) == (asks, mixed)
    assert words in counts.describe()


def test_the_choice_says_which_files_are_turned() -> None:
    verdicts = (Polarity.STRAIGHT, Polarity.INVERTED, Polarity.UNCLEAR)
    assert PolarityCounts.of((*verdicts, Polarity.INVERTED)) == PolarityCounts(1, 2, 1)
    assert [Turning.NONE.applies_to(v) for v in verdicts] == [False, False, False]
    assert [Turning.INVERTED.applies_to(v) for v in verdicts] == [False, True, False]
    assert [Turning.ALL.applies_to(v) for v in verdicts] == [True, True, True]

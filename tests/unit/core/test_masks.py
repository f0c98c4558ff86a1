"""Probability → mask, and tidying."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from tongue_viewer.core.masks import bounding_box, fill_holes, keep_largest, mask_from_probability
from tongue_viewer.core.photo import MaskArray

binary = arrays(np.uint8, st.tuples(st.integers(1, 14), st.integers(1, 14)), elements=st.integers(0, 1))


def test_the_threshold_itself_belongs_to_the_class() -> None:
    probability = np.array([[[0.49, 0.5, 0.51]]], np.float32)
    assert mask_from_probability(probability, 0.5).tolist() == [[0, 1, 1]]


def test_one_class_keeps_the_largest_piece_without_holes() -> None:
    probability = np.zeros((1, 20, 30), np.float32)
    probability[0, 2:12, 2:12] = 0.9
    probability[0, 5:7, 5:7] = 0.1  # a hole, as glare makes it
    probability[0, 15:17, 20:25] = 0.9  # a crumb
    expected = np.zeros((20, 30), np.uint8)
    expected[2:12, 2:12] = 1
    mask = mask_from_probability(probability, 0.5)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_array_equal(mask_from_probability(probability, 0.5, tidy=False), probability[0] >= 0.5)


def test_several_classes_take_the_highest_above_the_threshold() -> None:
    probability = np.array([[[0.9, 0.6, 0.2, 0.0]], [[0.1, 0.7, 0.3, 1.0]]], np.float32)
    assert mask_from_probability(probability, 0.5).tolist() == [[1, 2, 0, 2]]


@pytest.mark.parametrize("shape", [(3, 4), (0, 3, 4)])
def test_a_wrong_shape_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="N, H, W"):
        mask_from_probability(np.zeros(shape, np.float32), 0.5)


@given(binary)
def test_filled_holes_are_those_of_scipy(mask: MaskArray) -> None:
    mask.setflags(write=False)
    np.testing.assert_array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask).astype(np.uint8))


@given(binary)
def test_the_largest_piece_is_that_of_scipy(mask: MaskArray) -> None:
    mask.setflags(write=False)
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = [int((labels == i).sum()) for i in range(1, count + 1)]
    kept = keep_largest(mask)
    assert int(kept.sum()) == max(sizes, default=0)
    assert bool((kept <= mask).all())
    assert ndimage.label(kept, structure=np.ones((3, 3)))[1] == min(count, 1)


def test_other_classes_inside_a_hole_stay() -> None:
    mask = np.zeros((7, 7), np.uint8)
    mask[1:6, 1:6] = 3
    mask[2:5, 2:5] = 0
    mask[3, 3] = 2
    filled = fill_holes(mask)
    assert filled[3, 3] == 2
    assert filled[2, 2] == 3
    assert filled[0].max() == 0


def test_pieces_are_counted_for_each_class() -> None:
    mask = np.array([[1, 1, 0, 2, 0, 1], [0, 0, 0, 2, 0, 0], [2, 0, 0, 0, 0, 0]], np.uint8)
    assert keep_largest(mask).tolist() == [[1, 1, 0, 2, 0, 0], [0, 0, 0, 2, 0, 0], [0, 0, 0, 0, 0, 0]]


def test_an_empty_mask_stays_empty() -> None:
    empty = np.zeros((5, 6), np.uint8)
    assert bounding_box(empty) is None
    assert not fill_holes(empty).any()
    assert not keep_largest(empty).any()

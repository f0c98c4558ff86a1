"""Tidying: exact distances, edges that stay where they are, and classes that leave one another alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tongue_viewer.core.masks import fill_holes, keep_largest
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.tidy import TIDY, grow, invert, shrink, smooth

shapes = st.tuples(st.integers(1, 14), st.integers(1, 14))
masks = arrays(np.uint8, shapes, elements=st.integers(0, 3))
distances = st.sampled_from([0.5, 1, 1.5, 2, 3, 5, 11, 12.5])


def disc(shape: tuple[int, int], x: float, y: float, radius: float) -> MaskArray:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return ((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= radius**2).astype(np.uint8)


def grown_by_hand(mask: MaskArray, pixels: float) -> MaskArray:
    """Every background pixel on its own: the nearest pixel of a class, the lowest class among equals."""
    out = mask.copy()
    rows, columns = np.nonzero(mask)
    for row, column in zip(*np.nonzero(mask == 0), strict=True):
        squared = (rows - row) ** 2 + (columns - column) ** 2
        if squared.size and squared.min() <= pixels**2:
            out[row, column] = mask[rows, columns][squared == squared.min()].min()
    return out


@settings(max_examples=100, deadline=None)
@given(mask=masks, pixels=distances)
def test_growing_is_exact_and_eats_no_other_class(mask: MaskArray, pixels: float) -> None:
    mask.setflags(write=False)
    grown = grow(mask, pixels)
    np.testing.assert_array_equal(grown, grown_by_hand(mask, pixels))
    assert (grown[mask > 0] == mask[mask > 0]).all()


@settings(max_examples=100, deadline=None)
@given(mask=masks, pixels=distances)
def test_shrinking_is_growing_the_background(mask: MaskArray, pixels: float) -> None:
    mask.setflags(write=False)
    away = grown_by_hand((mask == 0).astype(np.uint8), pixels)
    np.testing.assert_array_equal(shrink(mask, pixels), np.where(away, 0, mask))
    np.testing.assert_array_equal(grow(mask, -pixels), shrink(mask, pixels))


@pytest.mark.parametrize("pixels", [3, 10, 15])
def test_an_edge_moves_by_just_that_many_pixels(pixels: int) -> None:
    mask = np.zeros((80, 90), np.uint8)
    mask[:, 30:70] = 1  # it reaches the photo's edge above and below, where nothing is taken off
    for by in (pixels, -pixels):
        expected = np.zeros_like(mask)
        expected[:, 30 - by : 70 + by] = 1
        np.testing.assert_array_equal(grow(mask, by), expected)


@given(mask=masks, label=st.integers(1, 3))
def test_inverting_twice_gives_the_mask_back(mask: MaskArray, label: int) -> None:
    mask.setflags(write=False)
    other = invert(mask, label)
    np.testing.assert_array_equal(other == label, mask == 0)
    np.testing.assert_array_equal(other == 0, mask == label)
    np.testing.assert_array_equal(invert(other, label), mask)


@pytest.mark.parametrize("radius", [2, 5, 9, 24])
@pytest.mark.parametrize("angle", [0, 12, 30, 45, 71, 90, 200])
def test_smoothing_leaves_straight_edges_where_they_are(angle: float, radius: float) -> None:
    y, x = np.mgrid[:240, :240] - 119.5
    mask = (x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle)) < 0.3).astype(np.uint8)
    middle = (slice(70, 170), slice(70, 170))  # away from the corners with the photo's edge
    changed = smooth(mask, radius)[middle].astype(int) - mask[middle]
    assert abs(changed.sum()) < 10  # a tenth of a pixel along a hundred
    assert np.count_nonzero(changed) < 20


@pytest.mark.parametrize("radius", [4, 7, 12, 26])
@pytest.mark.parametrize(("part", "rise", "dent"), [(1.0, 0.3, 0.7), (0.5, 0.0, 0.2)])
def test_smoothing_removes_what_is_thinner_than_the_radius(
    radius: int, part: float, rise: float, dent: float
) -> None:
    edge = np.zeros((200, 200), np.uint8)
    edge[90:] = 1
    thin = int(part * radius - 0.5)
    bumpy = edge.copy()
    bumpy[40:90, 60 : 60 + thin] = 1  # a bump
    bumpy[90:140, 130 : 130 + thin] = 0  # a notch
    smoothed = smooth(bumpy, radius)
    foot, mouth = math.ceil(rise * radius), math.ceil(dent * radius + 1)
    np.testing.assert_array_equal(smoothed[: 90 - foot], edge[: 90 - foot])
    np.testing.assert_array_equal(smoothed[90 + mouth :], edge[90 + mouth :])


@pytest.mark.parametrize("radius", [4, 7, 12, 26])
def test_smoothing_removes_thin_pieces_and_holes(radius: int) -> None:
    block = np.zeros((200, 200), np.uint8)
    block[60:, :] = 1
    rough = block.copy()
    rough[10 : 9 + radius, 20:180] = 1
    rough[120 : 119 + radius, 20:180] = 0
    np.testing.assert_array_equal(smooth(rough, radius), block)


@pytest.mark.parametrize("radius", [3, 8, 20])
def test_smoothing_keeps_the_area_of_a_disc(radius: int) -> None:
    mask = disc((200, 210), 103.3, 98.9, 80)
    smoothed = smooth(mask, radius)
    lost = radius**2 / (8 * 80) + 0.1  # what the documentation says, as a move of the outline
    assert abs(int(smoothed.sum()) - int(mask.sum())) <= lost * 2 * math.pi * 80
    assert (disc(mask.shape, 103.3, 98.9, 78) <= smoothed).all()
    assert (smoothed <= disc(mask.shape, 103.3, 98.9, 81.5)).all()


@settings(max_examples=100, deadline=None)
@given(mask=masks, radius=st.floats(0, 14))
def test_smoothing_never_turns_a_class_into_another(mask: MaskArray, radius: float) -> None:
    mask.setflags(write=False)
    smoothed = smooth(mask, radius)
    kept = (mask > 0) & (smoothed > 0)
    assert (smoothed[kept] == mask[kept]).all()
    assert set(np.unique(smoothed)) <= {0, *np.unique(mask)}
    if radius < 1:
        np.testing.assert_array_equal(smoothed, mask)


def test_smoothing_keeps_the_border_between_two_classes() -> None:
    mask = disc((120, 120), 60, 60, 50)
    mask[:, 60:] *= 2
    mask[58:62, 60:70] = np.minimum(mask[58:62, 60:70], 1)  # a thin tongue of one class in the other
    smoothed = smooth(mask, 8)
    np.testing.assert_array_equal(smoothed[20:100, 40:80], mask[20:100, 40:80])


@given(mask=masks, name=st.sampled_from(sorted(TIDY)), radius=st.sampled_from([0, 1, 4]))
def test_every_operation_of_the_panel_gives_a_new_mask(mask: MaskArray, name: str, radius: float) -> None:
    mask.setflags(write=False)
    out = TIDY[name](mask, radius)
    assert out.dtype == np.uint8
    assert out.shape == mask.shape
    assert not np.shares_memory(out, mask)


@given(masks)
def test_the_panels_names_do_what_they_say(mask: MaskArray) -> None:
    expected = {
        "fill_holes": fill_holes(mask),
        "keep_largest": keep_largest(mask),
        "smooth": smooth(mask, 3),
        "grow": grow(mask, 3),
        "shrink": grow(mask, -3),
        "invert": invert(mask),
    }
    assert set(TIDY) == set(expected)
    for name, result in expected.items():
        np.testing.assert_array_equal(TIDY[name](mask, 3), result)
    for name in ("fill_holes", "keep_largest"):
        np.testing.assert_array_equal(TIDY[name](expected[name], 3), expected[name])


def test_an_empty_mask_and_a_full_one_stay() -> None:
    for mask in (np.zeros((9, 9), np.uint8), np.ones((9, 9), np.uint8)):
        for name in ("smooth", "grow", "shrink"):
            np.testing.assert_array_equal(TIDY[name](mask, 12), mask)

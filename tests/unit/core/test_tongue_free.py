"""Crops without tongue, and the ceiling that a pixel grid sets."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongue_viewer.core.grid_ceiling import shift_ceiling
from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.tongue_free import MOST_CROPS, Square, foreground_part, tongue_free_squares


def disc(shape: tuple[int, int], centre: tuple[float, float], radius: float) -> MaskArray:
    rows, columns = np.indices(shape)
    return np.asarray(np.hypot(rows - centre[0], columns - centre[1]) <= radius, np.uint8)


@given(
    shape=st.sampled_from([(576, 768), (400, 400), (300, 200)]),
    y=st.floats(0.2, 0.8),
    x=st.floats(0.2, 0.8),
    radius=st.floats(10, 180),
)
@settings(max_examples=30, deadline=None)
def test_crops_hold_no_tongue_nor_its_surroundings_and_are_large_enough(
    shape: tuple[int, int], y: float, x: float, radius: float
) -> None:
    mask = disc(shape, (y * shape[0], x * shape[1]), radius)
    squares = tongue_free_squares(mask)
    assert squares == tongue_free_squares(mask)
    assert len(squares) <= MOST_CROPS
    for square in squares:
        rows, columns = square.window
        assert 0 <= rows.start < rows.stop <= shape[0]
        assert 0 <= columns.start < columns.stop <= shape[1]
        assert square.side >= max(96, 0.15 * max(shape))
        around = mask[max(0, rows.start - 4) : rows.stop + 4, max(0, columns.start - 4) : columns.stop + 4]
        assert not around.any()


def test_crops_have_several_sizes_and_places_near_the_mouth() -> None:
    squares = tongue_free_squares(disc((576, 768), (300, 384), 120))
    assert len(squares) >= 4
    assert len({square.side for square in squares}) >= 2
    assert all(a.overlap(b) <= 0.3 for a in squares for b in squares if a != b)
    nearest = min(math.hypot(s.top + s.side / 2 - 300, s.left + s.side / 2 - 384) for s in squares)
    assert nearest < 260  # an edge of the smallest crop stands at the tongue, not in a corner of the photo


def test_a_photo_full_of_tongue_has_no_crop() -> None:
    assert tongue_free_squares(np.ones((400, 400), np.uint8)) == ()
    assert tongue_free_squares(np.zeros((60, 60), np.uint8)) == ()  # smaller than the smallest crop


def test_a_photo_without_tongue_is_cropped_around_its_middle() -> None:
    first = tongue_free_squares(np.zeros((400, 600), np.uint8))[0]
    assert first.side == 240
    assert first.top + 120 == pytest.approx(200, abs=16)
    assert first.left + 120 == pytest.approx(300, abs=16)


def test_overlap_by_hand() -> None:
    assert Square(0, 0, 10).overlap(Square(0, 5, 10)) == pytest.approx(50 / 150)
    assert Square(0, 0, 10).overlap(Square(20, 20, 10)) == 0


def test_foreground_part_counts_every_class() -> None:
    assert foreground_part(np.array([[0, 1], [2, 0]], np.uint8)) == 0.5


@pytest.mark.parametrize("radius", [10, 35, 150])
def test_the_ceiling_of_a_disc_is_known(radius: int) -> None:
    mask = disc((400, 400), (200, 200), radius)
    assert shift_ceiling(mask, 0.25) == pytest.approx(1 - 0.5 / (math.pi * radius), abs=0.15 / radius**1.2)


def test_the_ceiling_is_the_dice_of_a_moved_mask() -> None:
    """Drawn four times as large, a quarter of a pixel is one pixel, and Dice itself tells."""
    mask = disc((60, 60), (30, 30), 17) | disc((60, 60), (38, 24), 12)
    large = np.kron(mask, np.ones((4, 4), np.uint8))
    moved = [agreement(np.roll(large, 1, axis), large).dice for axis in (0, 1)]
    assert shift_ceiling(mask, 0.25) == pytest.approx(np.mean(moved), abs=1e-12)


def test_the_frame_is_no_outline() -> None:
    mask = np.zeros((10, 10), np.uint8)
    mask[:, :5] = 1  # 50 pixels, one outline of 10 across the rows, none across the columns
    assert shift_ceiling(mask, 0.25) == pytest.approx(1 - 0.25 * 10 / 2 / 100)
    assert shift_ceiling(np.ones((4, 4), np.uint8)) == 1
    assert shift_ceiling(np.zeros((4, 4), np.uint8)) == 1
    with pytest.raises(ValueError, match="0 to 1"):
        shift_ceiling(mask, 2)

"""Discs and capsules against an oracle in whole numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongue_viewer.core.raster import Box, paint_capsule, paint_disc

UNIT = 8  # coordinates are multiples of 1/8 pixel, so that the oracle can count exactly

eighths = st.integers(-6 * UNIT, 30 * UNIT)
points = st.tuples(eighths, eighths)


def oracle(
    shape: tuple[int, int], start: tuple[int, int], end: tuple[int, int], radius: int
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Every pixel on its own, in Python's whole numbers of 1/8 pixel."""
    mask = np.zeros(shape, np.uint8)
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    for row in range(shape[0]):
        for column in range(shape[1]):
            x, y = column * UNIT + UNIT // 2, row * UNIT + UNIT // 2
            along = (x - ax) * dx + (y - ay) * dy
            if along <= 0:
                inside = (x - ax) ** 2 + (y - ay) ** 2 <= radius**2
            elif along >= squared:
                inside = (x - bx) ** 2 + (y - by) ** 2 <= radius**2
            else:
                inside = ((x - ax) * dy - (y - ay) * dx) ** 2 <= radius**2 * squared
            mask[row, column] = inside
    return mask


def box_of(mask: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Box:
    rows, columns = np.nonzero(mask)
    if rows.size == 0:
        return (0, 0, 0, 0)
    top, left = int(rows.min()), int(columns.min())
    return (top, left, int(rows.max()) + 1 - top, int(columns.max()) + 1 - left)


@settings(max_examples=250, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    start=points,
    end=points,
    radius=st.integers(1, 10 * UNIT),
)
def test_a_capsule_is_the_oracles_bit_for_bit(
    shape: tuple[int, int], start: tuple[int, int], end: tuple[int, int], radius: int
) -> None:
    mask = np.zeros(shape, np.uint8)
    box = paint_capsule(
        mask, (start[0] / UNIT, start[1] / UNIT), (end[0] / UNIT, end[1] / UNIT), radius / UNIT, 1
    )
    expected = oracle(shape, start, end, radius)
    assert np.array_equal(mask, expected)
    assert box == box_of(expected)


@settings(max_examples=80, deadline=None)
@given(centre=points, radius=st.integers(1, 10 * UNIT), value=st.integers(0, 5))
def test_a_disc_sets_its_value_and_leaves_the_rest(centre: tuple[int, int], radius: int, value: int) -> None:
    mask = np.full((20, 22), 7, np.uint8)
    paint_disc(mask, centre[0] / UNIT, centre[1] / UNIT, radius / UNIT, value)
    inside = oracle(mask.shape, centre, centre, radius)
    assert np.array_equal(mask, np.where(inside, value, 7))


@settings(max_examples=60, deadline=None)
@given(
    path=st.lists(st.tuples(st.floats(-5, 60), st.floats(-5, 60)), min_size=2, max_size=6),
    radius=st.floats(1, 9),
)
def test_a_chain_of_capsules_has_no_gaps(path: list[tuple[float, float]], radius: float) -> None:
    mask = np.zeros((56, 56), np.uint8)
    for start, end in pairwise(path):
        paint_capsule(mask, start, end, radius, 1)
    for start, end in pairwise(path):
        for t in np.linspace(0, 1, 50):
            x, y = start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])
            if 0 <= x < 56 and 0 <= y < 56:  # a radius of at least √½ holds the pixel under each point
                assert mask[int(y), int(x)] == 1


@pytest.mark.parametrize("far", [(-500.0, 10.0), (10.0, -500.0), (1e6, 1e6)])
def test_outside_the_photo_nothing_is_set(far: tuple[float, float]) -> None:
    mask = np.zeros((20, 20), np.uint8)
    assert paint_disc(mask, *far, 30.0, 1)[2:] == (0, 0)
    assert not mask.any()


@pytest.mark.parametrize("radius", [0.0, -1.0, float("nan"), float("inf")])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(ValueError, match="positive radius"):
        paint_disc(np.zeros((4, 4), np.uint8), 1, 1, radius, 1)

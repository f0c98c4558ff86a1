"""Polygons against an oracle in whole numbers; rectangles, ellipses and thinned lines."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tongue_viewer.core.shapes import ellipse_points, fill_polygon, rectangle_points, simplify

UNIT = (
    4  # coordinates are multiples of 1/4 pixel, so that the oracle can count exactly and edges meet centres
)

corners = st.tuples(st.integers(-5 * UNIT, 20 * UNIT), st.integers(-5 * UNIT, 20 * UNIT))
polygons = st.lists(corners, min_size=1, max_size=9)
spots = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


def is_inside(x: int, y: int, polygon: list[tuple[int, int]]) -> bool:
    """Even-odd by a ray to the right, and the edge belongs to it; all in Python's whole numbers."""
    odd = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if cross == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay <= y) != (by <= y):
            odd ^= (cross > 0) == (by > ay)
    return odd


def oracle(shape: tuple[int, int], polygon: list[tuple[int, int]]) -> NDArray[np.uint8]:
    half = UNIT // 2
    return np.array(
        [
            [is_inside(column * UNIT + half, row * UNIT + half, polygon) for column in range(shape[1])]
            for row in range(shape[0])
        ],
        np.uint8,
    )


@settings(max_examples=250, deadline=None)
@given(shape=st.tuples(st.integers(1, 16), st.integers(1, 16)), polygon=polygons, value=st.integers(0, 5))
def test_a_polygon_is_the_oracles_bit_for_bit(
    shape: tuple[int, int], polygon: list[tuple[int, int]], value: int
) -> None:
    mask = np.full(shape, 7, np.uint8)
    box = fill_polygon(mask, [(x / UNIT, y / UNIT) for x, y in polygon], value)
    expected = oracle(shape, polygon)
    np.testing.assert_array_equal(mask, np.where(expected, value, 7))
    rows, columns = np.nonzero(expected)
    if rows.size == 0:
        assert box == (0, 0, 0, 0)
    else:
        top, left = int(rows.min()), int(columns.min())
        assert box == (top, left, int(rows.max()) + 1 - top, int(columns.max()) + 1 - left)


def test_what_is_enclosed_twice_is_outside() -> None:
    mask = np.zeros((12, 12), np.uint8)
    outer, inner = [(0, 0), (12, 0), (12, 12), (0, 12), (0, 0)], [(4, 4), (8, 4), (8, 8), (4, 8), (4, 4)]
    fill_polygon(mask, outer + inner, 1)
    expected = np.ones((12, 12), np.uint8)
    expected[4:8, 4:8] = 0
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize(
    "points", [[], [(-9.0, -9.0), (-1.0, -9.0), (-1.0, -1.0)], [(1e9, 1.0), (2e9, 5.0), (1e9, 5.0)]]
)
def test_outside_the_photo_nothing_is_set(points: list[tuple[float, float]]) -> None:
    mask = np.zeros((8, 8), np.uint8)
    assert fill_polygon(mask, points, 1) == (0, 0, 0, 0)
    assert not mask.any()


def test_a_polygon_far_larger_than_the_photo_fills_it() -> None:
    mask = np.zeros((8, 9), np.uint8)
    assert fill_polygon(mask, rectangle_points((-1e7, -1e7), (1e7, 1e7)), 3) == (0, 0, 8, 9)
    assert (mask == 3).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_point_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        fill_polygon(np.zeros((4, 4), np.uint8), [(0, 0), (bad, 1), (2, 2)], 1)


@given(a=spots, b=spots)
def test_a_rectangle_has_its_corners_in_order(a: tuple[float, float], b: tuple[float, float]) -> None:
    points = rectangle_points(a, b)
    assert points == rectangle_points(b, a) == rectangle_points((a[0], b[1]), (b[0], a[1]))
    (left, top), (right, _), _, (_, bottom) = points
    assert left <= right
    assert top <= bottom
    assert points == ((left, top), (right, top), (right, bottom), (left, bottom))


@given(
    size=st.tuples(st.floats(0.5, 6000), st.floats(0.5, 6000)), tolerance=st.sampled_from([0.02, 0.1, 1.0])
)
def test_an_ellipse_is_kept_within_the_tolerance(size: tuple[float, float], tolerance: float) -> None:
    half_x, half_y = size[0] / 2, size[1] / 2
    points = np.array(ellipse_points((10, 20), (10 + size[0], 20 + size[1]), tolerance))
    unit = (points - (10 + half_x, 20 + half_y)) / (half_x, half_y)
    np.testing.assert_allclose(np.hypot(*unit.T), 1, atol=1e-9)
    # Between two corners a chord is farthest from the ellipse at the middle of the angle.
    middle = (unit + np.roll(unit, -1, axis=0)) / 2
    on_ellipse = middle / np.hypot(*middle.T)[:, None]
    assert np.hypot(*((on_ellipse - middle) * (half_x, half_y)).T).max() <= tolerance + 1e-9
    np.testing.assert_allclose(points.min(axis=0), (10, 20), atol=1e-9)
    np.testing.assert_allclose(points.max(axis=0), (10 + size[0], 20 + size[1]), atol=1e-9)


def test_an_ellipse_without_tolerance_is_refused() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        ellipse_points((0, 0), (5, 5), 0)


def distance_to_line(point: tuple[float, float], line: tuple[tuple[float, float], ...]) -> float:
    best = math.inf
    for (ax, ay), (bx, by) in pairwise(line):
        dx, dy = bx - ax, by - ay
        squared = dx * dx + dy * dy
        t = (
            min(1.0, max(0.0, ((point[0] - ax) * dx + (point[1] - ay) * dy) / squared))
            if squared > 0
            else 0.0
        )
        best = min(best, math.hypot(point[0] - ax - t * dx, point[1] - ay - t * dy))
    return best


@given(points=st.lists(spots, min_size=2, max_size=30), tolerance=st.floats(0, 5))
def test_what_is_left_out_is_near_what_stays(points: list[tuple[float, float]], tolerance: float) -> None:
    line = simplify(points, tolerance)
    assert (line[0], line[-1]) == (points[0], points[-1])
    following = iter(points)
    assert all(point in following for point in line)  # a part of the points, in their order
    assert all(distance_to_line(point, line) <= tolerance + 1e-6 for point in points)


def test_a_straight_line_needs_its_ends_only() -> None:
    assert simplify([(0, 0), (1, 1), (2, 2), (5, 5)], 0.01) == ((0, 0), (5, 5))
    assert simplify([(0, 0), (9, 0), (9, 0.2), (9, 9)], 0.5) == ((0, 0), (9, 0), (9, 9))
    assert simplify([(3, 4)], 1) == ((3, 4),)

"""Dragging the outline: how far it reaches, that it follows the pointer, and the way back."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import paint_capsule
from tongue_viewer.core.rope import Point, push

paths = st.lists(st.tuples(st.floats(-20, 100), st.floats(-20, 100)), min_size=1, max_size=5)
blocks = arrays(np.uint8, (8, 9), elements=st.integers(0, 2))


def pushed(mask: MaskArray, path: list[Point], radius: float, value: int = 1) -> MaskArray:
    (row, column, height, width), pixels = push(mask, path, radius, value)
    assert pixels.shape == (height, width)
    assert pixels.dtype == np.uint8
    assert 0 <= row <= row + height <= mask.shape[0]
    assert 0 <= column <= column + width <= mask.shape[1]
    out = mask.copy()
    out[row : row + height, column : column + width] = pixels
    return out


def line(start: Point, end: Point, count: int = 12) -> list[Point]:
    return [
        (start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t)
        for t in np.linspace(0, 1, count).tolist()
    ]


def half_plane(shape: tuple[int, int], x: int) -> MaskArray:
    mask = np.zeros(shape, np.uint8)
    mask[:, :x] = 1
    return mask


@settings(max_examples=80, deadline=None)
@given(blocks=blocks, path=paths, radius=st.floats(0.4, 70), value=st.integers(1, 2))
def test_out_of_reach_nothing_changes_and_other_classes_stay(
    blocks: MaskArray, path: list[Point], radius: float, value: int
) -> None:
    mask = np.repeat(np.repeat(blocks, 10, axis=0), 10, axis=1)
    mask.setflags(write=False)
    after = pushed(mask, path, radius, value)
    reached = np.zeros_like(mask)
    for start, end in pairwise(path):
        paint_capsule(reached, start, end, radius, 1)
    changed = after != mask
    assert not changed[reached == 0].any()
    assert set(np.unique(mask[changed])) <= {0, value}
    assert set(np.unique(after[changed])) <= {0, value}


@pytest.mark.parametrize(
    "path", [[], [(50.0, 50.0)], [(50.0, 50.0), (50.0, 50.0)], [(900.0, 5.0), (990.0, 5.0)]]
)
def test_no_drag_changes_nothing(path: list[Point]) -> None:
    box, pixels = push(half_plane((100, 100), 50), path, 30)
    assert box[2:] == (0, 0)
    assert pixels.shape == (0, 0)


@pytest.mark.parametrize("radius", [12.0, 40.0, 130.0])
@pytest.mark.parametrize("distance", [0.5, 1.5])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_edge_under_the_pointer_goes_with_it(radius: float, distance: float, sign: int) -> None:
    mask = half_plane((300, 500), 250)
    to = 250 + sign * round(distance * radius)
    after = pushed(mask, line((250, 150.5), (to, 150.5)), radius)
    edge = after.sum(axis=1, dtype=int)  # where each row's run of ones ends
    assert abs(int(edge[150]) - to) <= 1
    assert (edge == np.count_nonzero(np.cumprod(after, axis=1), axis=1)).all()  # still one run a row
    moved = (edge - 250) * sign
    assert (np.diff(moved[:151]) >= 0).all()  # from the farthest to the pointer it only rises
    assert (np.diff(moved[150:]) <= 0).all()
    assert np.abs(moved - moved[::-1][np.clip(np.arange(300) - 1, 0, None)])[20:280].max() <= 1


@settings(max_examples=30, deadline=None)
@given(
    angle=st.floats(0, 2 * math.pi),
    radius=st.floats(6, 60),
    distance=st.floats(0.1, 2.5),
    bend=st.floats(-1, 1),
)
def test_the_way_back_gives_the_mask_back(angle: float, radius: float, distance: float, bend: float) -> None:
    rows, columns = np.ogrid[:200, :220]
    mask = ((columns - 110) ** 2 + (rows - 100) ** 2 <= 60**2).astype(np.uint8)
    start = (110 + 60 * math.cos(angle), 100 + 60 * math.sin(angle))
    turn = angle + bend
    end = (
        start[0] + distance * radius * math.cos(turn),
        start[1] + distance * radius * math.sin(turn),
    )
    there = line(start, end, 9)
    after = pushed(mask, there + there[-2::-1], radius)
    square = np.ones((3, 3), np.uint8)
    assert (cv2.erode(mask, square) <= after).all()
    assert (after <= cv2.dilate(mask, square)).all()


def test_how_finely_the_pointer_was_sampled_matters_little() -> None:
    mask = half_plane((200, 260), 130)
    coarse = pushed(mask, [(130, 100), (190, 110)], 40)
    fine = pushed(mask, line((130, 100), (190, 110), 61), 40)
    assert np.count_nonzero(coarse != fine) <= 5
    assert np.count_nonzero(coarse != mask) > 500


def test_an_outline_stays_in_one_smooth_piece() -> None:
    mask = half_plane((300, 400), 150)
    after = pushed(mask, line((150, 150), (290, 120), 20), 60)
    assert cv2.connectedComponents(after)[0] == 2
    assert cv2.connectedComponents(1 - after)[0] == 2


def test_a_drag_from_outside_carries_what_lies_at_the_photos_edge() -> None:
    mask = half_plane((80, 80), 80)
    mask[:, 10:] = 0
    after = pushed(mask, [(-5, 40), (25, 40)], 30)
    assert after[40, :20].all()
    assert not after[40, 45:].any()


@pytest.mark.parametrize("radius", [0.0, -2.0, math.nan, math.inf])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(ValueError, match="positive radius"):
        push(np.zeros((9, 9), np.uint8), [(1, 1), (2, 2)], radius)

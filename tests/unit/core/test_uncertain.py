"""Where the model was unsure along the outline: found where the band is wide, nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.uncertain import WIDE, uncertain_stretches

GRID = 128
CENTRE = 64.0
RADIUS = 40.0


def prediction(
    soft: float, shape: tuple[int, int] = (256, 256), threshold: float = 0.5, *, soft_from: float = 0.0
) -> Prediction:
    """A disc on the grid; its edge changes over in 3 pixels, to the right of `soft_from` in `soft` ones."""
    yy, xx = np.mgrid[:GRID, :GRID] + 0.5
    inside = RADIUS - np.hypot(xx - CENTRE, yy - CENTRE)
    width = np.where(xx - CENTRE >= soft_from, soft, 3.0)
    grid = np.clip(255 * (0.5 + 0.6 * inside / width), 0, 255).astype(np.uint8)
    return Prediction(grid[None], shape, threshold, "m", "0" * 64)


def mask_of(answer: Prediction) -> NDArray[np.uint8]:
    return mask_from_probability(answer.probability(), answer.threshold)


def test_a_sharp_edge_is_sure_everywhere() -> None:
    answer = prediction(3.0)
    assert uncertain_stretches(answer, mask_of(answer)) == ()


@pytest.mark.parametrize("shape", [(256, 256), (128, 128), (90, 90), (1000, 1000)])
def test_the_soft_side_is_found_and_only_that(shape: tuple[int, int]) -> None:
    answer = prediction(14.0, shape, soft_from=10.0)
    (stretch,) = uncertain_stretches(answer, mask_of(answer))
    factor = shape[0] / GRID
    away = stretch.points / factor - CENTRE
    assert away[:, 0].min() > 10 - 4
    assert np.abs(np.hypot(away[:, 0], away[:, 1]) - RADIUS).max() < 1.5
    # From the angle where x = 10 on one side to that on the other: about 2.6 radians of the circle.
    expected = 2 * np.arccos(10 / RADIUS) * RADIUS
    assert stretch.length / factor == pytest.approx(expected, rel=0.15)
    assert np.hypot(stretch.middle[0] / factor - CENTRE - RADIUS, stretch.middle[1] / factor - CENTRE) < 4


def test_severity_is_the_bands_width_against_the_tongues_size() -> None:
    answer = prediction(14.0, soft_from=10.0)
    mask = mask_of(answer)
    (stretch,) = uncertain_stretches(answer, mask)
    # The probability goes from 0.2 to 0.8 over 14 pixels of the grid, 28 of the photo.
    assert stretch.severity == pytest.approx(28 / np.sqrt(mask.sum()), rel=0.15)
    assert stretch.severity >= WIDE


def test_points_lie_on_the_edge_that_is_seen() -> None:
    answer = prediction(14.0, (512, 512), soft_from=10.0)
    mask = np.zeros((512, 512), np.uint8)
    mask[116:396, 116:396] = 1  # a square through the soft side, at x = 396
    points = np.concatenate([stretch.points for stretch in uncertain_stretches(answer, mask)])
    right = points[(points[:, 0] > 380) & (np.abs(points[:, 1] - 256) < 135)]
    assert len(right) >= 2
    assert np.abs(right[:, 0] - 396).max() < 0.2


def test_two_soft_sides_are_two_stretches_in_order_along_the_outline() -> None:
    yy, xx = np.mgrid[:GRID, :GRID] + 0.5
    inside = RADIUS - np.hypot(xx - CENTRE, yy - CENTRE)
    width = np.where(np.abs(xx - CENTRE) > 28, 12.0, 3.0)
    grid = np.clip(255 * (0.5 + 0.6 * inside / width), 0, 255).astype(np.uint8)
    answer = Prediction(grid[None], (256, 256), 0.5, "m", "0" * 64)
    found = uncertain_stretches(answer, mask_of(answer))
    assert sorted(stretch.middle[0] < 128 for stretch in found) == [False, True]


def test_an_edge_that_is_soft_all_around_is_one_closed_stretch() -> None:
    answer = prediction(14.0, soft_from=-1000)
    (stretch,) = uncertain_stretches(answer, mask_of(answer))
    assert np.hypot(*(stretch.points[0] - stretch.points[-1])) < 2
    assert stretch.length == pytest.approx(2 * np.pi * 80, rel=0.1)


def test_where_a_person_went_against_a_sure_model_nothing_is_marked() -> None:
    answer = prediction(14.0, soft_from=10.0)
    mask = np.zeros((256, 256), np.uint8)
    cv2.circle(mask, (128, 128), 40, 1, cv2.FILLED)  # half the model's radius: p is 1 everywhere there
    assert uncertain_stretches(answer, mask) == ()


def test_the_photos_rim_is_no_doubt_of_the_model() -> None:
    grid = np.zeros((1, GRID, GRID), np.uint8)
    grid[:, 60:] = 128
    answer = Prediction(grid, (256, 256), 0.5, "m", "0" * 64)
    mask = np.ones((256, 256), np.uint8)
    assert uncertain_stretches(answer, mask) == ()


def test_another_threshold_moves_the_band_with_it() -> None:
    answer = prediction(14.0, threshold=0.9, soft_from=-1000)
    mask = mask_of(answer)
    (stretch,) = uncertain_stretches(answer, mask)
    # From 0.36 to 0.96 instead of from 0.2 to 0.8.
    assert stretch.severity == pytest.approx(28 / np.sqrt(mask.sum()), rel=0.1)


def test_every_class_has_its_own_band() -> None:
    one = prediction(3.0).grid[0]
    yy, xx = np.mgrid[:GRID, :GRID] + 0.5
    away = 12 - np.hypot(xx - 112, yy - CENTRE)
    other = np.clip(255 * (0.5 + 0.6 * away / 9.0), 0, 255).astype(np.uint8)
    answer = Prediction(np.stack([one, other]), (256, 256), 0.5, "m", "0" * 64)
    mask = np.zeros((256, 256), np.uint8)
    cv2.circle(mask, (128, 128), 80, 1, cv2.FILLED)
    cv2.circle(mask, (224, 128), 23, 2, cv2.FILLED)
    found = uncertain_stretches(answer, mask)
    assert found
    assert all(np.hypot(*(stretch.points.mean(axis=0) - (224, 128))) < 30 for stretch in found)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        uncertain_stretches(prediction(3.0), np.zeros((10, 10), np.uint8))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60))
def test_any_mask_and_any_grid_give_stretches_inside_the_photo(
    seed: int, coarse: int, height: int, width: int
) -> None:
    rng = np.random.default_rng(seed)
    grid = cv2.resize(rng.integers(0, 256, (6, 6), np.uint8), (32, 32), interpolation=cv2.INTER_LINEAR)
    answer = Prediction(np.asarray(grid, np.uint8)[None], (height, width), 0.5, "m", "0" * 64)
    small = rng.integers(0, 2, (coarse, coarse), np.uint8)
    mask = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    for stretch in uncertain_stretches(answer, mask):
        assert len(stretch.points) >= 2
        assert stretch.points.min() >= -1
        assert (stretch.points.max(axis=0) <= (width + 1, height + 1)).all()
        assert stretch.severity >= WIDE
        assert stretch.length > 0

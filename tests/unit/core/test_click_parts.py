"""The parts of click to correct: window, colours, features, network, cut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from tongue_viewer.core.click_colour import BINS, PhotoColours, bins_of, evidence_of, smoothed
from tongue_viewer.core.click_cut import cut
from tongue_viewer.core.click_features import FEATURES, features_of
from tongue_viewer.core.click_prior import layers_of, learned_score, score_of
from tongue_viewer.core.click_window import GRID, ClickWindow, reach_of
from tongue_viewer.core.photo import MaskArray, RgbArray


def disc_case() -> tuple[RgbArray, MaskArray]:
    rgb = np.full((300, 400, 3), (90, 120, 90), np.uint8)
    truth = np.zeros((300, 400), np.uint8)
    cv2.circle(truth, (200, 150), 90, 1, cv2.FILLED)
    rgb[truth > 0] = (200, 110, 110)
    mask = truth.copy()
    mask[:, 240:] = 0
    return rgb, mask


@settings(deadline=None)
@given(
    depth=st.floats(1, 400), deeper=st.floats(0, 400), height=st.integers(1, 4000), width=st.integers(1, 4000)
)
def test_a_deeper_click_reaches_farther_and_never_less_than_its_depth(
    depth: float, deeper: float, height: int, width: int
) -> None:
    near, far = (reach_of(d, (height, width)) for d in (depth, depth + deeper))
    assert near <= far
    assert near > depth


@settings(max_examples=50, deadline=None)
@given(row=st.integers(0, 299), column=st.integers(240, 399))
def test_a_window_knows_its_click_and_the_distance_to_the_mask(row: int, column: int) -> None:
    rgb, mask = disc_case()
    window = ClickWindow.around(rgb, mask, (row, column), label=True, value=1)
    rows, columns = np.nonzero(mask)
    assert window.depth == pytest.approx(np.hypot(rows - row, columns - column).min())
    assert max(window.open.shape) <= GRID + 1
    assert window.open[window.cell]
    assert window.apart[window.cell] <= window.scale
    assert window.to_grid(column + 0.5, row + 0.5) == pytest.approx(window.centre)
    assert not window.free[mask[window.window] == 1].any()


def test_features_are_finite_and_follow_the_class_not_the_photos_place() -> None:
    rgb, mask = disc_case()
    colours = PhotoColours(rgb)
    window = ClickWindow.around(rgb, mask, (150, 260), label=True, value=1)
    features = features_of(window, colours.evidence(mask, 1))
    assert features.shape == (*window.open.shape, len(FEATURES))
    assert np.isfinite(features).all()
    moved = [np.roll(array, (20, 30), axis=(0, 1)) for array in (rgb, mask)]
    again = ClickWindow.around(moved[0], moved[1], (170, 290), label=True, value=1)
    other = features_of(again, colours.evidence(mask, 1))
    np.testing.assert_allclose(other, features, atol=1e-4)


def test_what_has_the_tongues_colour_scores_higher() -> None:
    rgb, mask = disc_case()
    window = ClickWindow.around(rgb, mask, (150, 255), label=True, value=1)
    features = features_of(window, PhotoColours(rgb).evidence(mask, 1))
    tongue = window.lab[..., 1] > 140
    likely, unlikely = (learned_score(features[window.open & side]).mean() for side in (tongue, ~tongue))
    assert likely > unlikely + 2


def test_evidence_is_for_the_sample_that_holds_the_colour() -> None:
    lab = np.array([[[50, 150, 150]] * 4 + [[200, 110, 110]] * 4], np.uint8)
    bins = bins_of(lab)
    first = np.array([[1, 1, 1, 1, 0, 0, 0, 0]], float)
    evidence = evidence_of(bins, first, 1 - first)
    assert evidence.shape == (BINS[0] * BINS[1] * BINS[2],)
    assert (evidence[bins][first == 1] > 1).all()
    assert (evidence[bins][first == 0] < -1).all()
    np.testing.assert_allclose(evidence_of(bins, 1 - first, first), -evidence, atol=1e-6)


def test_the_cut_follows_the_score_and_what_is_fixed() -> None:
    score = np.where(np.arange(40) < 20, 3.0, -3.0).astype(np.float32) * np.ones((30, 1), np.float32)
    colours = np.full((30, 40, 2), 100, np.uint8)
    fixed = np.full((30, 40), -1, np.int8)
    np.testing.assert_array_equal(cut(score, colours, fixed), score > 0)
    fixed[5, 35], fixed[5, 5] = 1, 0
    labels = cut(score, colours, fixed)
    assert labels[5, 35]
    assert not labels[5, 5]


def test_an_undecided_cut_runs_along_the_photos_edge() -> None:
    colours = np.full((30, 40, 2), 60, np.uint8)
    colours[:, 26:] = 180
    fixed = np.full((30, 40), -1, np.int8)
    fixed[:, 0], fixed[:, -1] = 1, 0
    labels = cut(np.zeros((30, 40), np.float32), colours, fixed)
    np.testing.assert_array_equal(labels, np.broadcast_to(np.arange(40) < 26, (30, 40)))


def test_layers_take_exactly_their_numbers() -> None:
    layers = layers_of("1 2 3 4 5 6  7 8 9", (2, 2, 1))
    # x·[[1,2],[3,4]] + [5,6] = (9, 12) for x = (1, 1); then 7·9 + 8·12 + 9
    assert score_of(np.ones((1, 2), np.float32), layers).tolist() == [168]
    assert score_of(np.full((1, 2), -9, np.float32), layers).tolist() == [9]
    with pytest.raises(ValueError, match="9 numbers, got 8"):
        layers_of("1 2 3 4 5 6 7 8", (2, 2, 1))


@settings(deadline=None)
@given(shape=st.lists(st.integers(1, 9), min_size=1, max_size=3), seed=st.integers(0, 2**32 - 1))
def test_histograms_are_smoothed_as_scipy_does(shape: list[int], seed: int) -> None:
    counts = (np.random.default_rng(seed).random(shape) * 1e4).astype(np.float32)
    expected = ndimage.gaussian_filter(counts, 1.0, mode="constant", truncate=2.0)
    assert np.allclose(smoothed(counts), expected, rtol=1e-6, atol=1e-6)

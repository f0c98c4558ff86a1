"""Agreement of masks against shapes whose answer is known, and against MONAI and SciPy."""

from __future__ import annotations

import math
import warnings
from typing import Any

import cv2
import numpy as np
import pytest
from scipy import ndimage

from tongue_viewer.core.metrics import agreement, bootstrap_interval
from tongue_viewer.core.photo import MaskArray


def rectangle(shape: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]) -> MaskArray:
    mask = np.zeros(shape, np.uint8)
    mask[slice(*rows), slice(*columns)] = 1
    return mask


def disc(shape: tuple[int, int], centre: tuple[float, float], radius: float) -> MaskArray:
    rows, columns = np.indices(shape)
    inside: MaskArray = (np.hypot(rows - centre[0], columns - centre[1]) <= radius).astype(np.uint8)
    return inside


def test_equal_masks_agree_fully() -> None:
    mask = disc((90, 120), (40, 60), 25)
    result = agreement(mask, mask)
    assert (result.dice, result.iou, result.boundary_iou, result.nsd) == (1, 1, 1, 1)
    assert (result.hd95_px, result.assd_px) == (0, 0)


def test_rectangle_shifted_by_three_pixels() -> None:
    a = rectangle((60, 80), (10, 30), (10, 40))  # 20 × 30
    b = rectangle((60, 80), (10, 30), (13, 43))
    result = agreement(a, b)
    assert result.dice == pytest.approx(2 * 20 * 27 / (600 + 600))
    assert result.iou == pytest.approx(20 * 27 / (20 * 33))
    # The surface has 2·30 + 2·18 = 96 pixels: the left column is 3 px from the other's (20 pixels), and of
    # the two rows the pixels at the left end are 3, 2 and 1 px away (the corner is already counted).
    assert result.hd95_px == pytest.approx(3.0)
    assert result.assd_px == pytest.approx(_hand_mean(), abs=1e-6)


def _hand_mean() -> float:
    """Mean distance of the surface of the rectangle to that of its copy 3 px to the right, pixel by pixel."""
    a = [(r, c) for r in range(10, 30) for c in range(10, 40) if r in (10, 29) or c in (10, 39)]
    b = [(r, c + 3) for r, c in a]
    there = [min(math.dist(p, q) for q in b) for p in a]
    back = [min(math.dist(p, q) for q in a) for p in b]
    return float(np.mean(there + back))


def test_concentric_discs_are_two_pixels_apart() -> None:
    result = agreement(disc((200, 200), (100, 100), 60), disc((200, 200), (100, 100), 62))
    assert result.dice == pytest.approx(2 * 60**2 / (60**2 + 62**2), abs=2e-3)
    assert result.hd95_px == pytest.approx(2.0, abs=0.5)
    assert result.assd_px == pytest.approx(2.0, abs=0.3)
    assert (
        agreement(disc((200, 200), (100, 100), 60), disc((200, 200), (100, 100), 62), tolerance_px=3).nsd == 1
    )


def test_normalised_surface_dice_steps_at_the_tolerance() -> None:
    a, b = (
        rectangle((40, 200), (19, 20), (0, 200)),
        rectangle((40, 200), (22, 23), (0, 200)),
    )  # two lines, 3 px apart
    assert agreement(a, b, tolerance_px=2.9).nsd == 0
    assert agreement(a, b, tolerance_px=3.0).nsd == 1


def test_boundary_iou_of_a_square_inside_a_square_by_hand() -> None:
    # Diagonal of 300 × 400 = 500: the band is 10 px wide. Bands of 100² and 80² squares with one centre do
    # not meet.
    a, b = rectangle((300, 400), (100, 200), (100, 200)), rectangle((300, 400), (110, 190), (110, 190))
    assert agreement(a, b).boundary_iou == 0
    c = rectangle((300, 400), (105, 195), (105, 195))
    inter = 90 * 90 - 80 * 80  # ring from 5 to 10 px inside the large square
    union = (100 * 100 - 80 * 80) + (80 * 80 - 70 * 70)
    assert agreement(a, c).boundary_iou == pytest.approx(inter / union)


def test_both_empty_agree_and_one_empty_is_worst() -> None:
    empty, full = np.zeros((30, 40), np.uint8), disc((30, 40), (15, 20), 8)
    both = agreement(empty, empty)
    assert (both.dice, both.iou, both.hd95_px, both.assd_px, both.boundary_iou, both.nsd) == (
        1,
        1,
        0,
        0,
        1,
        1,
    )
    for one in (agreement(empty, full), agreement(full, empty)):
        assert (one.dice, one.iou, one.boundary_iou, one.nsd) == (0, 0, 0, 0)
        assert (one.hd95_px, one.assd_px) == (50, 50)


def test_any_non_zero_value_is_foreground() -> None:
    mask = disc((50, 50), (25, 25), 10)
    assert agreement(mask * 255, mask).dice == 1


def test_shapes_must_be_equal() -> None:
    with pytest.raises(ValueError, match="different shapes"):
        agreement(np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8))


@pytest.mark.parametrize("shape", [(1, 9), (33, 47), (160, 200)])
def test_the_distance_transform_is_exact(shape: tuple[int, int]) -> None:
    ones = (np.random.default_rng(3).random(shape) > 0.03).astype(np.uint8)
    ones.flat[0] = 0
    ours = cv2.distanceTransform(ones, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    np.testing.assert_allclose(ours, ndimage.distance_transform_edt(ones), atol=1e-5)


def _monai() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MONAI's own imports
        return pytest.importorskip("monai.metrics")


def _random_masks(seed: int) -> tuple[MaskArray, MaskArray]:
    """Two smooth blobs that overlap, and may touch the border and have holes."""
    noise = np.random.default_rng(seed).standard_normal((2, 96, 128)).astype(np.float32)
    smooth = [cv2.GaussianBlur(plane, (0, 0), 9) for plane in (noise[0], noise[0] + 0.4 * noise[1])]
    a, b = ((plane > np.quantile(plane, 0.6)).astype(np.uint8) for plane in smooth)
    return a, b


@pytest.mark.parametrize("seed", range(4))
def test_surface_measures_agree_with_monai(seed: int) -> None:
    monai = _monai()
    import torch

    a, b = _random_masks(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MONAI warns of settings that do not concern two-dimensional masks
        one_hot = [torch.from_numpy(np.stack([1 - m, m])[None].astype(np.float32)) for m in (a, b)]
        hd95 = monai.compute_hausdorff_distance(*one_hot, percentile=95).item()
        assd = monai.compute_average_surface_distance(*one_hot, symmetric=True).item()
        nsd = monai.compute_surface_dice(*one_hot, class_thresholds=[2.0]).item()
        dice = monai.compute_dice(*one_hot, include_background=False).item()
        iou = monai.compute_iou(*one_hot, include_background=False).item()
    ours = agreement(a, b)
    assert ours.hd95_px == pytest.approx(hd95, abs=1e-4)
    assert ours.assd_px == pytest.approx(assd, abs=1e-4)
    assert ours.nsd == pytest.approx(nsd, abs=1e-6)
    assert ours.dice == pytest.approx(dice, abs=1e-6)
    assert ours.iou == pytest.approx(iou, abs=1e-6)


def test_the_bootstrap_interval_holds_the_mean_and_shrinks_with_more_photos() -> None:
    values = np.random.default_rng(1).normal(0.9, 0.05, 400)
    low, high = bootstrap_interval(values)
    assert low < values.mean() < high
    # The interval of a mean of n values is about ±1.96·σ/√n.
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    few = bootstrap_interval(values[:25])
    assert few[1] - few[0] > high - low
    assert bootstrap_interval(values) == (low, high)
    assert bootstrap_interval(values, seed=1) != (low, high)


def test_the_bootstrap_interval_of_one_value_is_that_value() -> None:
    assert bootstrap_interval([0.5]) == (0.5, 0.5)
    with pytest.raises(ValueError, match="at least one"):
        bootstrap_interval([])

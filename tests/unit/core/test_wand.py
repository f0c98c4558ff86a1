"""Regions of like colour, against CIELAB worked out by hand and SciPy's labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import ndimage

from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box
from tongue_viewer.core.wand import Wand

photos = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))
tolerances = st.floats(0, 120)


def lab(rgb: RgbArray) -> NDArray[np.float64]:
    """CIELAB of sRGB with white D65, from the standards' formulas."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    matrix = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = linear @ np.array(matrix).T / (0.950456, 1.0, 1.088754)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1)


def whole(shape: tuple[int, ...], found: tuple[Box, MaskArray]) -> MaskArray:
    (row, column, height, width), region = found
    assert region.shape == (height, width)
    out = np.zeros(shape[:2], np.uint8)
    out[row : row + height, column : column + width] = region
    return out


@settings(max_examples=120, deadline=None)
@given(rgb=photos, at=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)), tolerance=tolerances)
def test_a_region_is_the_connected_part_within_the_tolerance(
    rgb: RgbArray, at: tuple[float, float], tolerance: float
) -> None:
    rgb.setflags(write=False)
    row, column = int(at[1] * rgb.shape[0]), int(at[0] * rgb.shape[1])
    found = Wand(rgb, (at[0] * rgb.shape[1], at[1] * rgb.shape[0])).region(tolerance)
    values = lab(rgb)
    near = values[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].reshape(-1, 3).mean(axis=0)
    difference = np.linalg.norm(values - near, axis=-1)
    difference[row, column] = 0

    def joined(most: float) -> NDArray[np.bool_]:
        labels, _ = ndimage.label(difference <= most)
        return np.asarray(labels == labels[row, column])

    region = whole(rgb.shape, found) == 1
    slack = 0.5  # OpenCV works with tables of the curves
    assert (joined(max(0.0, tolerance - slack)) <= region).all()
    assert (region <= joined(tolerance + slack)).all()
    rows, columns = np.nonzero(region)
    top, left = int(rows.min()), int(columns.min())
    assert found[0] == (top, left, int(rows.max()) + 1 - top, int(columns.max()) + 1 - left)


@settings(max_examples=60, deadline=None)
@given(rgb=photos, steps=st.lists(tolerances, min_size=2, max_size=6))
def test_more_tolerance_never_gives_less(rgb: RgbArray, steps: list[float]) -> None:
    seed = (rgb.shape[1] // 2, rgb.shape[0] // 2)
    wand = Wand(rgb, seed)
    regions = {step: whole(rgb.shape, wand.region(step)) for step in steps}  # in any order, as a drag goes
    before = np.zeros(rgb.shape[:2], np.uint8)
    before[seed[1], seed[0]] = 1
    for step in sorted(regions):
        assert (before <= regions[step]).all()
        before = regions[step]


def test_a_region_larger_than_the_first_look_is_found_whole() -> None:
    rows, columns = np.ogrid[:1500, :1900]
    inside = (rows - 700) ** 2 + (columns - 850) ** 2 < 640**2
    inside[690:710, 1400:] = True  # an arm that leaves the photo
    rgb = np.where(inside[..., None], (180, 90, 95), (90, 100, 140)).astype(np.uint8)
    wand = Wand(rgb, (850.5, 700.5))
    np.testing.assert_array_equal(whole(rgb.shape, wand.region(5)), inside)
    assert whole(rgb.shape, wand.region(100)).all()
    np.testing.assert_array_equal(whole(rgb.shape, wand.region(5)), inside)


def test_a_speck_under_the_pointer_does_not_stop_the_wand() -> None:
    rgb = np.full((20, 20, 3), 120, np.uint8)
    rgb[10, 10] = (170, 160, 120)
    box, region = Wand(rgb, (10.5, 10.5)).region(20)
    assert box == (0, 0, 20, 20)
    assert region.all()


@pytest.mark.parametrize("seed", [(-0.1, 3.0), (3.0, 8.0), (10.0, 1.0)])
def test_a_seed_outside_is_refused(seed: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="inside the photo"):
        Wand(np.zeros((8, 10, 3), np.uint8), seed)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tongue_viewer.core.render import CYAN, cutout, overlay

H, W = 40, 50


def photo() -> NDArray[np.uint8]:
    rgb = np.random.default_rng(2).integers(0, 256, (H, W, 3), np.uint8)
    rgb.setflags(write=False)
    return rgb


def square(top: int = 10, left: int = 12, bottom: int = 30, right: int = 35) -> NDArray[np.uint8]:
    mask = np.zeros((H, W), np.uint8)
    mask[top:bottom, left:right] = 1
    return mask


def is_cyan(out: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((out == CYAN).all(axis=2), np.bool_)


def test_outline_halo_fill_and_untouched() -> None:
    rgb = photo()
    out = overlay(rgb, square(), fill=0.25, outline_px=2)
    # Along row 20 the left edge lies between columns 11 and 12.
    assert is_cyan(out[20:21])[0].nonzero()[0].tolist() == [11, 12, 34, 35]
    for halo in (10, 13):
        base = rgb[20, halo].astype(float)
        inside = halo == 13
        base = base * 0.75 + np.array(CYAN) * 0.25 if inside else base
        assert np.abs(out[20, halo] - base * 0.4).max() <= 1
    np.testing.assert_array_equal(out[20, 20], np.rint(rgb[20, 20] * 0.75 + np.array(CYAN) * 0.25))
    np.testing.assert_array_equal(out[20, :10], rgb[20, :10])
    np.testing.assert_array_equal(out[:7], rgb[:7])


@pytest.mark.parametrize("outline_px", [1, 2, 3, 4, 8])
def test_the_outline_has_the_width_asked_for(outline_px: int) -> None:
    out = overlay(photo(), square(), outline_px=outline_px)
    assert is_cyan(out[20:21, :23]).sum() == outline_px


def test_no_outline_and_no_fill() -> None:
    rgb = photo()
    np.testing.assert_array_equal(overlay(rgb, square(), fill=0, outline_px=0), rgb)
    only_fill = overlay(rgb, square(), fill=1, outline_px=0, colour=(1, 2, 3))
    assert (only_fill[square() == 1] == (1, 2, 3)).all()
    np.testing.assert_array_equal(only_fill[square() == 0], rgb[square() == 0])


def test_an_empty_mask_and_a_full_one_have_no_outline() -> None:
    rgb = photo()
    np.testing.assert_array_equal(overlay(rgb, np.zeros((H, W), np.uint8)), rgb)
    assert not is_cyan(overlay(rgb, np.ones((H, W), np.uint8))).any()


def test_no_outline_along_the_photos_edge() -> None:
    out = overlay(photo(), square(0, 0, 20, 25))
    assert is_cyan(out)[:18, :23].sum() == 0
    assert is_cyan(out)[19, 5]


def test_each_class_has_its_outline() -> None:
    mask = square()
    mask[10:30, 24:35] = 2
    assert is_cyan(overlay(photo(), mask))[20].nonzero()[0].tolist() == [11, 12, 23, 24, 34, 35]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_far_pixels_keep_their_values_for_any_mask(data: st.DataObject) -> None:
    rgb = photo()
    rows = data.draw(st.tuples(st.integers(0, H), st.integers(0, H)))
    columns = data.draw(st.tuples(st.integers(0, W), st.integers(0, W)))
    mask = square(min(rows), min(columns), max(rows), max(columns))
    width = data.draw(st.integers(0, 5))
    out = overlay(rgb, mask, outline_px=width)
    margin = width // 2 + 3
    top, left = max(0, min(rows) - margin), max(0, min(columns) - margin)
    near = square(top, left, max(rows) + margin, max(columns) + margin)
    np.testing.assert_array_equal(out[near == 0], rgb[near == 0])
    assert out.shape == rgb.shape
    assert out.flags.writeable


def test_the_cutout_keeps_the_tongue_and_erases_the_rest() -> None:
    rgb, mask = photo(), square()
    out = cutout(rgb, mask)
    assert out.shape == (H, W, 4)
    np.testing.assert_array_equal(out[mask == 1][:, :3], rgb[mask == 1])
    assert (out[mask == 1][:, 3] == 255).all()
    assert not out[mask == 0].any()


def test_a_mask_of_another_size_is_refused() -> None:
    for draw in (overlay, cutout):
        with pytest.raises(ValueError, match=r"mask is \(3, 4\)"):
            draw(photo(), np.zeros((3, 4), np.uint8))

"""The second look's window lies around the tongue, and its answer comes back to where it was asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tongue_viewer.core.focus import MAX_CANVAS, Focus, mean_logit
from tongue_viewer.core.letterbox import PAD_RGB, Letterbox

SIZE = 96


def disc(shape: tuple[int, int], centre: tuple[float, float], radius: float) -> NDArray[np.float32]:
    """(1, H, W): 1 inside a disc around (x, y), with an edge as soft as a pixel."""
    y, x = np.indices(shape) + 0.5
    distance = np.hypot(x - centre[0], y - centre[1])
    return np.asarray(np.clip(radius - distance + 0.5, 0, 1), np.float32)[None]


def first_look(
    shape: tuple[int, int], probability: NDArray[np.float32], size: int = 64
) -> NDArray[np.float32]:
    """What a perfect network would say of the letterboxed photo."""
    grey = np.repeat((probability[0] * 255).astype(np.uint8)[..., None], 3, axis=2)
    box = Letterbox.fit(shape, size)
    out = np.zeros((1, size, size), np.float32)
    out[0][box.window] = box.photo_to_grid(grey)[box.window][..., 0] / np.float32(255)
    return out


@given(
    st.tuples(st.integers(60, 700), st.integers(60, 700)),
    st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    st.floats(0.08, 0.45),
)
@settings(max_examples=60)
def test_a_disc_seen_through_the_window_comes_back_as_the_same_disc(
    shape: tuple[int, int], where: tuple[float, float], part: float
) -> None:
    centre, radius = (where[0] * shape[1], where[1] * shape[0]), part * min(shape)
    truth = disc(shape, centre, radius)
    assume(truth.mean() > 0.005)  # less of a disc beyond the photo's edge may be too little to be found
    coarse = first_look(shape, truth)
    focus = Focus.on(coarse, shape, 0.3, 1.35, SIZE)
    assert focus is not None
    picture = np.repeat((truth[0] * 255).astype(np.uint8)[..., None], 3, axis=2)
    seen = focus.photo_to_grid(picture)
    outside = (seen == np.array(PAD_RGB, np.uint8)).all(-1)
    fine = np.where(outside, 0, seen[..., 0] / np.float32(255)).astype(np.float32)[None]
    merged = focus.merge(fine, coarse)
    back = Letterbox.fit(shape, (merged.shape[1], merged.shape[2])).probability_to_photo(merged)
    wrong = np.count_nonzero((back >= 0.5) != (truth >= 0.5))
    pixel = max(1.0, focus.side / SIZE)  # photo pixels in one pixel of the grid
    around = 2 * np.pi * radius * pixel
    assert wrong <= 0.1 * around + 4  # a tenth of a pixel of the coarsest grid along the whole outline


def test_the_window_holds_the_tongue_with_the_margin() -> None:
    shape = (300, 400)
    focus = Focus.on(disc(shape, (150, 120), 40), shape, 0.5, 1.5, SIZE)
    assert focus is not None
    assert focus.side == pytest.approx(120, abs=3)
    assert np.abs(np.subtract(focus.corner, (90, 60))).max() <= 3


def test_only_the_largest_piece_counts() -> None:
    shape = (300, 400)
    two = np.maximum(disc(shape, (100, 100), 40), disc(shape, (330, 250), 12))
    alone = Focus.on(disc(shape, (100, 100), 40), shape, 0.5, 1.5, SIZE)
    assert Focus.on(two, shape, 0.5, 1.5, SIZE) == alone


@pytest.mark.parametrize("radius", [0.0, 1.0])
def test_nothing_or_a_speck_gives_no_window(radius: float) -> None:
    shape = (300, 400)
    assert Focus.on(disc(shape, (100, 100), radius), shape, 0.5, 1.5, SIZE) is None


def test_beyond_the_photo_there_is_the_borders_colour() -> None:
    focus = Focus((100, 100), (-50, 20), 100, 50)
    grid = focus.photo_to_grid(np.full((100, 100, 3), 7, np.uint8))
    assert (grid[:, :24] == PAD_RGB).all()
    assert (grid[1:39, 26:] == 7).all()
    assert (grid[41:] == PAD_RGB).all()


def test_a_huge_window_is_reduced_before_its_border_is_added_and_stays_in_place() -> None:
    shape = (120, 4000)
    photo = np.repeat((disc(shape, (1500, 60), 50)[0] * 255).astype(np.uint8)[..., None], 3, axis=2)
    focus = Focus(shape, (-500, -2500), 5000, 1000)
    plain = Focus(shape, (-500, -2500), 5000, 1250).photo_to_grid(photo)  # four grids: not reduced before
    seen = focus.photo_to_grid(photo)
    assert seen.shape == (1000, 1000, 3)
    for grid, size in ((seen, 1000), (plain, 1250)):
        rows, columns = np.nonzero(grid[..., 0] > 180)
        scale = size / 5000
        assert columns.mean() + 0.5 == pytest.approx((1500 + 500) * scale, abs=0.3)
        assert rows.mean() + 0.5 == pytest.approx((60 + 2500) * scale, abs=0.3)
    assert (seen[:490] == PAD_RGB).all()


def test_outside_the_window_the_first_look_stays() -> None:
    focus = Focus((100, 200), (20, 10), 50, 50)
    merged = focus.merge(np.ones((2, 50, 50), np.float32), np.full((2, 64, 64), 0.25, np.float32))
    assert merged.shape == (2, 100, 200)
    expected = np.full((100, 200), 0.25, np.float32)
    expected[10:60, 20:70] = 1
    np.testing.assert_array_equal(merged[0], expected)


def test_an_average_is_that_of_the_logits() -> None:
    focus = Focus((100, 100), (0, 0), 100, 50)
    both = focus.merge(
        np.full((1, 50, 50), 0.9, np.float32), np.full((1, 50, 50), 0.5, np.float32), average=True
    )
    np.testing.assert_allclose(both, 0.75, atol=1e-5)  # odds 9 and 1: their geometric mean is 3
    ends = mean_logit(np.array([0, 1, 0], np.float32), np.array([0, 1, 1], np.float32))
    np.testing.assert_allclose(ends, [0, 1, 0.5], atol=0.01)


def test_the_fineness_compares_pixels_of_both_grids_on_the_photo() -> None:
    assert Focus((300, 600), (0, 0), 150, 100).fineness_of((300, 300)) == pytest.approx(0.75)


@given(st.tuples(st.integers(1, 5000), st.integers(1, 5000)), st.integers(16, 6000))
@settings(max_examples=300)
def test_a_letterbox_of_the_photo_fills_the_canvas(shape: tuple[int, int], side: int) -> None:
    canvas = Focus(shape, (0, 0), side, SIZE).canvas_shape()
    assert Letterbox.fit(shape, canvas).content == canvas


def test_the_canvas_is_as_fine_as_the_window_but_never_finer_than_the_photo_nor_huge() -> None:
    assert Focus((576, 768), (0, 0), 384, 384).canvas_shape() == (576, 768)
    assert Focus((576, 768), (0, 0), 768, 384).canvas_shape() == (288, 384)
    assert Focus((576, 768), (0, 0), 100, 384).canvas_shape() == (576, 768)
    assert Focus((576, 768), (0, 0), 1152, 384).canvas_shape(first=0.5) == (288, 384)
    assert max(Focus((3000, 4000), (0, 0), 384, 384).canvas_shape()) == MAX_CANVAS


def test_a_window_cuts_what_does_not_fit_in() -> None:
    focus = Focus((300, 400), (100, 100), 100, SIZE)
    assert not focus.cuts(Focus((300, 400), (95, 98), 104, SIZE))
    assert focus.cuts(Focus((300, 400), (70, 100), 100, SIZE))
    assert focus.cuts(Focus((300, 400), (100, 100), 130, SIZE))


def test_a_photo_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="window is for a photo of"):
        Focus((300, 400), (0, 0), 100, SIZE).photo_to_grid(np.zeros((400, 300, 3), np.uint8))

"""The letterbox and its inverse agree for any shape: nothing is squashed and nothing is shifted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.letterbox import PAD_RGB, Letterbox

SHAPES = [
    (576, 768),
    (400, 400),
    (500, 375),
    (33, 47),
    (47, 33),
    (1, 1),
    (1, 90),
    (90, 1),
    (1200, 700),
    (512, 512),
]
sizes = st.tuples(st.integers(1, 900), st.integers(1, 900))


def ramp(shape: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(2, H, W): the x and y of each pixel's centre, as parts of the width and height."""
    y = (np.arange(shape[0], dtype=np.float32) + 0.5) / shape[0]
    x = (np.arange(shape[1], dtype=np.float32) + 0.5) / shape[1]
    return np.stack(np.broadcast_arrays(x[None, :], y[:, None])).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_photo_sent_through_comes_back_where_it_was(shape: tuple[int, int]) -> None:
    box = Letterbox.fit(shape, 512)
    planes = (ramp(shape) * 255).round().astype(np.uint8)
    photo = np.ascontiguousarray(np.stack([planes[0], planes[1], planes[1]], axis=-1))
    grid = box.photo_to_grid(photo)
    assert grid.shape == (512, 512, 3)
    back = box.probability_to_photo(np.ascontiguousarray(grid.transpose(2, 0, 1)))
    assert back.shape == (3, *shape)
    assert back.dtype == np.float32
    # A shift of one pixel of the coarser of both would show as 1 / min(side, 512) of the ramp.
    inner = tuple(slice(n // 20, n - n // 20) for n in shape)
    for plane, source in zip(back, photo.transpose(2, 0, 1), strict=True):
        error = np.abs(plane[inner] - source[inner].astype(np.float32) / 255)
        assert error.max() <= 2.5 / 255


@pytest.mark.parametrize("shape", SHAPES)
def test_a_disc_on_the_grid_is_the_same_disc_on_the_photo(shape: tuple[int, int]) -> None:
    box = Letterbox.fit(shape, 512)
    (row, column), (height, width) = box.offset, box.content
    rows, columns = np.indices(box.grid)
    radius = 0.3 * min(height, width)
    distance = np.hypot(rows + 0.5 - row - height / 2, columns + 0.5 - column - width / 2)
    grid = (1 / (1 + np.exp(np.clip(distance - radius, -30, 30))))[None].astype(np.float32)
    back = box.probability_to_photo(grid)[0]
    y, x = np.indices(shape)
    gx, gy = box.point_to_grid(1.0, 1.0)
    gx0, gy0 = box.point_to_grid(0.0, 0.0)
    scale_x, scale_y = gx - gx0, gy - gy0
    expected = np.hypot((y + 0.5 - shape[0] / 2) * scale_y, (x + 0.5 - shape[1] / 2) * scale_x) <= radius
    # Centres that lie within one pixel of the rim may go either way.
    rim = np.abs(
        np.hypot((y + 0.5 - shape[0] / 2) * scale_y, (x + 0.5 - shape[1] / 2) * scale_x) - radius
    ) <= max(1.0, 0.5 * max(scale_x, scale_y))
    assert bool((((back >= 0.5) == expected) | rim).all())


@given(sizes, st.sampled_from([64, 512, (96, 160)]), st.floats(0, 1), st.floats(0, 1))
def test_points_come_back(shape: tuple[int, int], grid: int | tuple[int, int], u: float, v: float) -> None:
    box = Letterbox.fit(shape, grid)
    x, y = u * shape[1], v * shape[0]
    gx, gy = box.point_to_grid(x, y)
    assert box.offset[1] - 1e-6 <= gx <= box.offset[1] + box.content[1] + 1e-6
    assert box.offset[0] - 1e-6 <= gy <= box.offset[0] + box.content[0] + 1e-6
    bx, by = box.point_to_photo(gx, gy)
    assert bx == pytest.approx(x, abs=1e-6)
    assert by == pytest.approx(y, abs=1e-6)


@given(sizes, st.sampled_from([64, 512]))
def test_the_content_fills_one_side_keeps_the_ratio_and_is_centred(shape: tuple[int, int], grid: int) -> None:
    box = Letterbox.fit(shape, grid)
    assert max(box.content) == grid
    scale = grid / max(shape)
    for side, scaled, before in zip(shape, box.content, box.offset, strict=True):
        assert abs(scaled - side * scale) <= 0.5 or scaled == 1
        after = grid - before - scaled
        assert 0 <= after - before <= 1


@given(st.tuples(st.integers(1, 120), st.integers(1, 120)))
def test_a_mask_sent_to_the_grid_keeps_its_values_and_its_border_is_background(
    shape: tuple[int, int],
) -> None:
    box = Letterbox.fit(shape, 64)
    mask = np.full(shape, 3, np.uint8)
    grid = box.mask_to_grid(mask)
    assert bool((grid[box.window] == 3).all())
    assert int((grid == 3).sum()) == box.content[0] * box.content[1]


def test_the_border_has_the_mean_colour() -> None:
    grid = Letterbox.fit((10, 20), 40).photo_to_grid(np.zeros((10, 20, 3), np.uint8))
    assert tuple(grid[0, 0]) == PAD_RGB
    assert not grid[20, 20].any()


def test_a_photo_or_grid_of_another_size_is_refused() -> None:
    box = Letterbox.fit((10, 20), 40)
    with pytest.raises(ValueError, match="photo of"):
        box.photo_to_grid(np.zeros((20, 10, 3), np.uint8))
    with pytest.raises(ValueError, match="grid of"):
        box.probability_to_photo(np.zeros((1, 20, 40), np.float32))
    with pytest.raises(ValueError, match="positive"):
        Letterbox.fit((0, 5), 40)


def test_a_uint8_grid_becomes_a_probability() -> None:
    box = Letterbox.fit((8, 8), 4)
    assert box.probability_to_photo(np.full((1, 4, 4), 255, np.uint8)).max() == pytest.approx(1.0)
    assert box.probability_to_photo(np.full((2, 4, 4), 51, np.uint8)).max() == pytest.approx(0.2)

"""The live-wire on a drawn disc, and at the borders of its window and of the photo."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from tongue_viewer.core.livewire import LiveWire, Point
from tongue_viewer.core.photo import RgbArray


def disc_photo(shape: tuple[int, int], middle: Point, radius: float, soft: float = 1.0) -> RgbArray:
    """A reddish disc on skin, its edge a ramp, with the noise of a camera; read-only, as photos are."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = np.hypot(columns + 0.5 - middle[0], rows + 0.5 - middle[1]) - radius
    part = np.clip(0.5 - away / (2 * soft), 0, 1)[..., None]
    colour = part * (190, 90, 95) + (1 - part) * (200, 160, 140)
    noise = np.random.default_rng(3).normal(0, 3, (*shape, 1))
    rgb = np.clip(colour + noise, 0, 255).astype(np.uint8)
    rgb.setflags(write=False)
    return rgb


def on_circle(middle: Point, radius: float, degrees: float) -> Point:
    angle = math.radians(degrees)
    return (middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle))


@pytest.mark.parametrize(
    ("shape", "middle", "radius"),
    [((360, 480), (240.3, 180.6), 110.0), ((1500, 3000), (1400.3, 800.4), 450.0)],
    ids=["small", "searched at half its size"],
)
def test_a_path_follows_the_edge_of_a_disc(shape: tuple[int, int], middle: Point, radius: float) -> None:
    wire = LiveWire(disc_photo(shape, middle, radius))
    for degrees in range(0, 360, 90):
        start, end = on_circle(middle, radius, degrees), on_circle(middle, radius, degrees + 40)
        wire.start(*start)
        path = wire.path(*end)
        assert (path[0], path[-1]) == (start, end)
        away = [abs(math.dist(point, middle) - radius) for point in path]
        assert max(away) < 1.5
        chord = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        assert abs(math.dist(chord, middle) - radius) > 6
        steps = [math.dist(a, b) for a, b in pairwise(path)]
        assert max(steps) < 6  # no jumps


def test_beyond_the_window_the_path_goes_straight() -> None:
    wire = LiveWire(disc_photo((300, 1200), (150, 150), 60))
    wire.start(200.5, 150.5)
    end = (1100.25, 160.75)
    path = wire.path(*end)
    assert path[-1] == end
    leaves = path[-2]
    assert leaves[0] == 416  # the window is at the photo's left edge
    assert leaves[1] == pytest.approx(150.5 + (416 - 200.5) / (end[0] - 200.5) * (end[1] - 150.5))
    assert all(x <= 416 for x, _ in path[:-1])


@pytest.mark.parametrize("end", [(-40.0, 20.0), (500.0, 20.0), (30.0, -9.0), (30.0, 900.0), (-5.0, -5.0)])
def test_a_point_outside_the_photo_is_reached_from_its_edge(end: Point) -> None:
    wire = LiveWire(disc_photo((60, 80), (40, 30), 20))
    wire.start(41.5, 33.25)
    path = wire.path(*end)
    assert (path[0], path[-1]) == ((41.5, 33.25), end)
    assert all(0 <= x <= 80 and 0 <= y <= 60 for x, y in path[:-1])


def test_an_anchor_outside_the_photo_starts_at_its_edge() -> None:
    wire = LiveWire(disc_photo((60, 80), (40, 30), 20))
    wire.start(-10, -20)
    path = wire.path(30.5, 20.5)
    assert (path[0], path[-1]) == ((-10, -20), (30.5, 20.5))
    assert all(0 <= x <= 80 and 0 <= y <= 60 for x, y in path[1:])


def test_a_new_anchor_begins_a_new_map() -> None:
    middle, radius = (240.0, 180.0), 110.0
    photo = disc_photo((360, 480), middle, radius)
    used, fresh = LiveWire(photo), LiveWire(photo)
    used.start(20, 20)
    used.path(100, 100)
    start, end = on_circle(middle, radius, 10), on_circle(middle, radius, 70)
    for wire in (used, fresh):
        wire.start(*start)
    assert used.path(*end) == fresh.path(*end)
    assert used.path(*start) == (start, start)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (5, 3)])
def test_tiny_photos_work(shape: tuple[int, int]) -> None:
    wire = LiveWire(np.zeros((*shape, 3), np.uint8))
    wire.start(0.5, 0.5)
    assert wire.path(0.75, 0.5)[-1] == (0.75, 0.5)


def test_a_path_needs_an_anchor() -> None:
    with pytest.raises(RuntimeError, match="anchor"):
        LiveWire(np.zeros((9, 9, 3), np.uint8)).path(1, 1)

"""One look or two: what the network is asked, and what becomes of its answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.inference.looks import Looks


@dataclass
class RedSeer:
    """A network that takes red for tongue, and remembers the sizes that it was asked.

    Attributes:
        blind_below: rows of the first look, from this part of its height on, in which it sees nothing.
    """

    blind_below: float = 1.0
    asked: list[tuple[int, ...]] = field(default_factory=list)

    def run(self, batch: RgbArray) -> ProbabilityArray:
        self.asked.append(batch.shape)
        red = batch[..., 0].astype(np.float32) - batch[..., 1]
        answer = np.clip(red / 100, 0, 1)[:, None].astype(np.float32)
        if len(self.asked) == 1:
            answer[:, :, int(self.blind_below * answer.shape[2]) :] = 0
        return answer


def photo_with(top: int, bottom: int, left: int, right: int) -> tuple[RgbArray, NDArray[np.bool_]]:
    rgb = np.full((240, 320, 3), 120, np.uint8)
    rgb[top:bottom, left:right] = (220, 60, 60)
    truth = np.zeros((240, 320), bool)
    truth[top:bottom, left:right] = True
    return rgb, truth


def wrong(grid: ProbabilityArray, truth: NDArray[np.bool_]) -> float:
    """Part of the true pixels that the mask gets wrong."""
    box = Letterbox.fit((240, 320), (grid.shape[1], grid.shape[2]))
    mask = box.probability_to_photo(grid)[0] >= 0.5
    return float(np.count_nonzero(mask != truth) / np.count_nonzero(truth))


def test_one_look_is_the_letterboxed_photo() -> None:
    rgb, truth = photo_with(60, 140, 100, 200)
    seer = RedSeer()
    grid = Looks(64).grid(seer.run, rgb)
    assert seer.asked == [(1, 64, 64, 3)]
    assert grid.shape == (1, 64, 64)
    assert wrong(grid, truth) < 0.15


def test_the_second_look_is_sharper_than_the_first() -> None:
    rgb, truth = photo_with(61, 95, 103, 147)
    seer = RedSeer()
    grid = Looks(64, coarse_size=48).grid(seer.run, rgb)
    assert seer.asked == [(1, 48, 48, 3), (1, 64, 64, 3)]
    assert wrong(grid, truth) < 0.02 < wrong(Looks(48).grid(RedSeer().run, rgb), truth)


@pytest.mark.parametrize(("top", "bottom", "asked_twice"), [(20, 200, True), (110, 130, False)])
def test_a_first_look_that_was_as_fine_has_a_say(top: int, bottom: int, *, asked_twice: bool) -> None:
    rgb, _ = photo_with(top, bottom, 100, 100 + bottom - top)
    seer = RedSeer(blind_below=0.0)
    looks = Looks(64, coarse_size=64)
    plain = looks.grid(RedSeer().run, rgb)

    def doubtful(batch: RgbArray) -> ProbabilityArray:
        """Half as sure at the first look as at the second."""
        first = not seer.asked
        answer = RedSeer().run(batch)
        seer.asked.append(batch.shape)
        return np.minimum(answer, np.float32(0.6)) if first else answer

    assert bool(looks.grid(doubtful, rgb).max() < plain.max() - 1e-4) is asked_twice


def test_where_the_first_look_saw_only_a_part_there_are_more_looks() -> None:
    rgb, truth = photo_with(40, 200, 100, 180)
    seer = RedSeer(blind_below=0.5)
    grid = Looks(64, coarse_size=64, margin=1.6).grid(seer.run, rgb)
    assert len(seer.asked) == 4
    assert wrong(grid, truth) < 0.1


def test_a_photo_without_a_tongue_gets_no_second_look() -> None:
    seer = RedSeer()
    grid = Looks(64, coarse_size=48).grid(seer.run, np.full((240, 320, 3), 120, np.uint8))
    assert seer.asked == [(1, 48, 48, 3)]
    assert grid.max() < 0.1


def test_the_looks_temper_every_answer() -> None:
    rgb, _ = photo_with(60, 140, 100, 200)
    rgb = (rgb // 2 + 60).astype(np.uint8)  # red is 80 above green: the network says 0.8
    plain = Looks(64, coarse_size=48).grid(RedSeer().run, rgb)
    warm = Looks(64, coarse_size=48, temperature=2.0).grid(RedSeer().run, rgb)
    assert plain.max() == pytest.approx(0.8, abs=0.02)
    assert warm.max() == pytest.approx(2 / 3, abs=0.02)

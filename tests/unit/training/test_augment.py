from __future__ import annotations

import numpy as np
import pytest

from tests.unit.training.training_phantoms import phantom
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.training import AugmentPlan
from tongue_viewer.training.augment import (
    View,
    letterbox_view,
    random_view,
    vary,
    vary_colour,
    vary_sharpness,
)

STILL = AugmentPlan(
    scale=(1, 1), rotation=0, aspect=0, flip=0, fill=0, empty=0, exposure=0, gamma=0, cast=0, saturation=0,
    blur=0, noise=0, shrink=1, chance=0,
)  # fmt: skip


@pytest.mark.parametrize("size", [32, 64, 96])
def test_the_still_view_is_the_letterbox(size: int) -> None:
    rgb, mask = phantom(3)
    box = Letterbox.fit((48, 64), size)
    ours, cover = letterbox_view((48, 64), size).warp(rgb, mask, size)
    theirs = box.photo_to_grid(rgb)
    rows = slice(box.window[0].start + 1, box.window[0].stop - 1)
    assert np.abs(ours[rows, 1:-1].astype(int) - theirs[rows, 1:-1]).max() <= 6
    painted = box.photo_to_grid(np.repeat(mask[..., None] * np.uint8(255), 3, axis=2))[rows, :, 0]
    np.testing.assert_allclose(cover[rows], painted / 255, atol=0.04)  # 1/32 pixel


def test_coverage_is_the_covered_part_of_each_pixel() -> None:
    mask = np.zeros((8, 8), np.uint8)
    mask[:, :3] = 1
    cover = letterbox_view((8, 8), 4).warp(np.zeros((8, 8, 3), np.uint8), mask, 4)[1]
    np.testing.assert_allclose(cover, np.tile([1.0, 0.5, 0.0, 0.0], (4, 1)))


def test_flip_mirrors_photo_and_mask_alike() -> None:
    rgb, mask = phantom(1)
    plain = letterbox_view((48, 64), 64)
    turned = View(plain.centre, plain.scale, flip=True)
    photo, cover = plain.warp(rgb, mask, 64)
    mirrored, mirrored_cover = turned.warp(rgb, mask, 64)
    np.testing.assert_array_equal(photo[:, ::-1], mirrored)
    np.testing.assert_array_equal(cover[:, ::-1], mirrored_cover)


def test_a_right_angle_turns_photo_and_mask_alike() -> None:
    rgb, mask = phantom(1, 64, 64)
    plain = letterbox_view((64, 64), 64)
    photo, cover = View(plain.centre, plain.scale, angle=90).warp(rgb, mask, 64)
    np.testing.assert_array_equal(cover, np.rot90(mask, -1))
    assert np.abs(photo.astype(int) - np.rot90(rgb, -1)).max() <= 1


def test_photo_and_mask_stay_together_under_every_view() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        _, mask = phantom(seed)
        rgb = np.repeat(mask[..., None] * np.uint8(255), 3, axis=2)
        photo, cover = random_view(mask, 64, AugmentPlan(), rng).warp(rgb, mask, 64)
        inside = cover > 0.999
        assert photo[inside].min(initial=255) >= 250


def test_views_fill_the_frame_and_leave_the_tongue_out_as_often_as_asked() -> None:
    _, mask = phantom(5)
    filled = [random_view(mask, 64, AugmentPlan(fill=1.0), np.random.default_rng(s)) for s in range(20)]
    empty = [
        random_view(mask, 64, AugmentPlan(fill=0, empty=1.0), np.random.default_rng(s)) for s in range(20)
    ]
    rgb = np.zeros((48, 64, 3), np.uint8)
    assert min(view.warp(rgb, mask, 64)[1].mean() for view in filled) > 0.12
    assert sum(view.warp(rgb, mask, 64)[1].mean() < 0.01 for view in empty) >= 10


def test_a_photo_without_tongue_can_be_varied() -> None:
    rgb, _ = phantom(0)
    for seed in range(10):
        plan = AugmentPlan(fill=0.5, empty=0.5)
        _, cover = vary(rgb, np.zeros((48, 64), np.uint8), 64, plan, np.random.default_rng(seed))
        assert cover.sum() == 0


def test_no_strength_changes_nothing() -> None:
    rgb, mask = phantom(2, 64, 64)
    photo, cover = vary(rgb, mask, 64, STILL, np.random.default_rng(0))
    np.testing.assert_array_equal(cover, mask)
    assert np.abs(photo.astype(int) - rgb).max() <= 2


def test_the_same_seed_gives_the_same_sample_and_the_photo_is_left_alone() -> None:
    rgb, mask = phantom(2)
    before = rgb.copy()
    rgb.flags.writeable = False
    one = vary(rgb, mask, 64, AugmentPlan(chance=1.0), np.random.default_rng((1, 2, 3)))
    two = vary(rgb, mask, 64, AugmentPlan(chance=1.0), np.random.default_rng((1, 2, 3)))
    other = vary(rgb, mask, 64, AugmentPlan(chance=1.0), np.random.default_rng((1, 2, 4)))
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
    assert not np.array_equal(one[0], other[0])
    np.testing.assert_array_equal(rgb, before)


def test_colour_and_sharpness_keep_shape_and_type() -> None:
    rgb, _ = phantom(4)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        out = vary_sharpness(vary_colour(rgb, AugmentPlan(), rng), AugmentPlan(chance=1.0), rng)
        assert out.shape == rgb.shape
        assert out.dtype == np.uint8


def test_exposure_of_one_stop_doubles_a_grey() -> None:
    grey = np.full((4, 4, 3), 50, np.uint8)

    class Highest(np.random.Generator):
        def uniform(self, low: object = 0.0, high: object = 1.0, size: object = None) -> object:  # type: ignore[override]
            return high if size is None else np.zeros(3)

    rng = Highest(np.random.PCG64(0))
    plan = AugmentPlan(exposure=1.0, gamma=0.0, cast=0.0, saturation=0.0)
    assert np.abs(vary_colour(grey, plan, rng).astype(int) - 100).max() <= 1

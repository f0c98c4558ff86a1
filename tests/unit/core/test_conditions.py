"""The conditions of the robustness table: equal shapes, exact factors and parts, the same answer every time."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongue_viewer.core import degradation as look
from tongue_viewer.core.conditions import CONDITIONS, FAMILIES, UNCHANGED, Condition, choose_conditions
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.masks import bounding_box
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.reframing import border_colour, cut, reframe, resize, rotate

BY_KEY = {condition.key: condition for condition in CONDITIONS}


def scene(
    shape: tuple[int, int] = (96, 128),
    centre: tuple[float, float] = (0.5, 0.55),
    axes: tuple[float, float] = (0.2, 0.28),
    angle: float = 0.0,
    seed: int = 0,
) -> tuple[RgbArray, MaskArray]:
    """A red ellipse on a skin-coloured, noisy ground; centre (x, y) and axes as parts of the frame."""
    height, width = shape
    mask = np.zeros(shape, np.uint8)
    middle = (round(centre[0] * width), round(centre[1] * height))
    cv2.ellipse(mask, middle, (round(axes[0] * width), round(axes[1] * height)), angle, 0, 360, 1, -1)
    ground = np.where(mask[..., None] > 0, np.array([170, 60, 70]), np.array([205, 175, 150]))
    noisy = ground + np.random.default_rng(seed).normal(0, 5, (*shape, 3))
    rgb = np.clip(noisy, 0, 255).astype(np.uint8)
    rgb.setflags(write=False)
    mask.setflags(write=False)
    return rgb, mask


def under(condition: Condition, rgb: RgbArray, mask: MaskArray, seed: int = 0) -> tuple[RgbArray, MaskArray]:
    return condition.apply(rgb, mask, condition.generator("photo", seed))


@pytest.mark.parametrize("condition", CONDITIONS, ids=[c.key for c in CONDITIONS])
def test_photo_and_mask_stay_a_pair_and_the_same_seed_gives_the_same_pixels(condition: Condition) -> None:
    rgb, mask = scene()
    before = rgb.copy(), mask.copy()
    photo, reference = under(condition, rgb, mask)
    assert photo.dtype == reference.dtype == np.uint8
    assert photo.shape == (*reference.shape, 3)
    assert set(np.unique(reference)) <= {0, 1}
    assert reference.any()
    np.testing.assert_array_equal(rgb, before[0])
    np.testing.assert_array_equal(mask, before[1])
    again = under(condition, rgb, mask)
    np.testing.assert_array_equal(photo, again[0])
    np.testing.assert_array_equal(reference, again[1])


def test_only_what_changes_nothing_gives_the_very_same_arrays() -> None:
    rgb, mask = scene((240, 320))  # a blur of 1 px at 512 is nothing on a much smaller photo
    same = {c.key for c in CONDITIONS if under(c, rgb, mask)[0] is rgb}
    assert same == {UNCHANGED, "size-1", "blur-0"}
    for condition in CONDITIONS:
        if condition.key not in same:
            photo = under(condition, rgb, mask)[0]
            assert photo.shape != rgb.shape or not np.array_equal(photo, rgb), condition.key


def test_the_table_names_every_family_and_every_cell_once() -> None:
    assert CONDITIONS[0].key == UNCHANGED
    assert len({c.key for c in CONDITIONS}) == len(CONDITIONS)
    assert {c.family for c in CONDITIONS} == set(FAMILIES)


@given(
    st.sampled_from([c for c in CONDITIONS if c.family == "size"]),
    st.integers(20, 90),
    st.integers(20, 90),
)
@settings(max_examples=40, deadline=None)
def test_a_size_has_its_factor_and_keeps_the_tongues_part(condition: Condition, high: int, wide: int) -> None:
    factor = float(condition.key.removeprefix("size-"))
    rgb, mask = scene((high, wide))
    photo, reference = under(condition, rgb, mask)
    assert photo.shape[:2] == (round(high * factor), round(wide * factor))
    # Each outline pixel of the new grid may fall on either side.
    outline = 8 / math.sqrt(reference.size)
    assert reference.mean() == pytest.approx(mask.mean(), abs=max(0.01, outline * 0.5))


def test_a_reduced_reference_is_coverage_of_at_least_one_half() -> None:
    mask = np.zeros((4, 4), np.uint8)
    mask[0, 0] = mask[1, 0] = 1  # half of the first 2×2 block
    mask[2, 2] = 1  # a quarter of the last
    _, reference = resize(np.zeros((4, 4, 3), np.uint8), mask, 0.5)
    assert reference.tolist() == [[1, 0], [0, 0]]


@given(
    part=st.sampled_from([0.05, 0.1, 0.2, 0.35, 0.5]),
    shape=st.sampled_from([(192, 256), (256, 192), (200, 200)]),
    centre=st.tuples(st.floats(0.4, 0.6), st.floats(0.4, 0.6)),
    long=st.floats(0.12, 0.3),
    round_=st.floats(0.8, 1.25),
)
@settings(max_examples=40, deadline=None)
def test_framing_reaches_the_part_and_keeps_the_whole_tongue_and_the_aspect(
    part: float, shape: tuple[int, int], centre: tuple[float, float], long: float, round_: float
) -> None:
    rgb, mask = scene(shape, centre, (long, long * round_))
    photo, reference = reframe(rgb, mask, part)
    # A row and a column more or less are the grain of a small frame.
    grain = part * 2 / min(reference.shape)
    assert reference.mean() == pytest.approx(part, abs=0.012 + grain)
    assert np.count_nonzero(reference) == np.count_nonzero(mask)
    ratio = reference.shape[1] / reference.shape[0]
    assert ratio == pytest.approx(shape[1] / shape[0], rel=0.03)
    # The same pixels under the tongue, in the same order: moved, not resampled.
    np.testing.assert_array_equal(photo[reference == 1], rgb[mask == 1])


def test_a_close_crop_cuts_a_long_tongue_but_reaches_its_part() -> None:
    rgb, mask = scene((192, 256), (0.5, 0.5), (0.1, 0.45))
    _, reference = reframe(rgb, mask, 0.7)
    assert reference.mean() == pytest.approx(0.7, abs=0.02)
    assert np.count_nonzero(reference) < np.count_nonzero(mask)


def test_padding_has_the_borders_median_colour() -> None:
    rgb, mask = scene(axes=(0.35, 0.4))
    photo, reference = reframe(rgb, mask, 0.1)
    assert photo.shape[0] > rgb.shape[0]
    assert photo.shape[1] > rgb.shape[1]
    np.testing.assert_array_equal(photo[0, 0], border_colour(rgb))
    np.testing.assert_array_equal(photo[-1, -1], border_colour(rgb))
    assert not reference[0].any()


def test_a_crop_at_the_edge_of_the_photo_stays_inside() -> None:
    rgb, mask = scene((100, 140), (0.12, 0.85), (0.1, 0.14))
    photo, reference = reframe(rgb, mask, 0.2)
    assert reference.mean() == pytest.approx(0.2, abs=0.02)
    assert np.count_nonzero(reference) == np.count_nonzero(mask)
    assert photo.shape[0] < 100
    corner = photo[-1, 0]
    np.testing.assert_array_equal(corner, rgb[-1, 0])  # the photo's own corner: nothing was padded


def test_a_turn_is_counter_clockwise_and_keeps_the_area() -> None:
    rgb, mask = scene((120, 120), (0.7, 0.5), (0.1, 0.08))
    _, reference = rotate(rgb, mask, 30)
    rows, columns = np.nonzero(reference)
    assert rows.mean() < 55  # what was on the right has gone up
    assert columns.mean() > 65
    assert np.count_nonzero(reference) == pytest.approx(np.count_nonzero(mask), rel=0.03)


@pytest.mark.parametrize(("key", "axis", "left_over"), [("cut-left", 1, 0.7), ("cut-bottom", 0, 0.75)])
def test_a_cut_leaves_the_rest_of_the_box_at_the_frame(key: str, axis: int, left_over: float) -> None:
    rgb, mask = scene()
    before = bounding_box(mask)
    photo, reference = under(BY_KEY[key], rgb, mask)
    after = bounding_box(reference)
    assert before is not None
    assert after is not None
    length = before[axis].stop - before[axis].start
    assert after[axis].stop - after[axis].start == pytest.approx(left_over * length, abs=1)
    touched = reference[:, 0] if axis == 1 else reference[-1]
    assert touched.any()
    assert photo.size < rgb.size


def test_blur_is_wider_on_a_larger_photo() -> None:
    step = np.zeros((4, 1024, 3), np.uint8)
    step[:, 512:] = 255
    wide = look.blur(step, 2.0)[0, :, 0].astype(int)
    narrow = look.blur(np.ascontiguousarray(step[:, 256:768]), 2.0)[0, :, 0].astype(int)
    # 16 % to 84 % of a blurred step are two sigmas: 4 px at 512, 8 px at 1024.
    assert np.count_nonzero((wide > 41) & (wide < 214)) == pytest.approx(8, abs=1)
    assert np.count_nonzero((narrow > 41) & (narrow < 214)) == pytest.approx(4, abs=1)


def test_light_and_colour_go_the_way_that_they_say() -> None:
    grey = np.full((8, 8, 3), 100, np.uint8)
    assert look.expose(grey, 1).max() == 138  # 100 is 0.127 in linear light; twice that is 138
    assert look.expose(look.expose(grey, 1), -1)[0, 0].tolist() == pytest.approx([100] * 3, abs=1)
    assert look.bend(grey, 0.6).min() > 100 > look.bend(grey, 1.7).max()
    assert look.tint(grey, (1.2, 1.0, 0.5))[0, 0].tolist() == [120, 100, 50]
    red = np.broadcast_to(np.array([200, 80, 60], np.uint8), (4, 4, 3)).copy()
    lab = cv2.cvtColor(np.stack([red, look.dim(red, 0.6)]).reshape(8, 4, 3), cv2.COLOR_RGB2Lab)
    assert lab[4, 0, 0] / lab[0, 0, 0] == pytest.approx(0.6, abs=0.02)
    assert lab[4, 0, 1:].tolist() == pytest.approx(lab[0, 0, 1:].tolist(), abs=3)


def test_darker_skin_leaves_the_middle_of_the_tongue() -> None:
    rgb, mask = scene((200, 260), axes=(0.3, 0.35))
    photo, _ = under(BY_KEY["tone-skin"], rgb, mask)
    assert photo[110, 130].tolist() == pytest.approx(rgb[110, 130].tolist(), abs=2)
    assert photo[3, 3].mean() < 0.75 * rgb[3, 3].mean()


def test_jpeg_keeps_the_channels_in_order() -> None:
    rgb = np.zeros((32, 32, 3), np.uint8)
    rgb[:] = (200, 40, 90)
    assert look.compress(rgb, 60)[16, 16].tolist() == pytest.approx([200, 40, 90], abs=6)


def test_reflections_are_white_and_inside_the_tongue() -> None:
    rgb, mask = scene((240, 320))
    photo, reference = under(BY_KEY["highlights"], rgb, mask)
    changed = (np.abs(photo.astype(int) - rgb).max(axis=2) > 0).astype(np.uint8)
    assert 20 < np.count_nonzero(changed) < 0.2 * np.count_nonzero(mask)
    assert not (changed & (1 - mask)).any()
    assert photo[changed == 1].min(axis=1).max() > 180
    assert reference is mask


def test_a_phones_chain_ends_at_its_size() -> None:
    rgb, mask = scene((480, 640))
    assert under(BY_KEY["phone-224"], rgb, mask)[1].shape == (168, 224)
    assert under(BY_KEY["phone-448"], rgb, mask)[1].shape == (336, 448)
    close = under(BY_KEY["phone-224-close"], rgb, mask)[1]
    assert max(close.shape) == 224
    assert close.mean() == pytest.approx(0.5, abs=0.02)


def test_noise_differs_between_photos_and_seeds() -> None:
    rgb, mask = scene()
    noise = BY_KEY["noise-12"]
    first, other, later = (
        noise.apply(rgb, mask, noise.generator(name, seed))[0]
        for name, seed in (("a", 0), ("b", 0), ("a", 1))
    )
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, later)
    assert (first.astype(float) - rgb).std() == pytest.approx(12, rel=0.1)


def test_conditions_are_chosen_by_family_and_by_key() -> None:
    assert choose_conditions() == CONDITIONS
    keys = [c.key for c in choose_conditions(("blur", "size-0.5"))]
    assert keys == [UNCHANGED, "size-0.5", "blur-0", "blur-1", "blur-2", "blur-3"]
    with pytest.raises(UsageError, match=r"sepia.*size.*blur"):
        choose_conditions(("size", "sepia"))


def test_a_result_that_is_too_large_does_not_fit() -> None:
    _, mask = scene((100, 200), axes=(0.4, 0.4))  # 20,000 pixels, half of them tongue
    assert BY_KEY["size-2"].fits(mask, 80_000)
    assert not BY_KEY["size-3"].fits(mask, 80_000)
    assert BY_KEY["framing-20"].fits(mask, 80_000)
    assert not BY_KEY["framing-10"].fits(mask, 80_000)
    assert BY_KEY["blur-3"].fits(mask, 80_000)


@pytest.mark.parametrize("key", ["framing-20", "cut-left", "highlights"])
def test_what_needs_a_tongue_says_so(key: str) -> None:
    rgb, mask = scene()
    with pytest.raises(ValueError, match="without tongue"):
        under(BY_KEY[key], rgb, np.zeros_like(mask))


def test_the_left_cut_is_of_the_photos_own_pixels() -> None:
    rgb, mask = scene()
    photo, reference = cut(rgb, mask, "left", 0.5)
    np.testing.assert_array_equal(photo, rgb[:, -photo.shape[1] :])
    np.testing.assert_array_equal(reference, mask[:, -photo.shape[1] :])

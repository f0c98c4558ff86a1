"""The renderer of phantoms: exact masks, the same pixels for the same spec."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.phantoms import random_spec, render
from tests.phantoms.fields import lab
from tests.phantoms.spec import CameraSpec, MouthSpec, PhantomSpec, TongueSpec

SEEDS = st.integers(0, 2**31)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, height=st.integers(24, 110), width=st.integers(24, 110))
def test_any_spec_renders_to_a_photo_and_its_mask(seed: int, height: int, width: int) -> None:
    photo, mask = render(random_spec(seed, (height, width)))
    assert photo.shape == (height, width, 3)
    assert photo.dtype == np.uint8
    assert mask.shape == (height, width)
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) == {0, 1}
    assert not photo.flags.writeable
    assert not mask.flags.writeable


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_without_a_tongue_the_mask_is_empty(seed: int) -> None:
    photo, mask = render(random_spec(seed, (48, 64), tongue=False))
    assert not mask.any()
    assert photo.std() > 5


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_tongue_is_one_piece(seed: int) -> None:
    _, mask = render(random_spec(seed, (96, 128)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert count >= 2
    assert stats[1:, cv2.CC_STAT_AREA].max() >= 0.99 * mask.sum()


def test_most_tongues_differ_in_colour_from_what_surrounds_them() -> None:
    """Not all: a pale tongue before pale skin is wanted too."""
    distances = []
    for seed in range(16):
        photo, mask = render(random_spec(seed, (96, 128)))
        lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        outside = cv2.dilate(mask, np.ones((7, 7), np.uint8)) > mask
        distances.append(np.linalg.norm(np.median(lab[mask > 0], axis=0) - np.median(lab[outside], axis=0)))
    assert np.mean(np.array(distances) > 4) >= 0.8, distances


def test_the_same_spec_gives_the_same_pixels_and_another_seed_does_not() -> None:
    first, again, other = (render(random_spec(seed, (64, 64))) for seed in (5, 5, 6))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("seed", [1, 8, 21])
def test_the_mask_is_the_area_of_a_far_finer_rendering(seed: int) -> None:
    coarse = random_spec(seed, (60, 80), supersample=3)
    fine = coarse.at_shape((480, 640), supersample=1)
    _, mask = render(coarse)
    _, fine_mask = render(fine)
    area = fine_mask.reshape(60, 8, 80, 8).mean(axis=(1, 3))
    assert not np.any((area > 0.7) & (mask == 0))
    assert not np.any((area < 0.3) & (mask == 1))


def test_teeth_and_lip_hide_the_root_of_the_tongue() -> None:
    camera = CameraSpec((96, 96), 34.0, (0.5, 0.4), supersample=1)
    bare = PhantomSpec("bare", 3, camera, mouth=MouthSpec(up=0.4), tongue=TongueSpec(root_y=-0.8))
    toothed = replace(bare, mouth=replace(bare.mouth, upper_teeth=0.2))
    narrow = replace(bare, mouth=replace(bare.mouth, up=0.2))
    column = {spec: np.flatnonzero(render(spec)[1][:, 54]) for spec in (bare, toothed, narrow)}
    assert column[toothed][0] >= column[bare][0] + 5
    assert column[narrow][0] >= column[bare][0] + 5
    assert column[toothed][-1] == column[bare][-1]


def test_another_size_shows_the_same_scene() -> None:
    spec = random_spec(4, (96, 128), supersample=2)
    _, mask = render(spec)
    _, half = render(spec.at_shape((48, 64)))
    shrunk = cv2.resize(mask, (64, 48), interpolation=cv2.INTER_AREA)
    assert 2 * np.logical_and(shrunk, half).sum() / (shrunk.sum() + half.sum()) > 0.93


def test_lab_colours_reach_linear_light() -> None:
    assert lab((100.0, 0.0, 0.0)) == pytest.approx([1, 1, 1], abs=2e-3)
    expected = cv2.cvtColor(np.array([[[60, 20, 10]]], np.float32), cv2.COLOR_Lab2LRGB)[0, 0]
    assert lab((60.0, 20.0, 10.0)) == pytest.approx(expected, abs=2e-3)

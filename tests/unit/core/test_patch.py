"""The reversible difference between two masks."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray


@st.composite
def mask_pairs(draw: st.DrawFn) -> tuple[MaskArray, MaskArray]:
    """Two masks of one shape that differ in a few rectangles, as strokes do."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    classes = draw(st.sampled_from([1, 1, 3, 255]))
    seed = draw(st.integers(0, 2**32 - 1))
    before = np.random.default_rng(seed).integers(0, classes + 1, (height, width)).astype(np.uint8)
    after = before.copy()
    for _ in range(draw(st.integers(0, 3))):
        row, column = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        rows, columns = draw(st.integers(1, height)), draw(st.integers(1, width))
        after[row : row + rows, column : column + columns] = draw(st.integers(0, classes))
    return before, after


@given(mask_pairs())
def test_a_patch_leads_there_and_back(pair: tuple[MaskArray, MaskArray]) -> None:
    before, after = pair
    patch = MaskPatch.between(before, after)
    if patch is None:
        assert np.array_equal(before, after)
        return
    stored = MaskPatch.from_bytes(patch.to_bytes())
    assert stored == patch
    mask = before.copy()
    stored.apply_to(mask)
    assert np.array_equal(mask, after)
    stored.apply_to(mask)
    assert np.array_equal(mask, before)


@given(mask_pairs())
def test_the_box_is_the_smallest_that_holds_every_change(pair: tuple[MaskArray, MaskArray]) -> None:
    before, after = pair
    patch = MaskPatch.between(before, after)
    rows, columns = np.nonzero(before != after)
    if patch is None:
        assert rows.size == 0
        return
    row, column, height, width = patch.box
    assert (row, column) == (rows.min(), columns.min())
    assert (row + height, column + width) == (rows.max() + 1, columns.max() + 1)


@given(mask_pairs())
def test_looking_only_where_something_changed_gives_the_same_patch(pair: tuple[MaskArray, MaskArray]) -> None:
    before, after = pair
    whole = MaskPatch.between(before, after)
    if whole is not None:
        assert MaskPatch.between(before, after, within=whole.box) == whole


def test_one_class_takes_one_bit_a_pixel_and_more_take_bytes() -> None:
    blank = np.zeros((20, 30), np.uint8)
    one = np.ones((20, 30), np.uint8)
    bits, several = MaskPatch.between(blank, one), MaskPatch.between(blank, one * 3)
    assert bits is not None
    assert several is not None
    assert bits.packed
    assert not several.packed


def test_a_patch_that_does_not_fit_changes_nothing() -> None:
    patch = MaskPatch.between(np.zeros((20, 30), np.uint8), np.ones((20, 30), np.uint8))
    assert patch is not None
    small = np.zeros((20, 29), np.uint8)
    with pytest.raises(ValueError, match="does not fit"):
        patch.apply_to(small)
    assert not small.any()


def test_masks_of_different_shapes_have_no_patch() -> None:
    with pytest.raises(ValueError, match="different shapes"):
        MaskPatch.between(np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8))


@given(mask_pairs(), st.data())
def test_two_patches_in_one_do_what_both_do(pair: tuple[MaskArray, MaskArray], data: st.DataObject) -> None:
    before, middle = pair
    seed = data.draw(st.integers(0, 2**16))
    after = middle.copy()
    after[np.random.default_rng(seed).random(after.shape) < 0.1] ^= 1
    first, second = MaskPatch.between(before, middle), MaskPatch.between(middle, after)
    if first is None or second is None:
        return
    both, out = first.then(second), before.copy()
    if both is not None:
        both.apply_to(out)
    assert np.array_equal(out, after)
    assert first.then(first) is None


def bomb(box: tuple[int, int, int, int], size: int, kind: int = 0) -> bytes:
    return struct.pack("<4IB", *box, kind) + zlib.compress(bytes(size), 9)


def test_a_stream_that_holds_more_than_its_box_is_refused_before_it_fills_the_memory() -> None:
    mask = np.ones((20, 30), np.uint8)
    for box, size, kind in [
        ((0, 0, 8, 8), 50_000_000, 0),
        ((0, 0, 8, 8), 50_000_000, 1),
        ((0, 0, 20, 30), 10, 0),
    ]:
        patch = MaskPatch.from_bytes(bomb(box, size, kind))
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match="bytes instead of"):
                patch.apply_to(mask)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()
    assert mask.all()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        bomb((0, 0, 0, 8), 0),
        bomb((0, 0, 2**31, 2**31), 8),
        bomb((2**32 - 1, 2**32 - 1, 8, 8), 8),
        bomb((0, 0, 8, 8), 8, kind=7),
        None,
        17,
        "text",
    ],
)
def test_what_is_no_patch_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="stored patch"):
        MaskPatch.from_bytes(data)


def test_two_patches_that_no_photo_holds_are_not_joined() -> None:
    high, wide = (
        MaskPatch.from_bytes(bomb((10_000_000, 0, 8, 8), 8)),
        MaskPatch.from_bytes(bomb((0, 10_000_000, 8, 8), 8)),
    )
    with pytest.raises(ValueError, match="no photo"):
        high.then(wide)

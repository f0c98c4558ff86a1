"""Masks and probabilities as bytes, and back."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.errors import MaskError
from tongue_viewer.storage.mask_codec import decode_grid, decode_mask, encode_grid, encode_mask


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    classes=st.sampled_from([0, 1, 1, 2, 255]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_mask_comes_back_as_it_was(height: int, width: int, classes: int, seed: int) -> None:
    mask = np.random.default_rng(seed).integers(0, classes + 1, (height, width)).astype(np.uint8)
    back = decode_mask(encode_mask(mask))
    assert back.dtype == np.uint8
    assert np.array_equal(back, mask)
    assert not back.flags.writeable


def test_a_mask_that_is_a_view_with_strides_comes_back_as_it_was() -> None:
    mask = np.random.default_rng(0).integers(0, 3, (40, 60)).astype(np.uint8)[::2, ::3].T
    assert np.array_equal(decode_mask(encode_mask(mask)), mask)


@given(planes=st.integers(1, 3), side=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
def test_every_grid_comes_back_as_it_was(planes: int, side: int, seed: int) -> None:
    grid = np.random.default_rng(seed).integers(0, 256, (planes, side, side + 1)).astype(np.uint8)
    back = decode_grid(encode_grid(grid), (planes, side, side + 1))
    assert np.array_equal(back, grid)
    assert not back.flags.writeable


@given(data=st.data())
def test_no_damaged_mask_is_taken_for_another(data: st.DataObject) -> None:
    mask = np.random.default_rng(3).integers(0, 2, (30, 31)).astype(np.uint8)
    good = bytearray(encode_mask(mask))
    position = data.draw(st.integers(0, len(good) - 1))
    good[position] ^= data.draw(st.integers(1, 255))
    try:
        found = decode_mask(bytes(good))
    except MaskError:
        return
    # The header has no checksum of its own: another shape with as many pixels is caught by the shape check.
    assert found.shape != mask.shape or np.array_equal(found, mask)


@pytest.mark.parametrize("cut", [0, 3, 9, 20])
def test_a_truncated_mask_is_refused(cut: int) -> None:
    with pytest.raises(MaskError, match="stored mask"):
        decode_mask(encode_mask(np.ones((30, 31), np.uint8))[:cut])


def test_a_stream_that_claims_little_and_holds_much_is_refused_before_it_fills_the_memory() -> None:
    bomb = encode_mask(np.ones((8, 8), np.uint8))[:9] + zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(MaskError, match="damaged"):
        decode_mask(bomb)


def test_a_grid_of_another_shape_is_refused() -> None:
    with pytest.raises(MaskError, match="probability"):
        decode_grid(encode_grid(np.zeros((1, 4, 4), np.uint8)), (1, 4, 5))


@pytest.mark.parametrize("data", [None, 7, 1.5, "text"])
def test_what_is_no_bytes_is_no_mask_and_no_grid(data: Any) -> None:
    # SQLite keeps a value of any type in any column.
    with pytest.raises(MaskError, match="not bytes"):
        decode_mask(data)
    with pytest.raises(MaskError, match="not bytes"):
        decode_grid(data, (1, 4, 4))


def test_a_mask_of_more_pixels_than_a_photo_may_have_is_refused() -> None:
    with pytest.raises(MaskError, match="impossible header"):
        decode_mask(struct.pack("<BII", 1, 20_000, 20_000) + zlib.compress(b""))


@pytest.mark.parametrize(
    "shape",
    [
        (-1, -4, 4),
        (0, 4, 4),
        (1, 2**63 - 1, 4),
        (1.0, 4, 4),
        ("1", 4, 4),
        ("x" * 70_000, 4, 4),
        (None, 4, 4),
        (b"1", 4, 4),
        (99, 8000, 8000),
    ],
)
def test_a_grid_of_an_impossible_shape_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(MaskError, match="probability") as raised:
        decode_grid(encode_grid(np.zeros((1, 4, 4), np.uint8)), shape)
    assert len(str(raised.value)) < 200

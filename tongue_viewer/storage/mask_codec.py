"""Masks and probability grids as bytes for the case database, and back.

Bits (or bytes, where there is more than one class) in row order, behind a header with their shape, deflated
at level 1: the time is spent on every stroke, and a mask is nearly all runs, which any level finds. Deflate's
own checksum tells damage from content.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from tongue_viewer.core.errors import MaskError
from tongue_viewer.core.inflate import inflate
from tongue_viewer.core.photo import MAX_PIXELS, GridArray, MaskArray

_HEADER = struct.Struct("<BII")
_BITS, _BYTES = 0, 1
_MAX_GRID_SIDE = 8192
_MAX_GRID_BYTES = 2**28
"""Far above any grid of a network (512 to 2048 a side, a plane for each class)."""


def encode_mask(mask: MaskArray) -> bytes:
    """(H, W) uint8 class index → bytes; one bit a pixel before compression where 0 and 1 are all."""
    height, width = mask.shape
    packed = mask.size == 0 or int(mask.max()) <= 1
    raw = np.packbits(mask) if packed else np.ascontiguousarray(mask)
    return _HEADER.pack(_BITS if packed else _BYTES, height, width) + zlib.compress(raw.data, 1)


def decode_mask(data: bytes) -> MaskArray:
    """The read-only (H, W) uint8 mask of `encode_mask`.

    Raises:
        MaskError: the bytes are damaged.
    """
    _check_bytes(data, "mask")
    try:
        kind, height, width = _HEADER.unpack_from(data)
        pixels = height * width
        if kind not in (_BITS, _BYTES) or pixels > MAX_PIXELS:
            raise MaskError(f"a stored mask has an impossible header ({kind}, {height} × {width})")
        raw = inflate(data[_HEADER.size :], (pixels + 7) // 8 if kind == _BITS else pixels)
    except (struct.error, ValueError) as error:
        raise MaskError(f"a stored mask is damaged: {error}") from error
    flat = np.unpackbits(raw, count=pixels) if kind == _BITS else raw
    mask: MaskArray = flat.reshape(height, width)
    mask.flags.writeable = False
    return mask


def encode_grid(grid: GridArray) -> bytes:
    """(N, h, w) uint8 → bytes; the shape is kept beside them."""
    return zlib.compress(np.ascontiguousarray(grid).data, 1)


def decode_grid(data: bytes, shape: tuple[int, int, int]) -> GridArray:
    """The read-only (N, h, w) uint8 grid of `encode_grid`.

    Raises:
        MaskError: the bytes are damaged or do not fit `shape`.
    """
    _check_bytes(data, "probability")
    sides: tuple[object, ...] = shape  # from columns, where SQLite keeps a value of any type
    if not all(isinstance(side, int) and 0 < side <= _MAX_GRID_SIDE for side in sides):
        raise MaskError(f"a stored probability has an impossible shape {shape!r:.80}")
    size = shape[0] * shape[1] * shape[2]
    if size > _MAX_GRID_BYTES:
        raise MaskError(f"a stored probability of {size} bytes is larger than any that is written")
    try:
        grid: GridArray = inflate(data, size).reshape(shape)
    except ValueError as error:
        raise MaskError(f"a stored probability is damaged: {error}") from error
    grid.flags.writeable = False
    return grid


def _check_bytes(data: object, what: str) -> None:
    """SQLite keeps a value of any type in any column."""
    if not isinstance(data, bytes):
        raise MaskError(f"a stored {what} is {type(data).__name__}, not bytes")

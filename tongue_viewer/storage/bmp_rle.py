"""Run-length decoding of BMP files (BI_RLE8 and BI_RLE4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.errors import PhotoDamagedError, PhotoTooLargeError

_MAX_CODES = 5_000_000
"""One to two seconds, and enough for a photo of 12 megapixels in pieces of 2.4; code that stands still or writes
beyond its row could go on for as long as the file is."""

_END_OF_LINE, _END_OF_BITMAP, _DELTA = 0, 1, 2


def _expand(raw: bytes, count: int, *, nibbles: bool) -> bytes:
    """`count` palette indices of literal bytes; two in each byte, high half first, where `nibbles`."""
    if not nibbles:
        return raw[:count]
    values = np.frombuffer(raw, np.uint8)
    return np.stack([values >> 4, values & 15], axis=1).tobytes()[:count]


def _runs(*, nibbles: bool) -> list[bytes]:
    """For each byte of the code, the longest run of indices that it can stand for."""
    return [bytes([value >> 4, value & 15] if nibbles else [value, value]) * 128 for value in range(256)]


def decode_rle(data: bytes, shape: tuple[int, int], *, nibbles: bool) -> NDArray[np.uint8]:
    """The palette indices of run-length coded rows.

    Pixels that the code skips keep index 0. A run that leaves its row is cut there, as other decoders do.

    Args:
        data: from the first byte of the code on.
        shape: (H, W).
        nibbles: RLE4 instead of RLE8.

    Returns:
        (H, W) uint8, in the order of the file.

    Raises:
        PhotoDamagedError: the code ends before the last row is done.
        PhotoTooLargeError: the code has more than `_MAX_CODES` parts.
    """
    height, width = shape
    out = bytearray(height * width)
    runs = _runs(nibbles=nibbles)
    x = y = at = 0
    for _ in range(_MAX_CODES):
        if y >= height or (at + 2 > len(data) and y == height - 1 and x >= width):
            break
        if at + 2 > len(data):
            raise _cut_off(y, height)
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            piece = runs[value]
        elif value == _END_OF_BITMAP:
            break
        elif value == _END_OF_LINE:
            x, y = 0, y + 1
            continue
        elif value == _DELTA:
            if at + 2 > len(data):
                raise _cut_off(y, height)
            x, y, at = x + data[at], y + data[at + 1], at + 2
            continue
        else:
            count, n_bytes = value, (value + 1) // 2 if nibbles else value
            piece = _expand(data[at : at + n_bytes], count, nibbles=nibbles)
            if len(piece) < count:
                raise _cut_off(y, height)
            at += n_bytes + n_bytes % 2
        if x < width:
            start, end = y * width + x, y * width + min(x + count, width)
            out[start:end] = piece[: end - start]
        x += count
    else:
        raise PhotoTooLargeError(f"its run-length code has more than {_MAX_CODES // 1_000_000} million parts")
    return np.frombuffer(out, np.uint8).reshape(shape)


def _cut_off(row: int, height: int) -> PhotoDamagedError:
    return PhotoDamagedError(f"its run-length code ends in row {row + 1} of {height}")

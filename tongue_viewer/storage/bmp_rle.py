"""Run-length decoding of BMP files (BI_RLE8 and BI_RLE4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.errors import PhotoDamagedError

_END_OF_LINE, _END_OF_BITMAP, _DELTA = 0, 1, 2


def _expand(raw: bytes, count: int, *, nibbles: bool) -> NDArray[np.uint8]:
    """`count` palette indices of literal bytes; two in each byte, high half first, where `nibbles`."""
    values = np.frombuffer(raw, np.uint8)
    if nibbles:
        values = np.stack([values >> 4, values & 15], axis=1).ravel()
    return values[:count]


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
    """
    height, width = shape
    out = np.zeros(shape, np.uint8)
    x = y = at = 0
    while y < height:
        if at + 2 > len(data):
            if y == height - 1 and x >= width:
                break
            raise PhotoDamagedError(f"its run-length code ends in row {y + 1} of {height}")
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            end = min(x + count, width)
            out[y, x:end:2] = value >> 4 if nibbles else value
            out[y, x + 1 : end : 2] = value & 15 if nibbles else value
            x += count
        elif value == _END_OF_LINE:
            x, y = 0, y + 1
        elif value == _END_OF_BITMAP:
            break
        elif value == _DELTA:
            step = data[at : at + 2]
            if len(step) < 2:
                raise PhotoDamagedError(f"its run-length code ends in row {y + 1} of {height}")
            x, y, at = x + step[0], y + step[1], at + 2
        else:
            n_bytes = (value + 1) // 2 if nibbles else value
            literal = _expand(data[at : at + n_bytes], value, nibbles=nibbles)
            if len(literal) < value:
                raise PhotoDamagedError(f"its run-length code ends in row {y + 1} of {height}")
            out[y, x : x + value] = literal[: max(0, width - x)]
            x, at = x + value, at + n_bytes + n_bytes % 2
    return out

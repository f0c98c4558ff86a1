"""Unpacking of stored bytes whose length is known, so that a small stream cannot fill the memory."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray


def inflate(data: bytes, size: int) -> NDArray[np.uint8]:
    """Exactly `size` bytes, read-only; never more memory than that, whatever the stream claims.

    Raises:
        ValueError: a damaged stream, or one of another length.
    """
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(raw) != size or not stream.eof:
        raise ValueError(f"{len(raw)} bytes instead of {size}")
    return np.frombuffer(raw, np.uint8)

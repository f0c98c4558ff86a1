"""The one EXIF value that changes pixels: the orientation (EXIF 2.32, section 4.6.4, tag 0x0112)."""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_ORIENTATION_TAG = 0x0112
_SHORT = 3
_ENTRY_BYTES = 12
_MAX_PNG_CHUNKS = 100_000


def parse_orientation(exif: bytes) -> int:
    """The orientation 1..8 of an EXIF block (with or without its "Exif" prefix); 1 where it gives none.

    Cameras and editors write damaged EXIF blocks around sound pixels: whatever cannot be read means 1.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(count):
        at = start + 2 + index * _ENTRY_BYTES
        if at + _ENTRY_BYTES > len(tiff):
            return 1
        tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, at)
        if tag == _ORIENTATION_TAG:
            return value if kind == _SHORT and 1 <= value <= 8 else 1
    return 1


def read_png_exif(file: BinaryIO) -> bytes:
    """The eXIf chunk of a PNG file, wherever it stands (before or after the pixels); empty without one."""
    file.seek(8)
    for _ in range(_MAX_PNG_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            break
        (length,) = struct.unpack(">I", head[:4])
        if head[4:] == b"eXIf":
            return file.read(min(length, 1 << 20))
        file.seek(length + 4, 1)
    return b""


def swaps_sides(orientation: int) -> bool:
    """Whether an orientation exchanges height and width."""
    return orientation >= 5


def apply_orientation(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The stored (H, W, …) pixels as they are to be seen; a view, (W, H, …) for the orientations 5 to 8."""
    if swaps_sides(orientation):
        pixels = pixels.swapaxes(0, 1)
    # EXIF 2.32, table of tag 0x0112: each value is a transposition (5 to 8), then flips of the new axes.
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return pixels

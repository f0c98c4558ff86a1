"""BMP files made byte by byte from known pixels, without any image library: the tests' independent side."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

Colour = tuple[int, int, int]
Picture = list[list[Colour]]
Indices = list[list[int]]


def picture(height: int, width: int, seed: int = 1) -> Picture:
    """A picture in which no two neighbours, rows, columns or channels are alike."""
    return [
        [
            ((37 * x + 11 * y + seed) % 256, (5 * x + 91 * y + 3) % 256, (201 * x + 17 * y + 100) % 256)
            for x in range(width)
        ]
        for y in range(height)
    ]


def indices(height: int, width: int, count: int) -> Indices:
    """Palette indices below `count`, mixed."""
    return [[(3 * x + 5 * y + x * y) % count for x in range(width)] for y in range(height)]


def colours(count: int) -> list[Colour]:
    """A palette without grey and without two equal entries."""
    return [((i * 7 + 40) % 256, (i * 13 + 90) % 256, (255 - i) % 256) for i in range(count)]


def pack_bits(values: Sequence[int], bits: int) -> bytes:
    """One row of `bits`-bit values, the first in the highest bits, padded to four bytes."""
    text = "".join(format(value, f"0{bits}b") for value in values)
    text += "0" * (-len(text) % 32)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def pack_colours(row: Sequence[Colour], size: int, join: Callable[[int, int, int], int]) -> bytes:
    """One row of little-endian pixels of `size` bytes, padded to four bytes."""
    data = b"".join(join(*colour).to_bytes(size, "little") for colour in row)
    return data + b"\0" * (-len(data) % 4)


def join_888(red: int, green: int, blue: int) -> int:
    """The usual order: blue in the lowest byte."""
    return red << 16 | green << 8 | blue


def stored(rows: Sequence[bytes], *, top_down: bool = False) -> bytes:
    """The rows in the order of the file: the lowest first, unless `top_down`."""
    return b"".join(rows if top_down else reversed(rows))


def info_header(
    width: int,
    height: int,
    bits: int,
    *,
    size: int = 40,
    compression: int = 0,
    image_bytes: int = 0,
    used: int = 0,
    tail: bytes = b"",
) -> bytes:
    """BITMAPINFOHEADER and its longer and shorter kin; `tail` follows the first 40 bytes."""
    head = struct.pack(
        "<IiiHHIIiiII", size, width, height, 1, bits, compression, image_bytes, 2835, 2835, used, 0
    )
    return (head + tail).ljust(size, b"\0")[: max(size, 40 + len(tail)) if size >= 40 else size]


def core_header(width: int, height: int, bits: int) -> bytes:
    """BITMAPCOREHEADER of OS/2 1.x."""
    return struct.pack("<IHHHH", 12, width, height, 1, bits)


def palette_bytes(entries: Sequence[Colour], size: int = 4) -> bytes:
    """Blue, green, red and, where `size` is 4, a byte that means nothing (here 77)."""
    return b"".join(bytes([blue, green, red]) + b"\x4d" * (size - 3) for red, green, blue in entries)


def bmp_file(
    header: bytes, pixels: bytes, palette: bytes = b"", *, gap: bytes = b"", offset: int | None = None
) -> bytes:
    """The whole file: file header, info header, palette, gap, pixels."""
    start = 14 + len(header) + len(palette) + len(gap)
    shown = start if offset is None else offset
    total = start + len(pixels)
    return b"BM" + struct.pack("<IHHI", total, 0, 0, shown) + header + palette + gap + pixels


def simple_bmp(height: int = 5, width: int = 7) -> bytes:
    """The usual kind: 24 bits, bottom row first."""
    rows = [pack_colours(row, 3, join_888) for row in picture(height, width)]
    return bmp_file(info_header(width, height, 24), stored(rows))

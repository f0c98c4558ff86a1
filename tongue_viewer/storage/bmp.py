"""BMP pixels, decoded here: Pillow guesses at offsets, drops masks it does not know, and is slower.

Conventions: the fourth byte of a 32-bit pixel is never transparency (most writers leave it zero, whatever the
header says); a 5- or 6-bit channel is scaled to 0..255 by rounding; an index without an entry is black;
missing padding at the very end of the file is forgiven, missing pixels are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.errors import PhotoDamagedError
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.storage.bmp_header import (
    BI_RGB,
    BI_RLE4,
    BI_RLE8,
    HEADER_READ_BYTES,
    BmpHeader,
    read_header,
)
from tongue_viewer.storage.bmp_rle import decode_rle
from tongue_viewer.storage.photo_limits import check_density, check_size

_BLOCK_PIXELS = 1 << 20
"""Rows are converted in blocks of about so many pixels: what lies between stays in the cache."""
_MAX_RLE_PIXELS_PER_BYTE = 1024


def decode_bmp(data: bytes) -> RgbArray:
    """All pixels of a BMP file, (H, W, 3) uint8, row 0 on top.

    Raises:
        PhotoError: damaged, not supported or too large; the text is the bare reason.
    """
    header = read_header(data)
    check_size(*header.shape)
    if header.bits <= 8:
        index, palette = _decode_index(data, header)
        return _colour(index, palette)
    return _upright(_decode_rows(_rows(data, header), header), header)


def decode_bmp_index(data: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """The palette indices (H, W) and the palette (256, 3) RGB of a BMP of up to 8 bits; None for others.

    Raises:
        PhotoError: as `decode_bmp`.
    """
    header = read_header(data)
    check_size(*header.shape)
    return _decode_index(data, header) if header.bits <= 8 else None


def sample_bmp(file: BinaryIO, side: int) -> RgbArray | None:
    """Every n-th pixel of every n-th row, n as large as leaves the longer side at `side` or above.

    Only these rows are read. None where there is nothing to gain: a small photo, or run-length code.

    Raises:
        PhotoError: as `decode_bmp`.
    """
    head = file.read(HEADER_READ_BYTES)
    header = read_header(head)
    check_size(*header.shape)
    height, width = header.shape
    step = max(header.shape) // side
    if step < 2 or header.compression in {BI_RLE8, BI_RLE4}:
        return None
    _check_length(file.seek(0, 2), header)
    seen = np.arange(min(step // 2, height - 1), height, step)
    stored = seen if header.top_down else height - 1 - seen
    rows = np.zeros((len(seen), header.row_bytes), np.uint8)
    for row, number in zip(rows, stored.tolist(), strict=True):
        file.seek(header.pixels_start + number * header.row_bytes)
        data = file.read(header.row_bytes)
        row[: len(data)] = np.frombuffer(data, np.uint8)
    columns = slice(min(step // 2, width - 1), None, step)
    part = replace(header, shape=(len(seen), width))
    if header.bits > 8:
        return np.ascontiguousarray(_decode_rows(rows, part)[:, columns])
    file.seek(0)
    palette = _palette(file.read(header.palette_start + 4 * 256), header)
    return _colour(np.ascontiguousarray(_unpack(rows, part)[:, columns]), palette)


def _decode_rows(rows: NDArray[np.uint8], header: BmpHeader) -> NDArray[np.uint8]:
    """(H, row bytes) uint8 of 16 bits a pixel or more → (H, W, 3) uint8 RGB, rows as they come."""
    height, width = header.shape
    if header.bits == 24:
        # OpenCV: 4 times as fast as NumPy at exchanging channels.
        pixels = rows[:, : 3 * width].reshape(height, width, 3)
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
    if header.bits == 32 and header.masks == (0xFF0000, 0xFF00, 0xFF):
        pixels = rows[:, : 4 * width].reshape(height, width, 4)
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), np.uint8)
    return _decode_masked(rows, header)


def _colour(index: NDArray[np.uint8], palette: NDArray[np.uint8]) -> RgbArray:
    """(H, W) palette indices → (H, W, 3) uint8 RGB."""
    tables = [np.ascontiguousarray(palette[:, channel]) for channel in range(3)]
    out = np.empty((*index.shape, 3), np.uint8)
    step = max(1, _BLOCK_PIXELS // index.shape[1])
    for start in range(0, len(index), step):
        block = index[start : start + step]
        cv2.merge([cv2.LUT(block, table) for table in tables], out[start : start + step])
    return out


def _upright(pixels: NDArray[Any], header: BmpHeader) -> NDArray[np.uint8]:
    """Row 0 on top; in place where the array is ours, for new memory costs more than the exchange of rows."""
    if header.top_down:
        return pixels
    target = pixels if pixels.flags.writeable and pixels.base is None else None
    return np.asarray(cv2.flip(pixels, 0, target), np.uint8).reshape(pixels.shape)


def _check_length(n_bytes: int, header: BmpHeader) -> int:
    """The bytes from the first row on, in a file of `n_bytes`; a file that ends too early is refused."""
    height, width = header.shape
    needed = header.row_bytes * (height - 1) + (width * header.bits + 7) // 8
    there = max(0, n_bytes - header.pixels_start)
    if there < needed:
        raise PhotoDamagedError(
            f"it ends in row {there // header.row_bytes + 1} of {height}: {needed - there} bytes are missing"
        )
    return there


def _rows(data: bytes, header: BmpHeader) -> NDArray[np.uint8]:
    """(H, row bytes) uint8 in the order of the file."""
    height = header.shape[0]
    there = _check_length(len(data), header)
    full = header.row_bytes * height
    flat = np.frombuffer(data, np.uint8, min(full, there), header.pixels_start)
    if flat.size < full:
        flat = np.concatenate([flat, np.zeros(full - flat.size, np.uint8)])
    return flat.reshape(height, header.row_bytes)


def _palette(data: bytes, header: BmpHeader) -> NDArray[np.uint8]:
    """(256, 3) uint8 RGB; entries that the file does not have are black."""
    entry = header.palette_entry
    room = max(0, min(header.pixels_start, len(data)) - header.palette_start) // entry
    count = min(header.palette_size, 1 << header.bits, room)
    palette = np.zeros((256, 3), np.uint8)
    stored = (
        np.frombuffer(data, np.uint8, count * entry, header.palette_start) if count else np.empty(0, np.uint8)
    )
    palette[:count] = stored.reshape(count, entry)[:, 2::-1]
    return palette


def _decode_index(data: bytes, header: BmpHeader) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    height, width = header.shape
    if header.compression != BI_RGB:
        check_density(height, width, len(data), _MAX_RLE_PIXELS_PER_BYTE)
        index = decode_rle(data[header.pixels_start :], header.shape, nibbles=header.compression == BI_RLE4)
    else:
        index = _unpack(_rows(data, header), header)
    return _upright(index, header), _palette(data, header)


def _unpack(rows: NDArray[np.uint8], header: BmpHeader) -> NDArray[np.uint8]:
    """(H, row bytes) uint8 of up to 8 bits a pixel → (H, W) uint8 palette indices, rows as they come."""
    height, width = header.shape
    if header.bits == 1:
        rows = np.unpackbits(rows, axis=1)
    elif header.bits < 8:
        shifts = range(8 - header.bits, -1, -header.bits)
        parts = [rows >> shift & (1 << header.bits) - 1 for shift in shifts]
        rows = np.stack(parts, axis=2).reshape(height, -1)
    return np.ascontiguousarray(rows[:, :width])


def _decode_masked(rows: NDArray[np.uint8], header: BmpHeader) -> NDArray[np.uint8]:
    """16- and 32-bit pixels with any masks, in blocks of rows."""
    height, width = header.shape
    kind = np.dtype("<u2") if header.bits == 16 else np.dtype("<u4")
    out = np.zeros((height, width, 3), np.uint8)
    step = max(1, _BLOCK_PIXELS // width)
    for start in range(0, height, step):
        block = rows[start : start + step, : width * kind.itemsize]
        pixels = np.ascontiguousarray(block).view(kind).astype(np.uint64)
        for channel, mask in enumerate(header.masks):
            if mask:
                shift = (mask & -mask).bit_length() - 1
                top = mask >> shift
                value = (pixels & mask) >> shift
                out[start : start + step, :, channel] = (value * 255 + top // 2) // top
    return out

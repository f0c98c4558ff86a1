"""The headers of BMP files: OS/2 1.x and 2.x, Windows 3, V2 to V5."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tongue_viewer.core.errors import PhotoDamagedError, PhotoUnsupportedError

FILE_HEADER_BYTES = 14
CORE_HEADER_BYTES = 12
HEADER_READ_BYTES = FILE_HEADER_BYTES + 124 + 16
"""The bytes that `read_header` looks at, at most."""

BI_RGB, BI_RLE8, BI_RLE4, BI_BITFIELDS, BI_JPEG, BI_PNG, BI_ALPHABITFIELDS = range(7)

_WINDOWS_SIZES = {40, 52, 56, 108, 124}
_DEPTHS = {BI_RGB: {1, 2, 4, 8, 16, 24, 32}, BI_RLE8: {8}, BI_RLE4: {4}}
_DEPTHS[BI_BITFIELDS] = _DEPTHS[BI_ALPHABITFIELDS] = {16, 32}
_MASKS_555 = (0x7C00, 0x03E0, 0x001F)
_MASKS_888 = (0xFF0000, 0x00FF00, 0x0000FF)


@dataclass(frozen=True)
class BmpHeader:
    """What the header says, checked for sense but not against the length of the file.

    Attributes:
        shape: (H, W), both positive.
        top_down: row 0 is stored first (a negative height in the file).
        bits: for each pixel: 1, 2, 4, 8, 16, 24 or 32.
        compression: one of the BI_ numbers.
        masks: the bits of red, green and blue in a 16- or 32-bit pixel.
        palette_start: of its first entry in the file, bytes.
        palette_entry: bytes of one entry: blue, green, red and, in all but OS/2 1.x, one unused.
        palette_size: entries that the header declares.
        pixels_start: of the first row in the file, bytes.
    """

    shape: tuple[int, int]
    top_down: bool
    bits: int
    compression: int
    masks: tuple[int, int, int]
    palette_start: int
    palette_entry: int
    palette_size: int
    pixels_start: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one uncompressed row with its padding to four bytes."""
        return (self.shape[1] * self.bits + 31) // 32 * 4


@dataclass(frozen=True)
class _Info:
    """The fields that all versions share, as they stand in the file."""

    width: int
    height: int
    bits: int
    compression: int
    colours: int


def _read_info(data: bytes, size: int) -> _Info:
    if size == CORE_HEADER_BYTES:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        return _Info(width, height, bits, BI_RGB, 0)
    # OS/2 2.x may stop after any field from the sixteenth byte on: what is missing is zero.
    fields = data[18 : FILE_HEADER_BYTES + min(size, 40)].ljust(36, b"\0")
    width, height, _, bits, compression, _, _, _, colours = struct.unpack_from("<iiHHIIiiI", fields)
    if size not in _WINDOWS_SIZES and compression in {3, 4}:
        kind = {3: "Huffman 1D", 4: "RLE24"}[compression]
        raise PhotoUnsupportedError(f"it is an OS/2 BMP with {kind} compression")
    return _Info(width, height, bits, compression, colours)


def _check_info(info: _Info) -> None:
    if info.width < 1 or info.height == 0:
        raise PhotoDamagedError(f"its header gives a size of {info.width}×{info.height} pixels")
    if info.compression in {BI_JPEG, BI_PNG}:
        kind = "JPEG" if info.compression == BI_JPEG else "PNG"
        raise PhotoUnsupportedError(f"it is a BMP for printers, with a {kind} inside")
    if info.compression not in _DEPTHS:
        raise PhotoUnsupportedError(f"it is a BMP with the unknown compression {info.compression}")
    if info.bits not in _DEPTHS[info.compression]:
        raise PhotoUnsupportedError(
            f"it is a BMP with {info.bits} bits a pixel and compression {info.compression}, which do not fit"
        )


def _read_masks(data: bytes, info: _Info) -> tuple[int, int, int]:
    if info.compression in {BI_BITFIELDS, BI_ALPHABITFIELDS}:
        # In a 40-byte header the masks follow it, in a longer one they are its next fields: the same place.
        if len(data) < 66:
            raise PhotoDamagedError(f"it ends after {len(data)} bytes, inside its header")
        masks: tuple[int, int, int] = struct.unpack_from("<III", data, 54)
        if any(masks):
            _check_masks(masks, info.bits)
            return masks
    return _MASKS_555 if info.bits == 16 else _MASKS_888


def _check_masks(masks: tuple[int, int, int], bits: int) -> None:
    text = "/".join(f"{mask:X}" for mask in masks)
    for mask in masks:
        lowest = mask & -mask
        if mask >> bits or (mask and (mask // lowest) & (mask // lowest + 1)):
            raise PhotoUnsupportedError(
                f"it is a BMP with the colour masks {text}, which are no runs of bits"
            )
    if masks[0] & masks[1] or masks[0] & masks[2] or masks[1] & masks[2]:
        raise PhotoUnsupportedError(f"it is a BMP with the colour masks {text}, which overlap")


def read_header(data: bytes) -> BmpHeader:
    """Read the header from the first `HEADER_READ_BYTES` bytes (or all) of a file that starts with "BM".

    Raises:
        PhotoDamagedError: cut off, or without sense.
        PhotoUnsupportedError: a version or a compression that is not decoded.
    """
    if len(data) < FILE_HEADER_BYTES + 4:
        raise PhotoDamagedError(f"it ends after {len(data)} bytes, inside its header")
    (offset, size) = struct.unpack_from("<II", data, 10)
    if not (size == CORE_HEADER_BYTES or 16 <= size <= 64 or size in _WINDOWS_SIZES):
        raise PhotoUnsupportedError(f"it begins like a BMP, but there is no BMP header of {size} bytes")
    if len(data) < FILE_HEADER_BYTES + size:
        raise PhotoDamagedError(f"it ends after {len(data)} bytes, inside its header")
    info = _read_info(data, size)
    _check_info(info)
    masks_after = {BI_BITFIELDS: 12, BI_ALPHABITFIELDS: 16}.get(info.compression, 0) if size == 40 else 0
    palette_start = FILE_HEADER_BYTES + size + masks_after
    palette_entry = 3 if size == CORE_HEADER_BYTES else 4
    palette_size = info.colours or (1 << info.bits if info.bits <= 8 else 0)
    if 0 < offset < FILE_HEADER_BYTES + size:
        raise PhotoDamagedError(f"its pixels are said to begin at byte {offset}, inside its header")
    return BmpHeader(
        shape=(abs(info.height), info.width),
        top_down=info.height < 0,
        bits=info.bits,
        compression=info.compression,
        masks=_read_masks(data, info),
        palette_start=palette_start,
        palette_entry=palette_entry,
        palette_size=palette_size,
        # Some writers leave the field at zero: the pixels then follow the palette.
        pixels_start=offset or palette_start + palette_entry * palette_size,
    )

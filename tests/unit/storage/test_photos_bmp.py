from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.storage import bmp_builder as build
from tongue_viewer.core.errors import PhotoUnsupportedError
from tongue_viewer.storage.photos import decode_photo, photo_size, read_photo

H, W = 5, 7
NAME = Path("photo.bmp")


def decode(data: bytes) -> NDArray[np.uint8]:
    return decode_photo(data, NAME)


def expect(data: bytes, pixels: build.Picture) -> None:
    np.testing.assert_array_equal(decode(data), np.array(pixels, np.uint8))


def through(index: build.Indices, palette: list[build.Colour]) -> build.Picture:
    return [[palette[i] if i < len(palette) else (0, 0, 0) for i in row] for row in index]


def scaled(value: int, bits: int) -> int:
    """To 0..255, the nearest."""
    return int(value * 255 / (2**bits - 1) + 0.5)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("width", [1, 7, 8, 9, 33])
def test_palette_of_every_depth(bits: int, width: int) -> None:
    index, palette = build.indices(H, width, 1 << bits), build.colours(1 << bits)
    rows = [build.pack_bits(row, bits) for row in index]
    data = build.bmp_file(build.info_header(width, H, bits), build.stored(rows), build.palette_bytes(palette))
    expect(data, through(index, palette))


@pytest.mark.parametrize("width", [1, 2, 3, 4, 7, 130])
@pytest.mark.parametrize("bits", [24, 32])
@pytest.mark.parametrize("top_down", [False, True])
def test_true_colour(width: int, bits: int, *, top_down: bool) -> None:
    pixels = build.picture(H, width)
    rows = [build.pack_colours(row, bits // 8, build.join_888) for row in pixels]
    header = build.info_header(width, -H if top_down else H, bits)
    expect(build.bmp_file(header, build.stored(rows, top_down=top_down)), pixels)


def test_top_down_palette() -> None:
    index, palette = build.indices(H, W, 16), build.colours(16)
    rows = [build.pack_bits(row, 4) for row in index]
    header = build.info_header(W, -H, 4)
    expect(
        build.bmp_file(header, build.stored(rows, top_down=True), build.palette_bytes(palette)),
        through(index, palette),
    )


def test_16_bit_without_masks_is_555() -> None:
    raw = [[((3 * x + y) % 32, (7 * y + x) % 32, (x * y + 9) % 32) for x in range(W)] for y in range(H)]
    rows = [build.pack_colours(row, 2, lambda r, g, b: 0x8000 | r << 10 | g << 5 | b) for row in raw]
    expected = [[(scaled(r, 5), scaled(g, 5), scaled(b, 5)) for r, g, b in row] for row in raw]
    expect(build.bmp_file(build.info_header(W, H, 16), build.stored(rows)), expected)


MASKS = {
    "555": (16, (0x7C00, 0x03E0, 0x001F)),
    "565": (16, (0xF800, 0x07E0, 0x001F)),
    "444": (16, (0x0F00, 0x00F0, 0x000F)),
    "565 swapped": (16, (0x001F, 0x07E0, 0xF800)),
    "332 in 16 bits": (16, (0xE0, 0x1C, 0x03)),
    "888": (32, (0xFF0000, 0xFF00, 0xFF)),
    "888 swapped": (32, (0xFF, 0xFF00, 0xFF0000)),
    "888 high": (32, (0xFF000000, 0xFF0000, 0xFF00)),
    "10-10-10": (32, (0x3FF00000, 0x000FFC00, 0x000003FF)),
    "11-11-10": (32, (0xFFE00000, 0x001FFC00, 0x000003FF)),
    "only green": (16, (0, 0x07E0, 0)),
}


def masked(masks: tuple[int, int, int], bits: int) -> tuple[bytes, build.Picture]:
    widths = [mask.bit_count() for mask in masks]
    shifts = [(mask & -mask).bit_length() - 1 if mask else 0 for mask in masks]
    rows, expected = [], []
    for y in range(H):
        raw = [[(17 * x + 31 * y + 5 * c) % (1 << widths[c]) for c in range(3)] for x in range(W)]
        words = [sum(v << s for v, s, w in zip(px, shifts, widths, strict=True) if w) for px in raw]
        data = b"".join(word.to_bytes(bits // 8, "little") for word in words)
        rows.append(data + b"\0" * (-len(data) % 4))
        expected.append(
            [tuple(scaled(v, w) if w else 0 for v, w in zip(px, widths, strict=True)) for px in raw]
        )
    return build.stored(rows), expected  # type: ignore[return-value]


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("size", [40, 52, 56, 108, 124])
def test_bit_fields_in_every_header(name: str, size: int) -> None:
    bits, masks = MASKS[name]
    pixels, expected = masked(masks, bits)
    header = build.info_header(W, H, bits, size=size, compression=3, tail=struct.pack("<III", *masks))
    expect(build.bmp_file(header, pixels), expected)


def test_alpha_bit_fields_after_a_40_byte_header() -> None:
    masks = MASKS["888"][1]
    pixels, expected = masked(masks, 32)
    tail = struct.pack("<IIII", *masks, 0xFF000000)
    header = build.info_header(W, H, 32, compression=6, tail=tail)
    expect(build.bmp_file(header, pixels), expected)


@pytest.mark.parametrize("alpha", [0, 128, 255])
def test_a_fourth_byte_is_never_transparency(alpha: int) -> None:
    pixels = build.picture(H, W)
    rows = [
        build.pack_colours(row, 4, lambda r, g, b: alpha << 24 | build.join_888(r, g, b)) for row in pixels
    ]
    tail = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    for header in (
        build.info_header(W, H, 32),
        build.info_header(W, H, 32, size=124, compression=3, tail=tail),
    ):
        expect(build.bmp_file(header, build.stored(rows)), pixels)


@pytest.mark.parametrize("bits", [1, 4, 8, 24])
def test_os2_version_1(bits: int) -> None:
    header = build.core_header(W, H, bits)
    if bits == 24:
        pixels = build.picture(H, W)
        rows = [build.pack_colours(row, 3, build.join_888) for row in pixels]
        expect(build.bmp_file(header, build.stored(rows)), pixels)
        return
    index, palette = build.indices(H, W, 1 << bits), build.colours(1 << bits)
    rows = [build.pack_bits(row, bits) for row in index]
    expect(
        build.bmp_file(header, build.stored(rows), build.palette_bytes(palette, 3)), through(index, palette)
    )


@pytest.mark.parametrize("size", [16, 20, 24, 36, 48, 64])
def test_os2_version_2_of_every_length(size: int) -> None:
    index, palette = build.indices(H, W, 256), build.colours(256)
    rows = [build.pack_bits(row, 8) for row in index]
    data = build.bmp_file(
        build.info_header(W, H, 8, size=size), build.stored(rows), build.palette_bytes(palette)
    )
    expect(data, through(index, palette))


def test_a_palette_shorter_than_declared_and_than_used() -> None:
    index, palette = build.indices(H, W, 16), build.colours(10)
    rows = [build.pack_bits(row, 8) for row in index]
    for used in (0, 10, 256):
        header = build.info_header(W, H, 8, used=used)
        data = build.bmp_file(header, build.stored(rows), build.palette_bytes(palette))
        expect(data, through(index, palette))


def test_a_palette_longer_than_the_depth_needs() -> None:
    index, palette = build.indices(H, W, 2), build.colours(300)
    rows = [build.pack_bits(row, 1) for row in index]
    header = build.info_header(W, H, 1, used=300)
    expect(build.bmp_file(header, build.stored(rows), build.palette_bytes(palette)), through(index, palette))


def test_pixels_after_a_gap_or_at_an_offset_of_zero() -> None:
    pixels = build.picture(H, W)
    rows = build.stored([build.pack_colours(row, 3, build.join_888) for row in pixels])
    header = build.info_header(W, H, 24)
    expect(build.bmp_file(header, rows, gap=b"profile" * 9), pixels)
    expect(build.bmp_file(header, rows, offset=0), pixels)


@pytest.mark.parametrize("image_bytes", [0, 1, 2**31, 2**32 - 1])
def test_a_false_image_size_is_ignored(image_bytes: int) -> None:
    pixels = build.picture(H, W)
    rows = build.stored([build.pack_colours(row, 3, build.join_888) for row in pixels])
    expect(build.bmp_file(build.info_header(W, H, 24, image_bytes=image_bytes), rows), pixels)


def test_missing_padding_at_the_end_is_forgiven() -> None:
    pixels = build.picture(H, W)
    data = build.simple_bmp(H, W)
    expect(data[:-3], pixels)


def rle_file(code: bytes, *, bits: int, height: int = 4, width: int = 8) -> bytes:
    header = build.info_header(width, height, bits, compression=1 if bits == 8 else 2)
    return build.bmp_file(header, code, build.palette_bytes(build.colours(1 << bits)))


def test_rle8_runs_literals_deltas_and_short_lines() -> None:
    code = bytes([8, 3, 0, 0])  # lowest row: a run
    code += bytes([0, 5, 10, 11, 12, 13, 14, 0, 3, 99, 0, 0])  # five literals with their padding, a run
    code += bytes([2, 7, 0, 2, 3, 1, 3, 9, 0, 1])  # two, then 3 right and 1 up, three; end of bitmap
    index = [
        [0, 0, 0, 0, 0, 9, 9, 9],
        [7, 7, 0, 0, 0, 0, 0, 0],
        [10, 11, 12, 13, 14, 99, 99, 99],
        [3] * 8,
    ]
    expect(rle_file(code, bits=8), through(index, build.colours(256)))


def test_rle4_runs_alternate_and_literals_are_nibbles() -> None:
    code = bytes([8, 0x3A, 0, 0])
    code += bytes([0, 5, 0x12, 0x34, 0x50, 0, 3, 0x6F, 0, 0])  # 5 nibbles = 3 bytes + 1 of padding
    code += bytes([7, 0xBC, 1, 0xD0, 0, 0])
    code += bytes([8, 0x11, 0, 1])
    index = [
        [1] * 8,
        [0xB, 0xC, 0xB, 0xC, 0xB, 0xC, 0xB, 0xD],
        [1, 2, 3, 4, 5, 6, 0xF, 6],
        [3, 0xA, 3, 0xA, 3, 0xA, 3, 0xA],
    ]
    expect(rle_file(code, bits=4), through(index, build.colours(16)))


def test_rle_without_an_end_mark_and_with_a_run_that_is_too_long() -> None:
    code = b"".join(bytes([200, row, 0, 0]) for row in range(4))
    expect(rle_file(code[:-2], bits=8), through([[3] * 8, [2] * 8, [1] * 8, [0] * 8], build.colours(256)))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (build.info_header(W, H, 24, compression=4), "JPEG inside"),
        (build.info_header(W, H, 24, compression=5), "PNG inside"),
        (build.info_header(W, H, 1, size=64, compression=3), "Huffman"),
        (build.info_header(W, H, 24, size=64, compression=4), "RLE24"),
        (build.info_header(W, H, 24, compression=9), "compression 9"),
        (build.info_header(W, H, 7), "7 bits"),
        (build.info_header(W, H, 24, compression=1), "24 bits"),
        (build.info_header(W, H, 16, compression=3, tail=struct.pack("<III", 0xF0F0, 0xF00, 0xF)), "no runs"),
        (build.info_header(W, H, 16, compression=3, tail=struct.pack("<III", 0xF0, 0xF0, 0xF)), "overlap"),
        (build.info_header(W, H, 16, compression=3, tail=struct.pack("<III", 0xF0000, 0xF0, 0xF)), "no runs"),
    ],
)
def test_what_is_not_decoded_is_named(header: bytes, words: str) -> None:
    with pytest.raises(PhotoUnsupportedError, match=words) as raised:
        decode(build.bmp_file(header, bytes(1000)))
    assert "photo.bmp" in str(raised.value)
    assert "Save it as" in str(raised.value)


def test_the_photo_from_a_file_with_a_chinese_name(tmp_path: Path) -> None:
    path = tmp_path / "舌诊" / "患者 一.bmp"
    path.parent.mkdir()
    data = build.simple_bmp(H, W)
    path.write_bytes(data)
    photo = read_photo(path)
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert photo.shape == photo_size(path) == (H, W)
    assert photo.rgb.dtype == np.uint8
    assert photo.rgb.flags.c_contiguous
    assert not photo.rgb.flags.writeable
    np.testing.assert_array_equal(photo.rgb, np.array(build.picture(H, W), np.uint8))


def test_size_of_a_top_down_file_from_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(build.bmp_file(build.info_header(W, -H, 24), b""))
    assert photo_size(path) == (H, W)

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tongue_viewer.core.errors import PhotoUnsupportedError
from tongue_viewer.storage.photos import PHOTO_SUFFIXES, decode_photo, photo_size, read_photo

H, W = 24, 40


def upright() -> NDArray[np.uint8]:
    """Smooth, so that JPEG keeps it, and different in every corner."""
    rows, columns = np.mgrid[0:H, 0:W]
    return np.stack([rows * 10, columns * 6, (rows * 4 + columns * 3)], axis=2).astype(np.uint8)


# How a camera stores the upright picture for each value of the tag (EXIF 2.32, 4.6.4): what must be undone.
STORE: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a.swapaxes(0, 1), 2),
    8: lambda a: np.rot90(a, -1),
}


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    """The smallest EXIF block, big-endian, with a make before the orientation."""
    entries = struct.pack(">HHI4s", 0x010F, 2, 4, b"abc\0") + struct.pack(
        ">HHIHH", 0x0112, 3, 1, orientation, 0
    )
    return b"MM\0*" + struct.pack(">IH", 8, 2) + entries + bytes(4)


def decode(data: bytes, name: str = "photo") -> NDArray[np.uint8]:
    rgb = decode_photo(data, Path(name))
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    assert not rgb.flags.writeable
    return rgb


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation_is_applied_once(kind: str, orientation: int, tmp_path: Path) -> None:
    image = Image.fromarray(np.ascontiguousarray(STORE[orientation](upright())))
    options: dict[str, object] = {
        "exif": b"Exif\0\0" + exif(orientation) if kind == "JPEG" else exif(orientation)
    }
    if kind == "TIFF":
        options = {"tiffinfo": {0x0112: orientation}}
    options |= {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}
    options |= {"lossless": True} if kind == "WEBP" else {}
    path = tmp_path / "p"
    path.write_bytes(encode(image, kind, **options))
    photo = read_photo(path)
    assert photo.shape == photo_size(path) == (H, W)
    assert np.abs(photo.rgb.astype(int) - upright()).max() <= (6 if kind == "JPEG" else 0)


def test_png_orientation_after_the_pixels(tmp_path: Path) -> None:
    data = encode(Image.fromarray(np.ascontiguousarray(STORE[6](upright()))), "PNG")
    chunk = b"eXIf" + exif(6)
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path = tmp_path / "a.png"
    path.write_bytes(data[:-12] + chunk + data[-12:])
    np.testing.assert_array_equal(read_photo(path).rgb, upright())
    assert photo_size(path) == (H, W)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"MM",
        b"XX\0*" + bytes(30),
        exif(0),
        exif(9),
        exif(700),
        exif(6)[:-12],
        b"II*\0\xff\xff\xff\x7f" + bytes(8),
    ],
)
def test_damaged_exif_around_sound_pixels_means_upright(block: bytes) -> None:
    data = encode(Image.fromarray(upright()), "JPEG", quality=98)
    segment = b"Exif\0\0" + block
    data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]
    assert decode(data).shape == (H, W, 3)


def test_grey_jpeg() -> None:
    rgb = decode(encode(Image.new("L", (W, H), 93), "JPEG"))
    assert rgb.shape == (H, W, 3)
    assert np.unique(rgb).tolist() == [93]


def naive_rgb(cmyk: tuple[int, int, int, int]) -> list[float]:
    cyan, magenta, yellow, key = (value / 255 for value in cmyk)
    return [255 * (1 - ink) * (1 - key) for ink in (cyan, magenta, yellow)]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("cmyk", [(0, 0, 0, 0), (255, 0, 0, 0), (10, 200, 90, 60), (0, 0, 0, 255)])
def test_cmyk_without_a_profile(kind: str, cmyk: tuple[int, int, int, int]) -> None:
    rgb = decode(encode(Image.new("CMYK", (W, H), cmyk), kind))
    assert np.abs(rgb[H // 2, W // 2] - np.array(naive_rgb(cmyk))).max() <= 4


def test_ycck_jpeg() -> None:
    # The same four planes under the Adobe marker's flag 2: Y, Cb, Cr of the inks, and the inverted key.
    planes = (150, 100, 180, 200)
    data = encode(Image.new("CMYK", (W, H), tuple(255 - plane for plane in planes)), "JPEG", quality=100)
    at = data.index(b"Adobe")
    assert data[at + 11] == 0
    ycck = data[: at + 11] + b"\x02" + data[at + 12 :]
    luma, blue, red, key = planes
    inks = [luma + 1.402 * (red - 128), luma - 0.344136 * (blue - 128) - 0.714136 * (red - 128)]
    inks += [luma + 1.772 * (blue - 128)]
    expected = [(255 - np.clip(ink, 0, 255)) * key / 255 for ink in inks]
    assert np.abs(decode(ycck)[H // 2, W // 2] - np.array(expected)).max() <= 4


def test_palette_png() -> None:
    image = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4), "P")
    palette = [(7 * i % 256, 50 + i, 255 - 9 * i) for i in range(12)]
    image.putpalette([value for colour in palette for value in colour])
    np.testing.assert_array_equal(decode(encode(image, "PNG")).reshape(-1, 3), palette)


def png_bytes(depth: int, kind: int, rows: list[bytes], width: int, extra: bytes = b"") -> bytes:
    """A PNG made by hand: signature, header, chunks of `extra`, unfiltered rows."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + extra + body + chunk(b"IEND", b"")


def test_16_bit_channels_keep_their_high_byte() -> None:
    grey = [0x0000, 0x00FF, 0x0100, 0x7FFF, 0x80FF, 0xFFFF]
    data = png_bytes(16, 0, [struct.pack(">6H", *grey)], 6)
    assert decode(data)[0].tolist() == [[value >> 8] * 3 for value in grey]
    colour = png_bytes(16, 2, [struct.pack(">6H", *grey)], 2)
    assert decode(colour)[0].tolist() == [[0, 0, 1], [0x7F, 0x80, 0xFF]]
    tiff = encode(Image.fromarray(np.array([grey], np.uint16)), "TIFF")
    assert decode(tiff)[0].tolist() == [[value >> 8] * 3 for value in grey]


def test_transparency_is_laid_on_white() -> None:
    rgba = np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 128]]], np.uint8)
    over = 255 * 127 / 255
    expected = [[200, 100, 0], [255, 255, 255], [round(c * 128 / 255 + over) for c in (200, 100, 0)]]
    assert decode(encode(Image.fromarray(rgba), "PNG"))[0].tolist() == expected
    assert decode(encode(Image.fromarray(rgba), "WEBP", lossless=True, exact=True))[0].tolist() == expected


def test_opaque_alpha_changes_nothing() -> None:
    rgba = np.dstack([upright(), np.full((H, W), 255, np.uint8)])
    np.testing.assert_array_equal(decode(encode(Image.fromarray(rgba), "PNG")), upright())


def test_a_transparent_palette_entry_and_a_transparent_grey() -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    data = encode(image, "PNG", transparency=1)
    assert decode(data)[0].tolist() == [[10, 20, 30], [255, 255, 255]]
    grey = encode(Image.fromarray(np.array([[0, 90]], np.uint8)), "PNG", transparency=0)
    assert decode(grey)[0].tolist() == [[255] * 3, [90] * 3]


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_tiff_compressions(compression: str | None) -> None:
    rgb = decode(encode(Image.fromarray(upright()), "TIFF", compression=compression))
    assert np.abs(rgb.astype(int) - upright()).max() <= (40 if compression == "jpeg" else 0)


def test_tiff_of_one_bit_and_of_a_palette() -> None:
    bits = np.eye(9, 13, dtype=bool)
    expected = np.repeat(bits[:, :, None].astype(np.uint8) * 255, 3, axis=2)
    for compression in (None, "group4"):
        np.testing.assert_array_equal(
            decode(encode(Image.fromarray(bits), "TIFF", compression=compression)), expected
        )
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    assert decode(encode(image, "TIFF"))[0].tolist() == [[10, 20, 30], [40, 50, 60]]


def test_the_first_page_of_a_tiff() -> None:
    first, second = Image.fromarray(upright()), Image.new("RGB", (5, 5))
    data = encode(first, "TIFF", save_all=True, append_images=[second])
    np.testing.assert_array_equal(decode(data), upright())


def tiff_bytes(order: str, width: int, strips: list[bytes], tags: dict[int, tuple[str, list[int]]]) -> bytes:
    """An uncompressed TIFF of one row made by hand; each strip holds the row, or one plane of it."""
    data, starts = b"", []
    for strip in strips:
        starts.append(8 + len(data))
        data += strip + bytes(len(strip) % 2)
    sizes = [len(strip) for strip in strips]
    tags = {256: ("H", [width]), 257: ("H", [1]), 259: ("H", [1]), 278: ("H", [1])} | tags
    tags |= {273: ("I", starts), 279: ("I", sizes)}
    directory, tail = struct.pack(order + "H", len(tags)), b""
    after = 8 + len(data) + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        body = struct.pack(f"{order}{len(values)}{kind}", *values)
        if len(body) > 4:
            body, tail = struct.pack(order + "I", after + len(tail)), tail + body
        directory += struct.pack(order + "HHI", tag, {"H": 3, "I": 4}[kind], len(values)) + body.ljust(
            4, b"\0"
        )
    start = struct.pack(order + "I", 8 + len(data))
    return {"<": b"II*\0", ">": b"MM\0*"}[order] + start + data + directory + bytes(4) + tail


def tiff_tags(
    bits: int, channels: int, photometric: int, planar: int = 1
) -> dict[int, tuple[str, list[int]]]:
    return {
        258: ("H", [bits] * channels),
        262: ("H", [photometric]),
        277: ("H", [channels]),
        284: ("H", [planar]),
    }


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_16_bits_in_both_byte_orders(order: str) -> None:
    words = [0x1122, 0x3344, 0x5566, 0x7788, 0x99AA, 0xBBCC]
    row = struct.pack(order + "6H", *words)
    colour = tiff_bytes(order, 2, [row], tiff_tags(16, 3, 2))
    assert decode(colour)[0].tolist() == [[0x11, 0x33, 0x55], [0x77, 0x99, 0xBB]]
    grey = tiff_bytes(order, 6, [row], tiff_tags(16, 1, 1))
    assert decode(grey)[0, :, 0].tolist() == [word >> 8 for word in words]


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_whose_planes_lie_one_after_another(order: str) -> None:
    eight = tiff_bytes(order, 2, [b"\x01\x02", b"\x03\x04", b"\x05\x06"], tiff_tags(8, 3, 2, planar=2))
    assert decode(eight)[0].tolist() == [[1, 3, 5], [2, 4, 6]]
    sixteen = tiff_bytes(order, 2, [bytes(4)] * 3, tiff_tags(16, 3, 2, planar=2))
    with pytest.raises(PhotoUnsupportedError, match="one after another"):
        decode(sixteen)


def test_tiff_in_which_white_is_zero() -> None:
    assert decode(tiff_bytes("<", 3, [bytes([0, 100, 255])], tiff_tags(8, 1, 0)))[0, :, 0].tolist() == [
        255,
        155,
        0,
    ]
    words = struct.pack("<3H", 0, 0x8000, 0xFFFF)
    assert decode(tiff_bytes("<", 3, [words], tiff_tags(16, 1, 0)))[0, :, 0].tolist() == [255, 127, 0]
    with pytest.raises(PhotoUnsupportedError, match="TIFF of a layout"):
        decode(tiff_bytes(">", 3, [words], tiff_tags(16, 1, 0)))


def test_a_transparent_16_bit_grey_keeps_its_values() -> None:
    body = b"tRNS" + struct.pack(">H", 0x1234)
    chunk = struct.pack(">I", 2) + body + struct.pack(">I", zlib.crc32(body))
    data = png_bytes(16, 0, [struct.pack(">2H", 0x1234, 0x5678)], 2, chunk)
    assert decode(data)[0].tolist() == [[0x12] * 3, [0x56] * 3]


def test_the_first_picture_of_a_camera_file_with_several() -> None:
    second = Image.new("RGB", (8, 8))
    data = encode(Image.fromarray(upright()), "MPO", save_all=True, append_images=[second], quality=98)
    assert np.abs(decode(data).astype(int) - upright()).max() <= 12


def test_float_tiff_is_refused_by_name() -> None:
    data = encode(Image.fromarray(np.zeros((3, 3), np.float32)), "TIFF")
    with pytest.raises(PhotoUnsupportedError, match=r"scan\.tif .*layout F"):
        decode_photo(data, Path("scan.tif"))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_the_suffix_says_nothing(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.bmp"
    path.write_bytes(encode(Image.fromarray(upright()), kind, quality=98))
    assert read_photo(path).shape == photo_size(path) == (H, W)


def test_a_colour_profile_is_not_applied() -> None:
    data = encode(Image.fromarray(upright()), "PNG", icc_profile=b"no profile at all, only bytes" * 10)
    np.testing.assert_array_equal(decode(data), upright())


def test_suffixes_are_in_lower_case() -> None:
    assert {".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"} <= PHOTO_SUFFIXES
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in PHOTO_SUFFIXES)

"""Small files that ask for much time or memory, and large ones that must not take a second copy of themselves."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.storage import bmp_builder as build
from tongue_viewer.core.errors import MaskError, PhotoDamagedError, PhotoTooLargeError
from tongue_viewer.storage.jpeg_scans import count_scans
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import decode_photo

NAME = Path("photo.bmp")


def save(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "code", [b"\xff\x07", b"\0\2\0\0", b"\0\2\0\0\1\7"], ids=["beyond its row", "standing", "both"]
)
def test_run_length_code_that_gets_nowhere_is_given_up(code: bytes) -> None:
    header = build.info_header(2000, 2000, 8, compression=1)
    data = build.bmp_file(header, code * 12_000_000, build.palette_bytes(build.colours(256)))
    start = time.process_time()
    with pytest.raises(PhotoTooLargeError, match="million parts"):
        decode_photo(data, NAME)
    assert time.process_time() - start < 5


def test_scans_are_counted_without_those_of_a_picture_inside() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    inside = save(picture.resize((16, 16)), "JPEG", progressive=True)
    plain = save(picture, "JPEG", exif=b"Exif\0\0" + inside) + inside
    assert count_scans(plain, 99) == 1
    assert count_scans(save(picture, "JPEG", progressive=True), 99) == 10


def test_a_jpeg_of_a_thousand_scans_is_refused_before_they_are_decoded() -> None:
    data = save(Image.new("RGB", (3000, 3000), (200, 100, 50)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    start = time.process_time()
    with pytest.raises(PhotoDamagedError, match="more than 333 times"):
        decode_photo(data[:last] + data[last:-2] * 1000 + data[-2:], NAME)
    assert time.process_time() - start < 1
    assert decode_photo(data, NAME).shape == (3000, 3000, 3)


def test_pictures_that_a_decoder_holds_several_times_have_a_lower_limit() -> None:
    jpeg = save(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
    at = jpeg.index(b"\xff\xc2")
    promising = jpeg[: at + 5] + struct.pack(">HH", 11_000, 11_000) + jpeg[at + 9 :] + bytes(200_000)
    with pytest.raises(PhotoTooLargeError, match="JPEG progressive is 100"):
        decode_photo(promising, NAME)
    webp = bytearray(save(Image.new("RGB", (64, 64)), "WEBP"))
    at = webp.index(b"\x9d\x01\x2a") + 3
    struct.pack_into("<HH", webp, at, 12_000, 12_000)
    with pytest.raises(PhotoTooLargeError, match="WEBP is 64"):
        decode_photo(bytes(webp), NAME)


def test_transparency_goes_on_white_in_every_band() -> None:
    rgba = np.random.default_rng(3).integers(0, 256, (1300, 900, 4), np.uint8)
    found = decode_photo(save(Image.fromarray(rgba), "PNG"), NAME)
    alpha = rgba[:, :, 3:] / 255.0
    wanted = np.rint(rgba[:, :, :3] * alpha + 255 * (1 - alpha))
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "CMYK", "I;16", "RGB"])
def test_bands_of_every_layout_are_the_whole_picture(mode: str) -> None:
    grey = np.random.default_rng(4).integers(0, 256, (1300, 900), np.uint8)
    deep = grey.astype(np.uint16) * 256
    picture = Image.fromarray(deep) if mode == "I;16" else Image.fromarray(grey).convert(mode)
    found = decode_photo(save(picture, "TIFF" if mode == "CMYK" else "PNG"), NAME)
    assert np.array_equal(found, np.repeat(grey[:, :, None], 3, axis=2))


def test_the_values_of_a_mask_are_found_in_every_band(tmp_path: Path) -> None:
    values = np.zeros((1300, 900), np.int32)
    values[-1, -1] = -5
    path = tmp_path / "a.tif"
    Image.fromarray(values).save(path)
    with pytest.raises(MaskError, match="2 values"):
        read_mask(path)
    Image.fromarray(np.arange(1300 * 900, dtype=np.int32).reshape(1300, 900)).save(path)
    with pytest.raises(MaskError, match="at least 1000 values"):
        read_mask(path)


def test_a_mask_of_another_size_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    data = save(Image.new("L", (50, 40)), "PNG")
    path.write_bytes(data[:60])  # its pixels are gone
    with pytest.raises(MaskError, match="50×40"):
        read_mask(path, (41, 50))


def test_a_mask_in_print_colours_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(save(Image.new("CMYK", (64, 48)), "TIFF"))
    with pytest.raises(MaskError, match=r"a\.tif is in the colours of print"):
        read_mask(path)


def test_a_tiff_of_four_inks_has_a_lower_limit() -> None:
    data = bytearray(save(Image.new("CMYK", (64, 48)), "TIFF"))
    start = int.from_bytes(data[4:8], "little")
    for entry in range(start + 2, start + 2 + 12 * int.from_bytes(data[start : start + 2], "little"), 12):
        if int.from_bytes(data[entry : entry + 2], "little") in (256, 257):
            struct.pack_into("<HII", data, entry + 2, 4, 1, 13_000)
    with pytest.raises(PhotoTooLargeError, match="TIFF CMYK is 150"):
        decode_photo(bytes(data), NAME)

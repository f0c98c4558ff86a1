from __future__ import annotations

import io
import os
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.storage import bmp_builder as build
from tongue_viewer.core.errors import (
    PhotoDamagedError,
    PhotoError,
    PhotoTooLargeError,
    PhotoUnreadableError,
    PhotoUnsupportedError,
)
from tongue_viewer.storage.photos import MAX_PIXELS, decode_photo, photo_size, read_photo, read_reduced

NAME = Path("photo.bmp")


def encode(kind: str, mode: str = "RGB", **options: object) -> bytes:
    pixels = np.random.default_rng(5).integers(0, 256, (12, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def rle(bits: int) -> bytes:
    header = build.info_header(8, 4, bits, compression=1 if bits == 8 else 2)
    code = bytes([8, 3, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 0, 2, 2, 1, 4, 4, 0, 1])
    return build.bmp_file(header, code, build.palette_bytes(build.colours(1 << bits)))


SOUND = {
    "bmp24": build.simple_bmp(),
    "bmp rle8": rle(8),
    "bmp rle4": rle(4),
    "bmp565": build.bmp_file(
        build.info_header(6, 5, 16, compression=3, tail=struct.pack("<III", 0xF800, 0x7E0, 0x1F)),
        bytes(range(60)),
    ),
    "bmp1": build.bmp_file(
        build.info_header(9, 4, 1), bytes(range(16)), build.palette_bytes(build.colours(2))
    ),
    "bmp os2": build.bmp_file(
        build.core_header(9, 4, 4), bytes(range(32)), build.palette_bytes(build.colours(16), 3)
    ),
    "jpeg": encode("JPEG"),
    "progressive": encode("JPEG", progressive=True),
    "png": encode("PNG"),
    "png palette": encode("PNG", "P"),
    "tiff": encode("TIFF"),
    "tiff lzw": encode("TIFF", compression="tiff_lzw"),
    "webp": encode("WEBP"),
}


@pytest.mark.parametrize("name", SOUND)
def test_the_sound_files_are_sound(name: str) -> None:
    assert decode_photo(SOUND[name], NAME).ndim == 3


@pytest.mark.parametrize("name", ["bmp24", "bmp565", "bmp1", "bmp os2", "jpeg", "png", "tiff", "webp"])
def test_half_a_file_is_damaged(name: str) -> None:
    data = SOUND[name]
    with pytest.raises(PhotoDamagedError, match=r"photo\.bmp .*not changed.*Copy it again"):
        decode_photo(data[: len(data) * 2 // 3], NAME)


@settings(max_examples=400, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(SOUND)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    keep=st.floats(0, 1),
    cut=st.booleans(),
)
def test_any_bytes_give_pixels_or_a_photo_error(
    name: str, flips: list[tuple[float, int]], keep: float, *, cut: bool
) -> None:
    data = bytearray(SOUND[name])
    for where, value in flips:
        # Half of the flips go to the first 70 bytes, where the headers are.
        span = len(data) if where < 0.5 else min(70, len(data))
        data[int(where * 2 % 1 * span)] = value
    if cut:
        del data[int(keep * len(data)) :]
    try:
        rgb = decode_photo(bytes(data), NAME)
    except PhotoError as error:
        assert str(error).startswith("The photo photo.bmp cannot be used: ")  # noqa: PT017 - or pixels
    else:
        assert rgb.ndim == 3
        assert rgb.shape[2] == 3
        assert not rgb.flags.writeable


@settings(max_examples=150, deadline=5000)
@given(
    data=st.binary(max_size=200),
    start=st.sampled_from([b"", b"BM", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0"]),
)
def test_noise_is_refused(data: bytes, start: bytes) -> None:
    with pytest.raises(PhotoError):
        decode_photo(start + data, NAME)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", PhotoDamagedError, "empty"),
        (bytes(5000), PhotoDamagedError, "zeros only"),
        (b"Patient 7: see the other file\n" * 9, PhotoUnsupportedError, "not those of a BMP"),
        (b"BMI of the patients, a table", PhotoUnsupportedError, "no BMP header"),
        (b"GIF89a" + bytes(99), PhotoUnsupportedError, "GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(99), PhotoUnsupportedError, "HEIC"),
        (bytes(128) + b"DICM" + bytes(99), PhotoUnsupportedError, "DICOM"),
        (build.simple_bmp()[:13], PhotoDamagedError, "13 bytes"),
        (build.simple_bmp()[:40], PhotoDamagedError, "inside its header"),
        (build.bmp_file(build.info_header(-5, 5, 24), bytes(99)), PhotoDamagedError, "-5×5"),
        (build.bmp_file(build.info_header(5, 0, 24), bytes(99)), PhotoDamagedError, "5×0"),
        (
            build.bmp_file(build.info_header(5, 5, 24), bytes(80), offset=20),
            PhotoDamagedError,
            "inside its header",
        ),
        (build.bmp_file(build.info_header(5, 5, 24), bytes(80), offset=10**9), PhotoDamagedError, "missing"),
        (build.bmp_file(build.info_header(5, -(2**31), 24), b""), PhotoTooLargeError, "megapixels"),
        (build.bmp_file(build.info_header(20_001, 10_000, 1), b""), PhotoTooLargeError, "limit is 200"),
        (
            build.bmp_file(build.info_header(14_000, 14_000, 8, compression=1), b"\0\1"),
            PhotoDamagedError,
            "can hold",
        ),
    ],
)
def test_what_is_wrong_is_said(data: bytes, kind: type[PhotoError], words: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(kind, match=words) as raised:
            decode_photo(data, NAME)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert type(raised.value) is kind
    assert "photo.bmp" in str(raised.value)
    assert "not changed" in str(raised.value)
    assert peak < 2_000_000


def test_a_jpeg_or_png_of_great_promises_takes_no_memory() -> None:
    jpeg = SOUND["jpeg"]
    at = jpeg.index(b"\xff\xc0")
    promising = jpeg[: at + 5] + struct.pack(">HH", 14_000, 14_000) + jpeg[at + 9 :]
    with pytest.raises(PhotoDamagedError, match="can hold"):
        decode_photo(promising, NAME)
    too_large = jpeg[: at + 5] + struct.pack(">HH", 60_000, 60_000) + jpeg[at + 9 :]
    with pytest.raises(PhotoTooLargeError, match="3600 megapixels"):
        decode_photo(too_large, NAME)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_no_such_photo_a_folder_a_pipe_and_an_impossible_name(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.bmp"
    os.mkfifo(pipe)
    inside_a_file = tmp_path / "file.bmp" / "a.bmp"
    (tmp_path / "file.bmp").write_bytes(b"x")
    for path, words in [
        (tmp_path / "gone.bmp", "No such file"),
        (tmp_path, "is a folder"),
        (pipe, "regular file"),
        (inside_a_file, "Not a directory"),
        (Path("a\0b.bmp"), "null"),
    ]:
        for reader in (read_photo, photo_size, lambda place: read_reduced(place, 96)):
            with pytest.raises(PhotoUnreadableError, match=words):
                reader(path)


def test_a_name_without_end_is_not_shown_to_its_end() -> None:
    with pytest.raises(PhotoUnreadableError) as raised:
        read_photo(Path("x" * 100_000))
    assert len(str(raised.value)) < 400


def test_a_file_of_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.bmp"
    with path.open("wb") as file:
        file.truncate(3 * 2**30)  # sparse: takes no room
    with pytest.raises(PhotoTooLargeError, match=r"film\.bmp"):
        read_photo(path)


def test_100_megapixels_decode_without_a_warning(tmp_path: Path) -> None:
    width, height = 12_500, 8_000
    row = build.pack_bits([x % 3 == 0 for x in range(width)], 1)
    path = tmp_path / "large.bmp"
    path.write_bytes(
        build.bmp_file(
            build.info_header(width, height, 1), row * height, build.palette_bytes([(9, 8, 7), (250, 1, 2)])
        )
    )
    start = time.perf_counter()
    photo = read_photo(path)
    assert time.perf_counter() - start < 5
    assert photo.shape == photo_size(path) == (height, width)
    assert height * width <= MAX_PIXELS
    assert photo.rgb[-1, :4].tolist() == [[250, 1, 2], [9, 8, 7], [9, 8, 7], [250, 1, 2]]


def test_100_megapixels_through_pillow_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (12_500, 8_000), 1).save(path)
    assert photo_size(path) == (8_000, 12_500)
    assert decode_photo(path.read_bytes(), path).shape == (8_000, 12_500, 3)


def test_a_clinic_photo_opens_fast(tmp_path: Path) -> None:
    path = tmp_path / "clinic.bmp"
    path.write_bytes(build.simple_bmp(576, 768))
    times = []
    for _ in range(7):
        start = time.perf_counter()
        read_photo(path)
        times.append(time.perf_counter() - start)
    # The bar is 20 ms for the whole opening; reading takes 1 to 3 ms. The best of seven: cores may be busy.
    assert min(times) < 0.01

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.unit.storage import bmp_builder as build
from tongue_viewer.core.errors import PhotoDamagedError, PhotoError, PhotoUnreadableError
from tongue_viewer.storage.photos import read_photo, read_reduced
from tongue_viewer.storage.thumbnails import ThumbnailCache, load_thumbnail, make_thumbnail


def smooth(height: int, width: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack(
        [rows * 255 // height, columns * 255 // width, (rows + columns) * 255 // (height + width)], axis=2
    ).astype(np.uint8)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((600, 800), (72, 96)),
        ((800, 600), (96, 72)),
        ((96, 96), (96, 96)),
        ((10, 20), (10, 20)),
        ((1, 5000), (1, 96)),
    ],
)
def test_shapes(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    thumbnail = make_thumbnail(smooth(*shape))
    assert thumbnail.shape == (*expected, 3)
    assert thumbnail.dtype == np.uint8


@pytest.mark.parametrize("suffix", ["bmp", "jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("shape", [(700, 1000), (1000, 700), (150, 120), (40, 30)])
def test_a_thumbnail_is_the_photo_in_small(tmp_path: Path, suffix: str, shape: tuple[int, int]) -> None:
    path = tmp_path / f"照片.{suffix}"
    Image.fromarray(smooth(*shape)).save(path, quality=97)
    expected = make_thumbnail(read_photo(path).rgb)
    for _ in range(2):
        thumbnail = load_thumbnail(path)
        assert thumbnail.shape == expected.shape
        assert np.abs(thumbnail.astype(int) - expected).max() <= 9


def sampled_cases() -> dict[str, bytes]:
    height, width = 61, 87
    cases = {}
    for bits in (1, 4, 8):
        rows = [build.pack_bits(row, bits) for row in build.indices(height, width, 1 << bits)]
        palette = build.palette_bytes(build.colours(1 << bits))
        cases[f"{bits}"] = build.bmp_file(build.info_header(width, height, bits), build.stored(rows), palette)
    pixels = build.picture(height, width)
    for bits in (24, 32):
        rows = [build.pack_colours(row, bits // 8, build.join_888) for row in pixels]
        cases[f"{bits}"] = build.bmp_file(build.info_header(width, height, bits), build.stored(rows))
        header = build.info_header(width, -height, bits)
        cases[f"{bits} top-down"] = build.bmp_file(header, build.stored(rows, top_down=True))
    rows = [
        build.pack_colours(row, 2, lambda r, g, b: (r >> 3) << 10 | (g >> 3) << 5 | b >> 3) for row in pixels
    ]
    cases["16"] = build.bmp_file(build.info_header(width, height, 16), build.stored(rows))
    return cases


@pytest.mark.parametrize(("name", "data"), sampled_cases().items())
def test_a_sampled_bmp_has_the_photos_own_pixels(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(data)
    full = read_photo(path).rgb
    np.testing.assert_array_equal(read_reduced(path, 29), full[1::3, 1::3])
    np.testing.assert_array_equal(read_reduced(path, 20), full[2::4, 2::4])
    np.testing.assert_array_equal(read_reduced(path, 87), full)


def test_a_sampled_bmp_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(build.simple_bmp(50, 60)[:-60])
    with pytest.raises(PhotoDamagedError, match=r"a\.bmp"):
        read_reduced(path, 10)


def test_orientation_of_a_reduced_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(smooth(800, 1200)).save(path, exif=exif)
    assert load_thumbnail(path).shape == (96, 64, 3)
    assert max(read_reduced(path, 200).shape) < 1200


def test_the_cache_follows_the_file(tmp_path: Path, user_home: Path) -> None:
    path = tmp_path / "a.png"
    for value in (10, 200):
        Image.new("RGB", (300, 200), (value, 0, 0)).save(path)
        os.utime(path, ns=(value * 10**9, value * 10**9))
        for _ in range(2):
            assert load_thumbnail(path)[0, 0].tolist() == [value, 0, 0]
    kept = list((user_home / "cache" / "thumbnails").rglob("*.png"))
    assert len(kept) == 2


def test_a_bmp_needs_no_cache(tmp_path: Path, user_home: Path) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(build.simple_bmp(50, 60))
    load_thumbnail(path, 20)
    assert not list(user_home.iterdir())


@pytest.mark.parametrize("damage", [b"", b"no picture", bytes(100)])
def test_a_damaged_cache_is_made_again(tmp_path: Path, user_home: Path, damage: bytes) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(smooth(200, 300)).save(path)
    first = load_thumbnail(path)
    (kept,) = user_home.rglob("*.png")
    kept.write_bytes(damage)
    np.testing.assert_array_equal(load_thumbnail(path), first)
    assert kept.read_bytes() != damage


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "a.png"
    Image.fromarray(smooth(200, 300)).save(path)
    thumbnail = load_thumbnail(path, cache=ThumbnailCache(tmp_path / "file" / "cache"))
    assert thumbnail.shape == (64, 96, 3)


def test_the_cache_drops_the_oldest_above_its_limit(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "cache", limit_bytes=1)
    for number in range(6):
        cache.put(f"{number + 1}0", np.full((8, 8, 3), number, np.uint8))
    files = sorted((tmp_path / "cache").rglob("*.png"))
    total = sum(file.stat().st_size for file in files)
    for number, file in enumerate(files):
        os.utime(file, (number, number))
    ThumbnailCache(tmp_path / "cache", limit_bytes=total).prune()
    assert len(list((tmp_path / "cache").rglob("*.png"))) == 6
    ThumbnailCache(tmp_path / "cache", limit_bytes=total - 1).prune()
    assert sorted((tmp_path / "cache").rglob("*.png")) == files[2:]
    # A key that begins with 00 looks after the limit by itself.
    cache.put("00", np.zeros((8, 8, 3), np.uint8))
    assert not list((tmp_path / "cache").rglob("*.png"))


def test_photos_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("text")
    (tmp_path / "a.bmp").write_text("text")
    for name in ("a.png", "a.bmp"):
        with pytest.raises(PhotoError, match="cannot be used"):
            load_thumbnail(tmp_path / name)
    for name in ("gone.png", "gone.bmp"):
        with pytest.raises(PhotoUnreadableError, match="gone"):
            load_thumbnail(tmp_path / name)


@pytest.mark.parametrize("kind", ["BMP", "PNG", "TIFF", "promise"])
def test_what_the_cache_did_not_write_is_not_decoded(tmp_path: Path, kind: str) -> None:
    photo, cache = tmp_path / "a.png", ThumbnailCache(tmp_path / "cache")
    Image.fromarray(smooth(300, 400)).save(photo)
    wanted = load_thumbnail(photo, cache=cache)
    (kept,) = (tmp_path / "cache").rglob("*.png")
    if kind == "promise":  # OpenCV raises an error of its own for so large a header
        data = bytearray(kept.read_bytes())
        data[16:24] = (2**30).to_bytes(4, "big") * 2
        kept.write_bytes(data)
    else:
        Image.fromarray(smooth(500, 500)).save(kept, kind)
    assert np.array_equal(load_thumbnail(photo, cache=cache), wanted)

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from tests.unit.storage import bmp_builder as build
from tongue_viewer.core.classes import usual_colour
from tongue_viewer.core.errors import MaskError, WriteError
from tongue_viewer.core.exports import MASK_VALUES, MaskValues
from tongue_viewer.storage.masks import MASK_SUFFIXES, encode_mask, read_mask, write_mask

MASK = (np.add.outer(np.arange(11), 2 * np.arange(13)) % 3 == 0).astype(np.uint8)


@pytest.mark.parametrize("values", MASK_VALUES)
@pytest.mark.parametrize("suffix", [*sorted(MASK_SUFFIXES), ".BMP"])
@pytest.mark.parametrize("mask", [MASK, np.zeros_like(MASK), np.ones_like(MASK), np.ones((1, 1), np.uint8)])
def test_written_masks_read_back(
    tmp_path: Path, suffix: str, values: MaskValues, mask: NDArray[np.uint8]
) -> None:
    path = tmp_path / f"掩码 1{suffix}"
    write_mask(path, mask, values=values)
    back = read_mask(path, mask.shape)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, mask)
    with Image.open(path) as image:
        stored = np.asarray(image)
    np.testing.assert_array_equal(stored, mask * (255 if values == "0/255" else 1))
    assert [child.name for child in tmp_path.iterdir()] == [path.name]


@settings(max_examples=60, deadline=None)
@given(
    mask=arrays.arrays(
        np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 1)
    ),
    suffix=st.sampled_from(sorted(MASK_SUFFIXES)),
    values=st.sampled_from(MASK_VALUES),
)
def test_any_mask_survives_any_lossless_format(
    tmp_path_factory: pytest.TempPathFactory, mask: NDArray[np.uint8], suffix: str, values: MaskValues
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(encode_mask(mask, suffix, values=values))
    np.testing.assert_array_equal(read_mask(path), mask)


def save(path: Path, pixels: NDArray[np.generic], mode: str | None = None, **options: Any) -> Path:
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def test_every_way_of_writing_two_values_is_read(tmp_path: Path) -> None:
    bits, grey = MASK.astype(bool), MASK * np.uint8(255)
    opaque = np.full_like(MASK, 255)
    rows = [build.pack_bits(row, 1) for row in MASK.tolist()]
    header = build.info_header(13, 11, 1)
    coloured = build.bmp_file(header, build.stored(rows), build.palette_bytes([(0, 0, 0), (128, 0, 0)]))
    (tmp_path / "coloured.bmp").write_bytes(coloured)
    palette = Image.fromarray(MASK, "P")
    palette.putpalette([0, 0, 0, 128, 0, 0])
    palette.save(tmp_path / "palette.png")
    palette.save(tmp_path / "palette.tif")
    inverted = Image.fromarray(1 - MASK, "P")
    inverted.putpalette([255, 255, 255, 0, 0, 0])
    inverted.save(tmp_path / "inverted.png")
    paths = [
        tmp_path / "coloured.bmp",
        tmp_path / "palette.png",
        tmp_path / "palette.tif",
        tmp_path / "inverted.png",
        save(tmp_path / "bits.png", bits),
        save(tmp_path / "bits.bmp", bits),
        save(tmp_path / "bits.tif", bits, compression="group4"),
        save(tmp_path / "bytes.png", MASK),
        save(tmp_path / "bytes.bmp", grey),
        save(tmp_path / "rgb.png", np.dstack([grey] * 3)),
        save(tmp_path / "rgb.bmp", np.dstack([grey] * 3)),
        save(tmp_path / "rgba.png", np.dstack([grey, grey, grey, opaque])),
        save(tmp_path / "grey alpha.png", np.dstack([grey, opaque])),
        save(tmp_path / "deep1.png", MASK.astype(np.uint16)),
        save(tmp_path / "deep255.tif", MASK.astype(np.uint16) * np.uint16(255)),
        save(tmp_path / "deep65535.png", MASK.astype(np.uint16) * np.uint16(65535)),
        save(tmp_path / "grey.webp", np.dstack([grey] * 3), lossless=True),
    ]
    for path in paths:
        np.testing.assert_array_equal(read_mask(path, (11, 13)), MASK, err_msg=path.name)


def test_an_inverted_palette_is_read_by_what_is_seen(tmp_path: Path) -> None:
    rows = [build.pack_bits(row, 1) for row in (1 - MASK).tolist()]
    palette = build.palette_bytes([(255, 255, 255), (0, 0, 0)])
    path = tmp_path / "inverted.bmp"
    path.write_bytes(build.bmp_file(build.info_header(13, 11, 1), build.stored(rows), palette))
    np.testing.assert_array_equal(read_mask(path), MASK)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0, 1, 2], "0, 1, 2"),
        ([0, 7], "0, 7"),
        ([0, 1, 255], "0, 1, 255"),
        (list(range(40)), "40 values .*5 … 39"),
    ],
)
def test_other_values_are_named(tmp_path: Path, values: list[int], words: str) -> None:
    path = save(tmp_path / "m.png", np.array([values], np.uint8))
    with pytest.raises(MaskError, match=rf"m\.png .*{words}.*Nothing was changed.*Export"):
        read_mask(path)


def test_a_jpeg_of_a_mask_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MaskError, match="grey fringes"):
        read_mask(save(tmp_path / "m.jpg", MASK * np.uint8(255)))


def test_a_photo_a_transparent_picture_and_no_picture_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.bmp").write_bytes(build.simple_bmp())
    save(tmp_path / "cutout.png", np.dstack([MASK * np.uint8(255)] * 4))
    (tmp_path / "text.png").write_text("no mask")
    for name, words in [
        ("photo.bmp", "colour picture"),
        ("cutout.png", "transparent"),
        ("text.png", "mask text.png cannot be used"),
        ("gone.png", "No such file"),
    ]:
        with pytest.raises(MaskError, match=words):
            read_mask(tmp_path / name)


def test_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    write_mask(tmp_path / "m.png", MASK)
    with pytest.raises(MaskError, match="13×11 pixels, its photo has 11×13"):
        read_mask(tmp_path / "m.png", (13, 11))


@pytest.mark.parametrize("name", ["m.jpg", "m.webp", "m.gif", "m"])
def test_lossy_and_unknown_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MaskError, match=r"Choose \.png, \.bmp or \.tif"):
        write_mask(tmp_path / name, MASK)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "array",
    [MASK * np.uint8(255), MASK.astype(np.int64), np.zeros((3, 3, 1), np.uint8), np.zeros((0, 3), np.uint8)],
)
def test_what_is_no_mask_is_not_written(tmp_path: Path, array: NDArray[np.uint8]) -> None:
    with pytest.raises(MaskError):
        write_mask(tmp_path / "m.png", array)
    assert not list(tmp_path.iterdir())


def test_a_mask_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"m\.png could not be written .*folder does not exist"):
        write_mask(tmp_path / "gone" / "m.png", MASK)


def test_bool_masks_are_taken() -> None:
    with Image.open(io.BytesIO(encode_mask(MASK.astype(bool), ".png"))) as image:
        np.testing.assert_array_equal(np.asarray(image), MASK * np.uint8(255))


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_several_classes_keep_their_numbers_in_a_coloured_palette(tmp_path: Path, suffix: str) -> None:
    mask = np.random.default_rng(0).integers(0, 4, (9, 13), dtype=np.uint8)
    path = tmp_path / f"several{suffix}"
    write_mask(path, mask)
    picture = Image.open(path)
    assert picture.mode == "P"
    assert np.array_equal(np.asarray(picture), mask)
    assert np.asarray(picture.convert("RGB"))[mask == 2][0].tolist() == list(usual_colour(2))
    with pytest.raises(MaskError, match="4 values"):
        read_mask(path)  # one class is asked for
    with pytest.raises(MaskError, match="0 to 9"):
        encode_mask(np.full((3, 3), 10, np.uint8), suffix)

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.storage import bmp_builder as build
from tongue_viewer.core.errors import MaskError, WriteError
from tongue_viewer.core.exports import EXPORT_FORMATS, ExportPlan
from tongue_viewer.core.photo import MaskArray, Photo
from tongue_viewer.core.render import cutout, overlay
from tongue_viewer.storage.exports import (
    export_case,
    export_mask,
    mark_exports,
    output_names,
    plan_names,
    real_paths,
    write_table,
)
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

H, W = 12, 16
ALL = ExportPlan(formats=EXPORT_FORMATS)


@pytest.fixture
def mask() -> MaskArray:
    mask = np.zeros((H, W), np.uint8)
    mask[3:9, 4:12] = 1
    return mask


def photo(folder: Path, name: str = "041.bmp") -> Photo:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_bytes(build.simple_bmp(H, W))
    return read_photo(path)


def test_all_files_of_one_photo(tmp_path: Path, mask: MaskArray) -> None:
    source = photo(tmp_path / "照片")
    before = source.path.read_bytes()
    out = tmp_path / "输出" / "deep"
    probability = np.linspace(0, 1, H * W, dtype=np.float32).reshape(1, H, W)
    written = export_case(out, source, mask, ALL, probability=probability)
    names = ["041.bmp", "041_overlay.png", "041_cutout.png", "041_probability.png"]
    assert written == tuple(out / name for name in names)
    assert sorted(child.name for child in out.iterdir()) == sorted(names)
    np.testing.assert_array_equal(read_mask(written[0], (H, W)), mask)
    for path, expected in [
        (written[1], overlay(source.rgb, mask)),
        (written[2], cutout(source.rgb, mask)),
        (written[3], np.rint(probability[0] * 255).astype(np.uint8)),
    ]:
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.asarray(image), expected)
    assert source.path.read_bytes() == before


@pytest.mark.parametrize(
    ("suffix", "image_format", "expected"),
    [
        (".bmp", "same", "a.bmp"),
        (".BMP", "same", "a.BMP"),
        (".dib", "same", "a.png"),
        (".png", "same", "a.png"),
        (".tif", "same", "a.tif"),
        (".tiff", "same", "a.tiff"),
        (".jpg", "same", "a.png"),
        (".webp", "same", "a.png"),
        (".bmp", "png", "a.png"),
        (".jpg", "bmp", "a.bmp"),
        (".jpg", "tiff", "a.tif"),
    ],
)
def test_the_masks_format(suffix: str, image_format: str, expected: str) -> None:
    plan = ExportPlan(image_format=image_format)  # type: ignore[arg-type]
    assert output_names("a", suffix, plan) == {"mask": expected}


def names_of(paths: list[str], plan: ExportPlan, root: str = "/photos") -> dict[str, str]:
    photos = [Path(root) / path for path in paths]
    names = plan_names(photos, plan, Path(root))
    return {path: names[photo] for path, photo in zip(paths, photos, strict=True)}


def test_names_of_photos_that_share_a_stem() -> None:
    names = names_of(["a.bmp", "a.jpg", "A.png", "b.jpg"], ALL)
    assert names == {"a.bmp": "a.bmp", "a.jpg": "a.jpg", "A.png": "A.png", "b.jpg": "b"}
    assert output_names("a.jpg", ".jpg", ExportPlan()) == {"mask": "a.jpg.png"}
    assert output_names("a.bmp", ".bmp", ExportPlan()) == {"mask": "a.bmp"}
    assert output_names("a.bmp", ".bmp", ALL)["overlay"] == "a.bmp_overlay.png"


def test_names_keep_subfolders_apart() -> None:
    names = names_of(["1.bmp", "p1/1.bmp", "p2/1.bmp", "p2/deep/1.jpg"], ALL)
    assert names == {"1.bmp": "1", "p1/1.bmp": "p1/1", "p2/1.bmp": "p2/1", "p2/deep/1.jpg": "p2/deep/1"}


@pytest.mark.parametrize(
    "photos",
    [
        ["x.bmp", "x_overlay.png", "x_cutout.jpg"],
        ["x_overlay.png", "x.bmp"],
        ["a.bmp", "a.jpg", "a.jpg.png", "a.jpg.bmp", "a.jpg.jpg"],
        ["a.png", "A.PNG", "a.Png"],
        ["a.tif", "a.tiff", "a.webp"],
        ["p/a.bmp", "P/A.bmp", "p_overlay.png"],
    ],
)
@pytest.mark.parametrize("image_format", ["same", "png", "bmp", "tiff"])
def test_no_two_photos_write_one_file(photos: list[str], image_format: str) -> None:
    plan = ExportPlan(formats=EXPORT_FORMATS, image_format=image_format)  # type: ignore[arg-type]
    names = names_of(photos, plan)
    files = [
        file.casefold()
        for path in photos
        for file in output_names(names[path], Path(path).suffix, plan).values()
    ]
    assert len(files) == len(set(files)) == 4 * len(photos)


def test_without_a_root_the_common_folder_counts(tmp_path: Path) -> None:
    photos = [tmp_path / "a" / "1.bmp", tmp_path / "b" / "1.bmp"]
    assert list(plan_names(photos, ALL).values()) == ["a/1", "b/1"]
    assert list(plan_names(photos[:1], ALL).values()) == ["1"]
    assert plan_names([], ALL) == {}


def test_a_named_export_goes_to_its_subfolder(tmp_path: Path, mask: MaskArray) -> None:
    source = photo(tmp_path / "photos" / "p1")
    assert export_mask(tmp_path / "out", source, mask, ExportPlan(), name="p1/041").is_file()
    assert (tmp_path / "out" / "p1" / "041.bmp").is_file()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_photo_is_never_overwritten(tmp_path: Path, mask: MaskArray, *, overwrite: bool) -> None:
    folder = tmp_path / "photos"
    source, other = photo(folder), photo(folder, "042.png")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "way").symlink_to(folder)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "041.bmp").symlink_to(source.path)
    (linked / "042.png").symlink_to(other.path)
    hard = tmp_path / "hard"
    hard.mkdir()
    os.link(source.path, hard / "041.bmp")
    plan = ExportPlan(overwrite=overwrite)
    for out, name in [
        (folder, "041"),
        (folder, "042"),
        (tmp_path / "way", "041"),
        (folder / ".." / "photos", "041"),
        (linked, "041"),
        (linked, "042"),
        (hard, "041"),
    ]:
        subject = source if name == "041" else other
        with pytest.raises(WriteError, match="No photo is ever replaced"):
            export_case(out, subject, mask, plan, name=name)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_folder_of_a_linked_photo_is_safe_too(tmp_path: Path, mask: MaskArray) -> None:
    real, folder = photo(tmp_path / "archive", "1.bmp"), tmp_path / "folder"
    other = photo(folder, "a.png")
    (folder / "a.jpg").symlink_to(real.path)
    with pytest.raises(WriteError, match="No photo is ever replaced"):
        export_case(folder, read_photo(folder / "a.jpg"), mask, ExportPlan(overwrite=True))
    assert other.path.read_bytes() == build.simple_bmp(H, W)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_name_that_is_no_text(tmp_path: Path, mask: MaskArray) -> None:
    (tmp_path / "photos").mkdir()
    path = tmp_path / "photos" / os.fsdecode(b"\xff\xfe 1.bmp")
    path.write_bytes(build.simple_bmp(H, W))
    (listed,) = list_photos(tmp_path / "photos")
    names = plan_names([listed], ALL)
    written = export_mask(tmp_path / "out", read_photo(listed), mask, ExportPlan(), name=names[listed])
    assert written.name == path.name


def test_a_photo_of_another_folder_is_safe_too(tmp_path: Path, mask: MaskArray) -> None:
    first, second = photo(tmp_path / "a", "1.bmp"), photo(tmp_path / "b", "1.bmp")
    originals = real_paths([first.path, second.path])
    with pytest.raises(WriteError, match="No photo is ever replaced"):
        export_case(tmp_path / "b", first, mask, ExportPlan(overwrite=True), originals=originals)
    assert second.path.read_bytes() == build.simple_bmp(H, W)


def test_the_photos_folder_takes_new_names(tmp_path: Path, mask: MaskArray) -> None:
    source = photo(tmp_path)
    plan = ExportPlan(formats=("overlay",))
    assert export_case(tmp_path, source, mask, plan) == (tmp_path / "041_overlay.png",)


def test_an_earlier_export_is_kept_unless_allowed(tmp_path: Path, mask: MaskArray) -> None:
    source, out = photo(tmp_path / "photos"), tmp_path / "out"
    export_mask(out, source, mask, ExportPlan())
    with pytest.raises(WriteError, match=r"041\.bmp was not written: it exists already"):
        export_mask(out, source, 1 - mask, ExportPlan())
    np.testing.assert_array_equal(read_mask(out / "041.bmp"), mask)
    export_mask(out, source, 1 - mask, ExportPlan(overwrite=True))
    np.testing.assert_array_equal(read_mask(out / "041.bmp"), 1 - mask)


def test_one_name_that_is_taken_stops_all_before_the_first_byte(tmp_path: Path, mask: MaskArray) -> None:
    source, out = photo(tmp_path / "photos"), tmp_path / "out"
    out.mkdir()
    (out / "041_cutout.png").write_bytes(b"mine")
    with pytest.raises(WriteError, match=r"041_cutout\.png"):
        export_case(out, source, mask, ExportPlan(formats=("mask", "cutout")))
    assert [child.name for child in out.iterdir()] == ["041_cutout.png"]


def test_what_does_not_fit_is_refused(tmp_path: Path, mask: MaskArray) -> None:
    source, out = photo(tmp_path / "photos"), tmp_path / "out"
    with pytest.raises(WriteError, match="mask is 3×2 pixels, the photo 16×12"):
        export_mask(out, source, np.zeros((2, 3), np.uint8), ExportPlan())
    with pytest.raises(MaskError, match="values up to 20"):
        export_mask(out, source, mask * np.uint8(20), ExportPlan())
    with pytest.raises(WriteError, match="probability is not kept"):
        export_case(out, source, mask, ExportPlan(formats=("mask", "probability")))
    assert not out.exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WriteError, match="file"):
        export_mask(tmp_path / "file", source, mask, ExportPlan())


def test_an_export_inside_the_photos_is_not_listed_as_photos(tmp_path: Path, mask: MaskArray) -> None:
    source = photo(tmp_path)
    for plan in (ExportPlan(), ExportPlan(overwrite=True)):
        export_mask(tmp_path / "masks", source, mask, plan)
    assert list_photos(tmp_path, recursive=True) == [source.path]


def test_an_export_beside_the_photos_subfolders_is_marked_by_hand(tmp_path: Path, mask: MaskArray) -> None:
    source = photo(tmp_path / "p1")
    export_mask(tmp_path / "out", source, mask, ExportPlan(), name="p1/041")
    assert len(list_photos(tmp_path, recursive=True)) == 2
    mark_exports(tmp_path / "out", tmp_path)
    assert list_photos(tmp_path, recursive=True) == [source.path]
    mark_exports(tmp_path, tmp_path)
    mark_exports(tmp_path, tmp_path / "p1")
    assert list_photos(tmp_path / "p1") == [source.path]
    assert not (tmp_path / ".tongue-viewer-export").exists()


def test_a_plan_of_the_table_alone_writes_nothing_for_a_photo(tmp_path: Path, mask: MaskArray) -> None:
    assert export_case(tmp_path / "out", photo(tmp_path), mask, ExportPlan(formats=("csv",))) == ()
    assert not (tmp_path / "out").exists()


def test_the_table_opens_in_excel(tmp_path: Path) -> None:
    path = tmp_path / "out" / "table.csv"
    rows: list[dict[str, object]] = [{"name": "患者,1", "area_px": 12}, {"name": 'say "a"', "note": "x\ny"}]
    assert write_table(path, rows) == path
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.DictReader(file))
    assert back == [
        {"name": "患者,1", "area_px": "12", "note": ""},
        {"name": 'say "a"', "area_px": "", "note": "x\ny"},
    ]
    with pytest.raises(WriteError, match="exists already"):
        write_table(path, rows)
    write_table(path, [], overwrite=True)
    assert path.read_text(encoding="utf-8-sig").strip() == ""


@pytest.mark.parametrize("wrong", [{"formats": ("gif",)}, {"image_format": "jpg"}, {"values": "0/2"}])
def test_a_plan_of_unknown_words_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        ExportPlan(**wrong)  # type: ignore[arg-type]

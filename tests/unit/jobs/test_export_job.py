"""Export writes what the database holds, bit for bit, and names what it cannot write."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin, Prediction
from tongue_viewer.core.events import ExportFinished, JobEvent, Progress
from tongue_viewer.core.exports import ExportPlan, FileResult
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.jobs.export import NO_MASK, export_cases, export_folder
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.annotations import run_lengths
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

_SHAPE = (37, 53)


def _mask(seed: int) -> MaskArray:
    """A tongue with a hole, and a speck of single pixels: what outlines would lose."""
    mask = np.zeros(_SHAPE, np.uint8)
    mask[5:30, 8 + seed : 40] = 1
    mask[12:15, 20:24] = 0
    mask[np.random.default_rng(seed).random(_SHAPE) < 0.02] ^= 1
    return mask


def _add_photo(folder: Path, name: str, grey: int) -> Path:
    rng = np.random.default_rng(grey)
    pixels = rng.integers(0, 256, (*_SHAPE, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def _paint(store: CaseStore, path: Path, seed: int, status: CaseStatus = CaseStatus.EDITED) -> MaskArray:
    mask, case_id = _mask(seed), store.load(read_photo(path)).summary.case_id
    store.save_step(
        EditStep(case_id, "Brush", "brush", Origin.HUMAN, mask, b"", status, revision=1, made=1_700_000_000.0)
    )
    return mask


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos: an edited, an approved, an untouched one."""
    photos = tmp_path / "舌 photos"
    photos.mkdir()
    with CaseStore.open(photos) as store:
        for number, name in enumerate(("1.bmp", "二.png", "10.bmp")):
            _add_photo(photos, name, number)
        _paint(store, photos / "1.bmp", 1)
        _paint(store, photos / "二.png", 2, CaseStatus.REVIEWED)
    return photos


def _export(folder: Path, out: Path, plan: ExportPlan, only: object = "all") -> dict[str, FileResult]:
    with CaseStore.open(folder) as store:
        events = list(export_cases(CancelToken(), store=store, out=out, plan=plan, only=only))  # type: ignore[arg-type]
    finished = events[-1]
    assert isinstance(finished, ExportFinished)
    assert all(isinstance(event, Progress) for event in events[:-1])
    assert not finished.cancelled
    return {result.source.name: result for result in finished.results}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("image_format", ["same", "png", "bmp", "tiff"])
@pytest.mark.parametrize("values", ["0/255", "0/1"])
def test_the_written_mask_is_the_stored_mask_bit_for_bit(
    folder: Path, tmp_path: Path, image_format: str, values: str
) -> None:
    before = _bytes(folder)
    plan = ExportPlan(("mask",), image_format, values)  # type: ignore[arg-type]
    results = _export(folder, tmp_path / "out", plan)
    for name, seed in {"1.bmp": 1, "二.png": 2}.items():
        (written,) = results[name].written
        assert np.array_equal(read_mask(written), _mask(seed))
        raw = np.asarray(Image.open(written))
        assert set(np.unique(raw)) == ({0, 255} if values == "0/255" else {0, 1})
    assert _bytes(folder) == before


def test_a_photo_without_a_mask_is_named_and_not_skipped(folder: Path, tmp_path: Path) -> None:
    results = _export(folder, tmp_path / "out", ExportPlan())
    assert list(results) == ["1.bmp", "10.bmp", "二.png"]
    assert results["10.bmp"].error == NO_MASK
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.bmp", "二.png"]


def test_only_what_was_asked_for_is_written(folder: Path, tmp_path: Path) -> None:
    plan = ExportPlan(overwrite=True)
    assert list(_export(folder, tmp_path / "out", plan, "reviewed")) == ["二.png"]
    assert list(_export(folder, tmp_path / "out", plan, "edited")) == ["1.bmp", "二.png"]
    chosen = [folder / "10.bmp", folder / "1.bmp"]
    assert [bool(r.error) for r in _export(folder, tmp_path / "out", plan, chosen).values()] == [True, False]


def test_pictures_are_made_from_the_photo_and_the_stored_mask(folder: Path, tmp_path: Path) -> None:
    results = _export(folder, tmp_path / "out", ExportPlan(("mask", "overlay", "cutout")))
    names = [path.name for path in results["1.bmp"].written]
    assert names == ["1.bmp", "1_overlay.png", "1_cutout.png"]
    cut = np.asarray(Image.open(tmp_path / "out" / "1_cutout.png"))
    assert np.array_equal(cut[:, :, 3] == 255, _mask(1) == 1)


def test_the_probability_is_written_where_there_is_one(folder: Path, tmp_path: Path) -> None:
    grid = np.full((1, 16, 16), 200, np.uint8)
    with CaseStore.open(folder) as store:
        photo = read_photo(folder / "1.bmp")
        store.save_prediction(photo, Prediction(grid, _SHAPE, 0.5, "base", "f" * 64), _mask(3))
    results = _export(folder, tmp_path / "out", ExportPlan(("probability",)))
    assert np.all(np.asarray(Image.open(results["1.bmp"].written[0])) == 200)
    assert "probability" in results["二.png"].error


def test_the_table_counts_the_pixels_of_the_mask(folder: Path, tmp_path: Path) -> None:
    _export(folder, tmp_path / "out", ExportPlan(("csv",)))
    text = (tmp_path / "out" / "cases.csv").read_text("utf-8-sig")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert list(rows) == ["1.bmp", "二.png"]
    row, inside = rows["二.png"], np.nonzero(_mask(2))
    assert int(row["area_px"]) == len(inside[0])
    assert float(row["centre_x_px"]) == pytest.approx(inside[1].mean(), abs=0.006)
    assert float(row["centre_y_px"]) == pytest.approx(inside[0].mean(), abs=0.006)
    assert (int(row["box_x_px"]), int(row["box_y_px"])) == (inside[1].min(), inside[0].min())
    assert (row["status"], row["mask_by"], row["width_px"]) == ("reviewed", "human", "53")


def test_coco_gives_back_every_pixel(folder: Path, tmp_path: Path) -> None:
    _export(folder, tmp_path / "out", ExportPlan(("coco",)))
    document = json.loads((tmp_path / "out" / "coco.json").read_text("utf-8"))
    assert [image["file_name"] for image in document["images"]] == ["1.bmp", "二.png"]
    for annotation, seed in zip(document["annotations"], (1, 2), strict=True):
        counts, (height, width) = annotation["segmentation"]["counts"], annotation["segmentation"]["size"]
        flat = np.repeat(np.arange(len(counts)) % 2, counts).astype(np.uint8)
        assert np.array_equal(flat.reshape(width, height).T, _mask(seed))
        assert annotation["area"] == _mask(seed).sum()
        assert document["categories"] == [{"id": 1, "name": "tongue"}]


@given(bits=st.lists(st.integers(0, 1), min_size=12, max_size=12))
def test_run_lengths_begin_with_zeros_and_go_down_the_columns(bits: list[int]) -> None:
    mask = np.array(bits, np.uint8).reshape(3, 4)
    counts = run_lengths(mask)
    assert sum(counts) == 12
    assert all(count > 0 for count in counts[1:])
    assert np.repeat(np.arange(len(counts)) % 2, counts).tolist() == mask.T.ravel().tolist()


def test_labelme_gives_back_every_pixel(folder: Path, tmp_path: Path) -> None:
    results = _export(folder, tmp_path / "out", ExportPlan(("mask", "labelme")))
    document = json.loads((tmp_path / "out" / "二.json").read_text("utf-8"))
    assert results["二.png"].written == (tmp_path / "out" / "二.png", tmp_path / "out" / "二.json")
    assert (tmp_path / "out" / document["imagePath"]).resolve() == (folder / "二.png").resolve()
    (shape,) = document["shapes"]
    (x1, y1), (x2, y2) = shape["points"]
    mask = np.zeros(_SHAPE, np.uint8)
    bitmap = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
    mask[y1 : y2 + 1, x1 : x2 + 1] = bitmap
    assert np.array_equal(mask, _mask(2))


def test_the_report_shows_all_and_names_what_is_missing(folder: Path, tmp_path: Path) -> None:
    _add_photo(folder, "<b>&.png", 9)
    _export(folder, tmp_path / "out", ExportPlan(("html",)))
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert page.count("data:image/jpeg;base64,") == 2
    assert "二.png" in page
    assert "&lt;b&gt;&amp;.png" in page
    assert "<b>&.png" not in page
    assert 'src="http' not in page


def test_what_stands_in_the_way_is_kept_and_named(folder: Path, tmp_path: Path) -> None:
    plan = ExportPlan(("mask", "csv", "coco", "html", "labelme"))
    out = tmp_path / "out"
    first = _export(folder, out, plan)
    assert not [r for r in first.values() if r.error and r.error != NO_MASK]
    before = _bytes(out)
    second = _export(folder, out, plan)
    assert _bytes(out) == before
    for name in ("1.bmp", "二.png", "cases.csv", "coco.json", "report.html"):
        assert "exists already" in second[name].error, name


def test_nothing_among_the_photos_is_overwritten(folder: Path) -> None:
    for name in ("1.json", "cases.csv", "report.html"):
        (folder / name).write_bytes(b"the person's own")
    before = _bytes(folder)
    plan = ExportPlan(("mask", "labelme", "csv", "html"), overwrite=True)
    results = _export(folder, folder, plan)
    for name in ("cases.csv", "report.html"):
        assert "exists already" in results[name].error
    assert "among the photos" in results["1.bmp"].error
    results = _export(folder, folder, ExportPlan(("labelme",), overwrite=True))
    assert "exists already" in results["1.bmp"].error
    after = _bytes(folder)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"二.json"}


def test_a_photo_changed_since_is_named_and_its_mask_not_written(folder: Path, tmp_path: Path) -> None:
    _add_photo(folder, "1.bmp", 99)
    results = _export(folder, tmp_path / "out", ExportPlan())
    assert "changed since" in results["1.bmp"].error
    assert results["二.png"].written


def test_a_photo_that_is_gone_still_has_its_mask_but_no_overlay(folder: Path, tmp_path: Path) -> None:
    (folder / "1.bmp").unlink()
    results = _export(folder, tmp_path / "out", ExportPlan())
    assert np.array_equal(read_mask(results["1.bmp"].written[0]), _mask(1))
    results = _export(folder, tmp_path / "out", ExportPlan(("overlay",)))
    assert "1.bmp" in results["1.bmp"].error
    assert results["二.png"].written


@pytest.mark.parametrize("read_only", [True, False])
def test_a_renamed_photo_is_exported_under_its_new_name(
    folder: Path, tmp_path: Path, read_only: bool
) -> None:
    (folder / "1.bmp").rename(folder / "first.bmp")
    with CaseStore.open(folder, read_only=read_only) as store:
        *_, finished = export_cases(CancelToken(), store=store, out=tmp_path / "out", plan=ExportPlan())
    assert isinstance(finished, ExportFinished)
    names = {result.source.name: result for result in finished.results}
    assert set(names) == {"first.bmp", "10.bmp", "二.png"}
    assert np.array_equal(read_mask(tmp_path / "out" / "first.bmp"), _mask(1))


def test_two_photos_with_one_stem_get_two_masks(folder: Path, tmp_path: Path) -> None:
    _add_photo(folder, "1.png", 7)
    with CaseStore.open(folder) as store:
        _paint(store, folder / "1.png", 5)
    results = _export(folder, tmp_path / "out", ExportPlan(("mask",), "png"))
    assert np.array_equal(read_mask(results["1.png"].written[0]), _mask(5))
    assert np.array_equal(read_mask(results["1.bmp"].written[0]), _mask(1))


def test_a_damaged_case_is_named_and_the_rest_done(folder: Path, tmp_path: Path) -> None:
    with CaseStore.open(folder) as store:
        connection = store._connection
        assert connection is not None
        connection.execute(
            "INSERT INTO snapshot (case_id, edit, data) SELECT case_id, 1000, x'00' FROM photo WHERE name = '1.bmp'"
        )
    results = _export(folder, tmp_path / "out", ExportPlan(("mask", "csv")))
    assert "1.bmp" in results["1.bmp"].error
    assert results["二.png"].written
    assert results["cases.csv"].written


def test_stopping_keeps_what_is_finished(folder: Path, tmp_path: Path) -> None:
    token, events = CancelToken(), list[JobEvent]()
    with CaseStore.open(folder) as store:
        plan = ExportPlan(("mask", "csv"))
        for event in export_cases(token, store=store, out=tmp_path / "out", plan=plan):
            events.append(event)
            if isinstance(event, Progress) and event.done == 1:
                token.cancel()
    finished = events[-1]
    assert isinstance(finished, ExportFinished)
    assert finished.cancelled
    assert [result.source.name for result in finished.results] == ["1.bmp", "10.bmp", "cases.csv"]
    assert (tmp_path / "out" / "1.bmp").exists()


def test_the_library_exports_its_folder(folder: Path, tmp_path: Path) -> None:
    library = Library()
    library.open(folder)
    *_, finished = export_folder(CancelToken(), library=library, out=tmp_path / "out", plan=ExportPlan())
    assert isinstance(finished, ExportFinished)
    assert len(finished.results) == 3
    library.close()

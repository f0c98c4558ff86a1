"""`tongue-viewer evaluate`: pairs, measures, JSON keys and the HTML report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tiny_models import random_photo, save_tiny_model
from tongue_viewer.cli.main import main
from tongue_viewer.core.photo import MaskArray


def square(shape: tuple[int, int], left: int, side: int = 20) -> MaskArray:
    mask = np.zeros(shape, np.uint8)
    mask[10 : 10 + side, left : left + side] = 1
    return mask


def save(path: Path, mask: MaskArray) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(mask * np.uint8(255)).save(path)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Photos with reference masks, and predictions that are equal, 5 px off, and empty."""
    (tmp_path / "images").mkdir()
    for number, predicted in enumerate(
        (square((60, 80), 10), square((60, 80), 15), square((60, 80), 10) * 0)
    ):
        Image.fromarray(random_photo((60, 80), number)).save(tmp_path / "images" / f"case {number}.jpg")
        save(tmp_path / "masks" / f"case {number}.png", square((60, 80), 10))
        save(tmp_path / "predictions" / f"case {number}.png", predicted.astype(np.uint8))
    return tmp_path


def evaluate(folders: Path, *words: str | Path) -> int:
    code = main(["evaluate", str(folders / "images"), str(folders / "masks"), *map(str, words)])
    assert isinstance(code, int)
    return code


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_masks_in_files_give_the_measures_by_hand(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folders, "--predictions", folders / "predictions", "--json") == 0
    report = document(capsys)
    assert (report["n"], report["failed"], report["orphans"], report["engine"]) == (3, [], [], "files")
    same, off, empty = report["cases"]
    assert (same["name"], same["dice"], same["hd95_px"]) == ("case 0.jpg", 1.0, 0.0)
    assert off["dice"] == pytest.approx(15 / 20)
    assert off["iou"] == pytest.approx(15 / 25)
    assert off["hd95_px"] == pytest.approx(5)
    assert (empty["dice"], empty["assd_px"]) == (0.0, 100.0)  # the diagonal of 60 × 80
    assert report["dice"]["mean"] == pytest.approx((1 + 0.75) / 3)
    assert (report["dice"]["median"], report["dice"]["min"]) == (pytest.approx(0.75), 0.0)
    low, high = report["dice"]["ci95"]
    assert 0 <= low < report["dice"]["mean"] < high <= 1
    assert (
        set(report["iou"]) == set(report["hd95_px"]) == set(report["assd_px"]) == set(report["boundary_iou"])
    )
    assert report["nsd"]["tolerance_px"] == 2.0
    assert report["seconds"]["predict_median"] is None


def test_the_model_is_judged_on_its_own_masks(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = save_tiny_model(folders / "model")
    images, own = str(folders / "images"), folders / "own"
    assert (
        main(["predict", images, "-o", str(own), "--model", str(folders / "model"), "--format", "png"]) == 0
    )
    capsys.readouterr()
    assert main(["evaluate", images, str(own), "--model", str(folders / "model"), "--json"]) == 0
    report = document(capsys)
    assert report["model"] == {"name": "tiny", "sha256": card.sha256}
    assert report["engine"] == "torch-cpu"
    assert report["dice"]["min"] == 1.0
    assert report["seconds"]["predict_median"] > 0


def test_what_cannot_be_compared_is_named(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folders / "masks" / "case 1.png").write_bytes(b"\x89PNG\r\n\x1a\n")  # a header, and nothing after it
    save(folders / "predictions" / "case 2.png", square((30, 40), 5))  # another size
    save(folders / "masks" / "lonely.png", square((60, 80), 3))
    Image.fromarray(random_photo((60, 80), 9)).save(folders / "images" / "unmasked.jpg")
    assert evaluate(folders, "--predictions", folders / "predictions", "--json") == 1
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report["n"] == 1
    assert [entry["name"] for entry in report["failed"]] == ["case 1.jpg", "case 2.jpg"]
    assert sorted(entry["name"] for entry in report["orphans"]) == ["lonely.png", "unmasked.jpg"]
    assert "lonely" in captured.err


def test_two_photos_of_one_name_are_not_guessed(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(random_photo((60, 80), 9)).save(folders / "images" / "case 0.bmp")
    assert evaluate(folders, "--predictions", folders / "predictions", "--json") == 0
    report = document(capsys)
    assert report["n"] == 2
    assert "not unique" in report["orphans"][0]["reason"]


def test_nothing_to_compare_is_wrong_usage(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (folders / "masks").iterdir():
        path.rename(path.with_name(f"other_{path.name}"))
    assert evaluate(folders, "--predictions", folders / "predictions") == 2
    assert "nothing to compare" in capsys.readouterr().err


def test_every_pair_failing_gives_a_report_without_means(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folders / "none").mkdir()
    assert evaluate(folders, "--predictions", folders / "none", "--json", "--html", folders / "r.html") == 1
    report = document(capsys)
    assert (report["n"], report["dice"]["mean"], len(report["failed"])) == (0, None, 3)
    assert "case 0.jpg" in (folders / "r.html").read_text("utf-8")


def test_the_text_names_means_and_the_worst(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(folders, "--predictions", folders / "predictions") == 0
    text = capsys.readouterr().out
    assert "IoU (foreground)" in text
    assert "lowest Dice: case 2.jpg 0.0000, case 1.jpg 0.7500" in text


def test_the_html_report_stands_alone_and_holds_outlines(folders: Path) -> None:
    save(folders / "masks" / "<b>&.png", square((60, 80), 10))
    save(folders / "predictions" / "<b>&.png", square((60, 80), 10))
    Image.fromarray(random_photo((60, 80), 5)).save(folders / "images" / "<b>&.jpg")
    assert evaluate(folders, "--predictions", folders / "predictions", "--html", folders / "r.html") == 0
    page = (folders / "r.html").read_text("utf-8")
    assert page.count("<svg") == 4
    assert 'd="M15 10L15 29L34 29L34 10Z"' in page  # the outline of the square that is 5 px off
    assert "&lt;b&gt;&amp;.jpg" in page
    assert "<b>&" not in page
    for loaded in ("http", "src=", "<img", "<script", "url("):
        assert loaded not in page
    assert page.index("case 2.jpg") < page.index("case 1.jpg") < page.index("case 0.jpg")  # the worst first

"""`tongue-viewer evaluate` with a model: calibration, quality, several sets, and the report as Markdown."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from tests.tiny_models import random_photo, save_tiny_model
from tongue_viewer.cli.main import main
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.storage.photos import read_photo

COUNT = 4


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def sets(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sets of random photos; the reference masks are the model's own, moved further from photo to photo."""
    root = tmp_path_factory.mktemp("sets")
    with closing(Predictor(model)) as predictor:
        for number, name in enumerate(("clinic a", "clinic b")):
            for folder in ("images", "masks"):
                (root / name / folder).mkdir(parents=True)
            for photo in range(COUNT):
                path = root / name / "images" / f"p_{photo} [x].png"
                Image.fromarray(random_photo((60, 80), 10 * number + photo)).save(path)
                _, mask = predict_mask(predictor, read_photo(path))
                moved = np.roll(mask, 1 + photo, axis=1) * np.uint8(255)
                Image.fromarray(moved).save(root / name / "masks" / path.name)
    return root


@pytest.fixture
def root(sets: Path, tmp_path: Path) -> Path:
    """A copy of the sets in an own folder."""
    shutil.copytree(sets, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(*words: str | Path) -> int:
    code = main([str(word) for word in words])
    assert isinstance(code, int)
    return code


def folders(root: Path, name: str) -> tuple[str, str]:
    return str(root / name / "images"), str(root / name / "masks")


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_calibration_and_quality_of_every_set(
    root: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = folders(root, "clinic a"), folders(root, "clinic b")
    assert run("evaluate", *one, "--also", *two, "--model", model, "--json") == 0
    report = document(capsys)
    assert report["set"].endswith("clinic a")
    assert [other["set"].endswith("clinic b") for other in report["also"]] == [True]
    for part in (report, *report["also"]):
        assert part["n"] == part["quality"]["n"] == COUNT
        assert -1 <= part["quality"]["spearman"] <= 1
        assert len(part["quality"]["ci95"]) == 2
        calibration = part["calibration"]
        assert calibration["pixels"] == COUNT * 60 * 80
        assert 0 <= calibration["ece_after"] <= calibration["mce_after"] <= 1
        assert calibration["temperature"] == 1.0
        assert calibration["outline"]["brier_before"] == calibration["outline"]["brier_after"]
        mean = sum(case["quality"] for case in part["cases"]) / COUNT
        assert part["quality"]["mean_quality"] == pytest.approx(mean)
    assert run("predict", one[0], "-o", root / "out", "--model", model, "--json") == 0
    predicted = {Path(f["photo"]).name: f["quality"] for f in document(capsys)["files"]}
    assert predicted == pytest.approx({case["name"]: case["quality"] for case in report["cases"]})


def test_masks_in_files_have_neither(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, masks = folders(root, "clinic a")
    assert run("evaluate", images, masks, "--predictions", masks, "--json", "--html", root / "r.md") == 0
    report = document(capsys)
    assert (report["calibration"], report["quality"], report["also"]) == (None, None, [])
    assert {case["quality"] for case in report["cases"]} == {None}
    text = (root / "r.md").read_text("utf-8")
    assert "Calibration" not in text
    assert "Quality score" not in text
    assert run("evaluate", images, masks, "--predictions", masks, "--also", images, masks) == 2
    assert "--predictions holds the masks of one set" in capsys.readouterr().err


def test_the_markdown_report_stands_with_its_drawings(root: Path, model: Path) -> None:
    target = root / "docs" / "my evaluation.md"
    drawings = root / "docs" / "my evaluation_files"
    sets = (*folders(root, "clinic a"), "--also", *folders(root, "clinic b"))
    assert run("evaluate", *sets, "--model", model, "--html", target) == 0
    text = target.read_text("utf-8")
    shown = re.findall(r"\]\(my%20evaluation_files/([^)]+)\)", text)
    assert sorted(shown) == sorted(path.name for path in drawings.iterdir())
    each = [
        "quality",
        "reliability-outline",
        "reliability-whole",
        *(f"worst-0{n}" for n in range(1, COUNT + 1)),
    ]
    assert sorted(shown) == sorted(f"{number}-{name}.svg" for number in (1, 2) for name in each)
    for path in drawings.iterdir():
        tree = ET.fromstring(path.read_text("utf-8"))  # noqa: S314 - written by this test
        assert tree.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [node for node in tree.iter() if node.tag.endswith("image")]
    for word in ("## All sets", "**Dice**: 2·", "**ECE**", "**Expected Dice**", "Nikolov", r"p\_0 \[x\].png"):
        assert word in text
    assert str(root) not in text
    lines = [line for line in text.splitlines() if line.startswith("| p\\_")]
    assert len(lines) == 2 * COUNT
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {9}  # eight cells, names or not


def test_drawings_of_an_earlier_report_do_not_stay(root: Path, model: Path) -> None:
    one = folders(root, "clinic a")
    target, drawings = root / "e.md", root / "e_files"
    assert run("evaluate", *one, "--also", *one, "--model", model, "--html", target) == 0
    (drawings / "notes.svg").write_text("mine")
    assert (drawings / "2-quality.svg").exists()
    assert run("evaluate", *one, "--model", model, "--html", target) == 0
    assert {path.name[0] for path in drawings.iterdir()} == {"1", "n"}


def test_the_page_and_the_text_tell_the_same(
    root: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = folders(root, "clinic a")
    assert run("evaluate", *one, "--model", model, "--html", root / "r.html") == 0
    out = capsys.readouterr().out
    assert "calibration error along the outline" in out
    assert "rank correlation of expected and true Dice" in out
    page = (root / "r.html").read_text("utf-8")
    assert page.count("<svg") == COUNT + 3
    assert page.count("<circle") > COUNT
    for loaded in ("http", "src=", "<img", "<script", "url("):
        assert loaded not in page

"""`tongue-viewer robustness` on phantoms with a tiny model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.phantoms.__main__ import tongue_free_specs
from tests.phantoms.files import write_set
from tests.phantoms.randoms import random_spec
from tests.phantoms.render import render
from tests.tiny_models import save_tiny_model
from tongue_viewer.cli.main import main
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.conditions import CONDITIONS
from tongue_viewer.core.errors import Cancelled
from tongue_viewer.core.events import Progress
from tongue_viewer.jobs.robustness import RobustnessPlan, robustness
from tongue_viewer.storage.masks import read_mask


@pytest.fixture(scope="module")
def shared_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of three phantoms, two mouths without a tongue, and a tiny model."""
    root = tmp_path_factory.mktemp("clinic")
    write_set([random_spec(20_000 + n, (120, 160)) for n in range(3)], root / "images")
    (root / "images" / "masks").rename(root / "masks")
    write_set(tongue_free_specs(2), root / "mouths")
    save_tiny_model(root / "model")
    return root


def judge(root: Path, *words: str | Path) -> int:
    code = main(["robustness", *map(str, words), "--model", str(root / "model")])
    assert isinstance(code, int)
    return code


def pair(root: Path) -> tuple[Path, Path]:
    return root / "images", root / "masks"


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_every_condition_is_judged_and_unchanged_is_what_evaluate_says(
    shared_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(shared_set / "model")
    assert main(["evaluate", *map(str, pair(shared_set)), "--model", model, "--json"]) == 0
    evaluated = {case["name"]: case["dice"] for case in document(capsys)["cases"]}
    assert judge(shared_set, *pair(shared_set), "--json") == 0
    report = document(capsys)
    (found,) = report["sets"]
    assert found["name"] == f"{shared_set.parent.name}/{shared_set.name}"
    assert [cell["condition"] for cell in found["cells"]] == [c.key for c in CONDITIONS]
    assert all(cell["n"] == 3 for cell in found["cells"])
    cells = {cell["condition"]: cell for cell in found["cells"]}
    photos = {key: {p["name"]: p["dice"] for p in cell["photos"]} for key, cell in cells.items()}
    assert photos["unchanged"] == pytest.approx(evaluated)
    assert photos["size-1"] == photos["blur-0"] == photos["unchanged"]
    assert photos["blur-3"] != photos["unchanged"]
    assert cells["framing-10"]["tongue_part"] == pytest.approx(0.1, abs=0.01)
    assert cells["size-0.2"]["ceiling"] < cells["unchanged"]["ceiling"] < cells["size-3"]["ceiling"] < 1
    assert report["model"]["name"] == "tiny"
    assert report["failed"] == []


def test_the_same_command_gives_the_same_figures(
    shared_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*pair(shared_set), "--conditions", "noise, highlights,size-0.5", "--limit", "1", "--json")
    assert judge(shared_set, *words) == 0
    first = document(capsys)
    assert judge(shared_set, *words) == 0
    assert document(capsys) == first
    keys = [cell["condition"] for cell in first["sets"][0]["cells"]]
    assert keys == ["unchanged", "size-0.5", "noise-6", "noise-12", "highlights"]
    assert first["sets"][0]["n"] == 1


def test_false_areas_are_those_of_the_masks_that_predict_writes(
    shared_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mouths, model = str(shared_set / "mouths"), str(shared_set / "model")
    assert main(["predict", mouths, "-o", str(tmp_path), "--model", model, "--format", "png"]) == 0
    masks = {f"{path.stem}.bmp": read_mask(path).mean() for path in tmp_path.glob("*.png")}
    capsys.readouterr()
    assert judge(shared_set, "--tongue-free", mouths, "--json") == 0
    report = document(capsys)
    assert report["sets"] == []
    (group,) = report["tongue_free"]["groups"]
    assert group["n"] == 2
    assert {p["name"]: p["part"] for p in group["pictures"]} == pytest.approx(masks)
    assert group["max"] == pytest.approx(max(masks.values()))
    assert group["mean"] > 0  # the tiny model sees tongue everywhere, so that the test can fail


def test_crops_are_cut_of_the_set(
    shared_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, mask = render(random_spec(20_009, (288, 384)))
    for folder, name, pixels in (("images", "p.jpg", photo), ("masks", "p.png", mask * np.uint8(255))):
        (tmp_path / folder).mkdir()
        Image.fromarray(pixels).save(tmp_path / folder / name)
    words = (*pair(tmp_path), "--tongue-free-crops", "--conditions", "unchanged", "--json")
    assert judge(shared_set, *words) == 0
    (group,) = document(capsys)["tongue_free"]["groups"]
    assert group["name"] == f"crops of {tmp_path.parent.name}/{tmp_path.name}"
    assert 0 < group["n"] <= 6
    assert all(picture["name"].startswith("p.jpg x") for picture in group["pictures"])


def test_two_sets_are_judged_on_their_own(shared_set: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = shared_set / "half"
    half.mkdir()
    for photo in sorted(pair(shared_set)[0].glob("*.bmp"))[:1]:
        (half / photo.name).write_bytes(photo.read_bytes())
    words = (*pair(shared_set), "--also", half, shared_set / "masks", "--conditions", "jpeg-15", "--json")
    assert judge(shared_set, *words) == 0
    report = document(capsys)
    assert [one["n"] for one in report["sets"]] == [3, 1]
    assert len(report["sets"][1]["orphans"]) == 2


def test_what_cannot_be_judged_is_named(
    shared_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, masks = tmp_path / "images", tmp_path / "masks"
    images.mkdir()
    masks.mkdir()
    for source in (*pair(shared_set)[0].glob("*.bmp"), *pair(shared_set)[1].glob("*.png")):
        target = images if source.suffix == ".bmp" else masks
        (target / source.name).write_bytes(source.read_bytes())
    (images / "phantom_20000.bmp").write_bytes(b"BM")
    empty = np.zeros((120, 160), np.uint8)
    (masks / "phantom_20001.png").write_bytes(cv2.imencode(".png", empty)[1].tobytes())
    assert judge(shared_set, images, masks, "--conditions", "size-0.5", "--json") == 1
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert [entry["name"] for entry in report["failed"]] == ["phantom_20000.bmp"]
    assert "phantom_20000" in captured.err
    assert report["sets"][0]["n"] == 1
    (group,) = report["tongue_free"]["groups"]  # an empty reference: there is no tongue to frame
    assert group["name"].endswith(", empty masks")
    assert [picture["name"] for picture in group["pictures"]] == ["phantom_20001.bmp"]


def test_the_report_is_written_as_page_and_as_markdown(
    shared_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*pair(shared_set), "--conditions", "blur", "--limit", "2")
    assert judge(shared_set, *words, "--html", tmp_path / "r.html") == 0
    text = capsys.readouterr().out
    assert "points to the best" in text
    assert "blur σ 3" in text
    assert "<svg" in (tmp_path / "r.html").read_text("utf-8")
    assert judge(shared_set, *words, "--html", tmp_path / "r.md") == 0
    assert "| σ 3 | 2 |" in (tmp_path / "r.md").read_text("utf-8")
    chart = (tmp_path / "r_files" / "1-blur.svg").read_text("utf-8")
    assert chart.startswith("<svg xmlns=")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "nothing to judge"),
        (("images",), "MASKS"),
        (("images", "masks", "--conditions", "sepia"), "sepia"),
        (("images", "masks", "--limit", "0"), "--limit"),
        (("images", "masks", "--also", "images", "masks"), "twice"),
        (("--tongue-free", "mouths", "--tongue-free-crops"), "--tongue-free-crops"),
        (("--tongue-free", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_is_told(
    shared_set: Path, words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = {"images", "masks", "mouths", "nowhere"}
    given = [shared_set / word if word in folders else word for word in words]
    assert judge(shared_set, *given) == 2
    assert reason in capsys.readouterr().err


def test_stopping_is_heeded_between_two_conditions(shared_set: Path) -> None:
    token = CancelToken()
    plan = RobustnessPlan(sets=(pair(shared_set),), model=str(shared_set / "model"))
    events = robustness(token, plan=plan)
    steps = (event for event in events if isinstance(event, Progress))
    assert [next(steps).done for _ in range(3)] == [0, 1, 2]
    token.cancel()
    with pytest.raises(Cancelled):
        next(steps)

"""`tongue-viewer predict`: the contract of arguments, files, exit codes and JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tiny_models import random_photo, save_tiny_model
from tongue_viewer.cli.main import main
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.jobs.predict_files import FilePredicted, PredictPlan, predict_files
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_tiny_model(folder)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos 舌象"
    (folder / "ward 2").mkdir(parents=True)
    Image.fromarray(random_photo((40, 60), 0)).save(folder / "a.bmp")
    Image.fromarray(random_photo((33, 47), 1)).save(folder / "b.jpg")
    Image.fromarray(random_photo((50, 40), 2)).save(folder / "ward 2" / "c.png")
    return folder


def run(*words: str | Path) -> int:
    code = main([str(word) for word in words])
    assert isinstance(code, int)
    return code


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """All of stdout, which must be one JSON document and nothing else."""
    return json.loads(capsys.readouterr().out)


def test_every_photo_gets_a_mask_of_its_own_size(photos: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()}
    assert run("predict", photos, "-o", out, "--model", model) == 0
    assert sorted(path.name for path in out.iterdir()) == ["a.bmp", "b.png"]
    for name, shape in (("a.bmp", (40, 60)), ("b.png", (33, 47))):
        pixels = np.asarray(Image.open(out / name))
        assert pixels.shape == shape
        assert set(np.unique(pixels)) <= {0, 255}
    assert {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()} == before
    assert not any(path.name.startswith(".tongue") for path in photos.iterdir())  # no case database


def test_the_files_hold_the_masks_of_the_window(photos: Path, model: Path, tmp_path: Path) -> None:
    assert run("predict", photos, "-o", tmp_path / "out", "--model", model) == 0
    _, mask = predict_mask(Predictor(model), read_photo(photos / "a.bmp"))
    np.testing.assert_array_equal(read_mask(tmp_path / "out" / "a.bmp"), mask)


def test_json_is_one_document_with_every_file(
    photos: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--recursive", "--overlay", "--probability", "--format", "png", "--json")
    assert run("predict", photos, "-o", tmp_path / "out", "--model", model, *words) == 0
    report = document(capsys)
    assert (report["n"], report["failed"], report["engine"]) == (3, [], "torch-cpu")
    assert report["model"]["name"] == "tiny"
    assert len(report["model"]["sha256"]) == 64
    assert report["seconds"]["predict_median"] > 0
    written = [Path(file) for entry in report["files"] for file in entry["written"]]
    assert len(written) == 9
    assert all(file.is_file() for file in written)
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in written)
    assert "ward 2/c_probability.png" in names
    assert "a_overlay.png" in names
    assert "b.png" in names


def test_a_truncated_file_fails_alone(
    photos: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "broken.bmp").write_bytes((photos / "a.bmp").read_bytes()[:500])
    (photos / "empty.png").write_bytes(b"")
    assert run("predict", photos, "-o", tmp_path / "out", "--model", model, "--json") == 1
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report["n"] == 2
    assert [Path(entry["name"]).name for entry in report["failed"]] == ["broken.bmp", "empty.png"]
    assert all(entry["reason"] for entry in report["failed"])
    assert "broken.bmp" in captured.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.bmp", "b.png"]


def test_files_are_replaced_only_when_asked(
    photos: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.bmp").write_bytes(b"mine")
    assert run("predict", photos, "-o", out, "--model", model) == 1
    assert (out / "a.bmp").read_bytes() == b"mine"
    assert (out / "b.png").is_file()
    assert "--overwrite" in capsys.readouterr().err
    assert run("predict", photos, "-o", out, "--model", model, "--overwrite") == 0
    assert read_mask(out / "a.bmp").shape == (40, 60)


def test_the_threshold_counts(photos: Path, model: Path, tmp_path: Path) -> None:
    assert run("predict", photos / "a.bmp", "-o", tmp_path / "o", "--model", model, "--threshold", "0") == 0
    assert read_mask(tmp_path / "o" / "a.bmp").all()


def test_wrong_values_are_wrong_usage(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, value in (("--threshold", "1.5"), ("--threads", "0")):
        assert run("predict", photos, "-o", tmp_path / "out", option, value) == 2
        assert option.strip("-") in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


def test_wrong_folders_are_wrong_usage(
    photos: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nothing").mkdir()
    assert run("predict", tmp_path / "nothing", "-o", tmp_path / "out") == 2
    assert "--recursive" in capsys.readouterr().err
    assert run("predict", tmp_path / "absent", "-o", tmp_path / "out") == 2
    assert run("predict", photos, "-o", photos, "--model", model) == 2
    assert "another" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["predict", str(photos)])
    assert stopped.value.code == 2


def test_unavailable_models_and_engines_name_the_remedy(
    photos: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("predict", photos, "-o", tmp_path / "out", "--model", "nobody") == 1
    assert "nobody" in capsys.readouterr().err
    engine = ("--engine", "openvino", "--precision", "bfloat16")
    assert run("predict", photos, "-o", tmp_path / "out", "--model", model, *engine) == 2
    captured = capsys.readouterr()
    assert "--engine openvino" in captured.err
    assert captured.out == ""


def test_stopping_keeps_and_reports_what_is_finished(photos: Path, model: Path, tmp_path: Path) -> None:
    for number in range(8):
        Image.fromarray(random_photo((30, 30), number)).save(photos / f"n{number}.bmp")
    plan = PredictPlan(tuple(sorted(photos.glob("n*.bmp"))), photos, tmp_path / "out", str(model))
    token, done = CancelToken(), []

    def cancel_after_the_first() -> None:
        for event in predict_files(token, plan=plan):
            if isinstance(event, FilePredicted):
                done.append(event.result.source.name)
                token.cancel()

    with pytest.raises(Cancelled):
        cancel_after_the_first()
    assert 1 <= len(done) < 8
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(done)


def test_a_process_of_its_own_gives_the_same(photos: Path, model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tongue_viewer", "predict", str(photos), "-o", str(tmp_path / "out")]
    child = subprocess.run(
        [*command, "--model", str(model), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"},
    )
    assert child.returncode == 0, child.stderr
    assert json.loads(child.stdout)["n"] == 2
    assert "Predicting 0/2" in child.stderr  # plain lines, as there is no terminal
    assert "\r" not in child.stderr

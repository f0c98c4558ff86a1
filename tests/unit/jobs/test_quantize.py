"""Making an int8 form: kept where its masks are the model's own, refused with figures where they are not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.tiny_models import SIZE, random_photo, save_tiny_model
from tongue_viewer.cli.main import main
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.inference.engine import EngineOptions, open_engine
from tongue_viewer.inference.forms import INT8, verify_forms
from tongue_viewer.inference.registry import read_card
from tongue_viewer.jobs.form_check import FormCheck
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import build_network
from tongue_viewer.network.weights import save_model

GOOD = FormCheck(
    photos=10,
    dice_float32=0.99,
    dice=0.9896,
    worst_loss=0.0049,
    worst_photo="a.png",
    agreement=0.9981,
    least_agreement=0.99,
    seconds_float32=1.0,
    seconds=0.2,
)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dice": 0.9894}, "mean Dice is 0.98940"),
        ({"dice": 0.9906}, "mean Dice is 0.99060"),
        ({"worst_loss": 0.0051}, r"a\.png loses 0\.0051"),
        ({"agreement": 0.9979}, "agree"),
    ],
)
def test_each_limit_is_a_reason(changes: dict[str, float], reason: str) -> None:
    assert GOOD.reasons() == ()
    (found,) = replace(GOOD, **changes).reasons()  # type: ignore[arg-type]  # every change is a float
    assert re.search(reason, found)


def test_the_card_names_no_photo() -> None:
    assert "a.png" not in json.dumps(GOOD.to_json())


def put_photos(folder: Path, count: int) -> tuple[str, str]:
    """Photos with masks that are all tongue, as the command's two words."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        cv2.imwrite(str(folder / "images" / f"{number}.png"), random_photo((48, 80), number))
        cv2.imwrite(str(folder / "masks" / f"{number}.png"), np.full((48, 80), 255, np.uint8))
    return str(folder / "images"), str(folder / "masks")


def save_sure_model(folder: Path) -> ModelCard:
    """A model that takes every pixel for tongue, so that rounding cannot change a mask."""
    torch.manual_seed(0)
    network = build_network(NetworkConfig.tiny())
    with torch.no_grad():
        network.decoder.classifier.bias.fill_(20.0)  # type: ignore[union-attr]  # this one has a bias
    return save_model(folder, network, ModelCard(name="sure", network={}, input_size=SIZE))


def test_a_form_with_the_same_masks_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = save_sure_model(tmp_path / "sure")
    photos, check = put_photos(tmp_path / "p", 3), put_photos(tmp_path / "c", 2)
    words = ["models", "quantize", str(tmp_path / "sure"), "--photos", *photos, "--check", *check, "--json"]
    assert main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["kept"]
    assert report["checks"]["photos"] == 2
    assert report["checks"]["dice"] == report["checks"]["agreement"] == 1.0
    written = read_card(tmp_path / "sure")
    assert written.sha256 == card.sha256
    form = written.forms[INT8]
    assert form["weights_sha256"] == card.sha256
    assert form["calibration_photos"] == 3
    assert form["checks"] == report["checks"]
    assert form["versions"]["nncf"]
    verify_forms(tmp_path / "sure", written)
    assert open_engine(tmp_path / "sure", EngineOptions(device="cpu")).name == INT8
    assert main(["models", "verify", str(tmp_path / "sure")]) == 0
    binary = tmp_path / "sure" / INT8 / "model.bin"
    binary.write_bytes(binary.read_bytes()[:-1])
    assert main(["models", "verify", str(tmp_path / "sure")]) == 1
    assert "model.bin is damaged" in capsys.readouterr().out


def test_a_form_with_other_masks_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_tiny_model(tmp_path / "noise")  # its probabilities lie close to the threshold everywhere
    photos = put_photos(tmp_path / "p", 6)
    before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "noise").iterdir())
    assert main(["models", "quantize", str(tmp_path / "noise"), "--photos", *photos]) == 1
    captured = capsys.readouterr()
    assert "unchanged" in captured.out
    assert "is needed" in captured.err
    assert "2 photos" in captured.err  # every third is held back for the check
    assert sorted((path.name, path.read_bytes()) for path in (tmp_path / "noise").iterdir()) == before
    assert read_card(tmp_path / "noise").forms == {}


def test_what_cannot_be_quantised_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_tiny_model(tmp_path / "tiny")
    assert main(["models", "quantize", str(tmp_path / "tiny")]) == 2
    assert "--photos" in capsys.readouterr().err
    photos = put_photos(tmp_path / "p", 1)
    assert main(["models", "quantize", str(tmp_path / "tiny"), "--photos", *photos]) == 2
    assert "more photos" in capsys.readouterr().err
    assert (tmp_path / "tiny" / CARD_NAME).is_file()


def test_without_nncf_the_remedy_is_named(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "tiny")
    photos = put_photos(tmp_path / "p", 3)
    script = (
        "import sys; sys.modules['nncf'] = None\n"
        "from tongue_viewer.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = ["models", "quantize", str(tmp_path / "tiny"), "--photos", *photos]
    child = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False
    )
    assert child.returncode == 1
    assert "uv sync --extra quantize" in child.stderr
    assert read_card(tmp_path / "tiny").forms == {}

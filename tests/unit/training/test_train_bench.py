"""The benchmark of a training step, with and without another network beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tongue_viewer.cli.main import main
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.training.bench_train import Setting, measure

SMALL = Setting(size=32, batch=2)
BESIDE = """
from torch import nn

__version__ = "0.0"


def DeepLabV3Plus(encoder, *, encoder_weights, classes):
    assert (encoder, encoder_weights, classes) == ("resnet101", None, 1)
    return nn.Conv2d(3, 1, 1)
"""


def test_without_the_other_package_its_place_says_so() -> None:
    told: list[str] = []
    report = measure(SMALL, NetworkConfig.tiny(), told.append)
    assert (report["size"], report["batch"], report["steps"]) == (32, 2, 5)
    assert report["threads"] >= 1
    for precision in ("float32", "auto"):
        figures = report["own"][precision]
        assert figures["seconds"] > 0
        assert figures["photos_per_second"] == pytest.approx(2 / figures["seconds"], rel=0.02)
    assert report["auto_precision"] in ("float32", "bfloat16")
    assert "cannot be imported" in report["peer"]["note"]
    assert report["ratio"] is None
    assert report["ratio_auto"] is None
    assert report["own"]["parameters"] > 0
    assert told[0].startswith("warm-up")
    assert told[-1].startswith("step 5 of 5")


def test_the_other_network_gets_the_same_and_the_ratio_is_told(tmp_path: Path) -> None:
    (tmp_path / "segmentation_models_pytorch.py").write_text(BESIDE)
    program = (
        "import json; from tongue_viewer.network.config import NetworkConfig;"
        "from tongue_viewer.training.bench_train import Setting, measure;"
        "print(json.dumps(measure(Setting(32, 2), NetworkConfig.tiny())))"
    )
    places = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": places}
    )
    report = json.loads(done.stdout)
    own, peer = report["own"], report["peer"]
    assert peer["parameters"] == 4 < own["parameters"]
    assert report["ratio"] == pytest.approx(peer["float32"]["seconds"] / own["float32"]["seconds"], abs=1e-3)
    assert report["ratio"] < 1  # a network of four numbers is faster
    assert "0.0" in peer["name"]


def test_too_few_steps_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    from tongue_viewer.training import bench_train

    with pytest.raises(SystemExit) as ended:
        bench_train.main(["--steps", "4"])
    assert ended.value.code == 2
    assert "5 steps" in capsys.readouterr().err


def test_the_command_names_what_it_measures(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "train: photos a second" in told
    assert "folder: seconds" in told

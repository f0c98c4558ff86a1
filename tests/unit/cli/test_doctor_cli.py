"""`tongue-viewer doctor` and `bench`: findings as JSON, remedies, nothing pretended."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.tiny_models import save_tiny_model
from tongue_viewer.cli.main import main
from tongue_viewer.inference.adoption import adopt


def test_doctor_reports_what_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_tiny_model(tmp_path / "tiny")
    folder = adopt(tmp_path / "tiny")
    code = main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert code == (1 if any(problem["broken"] for problem in report["problems"]) else 0)
    assert report["libraries"]["torch"]
    assert report["engines"]["torch-cpu"]["available"]
    assert report["engines"]["openvino"]["available"]
    assert report["engines"]["openvino"]["version"].startswith(report["libraries"]["openvino"])
    (current,) = [model for model in report["models"] if model["current"]]
    assert (current["name"], current["ok"], current["forms"]) == ("tiny", True, [])
    assert report["qt"]["platform"] == os.environ["QT_QPA_PLATFORM"]
    assert report["qt"]["works"]

    shard = next(folder.glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-1])
    assert main(["doctor"]) == 1
    assert "BROKEN: the model tiny is damaged" in capsys.readouterr().out


def test_bench_inference_has_the_keys_of_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_tiny_model(tmp_path / "tiny")
    words = ["--model", str(tmp_path / "tiny"), "--size", "64", "--runs", "7", "--json"]
    assert main(["bench", "inference", *words]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["size"] == 64
    assert report["threads"] >= 1
    assert report["engines"]["torch-f32"]["seconds"] > 0
    assert report["engines"]["openvino-f32"]["seconds"] > 0
    assert report["engines"]["openvino-int8"] == {"seconds": None, "note": "the model tiny has no int8 form"}
    assert report["ratio_to_torch_f32"] > 0
    assert report["peers"]["torchvision-deeplabv3_resnet101"]["seconds"] > 0
    assert report["ratio_to_torchvision"] > 1  # the tiny network against a large one
    assert main(["bench", "inference", "--runs", "3"]) == 2
    assert "at least 7" in capsys.readouterr().err


def test_what_cannot_be_measured_is_said_and_not_invented(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nothing-of-this-name")
    monkeypatch.setenv("DISPLAY", ":0")
    assert main(["bench", "folder", "--photos", "2", "--json"]) == 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "`bench folder` ended with code" in captured.err

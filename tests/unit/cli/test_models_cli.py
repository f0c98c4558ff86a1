"""`tongue-viewer models`: list, show, verify, adopt, rollback, remove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_models import SIZE, save_tiny_model
from tongue_viewer.cli.main import main


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two training runs with a model each."""
    for seed, name in enumerate(("first", "second")):
        save_tiny_model(tmp_path / name / "model", name=name, seed=seed)
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Any:
    """The JSON document of `models WORDS --json`."""
    assert main(["models", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def own_names(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [entry["name"] for entry in ask(capsys, "list")["models"] if not entry["bundled"]]


def test_adopt_roll_back_and_remove(runs: Path, user_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert own_names(capsys) == []
    assert ask(capsys, "adopt", runs / "first")["current"] == "first"
    assert ask(capsys, "adopt", runs / "second")["current"] == "second"
    assert (user_home / "models" / "second" / "card.json").is_file()
    listed = {entry["name"]: entry for entry in ask(capsys, "list")["models"]}
    assert [listed[name]["current"] for name in ("first", "second")] == [False, True]
    assert listed["first"]["input_size"] == SIZE
    assert main(["models", "remove", "second"]) == 2
    assert "current" in capsys.readouterr().err
    assert ask(capsys, "rollback")["current"] == "first"
    ask(capsys, "remove", "second")
    assert own_names(capsys) == ["first"]
    assert (runs / "second" / "model" / "card.json").is_file()  # the run itself stays


def test_show_tells_the_card_and_the_layers(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = ask(capsys, "show", runs / "first", "--layers")
    assert report["name"] == report["card"]["name"] == "first"
    *layers, total = report["layers"]
    assert total["parameters"] == report["card"]["parameters"] == sum(row["parameters"] for row in layers)
    assert main(["models", "show", str(runs / "first")]) == 0
    text = capsys.readouterr().out
    assert "sha256: " + report["card"]["sha256"] in text
    assert "Conv2d" not in text


def test_verify_finds_a_changed_byte(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "verify", runs / "first")["models"][0]["ok"]
    shard = next((runs / "first" / "model").glob("*.safetensors"))
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(bytes(data))
    assert main(["models", "verify", str(runs / "first"), "--json"]) == 1
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert not entry["ok"]
    assert "checksum" in entry["reason"]
    assert main(["models", "adopt", str(runs / "first")]) == 1
    assert own_names(capsys) == []


def test_missing_names_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("adopt", "remove"):
        assert main(["models", action]) == 2
        assert "NAME" in capsys.readouterr().err
    assert main(["models", "show", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err
    assert main(["models", "rollback"]) == 2

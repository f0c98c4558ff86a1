"""Adopting a model, going back, removing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tiny_models import save_tiny_model
from tongue_viewer.core.errors import ModelDamagedError, ModelNotFoundError, UsageError, WriteError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.inference.adoption import adopt, remove, rollback
from tongue_viewer.inference.registry import Places, find_model, list_models


def put(root: Path, name: str, *, card_name: str = "", sha256: str = "") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(b"weights of " + name.encode())
    card = ModelCard(
        name=card_name or name, network={}, input_size=64, files={"weights.bin": "0"}, sha256=sha256 or name
    )
    (folder / CARD_NAME).write_text(json.dumps(card.to_json()), "utf-8")
    return folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    put(tmp_path / "bundled", "base")
    return Places(bundled=tmp_path / "bundled", own=tmp_path / "own")


def test_a_run_is_copied_adopted_and_rolled_back(places: Places, tmp_path: Path) -> None:
    run = put(tmp_path / "run", "model", card_name="Clinic 7 / May")
    folder = adopt(tmp_path / "run", places, verify=False)
    assert folder == places.own / "Clinic-7-May"
    assert (folder / "weights.bin").read_bytes() == (run / "weights.bin").read_bytes()
    assert find_model(None, places) == folder
    assert rollback(places) == places.bundled / "base"
    assert find_model(None, places) == places.bundled / "base"
    assert folder.is_dir()  # going back deletes nothing


def test_adopting_the_same_run_twice_makes_no_second_copy(places: Places, tmp_path: Path) -> None:
    put(tmp_path / "run", "model", card_name="mine")
    assert adopt(tmp_path / "run", places, verify=False) == adopt(tmp_path / "run", places, verify=False)
    assert [entry.name for entry in list_models(places)] == ["base", "mine"]


def test_another_model_of_the_same_name_gets_a_number(places: Places, tmp_path: Path) -> None:
    put(tmp_path / "run1", "model", card_name="mine", sha256="1")
    put(tmp_path / "run2", "model", card_name="mine", sha256="2")
    adopt(tmp_path / "run1", places, verify=False)
    assert adopt(tmp_path / "run2", places, verify=False).name == "mine-2"
    assert rollback(places).name == "mine"
    assert rollback(places).name == "base"
    with pytest.raises(UsageError, match="no earlier model"):
        rollback(places)


def test_a_name_is_adopted_where_it_stands(places: Places) -> None:
    put(places.own, "mine")
    assert adopt("mine", places, verify=False) == places.own / "mine"
    assert adopt("base", places, verify=False) == places.bundled / "base"
    assert find_model(None, places).name == "base"


def test_an_adopted_model_deleted_by_hand_is_passed_over(places: Places) -> None:
    folder = put(places.own, "mine")
    adopt("mine", places, verify=False)
    (folder / CARD_NAME).unlink()
    assert find_model(None, places) == places.bundled / "base"


def test_only_own_models_that_are_not_in_use_are_removed(places: Places, tmp_path: Path) -> None:
    folder, other = put(places.own, "mine"), put(tmp_path, "elsewhere")
    adopt("mine", places, verify=False)
    with pytest.raises(UsageError, match="current"):
        remove("mine", places)
    with pytest.raises(UsageError, match="comes with the program"):
        remove("base", places)
    with pytest.raises(ModelNotFoundError, match="base, mine"):
        remove("nobody", places)
    with pytest.raises(ModelNotFoundError, match="yourself"):
        remove(str(other), places)
    rollback(places)
    assert remove("mine", places) == folder
    assert not folder.exists()
    assert other.is_dir()


def test_a_copy_that_fails_leaves_nothing_behind(places: Places, tmp_path: Path) -> None:
    run = put(tmp_path / "run", "model", card_name="mine")
    (run / "weights.bin").unlink()
    with pytest.raises(WriteError, match="mine"):
        adopt(tmp_path / "run", places, verify=False)
    assert [path.name for path in places.own.iterdir()] == []
    assert find_model(None, places).name == "base"


def test_a_damaged_model_is_not_adopted(places: Places, tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "run" / "model")
    assert adopt(tmp_path / "run", places).name == "tiny"
    shard = next((tmp_path / "run" / "model").glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes() + b"x")
    with pytest.raises(ModelDamagedError, match="checksum"):
        adopt(tmp_path / "run", places)
    assert find_model(None, places) == places.own / "tiny"

"""Finding models by name, by folder, and the one that is current."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tongue_viewer.core.errors import ModelDamagedError, ModelNotFoundError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.inference.registry import CURRENT_NAME, Places, find_model, list_models, read_card
from tongue_viewer.storage.locations import models_folder


def put(root: Path, name: str, created: str = "2026-01-01T00:00:00+00:00") -> Path:
    """A model folder with a card; no weights are needed to find it."""
    folder = root / name
    folder.mkdir(parents=True)
    card = ModelCard(name=name, network={}, input_size=64, created=created)
    (folder / CARD_NAME).write_text(json.dumps(card.to_json()), "utf-8")
    return folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(bundled=tmp_path / "bundled", own=tmp_path / "own")


def test_the_newest_bundled_model_is_the_default(places: Places) -> None:
    newest = put(places.bundled, "a-new", "2026-05-01T00:00:00+00:00")
    put(places.bundled, "z-old", "2026-04-01T00:00:00+00:00")
    put(places.own, "mine", "2026-09-01T00:00:00+00:00")  # made later, but nobody adopted it
    assert find_model(None, places) == newest


def test_a_small_file_can_name_the_default(places: Places) -> None:
    put(places.bundled, "a", "2026-05-01T00:00:00+00:00")
    older = put(places.bundled, "b", "2026-04-01T00:00:00+00:00")
    (places.bundled / "default.json").write_text('{"name": "b"}')
    assert find_model(None, places) == older
    (places.bundled / "default.json").write_text("b")
    with pytest.raises(ModelDamagedError, match=r"default\.json"):
        find_model(None, places)


def test_names_folders_and_runs_are_found(places: Places, tmp_path: Path) -> None:
    bundled, own = put(places.bundled, "base"), put(places.own, "mine")
    model, in_run = put(tmp_path, "elsewhere"), put(tmp_path / "run", "model")
    assert find_model("base", places) == bundled
    assert find_model("mine", places) == own
    assert find_model(model, places) == model
    assert find_model(str(tmp_path / "run"), places) == in_run


def test_what_is_not_there_is_named_with_what_is(places: Places) -> None:
    put(places.bundled, "base")
    with pytest.raises(ModelNotFoundError, match=r"'nobody'.*base"):
        find_model("nobody", places)


def test_an_installation_without_models_says_so(places: Places) -> None:
    with pytest.raises(ModelNotFoundError, match="--model"):
        find_model(None, places)
    assert list_models(places) == []


def test_the_list_names_origin_current_and_damage(places: Places) -> None:
    put(places.bundled, "base")
    broken = put(places.own, "broken")
    (broken / CARD_NAME).write_text("{")
    base, damaged = list_models(places)
    assert (base.name, base.bundled, base.current, base.problem) == ("base", True, True, "")
    assert base.card is not None
    assert (damaged.name, damaged.bundled, damaged.current, damaged.card) == ("broken", False, False, None)
    assert "cannot be read" in damaged.problem


def test_a_damaged_file_of_the_current_model_is_not_passed_over(places: Places) -> None:
    put(places.bundled, "base")
    places.own.mkdir()
    (places.own / CURRENT_NAME).write_text("[]")
    with pytest.raises(ModelDamagedError, match="Delete it"):
        find_model(None, places)
    assert [entry.name for entry in list_models(places)] == ["base"]


def test_a_card_that_is_no_card(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=CARD_NAME):
        read_card(tmp_path)
    for text in ("", "[]", '{"name": "x"}', "\xff"):
        (tmp_path / CARD_NAME).write_text(text, "latin-1")
        with pytest.raises(ModelDamagedError):
            read_card(tmp_path)


def test_the_registry_needs_no_torch() -> None:
    script = (
        "import sys; from tongue_viewer.inference import registry, source; registry.list_models();"
        "print('torch' in sys.modules)"
    )
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "5"),
        ("network", '"text"'),
        ("network", '{"class_names": 7}'),
        ("input_size", '"512"'),
        ("input_size", "-1"),
        ("threshold", "NaN"),
        ("temperature", "0"),
        ("focus_margin", "[]"),
        ("coarse_size", "true"),
        ("files", '{"a": 1}'),
        ("created", "2026"),
        ("limits", '"text"'),
        ("scores", '{"a":' * 200 + "1" + "}" * 200),
        ("forms", '{"openvino-int8": 3}'),
    ],
)
def test_a_card_with_a_value_of_another_kind_is_damaged(places: Places, key: str, value: str) -> None:
    folder = put(places.bundled, "base")
    newer = put(places.bundled, "newer", "2026-05-01T00:00:00+00:00")
    values = json.loads((folder / CARD_NAME).read_text("utf-8"))
    values[key] = "<here>"
    (folder / CARD_NAME).write_text(json.dumps(values).replace('"<here>"', value), "utf-8")
    with pytest.raises(ModelDamagedError, match=r"card\.json"):
        read_card(folder)
    assert find_model(None, places) == newer
    assert [bool(entry.problem) for entry in list_models(places)] == [True, False]


def test_json_without_end_is_no_card_and_no_choice(places: Places) -> None:
    folder = put(places.bundled, "base")
    (folder / CARD_NAME).write_text('{"a":' * 100_000, "utf-8")
    with pytest.raises(ModelDamagedError, match=r"card\.json"):
        read_card(folder)
    places.own.mkdir()
    (places.own / CURRENT_NAME).write_text("[" * 100_000, "utf-8")
    with pytest.raises(ModelDamagedError, match=r"current\.json"):
        find_model(None, places)
    with (folder / CARD_NAME).open("wb") as file:
        file.truncate(3 * 2**30)  # sparse: takes no room
    with pytest.raises(ModelDamagedError, match="bytes"):
        read_card(folder)


@pytest.mark.parametrize("name", ["tongue-base-2", "tongue-base-3"])
def test_the_cards_that_come_with_the_program_are_sound(name: str) -> None:
    folder = models_folder() / name
    if not folder.is_dir():
        pytest.skip("this installation has other models")
    assert read_card(folder).name == name

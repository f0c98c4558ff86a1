"""Forms of a model's weights: named in the card with digests, carried or dropped with the weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tiny_models import save_tiny_model
from tongue_viewer.core.errors import ModelDamagedError, WriteError
from tongue_viewer.core.models import CARD_NAME
from tongue_viewer.inference.adoption import adopt
from tongue_viewer.inference.forms import (
    INT8,
    MAX_FILE_BYTES,
    describe_form,
    form_files,
    install_form,
    verify_form,
    verify_forms,
)
from tongue_viewer.inference.registry import Places, read_card
from tongue_viewer.network.weights import load_model, save_model


def make_files(place: Path, text: str) -> Path:
    """A folder with what could be a form; nothing here runs it."""
    folder = place / INT8
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text(f"<net>{text}</net>")
    (folder / "model.bin").write_bytes(text.encode())
    return folder


def install(folder: Path, place: Path, text: str = "first") -> None:
    card = read_card(folder)
    made = make_files(place, text)
    install_form(folder, INT8, made, describe_form(place, INT8, card, {"recipe": text}))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    save_tiny_model(tmp_path / "tiny")
    install(tmp_path / "tiny", tmp_path / "made")
    return tmp_path / "tiny"


def test_an_installed_form_fits_its_card(model: Path) -> None:
    card = read_card(model)
    assert sorted(form_files(card)) == [f"{INT8}/model.bin", f"{INT8}/model.xml"]
    assert verify_form(model, card, INT8) == model / INT8 / "model.xml"
    assert card.forms[INT8]["recipe"] == "first"
    load_model(model)  # the weights are as they were
    assert not list(model.glob(".*"))


def test_a_second_form_replaces_the_first(model: Path, tmp_path: Path) -> None:
    install(model, tmp_path / "again", "second")
    card = read_card(model)
    assert card.forms[INT8]["recipe"] == "second"
    verify_forms(model, card)
    assert (model / INT8 / "model.bin").read_bytes() == b"second"


def test_every_changed_or_missing_file_is_named(model: Path) -> None:
    card = read_card(model)
    for name in form_files(card):
        data = (model / name).read_bytes()
        (model / name).write_bytes(data[:-1])
        with pytest.raises(ModelDamagedError, match=Path(name).name):
            verify_forms(model, card)
        (model / name).unlink()
        with pytest.raises(ModelDamagedError, match=Path(name).name):
            verify_forms(model, card)
        (model / name).write_bytes(data)
    verify_forms(model, card)


def test_a_card_cannot_name_files_elsewhere(model: Path) -> None:
    values = json.loads((model / CARD_NAME).read_text("utf-8"))
    files = values["forms"][INT8]["files"]
    files[f"{INT8}/../card.json"] = "0"
    (model / CARD_NAME).write_text(json.dumps(values), "utf-8")
    with pytest.raises(ModelDamagedError, match="outside"):
        verify_forms(model, read_card(model))


def test_new_weights_drop_the_forms_of_the_old_ones(model: Path) -> None:
    network, card = load_model(model)
    assert card.forms
    assert save_model(model, network, card).forms == {}
    assert read_card(model).forms == {}


def test_adopting_takes_the_form_along(model: Path, tmp_path: Path) -> None:
    places = Places(bundled=tmp_path / "none", own=tmp_path / "own")
    folder = adopt(model, places)
    verify_forms(folder, read_card(folder))
    assert form_files(read_card(folder)) == form_files(read_card(model))


def test_adopting_refuses_a_damaged_form(model: Path, tmp_path: Path) -> None:
    (model / INT8 / "model.bin").write_bytes(b"?")
    with pytest.raises(ModelDamagedError, match=r"model\.bin"):
        adopt(model, Places(bundled=tmp_path / "none", own=tmp_path / "own"))


def test_a_form_that_is_too_large_changes_nothing(model: Path, tmp_path: Path) -> None:
    made = make_files(tmp_path / "large", "large")
    with (made / "model.bin").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    before = (model / CARD_NAME).read_bytes()
    with pytest.raises(WriteError, match="too large"):
        install_form(model, INT8, made, {})
    assert (model / CARD_NAME).read_bytes() == before
    verify_forms(model, read_card(model))

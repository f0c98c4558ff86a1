"""Model folders: round trip, sharding, every kind of damage, writing that fails."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tongue_viewer.core.errors import ModelDamagedError, ModelError, ModelNotFoundError, WriteError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet, build_network
from tongue_viewer.network.summary import count_gflop
from tongue_viewer.network.weights import load_model, model_identity, read_card, save_model, verify_model

CARD = ModelCard("tiny", {}, 64, scores={"dice": 0.99}, limits=("Only a test.",))
SHARD = "weights-00001-of-00001.safetensors"


@pytest.fixture
def network() -> TongueNet:
    torch.manual_seed(0)
    network = build_network(NetworkConfig.tiny(class_names=("tongue", "coating")))
    network(torch.randn(2, 3, 64, 64))  # moves the running statistics from 0 and 1
    return network.eval()


@pytest.fixture
def folder(network: TongueNet, tmp_path: Path) -> Path:
    save_model(tmp_path / "model", network, CARD)
    return tmp_path / "model"


def _rewrite(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Change the one shard's tensors and make the card's checksums fit, as another program could."""
    tensors = load_file(folder / SHARD)
    change(tensors)
    save_file(tensors, folder / SHARD)
    card = read_card(folder)
    files = {SHARD: hashlib.sha256((folder / SHARD).read_bytes()).hexdigest()}
    _write_card(folder, replace(card, files=files, sha256=model_identity(files)))


def _write_card(folder: Path, card: ModelCard) -> None:
    (folder / CARD_NAME).write_text(json.dumps(card.to_json()), "utf-8")


def test_float16_round_trip_keeps_statistics_in_float32(network: TongueNet, folder: Path) -> None:
    loaded, card = load_model(folder)
    assert not loaded.training
    assert all(p.requires_grad and p.dtype == torch.float32 for p in loaded.parameters())
    for key, value in network.state_dict().items():
        exact = "running" in key or not value.is_floating_point()
        assert torch.equal(loaded.state_dict()[key], value if exact else value.half().float()), key
    x = torch.randn(1, 3, 33, 47)
    with torch.inference_mode():
        torch.testing.assert_close(loaded(x), network(x), rtol=0.02, atol=0.005)
    assert card.class_names == ("tongue", "coating")
    verify_model(folder)


def test_float32_round_trip_is_exact_in_any_memory_format(network: TongueNet, tmp_path: Path) -> None:
    last = network.to(memory_format=torch.channels_last)
    save_model(tmp_path, last, CARD, dtype=torch.float32)
    loaded, _ = load_model(tmp_path)
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value), key


def test_a_loaded_network_can_be_trained(folder: Path) -> None:
    loaded, _ = load_model(folder)
    loaded.train()(torch.randn(1, 3, 64, 64)).square().mean().backward()
    assert all(p.grad is not None for p in loaded.parameters())


def test_a_variance_beyond_float16_survives(network: TongueNet, tmp_path: Path) -> None:
    variance = network.backbone.bn1.running_var
    assert variance is not None
    variance.fill_(1e6)
    save_model(tmp_path, network, CARD)
    loaded = load_model(tmp_path)[0].backbone.bn1.running_var
    assert loaded is not None
    assert torch.equal(loaded, variance)


def test_the_card_is_filled_in_and_read_back(network: TongueNet, tmp_path: Path) -> None:
    card = save_model(tmp_path, network, CARD)
    assert card == read_card(tmp_path)
    assert NetworkConfig.from_json(card.network) == network.config
    assert card.parameters == sum(p.numel() for p in network.parameters())
    assert card.gflop == round(count_gflop(network.config, 64), 2) > 0
    assert (card.name, card.scores, card.limits) == (CARD.name, CARD.scores, CARD.limits)
    assert card.files == {SHARD: hashlib.sha256((tmp_path / SHARD).read_bytes()).hexdigest()}
    assert card.sha256 == hashlib.sha256(f"{SHARD}:{card.files[SHARD]}".encode()).hexdigest()
    assert card.created.endswith("+00:00")


def test_shards_stay_below_their_size_and_a_new_save_drops_the_old_ones(
    network: TongueNet, tmp_path: Path
) -> None:
    card = save_model(tmp_path, network, CARD, max_shard_bytes=100_000)
    count = len(card.files)
    assert count > 2
    assert list(card.files) == [f"weights-{n:05d}-of-{count:05d}.safetensors" for n in range(1, count + 1)]
    for name in card.files:
        assert sum(t.nbytes for t in load_file(tmp_path / name).values()) <= 100_000
    assert load_model(tmp_path)[1] == card
    save_model(tmp_path, network, CARD)
    assert sorted(p.name for p in tmp_path.iterdir()) == [CARD_NAME, SHARD]
    verify_model(tmp_path)


def test_a_tensor_above_the_shard_size_gets_a_shard_of_its_own(network: TongueNet, tmp_path: Path) -> None:
    card = save_model(tmp_path, network, CARD, max_shard_bytes=1)
    assert len(card.files) == len(network.state_dict())
    verify_model(tmp_path)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_flip, "checksum"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "checksum"),
        (lambda path: path.write_bytes(b""), "checksum"),
        (lambda path: path.unlink(), "missing"),
    ],
    ids=["one bit", "cut short", "empty", "gone"],
)
@pytest.mark.parametrize("check", [load_model, verify_model])
def test_a_harmed_shard_is_named_with_the_remedy(
    folder: Path, harm: Callable[[Path], object], reason: str, check: Callable[[Path], object]
) -> None:
    harm(folder / SHARD)
    with pytest.raises(ModelDamagedError, match=rf"{SHARD}.*{reason}.*Copy the whole model folder again"):
        check(folder)
    assert read_card(folder).name == "tiny"


def test_wrong_keys_and_shapes_are_named(folder: Path) -> None:
    _rewrite(folder, lambda t: t.update({"stranger": torch.zeros(1)}))
    with pytest.raises(ModelDamagedError, match=r"1 unknown.*stranger"):
        load_model(folder)
    _rewrite(folder, lambda t: (t.pop("stranger"), t.pop("aspp.pool.bias")))
    with pytest.raises(ModelDamagedError, match=r"1 are missing.*aspp\.pool\.bias"):
        load_model(folder)
    _rewrite(folder, lambda t: t.update({"aspp.pool.bias": torch.zeros(3)}))
    with pytest.raises(ModelDamagedError, match=r"1 of another shape.*aspp\.pool\.bias"):
        load_model(folder)


def test_a_shard_that_is_no_safetensors_is_damaged_even_if_the_card_knows_it(folder: Path) -> None:
    (folder / SHARD).write_bytes(b"hello")
    files = {SHARD: hashlib.sha256(b"hello").hexdigest()}
    _write_card(folder, replace(read_card(folder), files=files, sha256=model_identity(files)))
    with pytest.raises(ModelDamagedError, match="does not hold weights"):
        load_model(folder)


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelNotFoundError, match="no model folder"):
            load_model(place)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"name": "a", "network": 3, "input_size": 1}', '{"schema": "x"}']
)
def test_a_card_that_is_no_card_is_damaged(folder: Path, text: str) -> None:
    (folder / CARD_NAME).write_text(text, "utf-8")
    with pytest.raises(ModelDamagedError, match=CARD_NAME):
        read_card(folder)


def test_a_newer_model_asks_for_an_update(folder: Path) -> None:
    card = read_card(folder)
    _write_card(folder, replace(card, schema=2))
    with pytest.raises(ModelError, match="update the program"):
        load_model(folder)
    _write_card(folder, replace(card, network={**card.network, "mamba": True}))
    with pytest.raises(ModelError, match="mamba"):
        load_model(folder)


def test_a_card_never_leads_outside_its_folder(folder: Path) -> None:
    card = read_card(folder)
    files = {f"../{SHARD}": card.files[SHARD]}
    (folder.parent / SHARD).write_bytes((folder / SHARD).read_bytes())
    _write_card(folder, replace(card, files=files, sha256=model_identity(files)))
    with pytest.raises(ModelDamagedError, match="outside"):
        load_model(folder)


def test_a_changed_identity_is_noticed(folder: Path) -> None:
    _write_card(folder, replace(read_card(folder), sha256="0" * 64))
    with pytest.raises(ModelDamagedError, match="identity"):
        verify_model(folder)


def test_weights_that_are_not_finite_are_not_saved(network: TongueNet, folder: Path) -> None:
    before = read_card(folder)
    with torch.no_grad():
        network.decoder.classifier.weight.fill_(1e5)  # finite in float32, not in float16
    with pytest.raises(ModelError, match=r"decoder\.classifier\.weight"):
        save_model(folder, network, CARD)
    assert read_card(folder) == before
    save_model(folder, network, CARD, dtype=torch.float32)


def test_a_card_with_a_nan_is_refused_before_anything_is_written(network: TongueNet, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="null"):
        save_model(tmp_path / "new", network, replace(CARD, scores={"hd95": float("nan")}))
    assert not (tmp_path / "new").exists()


def test_a_place_that_is_a_file_is_a_write_error(network: TongueNet, tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("mine", "utf-8")
    with pytest.raises(WriteError, match="file"):
        save_model(place, network, CARD)
    assert place.read_text("utf-8") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="a file-size limit is a POSIX thing")
def test_a_full_disk_leaves_the_old_model_and_no_leavings(network: TongueNet, folder: Path) -> None:
    import resource

    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    network.backbone.bn1.reset_running_stats()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(WriteError, match="could not be written"):
            save_model(folder, network, CARD)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    verify_model(folder)

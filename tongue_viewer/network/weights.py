"""Model folders: the card and its weights as sharded safetensors, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from tongue_viewer.core.errors import ModelDamagedError, ModelError, ModelNotFoundError, WriteError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet
from tongue_viewer.network.summary import count_gflop

_STATISTICS = (".running_mean", ".running_var")
_REMEDY = "Copy the whole model folder again, or choose another model."


def save_model(
    folder: Path,
    network: TongueNet,
    card: ModelCard,
    *,
    dtype: torch.dtype = torch.float16,
    max_shard_bytes: int = 90_000_000,
) -> ModelCard:
    """Make `folder` a model folder of `network` and `card`; a model that stands there is replaced.

    All files are complete and on the disk under temporary names before the first takes its name, and the card
    comes last. Running statistics of batch normalisation stay float32: a variance may exceed float16.

    Args:
        folder: made if need be.
        network: on any device, in any memory format; unchanged.
        card: name, input size, training, scores …; what follows from the weights is filled in.
        dtype: of the stored weights.
        max_shard_bytes: size of a shard's tensors (one larger tensor makes a shard of its own); the default
            stays below the 100 MB that common hosts accept.

    Returns:
        The card as written: with network, files, sha256, parameters, gflop and created, without forms.

    Raises:
        WriteError: disk full, no permission; a model that stood there is intact unless the files could be
            written but not renamed, and then `load_model` says that it is damaged.
        ModelError: a weight is not finite in `dtype`, or the card holds what JSON cannot.
    """
    shards = _shards(_stored_state(network, dtype), max_shard_bytes)
    contents: dict[str, bytes] = {}
    for number, shard in enumerate(shards, 1):
        name = f"weights-{number:05d}-of-{len(shards):05d}.safetensors"
        contents[name] = safetensors.torch.save(shard, metadata={"format": "pt"})
    files = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    written = replace(
        card,
        network=network.config.to_json(),
        files=files,
        forms={},  # those of the card were made from other weights
        sha256=model_identity(files),
        parameters=sum(p.numel() for p in network.parameters()),
        gflop=round(count_gflop(network.config, card.input_size), 2),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    contents[CARD_NAME] = _card_bytes(written)
    _write_all(folder, contents)
    return written


def load_model(folder: Path) -> tuple[TongueNet, ModelCard]:
    """The network of a model folder: float32, on the CPU, in evaluation mode; and its card.

    Raises:
        ModelNotFoundError: `folder` is no model folder.
        ModelDamagedError: a shard is missing, cut short or changed, or does not hold what the card describes.
        ModelError: made by a newer version of the program.
    """
    card = read_card(folder)
    network, state = _checked(folder, card)
    network.load_state_dict(state, strict=True, assign=True)
    return network.eval(), card


def verify_model(folder: Path) -> None:
    """Read everything and compare it with the card, as `load_model` does; raises the same errors."""
    _checked(folder, read_card(folder))


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder; the weights are not looked at.

    Raises:
        ModelNotFoundError: `folder` holds no card.
        ModelDamagedError: the card is no card.
        ModelError: made by a newer version of the program.
    """
    path = folder / CARD_NAME
    if not path.is_file():
        raise ModelNotFoundError(
            f"{folder} is no model folder: it holds no {CARD_NAME}. Choose another folder."
        )
    try:
        values = json.loads(path.read_text("utf-8"))
        card = ModelCard.from_json(values)
        newer = card.schema > 1
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelDamagedError(f"{path} cannot be read as a model card ({error}). {_REMEDY}") from error
    if newer:
        raise ModelError(f"{path} was made by a newer version of the program: update the program to use it.")
    if not isinstance(card.network, dict) or not isinstance(card.files, dict):
        raise ModelDamagedError(f"{path} describes no network or no files. {_REMEDY}")
    return card


def model_identity(files: Mapping[str, str]) -> str:
    """sha256 over the sorted lines "name:sha256" of a model's shards, joined by line feeds."""
    lines = sorted(f"{name}:{digest}" for name, digest in files.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _stored_state(network: TongueNet, dtype: torch.dtype) -> dict[str, Tensor]:
    """The state as it is stored: on the CPU, contiguous, floats in `dtype` except running statistics."""
    stored = {}
    for key, value in network.state_dict().items():
        kept = torch.float32 if key.endswith(_STATISTICS) else dtype
        tensor = value.detach().to("cpu", kept if value.is_floating_point() else value.dtype)
        if not torch.isfinite(tensor).all():
            raise ModelError(
                f"The weight {key} holds values that are not finite as {tensor.dtype}: nothing was saved. "
                "Save as float32, or train again with a smaller learning rate."
            )
        stored[key] = tensor.contiguous()
    return stored


def _shards(state: dict[str, Tensor], max_bytes: int) -> list[dict[str, Tensor]]:
    """`state` in order, cut before a shard would exceed `max_bytes`."""
    shards: list[dict[str, Tensor]] = [{}]
    size = 0
    for key, tensor in state.items():
        if shards[-1] and size + tensor.nbytes > max_bytes:
            shards.append({})
            size = 0
        shards[-1][key] = tensor
        size += tensor.nbytes
    return shards


def _card_bytes(card: ModelCard) -> bytes:
    try:
        return (json.dumps(card.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"The card of {card.name} holds what JSON cannot ({error}): use null instead."
        ) from error


def _write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write `contents` under temporary names, rename them in order, then drop shards of the old model."""
    temporary: dict[str, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            temporary[name] = folder / f".{name}.{os.getpid()}.part"
            with temporary[name].open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for name, path in temporary.items():
            path.replace(folder / name)
        for path in folder.glob("weights-*-of-*.safetensors"):
            if path.name not in contents:
                path.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(
            f"The model could not be written to {folder} ({reason}). Make room or choose another folder."
        ) from error
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)


def _checked(folder: Path, card: ModelCard) -> tuple[TongueNet, dict[str, Tensor]]:
    """The network on the meta device, and the float32 state that fits it."""
    state: dict[str, Tensor] = {}
    if card.sha256 != model_identity(card.files):
        raise ModelDamagedError(
            f"{folder / CARD_NAME} was changed: its identity does not fit its files. {_REMEDY}"
        )
    for name, digest in card.files.items():
        if Path(name).name != name:
            raise ModelDamagedError(
                f"{folder / CARD_NAME} names a file outside its folder: {name}. {_REMEDY}"
            )
        state.update(_read_shard(folder / name, digest))
    with torch.device("meta"):
        network = TongueNet(NetworkConfig.from_json(card.network))
    own = network.state_dict()
    missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
    misfits = sorted(key for key in own.keys() & state.keys() if own[key].shape != state[key].shape)
    if missing or unknown or misfits:
        named = ", ".join((missing + unknown + misfits)[:4])
        raise ModelDamagedError(
            f"The weights in {folder} do not fit its card: {len(missing)} are missing, "
            f"{len(unknown)} unknown and {len(misfits)} of another shape ({named}, …). {_REMEDY}"
        )
    return network, state


def _read_shard(path: Path, digest: str) -> dict[str, Tensor]:
    """The tensors of one shard, floats as float32."""
    if not path.is_file():
        raise ModelDamagedError(f"{path} is missing. {_REMEDY}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelDamagedError(f"{path} cannot be read ({error.strerror}). {_REMEDY}") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise ModelDamagedError(f"{path} is damaged: its checksum is not the card's. {_REMEDY}")
    try:
        tensors = safetensors.torch.load(data)
    except SafetensorError as error:
        raise ModelDamagedError(f"{path} does not hold weights ({error}). {_REMEDY}") from error
    return {
        k: v.to(torch.float32 if v.is_floating_point() else v.dtype, copy=True) for k, v in tensors.items()
    }

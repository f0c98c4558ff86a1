"""The whole state of a run in one file of tensors with a JSON header: nothing in it can run code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tongue_viewer.core.errors import TrainingError, WriteError


def write_checkpoint(file: Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
    """Write atomically: after a crash either the old or the new file stands there, whole.

    Args:
        file: `.safetensors`.
        tensors: by name, copied where they share memory or are not contiguous.
        state: plain JSON values.

    Raises:
        WriteError: the disk is full or the folder cannot be written; the old file is intact.
    """
    fresh = file.with_name(f".{file.name}.part")
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        save_file(plain, fresh, {"state": json.dumps(state)})
        with fresh.open("rb+") as opened:
            os.fsync(opened.fileno())
        fresh.replace(file)
    except (OSError, SafetensorError) as error:
        fresh.unlink(missing_ok=True)
        raise WriteError(
            f"{file} could not be written ({error}). The checkpoint before it is intact. "
            "Make room and go on with --resume."
        ) from error


def read_checkpoint(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The inverse of `write_checkpoint`.

    Raises:
        TrainingError: the file is damaged.
    """
    try:
        with safe_open(file, "pt") as opened:
            state = json.loads((opened.metadata() or {})["state"])
            return {name: opened.get_tensor(name) for name in opened.keys()}, state  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise TrainingError(
            f"{file} is damaged ({error}). The model of the best round stands beside it. "
            "Start again in a new folder, for example from that model."
        ) from error


def optimizer_to_tensors(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The optimiser's state as (tensors by "index.key", plain JSON values)."""
    values = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    numbers: dict[str, Any] = {}
    for index, entries in values["state"].items():
        for key, value in entries.items():
            (tensors if isinstance(value, Tensor) else numbers)[f"{index}.{key}"] = value
    return tensors, {"numbers": numbers, "groups": values["param_groups"]}


def optimizer_from_tensors(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], plain: Mapping[str, Any]
) -> None:
    """The inverse of `optimizer_to_tensors`, into an optimiser that was built alike."""
    state: dict[int, dict[str, Any]] = {}
    for name, value in [*tensors.items(), *plain["numbers"].items()]:
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": plain["groups"]})

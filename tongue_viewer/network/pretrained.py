"""ImageNet weights for the backbone, and the function-preserving growth of ResNet50 into ResNet101."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from tongue_viewer.core.errors import ModelDamagedError, ModelError, ModelNotFoundError
from tongue_viewer.network.segmenter import TongueNet

_BLOCK = re.compile(r"layer(\d)\.(\d+)\.")
_GROWING = 3
"""The stage in which ResNet101 has more blocks than ResNet50 (23 against 6)."""


def load_backbone(network: TongueNet, file: Path) -> None:
    """Copy ImageNet weights into `network.backbone`; the classifier `fc.*` of the file is ignored.

    A file with fewer blocks in layer3 than the network is grown: the additional blocks copy the file's blocks
    1, 2, … in turn with a zero bn3, so that each adds nothing at first and the features stay the same.

    Args:
        network: changed in place; its ECA gates keep their weights (1 in a fresh network).
        file: `.safetensors`, or a `.pth` of tensors only, with torchvision's ResNet names, any float dtype.

    Raises:
        ModelNotFoundError: no such file.
        ModelDamagedError: the file cannot be read as weights.
        ModelError: its names or shapes do not fit the network.
    """
    state = {key: value for key, value in _read(file).items() if not key.startswith("fc.")}
    state = _grow(state, network.config.blocks[_GROWING - 1])
    own = network.backbone.state_dict()
    optional = {key for key in own if ".eca." in key or key.endswith(".num_batches_tracked")}
    missing = sorted(own.keys() - state.keys() - optional)
    unknown = sorted(state.keys() - own.keys())
    misfits = [key for key in own.keys() & state.keys() if own[key].shape != state[key].shape]
    if missing or unknown or misfits:
        named = ", ".join((missing + unknown + sorted(misfits))[:4])
        raise ModelError(
            f"{file} does not fit a backbone of {network.config.blocks} blocks: {len(missing)} weights are "
            f"missing, {len(unknown)} unknown and {len(misfits)} of another shape ({named}, …). "
            "Give ResNet50 or ResNet101 weights in torchvision's naming."
        )
    network.backbone.load_state_dict({**own, **state})


def stride_in_1x1_of(file: Path) -> bool:
    """Where the file's network has its strides: True in a bottleneck's first 1×1, as its metadata must say.

    Files without metadata are taken for torchvision's own (False, in the 3×3).

    Raises:
        ModelNotFoundError: no such file.
        ModelDamagedError: the file cannot be read as weights.
    """
    if file.suffix != ".safetensors":
        return False
    _require_file(file)
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise _unreadable(file) from error
    return str(metadata.get("layout", "")).startswith("v1:")


def _read(file: Path) -> dict[str, Tensor]:
    """The file's tensors by name, floats as float32."""
    _require_file(file)
    state: object
    try:
        if file.suffix == ".safetensors":
            with safe_open(file, "pt") as opened:
                state = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118 - no mapping
        elif file.suffix in {".pth", ".pt"}:
            state = torch.load(file, map_location="cpu", weights_only=True)
        else:
            raise ModelError(f"{file} is no weights file by its name: give a .safetensors or a .pth file.")
    except (SafetensorError, OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise _unreadable(file) from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ModelError(f"{file} is no plain table of weights: save the network's state_dict() instead.")
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def _require_file(file: Path) -> None:
    if not file.is_file():
        raise ModelNotFoundError(f"{file} does not exist: give the path of a weights file.")


def _unreadable(file: Path) -> ModelDamagedError:
    return ModelDamagedError(f"{file} cannot be read as weights; it may be cut short. Copy it again.")


def _grow(state: dict[str, Tensor], blocks: int) -> dict[str, Tensor]:
    """`state` with layer3 grown to `blocks`: block j copies block 1 + (j − 1) mod (n − 1) of the file's n."""
    numbers = {int(m[2]) for key in state if (m := _BLOCK.match(key)) and int(m[1]) == _GROWING}
    have = len(numbers)
    if have < 2 or numbers != set(range(have)):
        return state
    grown = dict(state)
    for j in range(have, blocks):
        source = f"layer{_GROWING}.{1 + (j - 1) % (have - 1)}."
        for key, value in state.items():
            if key.startswith(source):
                rest = key.removeprefix(source)
                silent = rest in {"bn3.weight", "bn3.bias"}
                grown[f"layer{_GROWING}.{j}.{rest}"] = torch.zeros_like(value) if silent else value
    return grown

"""What the network is made of: layers, parameters and operations, without computing anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet


@dataclass(frozen=True)
class LayerRow:
    """One layer, or with `depth` one part of the network.

    Attributes:
        name: dotted path in the network, as in the names of its weights.
        kind: class of the module.
        output_shape: (B, C, H, W) of what it returns (the last, of several), for a batch of one.
        parameters: trainable numbers.
        flop: floating-point operations for one input: 2 for each multiply-add of convolutions and linear
            layers; normalisation, activation and resizing are not counted, as is customary.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    flop: int


@dataclass
class _Trace:
    """What the hooks saw: shapes and operations by module name, in the order of first use."""

    shapes: dict[str, tuple[int, ...]]
    flop: dict[str, int]


def summarise(
    network: TongueNet | NetworkConfig, input_size: int | tuple[int, int] = 512, *, depth: int | None = None
) -> list[LayerRow]:
    """The layers in the order of their use.

    The pass runs on torch's meta device: it takes neither time nor memory and leaves `network` alone.

    Args:
        network: the network, or only its config.
        input_size: (H, W) in pixels; one number for a square.
        depth: None gives every layer; a number sums up what lies below that many name parts
            ("backbone.layer3" has 2).
    """
    config = network if isinstance(network, NetworkConfig) else network.config
    with torch.device("meta"):
        twin = TongueNet(config).eval()
    trace = _run(twin, (input_size, input_size) if isinstance(input_size, int) else input_size)
    modules = dict(twin.named_modules())
    chosen = _leaves(modules) if depth is None else _at_depth(modules, depth)
    return [_row(name, modules[name], trace) for name in trace.shapes if name in chosen]


def total(rows: Iterable[LayerRow]) -> LayerRow:
    """The sum of parameters and operations; the shape is the last row's."""
    listed = list(rows)
    shape = listed[-1].output_shape if listed else ()
    return LayerRow("total", "", shape, sum(r.parameters for r in listed), sum(r.flop for r in listed))


@lru_cache(maxsize=32)
def count_gflop(config: NetworkConfig, size: int | tuple[int, int] = 512) -> float:
    """10⁹ floating-point operations (2 for each multiply-add) for one input of `size` pixels."""
    return total(summarise(config, size)).flop / 1e9


def count_parameters(config: NetworkConfig) -> int:
    """Trainable numbers of the whole network."""
    with torch.device("meta"):
        return sum(p.numel() for p in TongueNet(config).parameters())


def _run(network: TongueNet, size: tuple[int, int]) -> _Trace:
    """A forward pass with a hook on every module; `network` is on the meta device."""
    trace = _Trace({}, {})
    for name, module in network.named_modules():
        module.register_forward_hook(_recorder(name, trace))
    with torch.inference_mode():
        network(torch.empty(1, 3, *size, device="meta"))
    return trace


def _recorder(name: str, trace: _Trace) -> Any:
    def record(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:  # noqa: ARG001 - torch's signature
        last = output[-1] if isinstance(output, tuple) else output
        trace.shapes[name] = tuple(last.shape)
        trace.flop[name] = trace.flop.get(name, 0) + _flop(module, last)

    return record


def _flop(module: nn.Module, output: Tensor) -> int:
    if isinstance(module, nn.Conv1d | nn.Conv2d):
        return 2 * output.numel() * (module.in_channels // module.groups) * math.prod(module.kernel_size)
    if isinstance(module, nn.Linear):
        return 2 * output.numel() * module.in_features
    return 0


def _leaves(modules: dict[str, nn.Module]) -> set[str]:
    return {name for name, m in modules.items() if not list(m.children()) and not isinstance(m, nn.Identity)}


def _at_depth(modules: dict[str, nn.Module], depth: int) -> set[str]:
    """The modules `depth` levels down and the layers that end above; a ModuleList, never called, is none."""
    leaves, chosen = _leaves(modules), set()
    for name, module in modules.items():
        parts = name.split(".")
        above = (".".join(parts[: n + 1]) for n in range(len(parts)))
        level = sum(not isinstance(modules[path], nn.ModuleList) for path in above)
        at_level = level == depth and not isinstance(module, nn.ModuleList | nn.Identity)
        if name and (at_level or (level < depth and name in leaves)):
            chosen.add(name)
    return chosen


def _row(name: str, module: nn.Module, trace: _Trace) -> LayerRow:
    inside = [key for key in trace.flop if key == name or key.startswith(f"{name}.")]
    parameters = sum(p.numel() for p in module.parameters())
    return LayerRow(
        name, type(module).__name__, trace.shapes[name], parameters, sum(trace.flop[key] for key in inside)
    )

"""Seconds of one photo through the network, on every engine that is here and through a peer."""

from __future__ import annotations

import copy
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tongue_viewer.cli.doctor import cpu_name
from tongue_viewer.cli.output import say
from tongue_viewer.core.errors import EngineError, ModelError, ModelNotFoundError
from tongue_viewer.inference.engine import let_threads_sleep
from tongue_viewer.inference.forms import INT8
from tongue_viewer.inference.registry import find_model, read_card

PEER = "torchvision-deeplabv3_resnet101"


def measure(
    *, model: str | None, runs: int = 9, size: int = 512, threads: int | None = None, with_peers: bool = True
) -> dict[str, Any]:
    """The document of `bench inference --json`.

    All candidates run in turn, `runs` times after a warm-up: a change of the machine's load meets them all.

    Args:
        model: name or folder; None: the current one, or fresh weights where no model is installed.
        runs: of each candidate.
        size: side of the input in pixels.
        threads: of the CPU; None: torch's own choice.
        with_peers: also measure torchvision's network.
    """
    let_threads_sleep()
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    batch = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
    candidates, name, used = _torch_engines(model, batch)
    openvino, notes = _openvino_engines(model, batch, threads)
    candidates |= openvino
    if INT8 in openvino and used != "torch-cuda":
        used = INT8
    if with_peers:
        candidates[PEER] = _peer(size)
    seconds = _interleaved(candidates, runs)
    float32 = seconds["torch-f32"]
    engines = {key: {"seconds": value} for key, value in seconds.items() if key != PEER}
    return {
        "model": name,
        "threads": torch.get_num_threads(),
        "cpu": cpu_name(),
        "size": size,
        "runs": runs,
        "engine": used,
        "engines": {
            "torch-cuda": {"seconds": None, "note": "no CUDA device was found"},
            **{key: {"seconds": None, "note": note} for key, note in notes.items()},
            **engines,
        },
        "peers": {PEER: {"seconds": seconds[PEER]}} if with_peers else {},
        "ratio_to_torch_f32": float32 / seconds[used],
        "ratio_to_torchvision": seconds[PEER] / seconds[used] if with_peers else None,
        "ratio_meaning": "seconds of the other divided by seconds of `engine`: so many times faster",
    }


def _openvino_engines(
    model: str | None, batch: Any, threads: int | None
) -> tuple[dict[str, Callable[[], object]], dict[str, str]]:
    """One call for each of OpenVINO's engines, and for those that cannot be measured the reason."""
    from tongue_viewer.inference.engine import Engine, EngineOptions

    notes = dict.fromkeys((INT8, "openvino-f32"), "no model is installed")
    try:
        from tongue_viewer.inference.openvino_engine import FLOAT32, open_float32, open_int8

        folder = find_model(model)
        card = read_card(folder)
    except ModelNotFoundError:
        return {}, notes
    except (ImportError, OSError) as error:
        return {}, dict.fromkeys(notes, f"OpenVINO cannot be loaded ({error})")
    options = EngineOptions(threads=threads)
    candidates: dict[str, Callable[[], object]] = {}
    problems: dict[str, str] = {}
    opened: dict[str, Callable[[], Engine]] = {
        FLOAT32: lambda: open_float32(folder, options),
        INT8: lambda: open_int8(folder, card, options),
    }
    if INT8 not in card.forms:
        problems[INT8] = f"the model {card.name} has no int8 form"
        del opened[INT8]
    for name, opener in opened.items():
        try:
            engine = opener()
        except (EngineError, ModelError) as error:
            problems[name] = str(error)
        else:
            candidates[name] = lambda engine=engine: engine.run(batch)  # type: ignore[misc]  # binds this turn's engine
    return candidates, problems


def _torch_engines(model: str | None, batch: Any) -> tuple[dict[str, Callable[[], object]], str, str]:
    """One call for each precision, the model's name, and what `--engine auto` means without an int8 form."""
    import torch

    from tongue_viewer.inference.engine import EngineOptions
    from tongue_viewer.inference.torch_engine import TorchEngine, choose_precision, cuda_problem
    from tongue_viewer.network.config import NetworkConfig
    from tongue_viewer.network.segmenter import build_network
    from tongue_viewer.network.weights import load_model

    try:
        network, card = load_model(find_model(model))
        name = card.name
    except ModelNotFoundError:
        if model is not None:
            raise
        network, name = build_network(NetworkConfig()), "the default network with fresh weights"
    say(f"measuring {name}")
    wanted = {"torch-f32": ("cpu", torch.float32), "torch-bf16": ("cpu", torch.bfloat16)}
    used = "torch-bf16" if choose_precision("cpu", EngineOptions()) == torch.bfloat16 else "torch-f32"
    if cuda_problem() == "":
        wanted["torch-cuda"] = ("cuda", choose_precision("cuda", EngineOptions()))
        used = "torch-cuda"
    candidates: dict[str, Callable[[], object]] = {}
    for key, (device, precision) in wanted.items():
        engine = TorchEngine(copy.deepcopy(network), network.config, device, precision)
        candidates[key] = lambda engine=engine: engine.run(batch)  # type: ignore[misc]  # binds this turn's engine
    return candidates, name, used


def _peer(size: int) -> Callable[[], object]:
    """DeepLabv3 with ResNet101 of torchvision, two classes, random weights, channels_last, float32."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torchvision warns of its own optional image codecs
        from torchvision.models.segmentation import deeplabv3_resnet101

    network = deeplabv3_resnet101(weights=None, weights_backbone=None, num_classes=2, aux_loss=False).eval()
    network = network.to(memory_format=torch.channels_last)
    x = torch.randn(1, 3, size, size).to(memory_format=torch.channels_last)

    def call() -> object:
        with torch.inference_mode():
            return network(x)["out"].argmax(1)

    return call


def _interleaved(candidates: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median seconds of each call, all of them in turn, after one call that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(runs + 1):
        for name, call in candidates.items():
            begin = time.perf_counter()
            try:
                call()
            except EngineError as error:
                raise EngineError(f"{name} could not be measured: {error}") from error
            if turn:
                times[name].append(time.perf_counter() - begin)
        say(f"round {turn} of {runs}")
    return {name: statistics.median(values) for name, values in times.items()}

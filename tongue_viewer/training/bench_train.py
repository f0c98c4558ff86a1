"""How many photos a second a training step takes: `python -m tongue_viewer.training.bench_train --json`.

A step is forward, loss (Dice + cross-entropy), backward, clipping of the gradients and one step of SGD with momentum, as in
training; decoding and variation of photos, which run beside it, and the moving average of the weights are left out. Photos
are noise and masks are ellipses: a step takes the same time whatever they show. All networks get the same batch, layout
(channels_last), loss and optimiser, and take turns, so that a change of the machine's load meets them all.

The document on stdout:
    own, peer: for float32 and for the precision that training chooses on this machine (`auto`, of the name `auto_precision`)
        `seconds` of a step (median), `photos_per_second`, `parameters`. Where auto is float32, it is measured once.
    ratio, ratio_auto: photos a second of the own network ÷ those of the peer; null without it.
    size, batch, steps, threads, device: how it was measured.
The peer is segmentation_models_pytorch's DeepLabV3Plus with a ResNet101; where that package is not installed, `peer` has
only a `note`. `benchmarks/training_peer.py` makes an environment for it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tongue_viewer.core.training import TrainPlan
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import build_network
from tongue_viewer.training.compute import Compute, choose_compute
from tongue_viewer.training.judge import normalise
from tongue_viewer.training.losses import segmentation_loss
from tongue_viewer.training.schedule import build_optimizer

PEER = "segmentation_models_pytorch"
FEWEST_STEPS = 5
_LEAST_SIZE = 32
_PLAN = TrainPlan(run="")  # training's own numbers: learning rates, momentum, clipping, loss


@dataclass(frozen=True)
class Setting:
    """What every network gets.

    Attributes:
        size, batch: side of the input in pixels, photos in a step.
        steps: timed of each network, after one that is not.
    """

    size: int = 256
    batch: int = 8
    steps: int = FEWEST_STEPS


class Step:
    """One network with its optimiser; each call is one step of training."""

    def __init__(
        self,
        network: nn.Module,
        groups: Iterable[dict[str, Any]],
        compute: Compute,
        batch: tuple[Tensor, Tensor],
    ) -> None:
        self._network = network.to(compute.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self._compute = compute
        self._photos, self._covers = batch
        # A rate of 0 costs the same and leaves the weights: noise would drive them to where numbers become slow.
        frozen = [{**group, "lr": 0.0} for group in groups]
        self._optimizer = torch.optim.SGD(frozen, lr=0.0, momentum=_PLAN.momentum, nesterov=True)

    def __call__(self) -> float:
        """The seconds that it took."""
        begin = time.perf_counter()
        with self._compute.autocast():
            logits = self._network(self._photos)
        loss = segmentation_loss(logits, self._covers, _PLAN.loss)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _PLAN.clip_norm)
        self._optimizer.step()
        if self._compute.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - begin


def measure(
    setting: Setting, config: NetworkConfig | None = None, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """The document.

    Args:
        setting: the same for all networks.
        config: of the own network; None: the one of the bundled models.
        say: told what is done at the moment.
    """
    auto = choose_compute(_PLAN)
    computes = {"float32": Compute(auto.device, bfloat16=False)}
    if auto.bfloat16:
        computes["auto"] = auto
    torch.manual_seed(0)
    own = build_network(config or NetworkConfig())
    networks: dict[str, tuple[nn.Module, list[dict[str, Any]]]] = {
        "own": (own, build_optimizer(_PLAN, own).param_groups)
    }
    peer, note = _peer()
    if peer is not None:
        networks["peer"] = (
            peer,
            [{"params": list(peer.parameters()), "weight_decay": _PLAN.weight_decay}],
        )
    covers = _ellipses(setting).to(auto.device)
    photos = normalise(_noise(setting), own, auto)
    steps = {
        (name, precision): Step(network, groups, compute, (photos, covers))
        for name, (network, groups) in networks.items()
        for precision, compute in computes.items()
    }
    seconds = _interleaved(steps, setting.steps, say)
    report: dict[str, Any] = {
        "size": setting.size,
        "batch": setting.batch,
        "steps": setting.steps,
        "threads": torch.get_num_threads(),
        "device": str(auto.device),
        "auto_precision": auto.precision,
        "own": {"parameters": _count(own), **_figures("own", seconds, setting)},
        "peer": {"note": note},
    }
    if peer is not None:
        report["peer"] = {"name": note, "parameters": _count(peer), **_figures("peer", seconds, setting)}
    for key, precision in (("ratio", "float32"), ("ratio_auto", "auto")):
        report[key] = _ratio(report, precision) if peer is not None else None
    return report


def _interleaved(
    steps: dict[tuple[str, str], Step], count: int, say: Callable[[str], None]
) -> dict[tuple[str, str], float]:
    """Median seconds of each, after one step that warms up."""
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in steps}
    for number in range(count + 1):
        for key, step in steps.items():
            say(f"{'warm-up' if number == 0 else f'step {number} of {count}'}, {key[0]}, {key[1]}")
            taken[key].append(step())
    return {key: statistics.median(laps[1:]) for key, laps in taken.items()}


def _figures(name: str, seconds: dict[tuple[str, str], float], setting: Setting) -> dict[str, Any]:
    found = {
        precision: {"seconds": round(value, 4), "photos_per_second": round(setting.batch / value, 3)}
        for (who, precision), value in seconds.items()
        if who == name
    }
    return {"float32": found["float32"], "auto": found.get("auto", found["float32"])}


def _ratio(report: dict[str, Any], precision: str) -> float:
    own, peer = (float(report[name][precision]["seconds"]) for name in ("own", "peer"))
    return round(peer / own, 3)


def _peer() -> tuple[nn.Module | None, str]:
    """The other network and its name; or None and the reason."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the package could fetch weights; none are asked for
    try:
        package: Any = importlib.import_module(PEER)
    except (ImportError, OSError, RuntimeError) as error:
        return None, f"not measured: {PEER} cannot be imported here ({error})"
    network: nn.Module = package.DeepLabV3Plus("resnet101", encoder_weights=None, classes=1)
    return network, f"{PEER} {package.__version__}, DeepLabV3Plus, resnet101"


def _noise(setting: Setting) -> Tensor:
    """(B, 3, size, size) uint8."""
    shape = (setting.batch, 3, setting.size, setting.size)
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def _ellipses(setting: Setting) -> Tensor:
    """(B, 1, size, size) float32, 1 inside."""
    place = torch.linspace(-1, 1, setting.size)
    inside = (place[None, :] / 0.5) ** 2 + (place[:, None] / 0.7) ** 2 < 1
    return inside.float().expand(setting.batch, 1, -1, -1).contiguous()


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(
        prog="bench_train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    parser.add_argument("--size", type=int, default=Setting.size, help="side of the input in pixels (256)")
    parser.add_argument("--batch-size", type=int, default=Setting.batch, help="photos in a step (8)")
    parser.add_argument("--steps", type=int, default=FEWEST_STEPS, help="timed steps of each network (5)")
    parser.add_argument("--threads", type=int, help="of the CPU (torch's own choice)")
    chosen = parser.parse_args(arguments)
    if chosen.size < _LEAST_SIZE or chosen.batch_size < 2 or chosen.steps < FEWEST_STEPS:
        parser.error(f"at least {_LEAST_SIZE} px, 2 photos in a step and {FEWEST_STEPS} steps are needed")
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    report = measure(Setting(chosen.size, chosen.batch_size, chosen.steps), say=_tell)
    print(json.dumps(report, indent=None if chosen.json else 2))
    return 0


def _tell(text: str) -> None:
    print(f"train: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

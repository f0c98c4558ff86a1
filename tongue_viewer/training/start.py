"""The network that training starts from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.inference.registry import find_model
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.pretrained import load_backbone, stride_in_1x1_of
from tongue_viewer.network.segmenter import TongueNet, build_network
from tongue_viewer.network.weights import load_model

DEFAULT_MARGIN = 1.35
"""Window of a second look, where neither the person nor a model names one (docs/model/experiments.md)."""

DEFAULT_SIZE = 512
"""Side of the network's input in pixels, where neither the person nor a model names one."""


def start_network(plan: TrainPlan) -> tuple[TongueNet, TrainPlan]:
    """The network that `plan.init` names, float32 on the CPU; the plan with `size` and `network` filled in.

    Raises:
        UsageError: "imagenet" without a file.
        ModelError: the model or file cannot be used.
    """
    torch.manual_seed(plan.seed)
    if plan.init == "imagenet":
        raise UsageError(
            "ImageNet weights do not come with the program. Give their file with --init FILE "
            "(ResNet50 or ResNet101 in torchvision's naming, .safetensors or .pth), "
            "or start from a model with --init NAME."
        )
    if plan.init == "scratch":
        return _filled(build_network(NetworkConfig.from_json(plan.network)), plan, DEFAULT_SIZE)
    file = Path(plan.init).expanduser()
    if plan.init and file.is_file():
        config = NetworkConfig.from_json({"stride_in_1x1": stride_in_1x1_of(file), **plan.network})
        network = build_network(config)
        load_backbone(network, file)
        return _filled(network, plan, DEFAULT_SIZE)
    network, card = load_model(find_model(plan.init or None))
    looks = replace(
        plan,
        coarse_size=plan.coarse_size or card.coarse_size,
        focus_margin=plan.focus_margin or card.focus_margin,
    )
    return _filled(network, looks, card.input_size)


def stored_network(plan: TrainPlan) -> TongueNet:
    """A network of the build that a stored plan describes; its weights come from the checkpoint."""
    return build_network(NetworkConfig.from_json(plan.network))


def _filled(network: TongueNet, plan: TrainPlan, size: int) -> tuple[TongueNet, TrainPlan]:
    margin = plan.focus_margin or DEFAULT_MARGIN
    return network, replace(
        plan, size=plan.size or size, focus_margin=margin, network=network.config.to_json()
    )

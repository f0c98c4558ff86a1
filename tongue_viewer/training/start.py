"""The network that training starts from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tongue_viewer.core.errors import ModelNotFoundError, UsageError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.pretrained import load_backbone, stride_in_1x1_of
from tongue_viewer.network.segmenter import TongueNet, build_network
from tongue_viewer.network.weights import load_model

DEFAULT_SIZE = 512
"""Side of the network's input where neither the person nor a model names one."""


def start_network(plan: TrainPlan) -> tuple[TongueNet, TrainPlan]:
    """The network that `plan.init` names, float32 on the CPU, and the plan with `size` and `network` filled in.

    Raises:
        UsageError: "imagenet" without a file.
        ModelError: the model or file cannot be used.
    """
    torch.manual_seed(plan.seed)
    folder = model_folder(plan.init)
    if folder is not None:
        network, card = load_model(folder)
        return network, _filled(plan, network, card)
    if plan.init == "scratch":
        network = build_network(NetworkConfig.from_json(plan.network))
        return network, _filled(plan, network, None)
    if plan.init == "imagenet":
        raise UsageError(
            "ImageNet weights do not come with the program; give their file with --init FILE (ResNet50 or ResNet101 "
            "in torchvision's naming, .safetensors or .pth), or start from a model with --init NAME"
        )
    file = Path(plan.init)
    if not file.is_file():
        raise ModelNotFoundError(
            f"--init {plan.init}: no model of that name, no folder with a {CARD_NAME} and no weights file; "
            "`tongue-viewer models list` shows the names"
        )
    values = {"stride_in_1x1": stride_in_1x1_of(file), **plan.network}
    network = build_network(NetworkConfig.from_json(values))
    load_backbone(network, file)
    return network, _filled(plan, network, None)


def model_folder(init: str) -> Path | None:
    """The folder of the model that `init` names (a model folder, or a run folder that holds one), or None."""
    for folder in (Path(init), Path(init) / "model"):
        if (folder / CARD_NAME).is_file():
            return folder
    return None


def _filled(plan: TrainPlan, network: TongueNet, card: ModelCard | None) -> TrainPlan:
    size = plan.size or (card.input_size if card else DEFAULT_SIZE)
    return replace(plan, size=size, network=network.config.to_json())

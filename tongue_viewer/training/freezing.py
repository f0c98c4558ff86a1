"""Leaving the first parts of the backbone as they are: what few photos cannot improve, they should not move."""

from __future__ import annotations

from torch import nn

from tongue_viewer.network.segmenter import TongueNet


def set_training(network: TongueNet, freeze: int) -> None:
    """Put the network into training mode, but for the first `freeze` of stem, layer1 … layer4.

    Frozen parameters get no gradient; frozen norms use the statistics that they have and do not move them.
    To be called again after anything that switched the network's mode.
    """
    network.train()
    backbone = network.backbone
    stem: list[nn.Module] = [backbone.conv1, backbone.bn1]
    stages = [backbone.layer1, backbone.layer2, backbone.layer3, backbone.layer4]
    for part in (*stem, *stages[: freeze - 1]) if freeze else ():
        part.eval().requires_grad_(requires_grad=False)

"""Frozen parts do not move: neither their weights nor the statistics of their norms."""

from __future__ import annotations

import copy

import pytest
import torch

from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet, build_network
from tongue_viewer.training.freezing import set_training

PARTS = ("conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4.")


def moved_by_one_step(freeze: int) -> set[str]:
    """The parts of the backbone, and "head", that one step of training changes."""
    torch.manual_seed(0)
    network = build_network(NetworkConfig.tiny())
    before = copy.deepcopy(network.state_dict())
    set_training(network, freeze)
    learn(network)
    changed = {
        name
        for name, tensor in network.state_dict().items()
        if tensor.is_floating_point() and not torch.equal(tensor, before[name])
    }
    parts = {part for part in PARTS if any(name.startswith(f"backbone.{part}") for name in changed)}
    return parts | {"head" for name in changed if not name.startswith("backbone.")}


def learn(network: TongueNet) -> None:
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.1)
    network(torch.randn(2, 3, 64, 64)).square().mean().backward()
    optimizer.step()


@pytest.mark.parametrize("freeze", range(6))
def test_exactly_the_first_parts_stay(freeze: int) -> None:
    frozen = 0 if freeze == 0 else freeze + 1  # the stem is two of PARTS
    assert moved_by_one_step(freeze) == {*PARTS[frozen:], "head"}


def test_a_network_that_was_judged_in_between_is_frozen_again() -> None:
    network = build_network(NetworkConfig.tiny())
    set_training(network, 3)
    network.eval()
    network.train()
    set_training(network, 3)
    assert not network.backbone.bn1.training
    assert network.backbone.layer3.training

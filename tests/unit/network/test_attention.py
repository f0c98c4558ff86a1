"""ECA against timm, squeeze-and-excitation against torchvision."""

from __future__ import annotations

import pytest
import torch
from timm.layers.eca import EcaModule
from torchvision.ops import SqueezeExcitation as TorchvisionSqueezeExcitation

from tongue_viewer.network.attention import EfficientChannelAttention, SqueezeExcitation, eca_kernel_size
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet

PAPER = [(64, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)]


@pytest.mark.parametrize(("channels", "kernel"), PAPER)
def test_kernel_size_is_the_papers_and_timms(channels: int, kernel: int) -> None:
    assert eca_kernel_size(channels) == kernel
    assert isinstance(eca_kernel_size(channels), int)
    assert tuple(EcaModule(channels).conv.kernel_size) == (kernel,)
    assert EfficientChannelAttention(channels).conv.kernel_size == (kernel,)


def test_the_default_network_has_33_gates_with_171_parameters() -> None:
    with torch.device("meta"):
        network = TongueNet(NetworkConfig())
    gates = [m for m in network.modules() if isinstance(m, EfficientChannelAttention)]
    assert len(gates) == 33
    assert sum(p.numel() for gate in gates for p in gate.parameters()) == 171


@pytest.mark.parametrize("channels", [64, 256, 2048])
def test_eca_is_timms_up_to_the_doubled_gate(channels: int) -> None:
    torch.manual_seed(0)
    oracle, ours = EcaModule(channels), EfficientChannelAttention(channels)
    ours.load_state_dict(oracle.state_dict())
    x = torch.randn(2, channels, 5, 7)
    torch.testing.assert_close(ours(x), 2 * oracle(x))
    assert not torch.allclose(oracle(x), 0.5 * x)  # the oracle's random gate is no constant


def test_a_fresh_eca_changes_nothing_but_can_learn() -> None:
    x = torch.randn(2, 64, 5, 7)
    gate = EfficientChannelAttention(64)
    assert torch.equal(gate(x), x)
    gate(x).square().sum().backward()
    assert gate.conv.weight.grad is not None
    assert gate.conv.weight.grad.abs().min() > 0


def test_squeeze_and_excitation_is_torchvisions() -> None:
    torch.manual_seed(0)
    oracle, ours = TorchvisionSqueezeExcitation(64, 4), SqueezeExcitation(64, reduction=16)
    ours.load_state_dict(
        {key.replace("fc1", "squeeze").replace("fc2", "excite"): v for key, v in oracle.state_dict().items()}
    )
    x = torch.randn(2, 64, 5, 7)
    torch.testing.assert_close(ours(x), oracle(x))


def test_squeeze_and_excitation_of_few_channels_keeps_one() -> None:
    assert SqueezeExcitation(8, reduction=16).squeeze.out_channels == 1

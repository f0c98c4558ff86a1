"""ASPP against torchvision's, and the trap of its pooling branch."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models.segmentation.deeplabv3 import ASPP

from tongue_viewer.network.aspp import AtrousSpatialPyramidPooling
from tongue_viewer.network.config import NetworkConfig

CONFIG = NetworkConfig.tiny()


def _oracle(in_channels: int) -> ASPP:
    oracle = ASPP(in_channels, list(CONFIG.aspp_rates), CONFIG.aspp_channels)
    for module in oracle.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.get_buffer("running_mean"), std=0.1)
            nn.init.uniform_(module.get_buffer("running_var"), 0.5, 1.5)
    return oracle.eval()


def test_aspp_is_torchvisions_with_the_pooling_branchs_norm_folded_into_its_bias() -> None:
    torch.manual_seed(0)
    oracle = _oracle(24)
    ours = AtrousSpatialPyramidPooling(24, CONFIG).eval()
    for branch, wanted in zip(ours.branches, oracle.convs, strict=False):
        branch.load_state_dict(wanted.state_dict())
    ours.project.load_state_dict({k: v for k, v in oracle.project.state_dict().items() if k[0] in "01"})
    _, conv, norm, _ = oracle.convs[-1]
    assert ours.pool.bias is not None
    with torch.no_grad():
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        ours.pool.weight.copy_(conv.weight * scale[:, None, None, None])
        ours.pool.bias.copy_(norm.bias - norm.running_mean * scale)
        x = torch.randn(2, 24, 40, 36)  # wider than the largest rate's reach, so that each rate counts
        torch.testing.assert_close(ours(x), oracle(x), rtol=1e-4, atol=1e-5)


def test_there_is_one_branch_for_each_rate_beside_the_1x1() -> None:
    ours = AtrousSpatialPyramidPooling(24, CONFIG)
    convs = [branch[0] for branch in ours.branches if isinstance(branch, nn.Sequential)]
    assert [conv.dilation for conv in convs] == [(1, 1), (6, 6), (12, 12), (18, 18)]
    assert [conv.padding for conv in convs] == [(0, 0), (6, 6), (12, 12), (18, 18)]


def test_training_works_with_a_batch_of_one() -> None:
    ours = AtrousSpatialPyramidPooling(24, CONFIG).train()
    ours(torch.randn(1, 24, 4, 4)).sum().backward()
    assert all(p.grad is not None for p in ours.parameters())

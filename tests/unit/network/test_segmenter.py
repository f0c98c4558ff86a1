"""The whole network: sizes, switches, gradients, precision, export."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch.nn import functional

from tongue_viewer.network.attention import EfficientChannelAttention, SqueezeExcitation
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet, build_network

SIZES = [(512, 512), (500, 375), (33, 47), (576, 768), (1, 1), (32, 64)]


@pytest.fixture(scope="module")
def tiny() -> TongueNet:
    torch.manual_seed(0)
    return build_network(NetworkConfig.tiny()).eval()


@pytest.mark.parametrize("size", SIZES)
def test_logits_have_the_inputs_own_size(tiny: TongueNet, size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert tiny(torch.zeros(1, 3, *size)).shape == (1, 1, *size)


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_every_output_stride_works_at_an_odd_size(stride: int) -> None:
    network = build_network(NetworkConfig.tiny(output_stride=stride)).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 33, 47)).shape == (2, 1, 33, 47)


def test_another_size_is_padded_at_its_lower_right_and_cropped_back(tiny: TongueNet) -> None:
    x = torch.randn(1, 3, 33, 47)
    with torch.inference_mode():
        padded = tiny.forward_aligned(functional.pad(x, (0, 17, 0, 31)))
        assert torch.equal(tiny(x), padded[..., :33, :47])


@pytest.mark.parametrize(("eca", "se", "fpn", "two_step"), list(product((True, False), repeat=4)))
@pytest.mark.parametrize("names", [("tongue",), ("tongue", "coating", "crack")])
def test_every_parameter_gets_a_gradient_with_a_batch_of_one(
    eca: bool, se: bool, fpn: bool, two_step: bool, names: tuple[str, ...]
) -> None:
    torch.manual_seed(0)
    config = NetworkConfig.tiny(class_names=names, eca=eca, se=se, fpn=fpn, two_step=two_step)
    network = build_network(config).train()
    logits = network(torch.randn(1, 3, 33, 47))
    assert logits.shape == (1, len(names), 33, 47)
    logits.square().mean().backward()
    silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent


def test_a_switch_takes_its_parts_out() -> None:
    def count(kind: type, **changes: bool) -> int:
        return sum(isinstance(m, kind) for m in TongueNet(NetworkConfig.tiny(**changes)).modules())

    assert (count(EfficientChannelAttention), count(EfficientChannelAttention, eca=False)) == (5, 0)
    assert (count(SqueezeExcitation), count(SqueezeExcitation, se=False)) == (2, 0)
    assert TongueNet(NetworkConfig.tiny(fpn=False)).pyramid is None
    assert TongueNet(NetworkConfig.tiny(two_step=False)).decoder.middle is None


@pytest.mark.parametrize(
    "part", ["se", "decoder.se", "pyramid", "aspp.pool", "aspp.branches.3", "decoder.reduce"]
)
def test_every_part_of_the_head_changes_the_logits(part: str) -> None:
    torch.manual_seed(0)
    network = build_network(NetworkConfig.tiny()).eval()
    x = torch.randn(1, 3, 96, 96)
    with torch.no_grad():
        before = network(x)
        for parameter in network.get_submodule(part).parameters():
            parameter.mul_(2.0).add_(0.05)
        assert not torch.allclose(network(x), before)


def test_backbone_and_head_share_the_parameters_between_them(tiny: TongueNet) -> None:
    backbone, head = list(tiny.backbone_parameters()), list(tiny.head_parameters())
    assert {id(p) for p in backbone}.isdisjoint(id(p) for p in head)
    assert {id(p) for p in backbone + head} == {id(p) for p in tiny.parameters()}
    assert {id(p) for p in backbone} == {id(p) for p in tiny.backbone.parameters()}


def test_photos_of_a_batch_do_not_touch_each_other_in_evaluation(tiny: TongueNet) -> None:
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(tiny(x)[1:], tiny(x[1:]), rtol=1e-4, atol=1e-5)


def test_bfloat16_autocast_and_channels_last_agree_with_float32(tiny: TongueNet) -> None:
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        wanted = tiny(x)
        last = tiny(x.contiguous(memory_format=torch.channels_last))
        with torch.autocast("cpu", torch.bfloat16):
            half = tiny(x)
    torch.testing.assert_close(last, wanted, rtol=1e-4, atol=1e-5)
    assert half.dtype == torch.bfloat16
    assert (half.float() - wanted).abs().max() < 0.05 * wanted.abs().max()


def test_training_under_autocast_gives_float32_gradients() -> None:
    network = build_network(NetworkConfig.tiny()).train()
    with torch.autocast("cpu", torch.bfloat16):
        loss = network(torch.randn(1, 3, 64, 64)).float().square().mean()
    loss.backward()
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in network.parameters())


def test_the_seed_decides_the_fresh_weights() -> None:
    states = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        states.append(build_network(NetworkConfig.tiny()).get_parameter("decoder.last.0.weight"))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_the_network_exports_without_a_warning(tiny: TongueNet) -> None:
    x = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        exported = torch.export.export(tiny, (torch.zeros_like(x),)).module()
        torch.testing.assert_close(exported(x), tiny(x))

"""Layers, parameters and operations: against torch's own counter, and the figures of the default network."""

from __future__ import annotations

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import TongueNet, build_network
from tongue_viewer.network.summary import LayerRow, count_gflop, count_parameters, summarise, total


@pytest.fixture(scope="module")
def default_rows() -> list[LayerRow]:
    return summarise(NetworkConfig(), 512)


@pytest.mark.parametrize("size", [(64, 64), (33, 47)])
@pytest.mark.parametrize("switch", ["eca", "se", "fpn", "two_step", "stride_in_1x1"])
def test_operations_are_those_of_torchs_counter(size: tuple[int, int], switch: str) -> None:
    config = NetworkConfig.tiny(**{switch: False})
    network = build_network(config).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, *size))
    rows = summarise(network, size)
    assert total(rows).flop == counter.get_total_flops()
    assert count_gflop(config, size) == counter.get_total_flops() / 1e9
    assert total(rows).parameters == sum(p.numel() for p in network.parameters()) == count_parameters(config)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_every_depth_sums_to_the_same_total(depth: int) -> None:
    config = NetworkConfig.tiny()
    assert total(summarise(config, 64, depth=depth)) == total(summarise(config, 64))
    if depth == 1:
        names = [row.name for row in summarise(config, 64, depth=1)]
        assert names == ["backbone", "aspp", "se", "pyramid", "decoder"]


def test_the_network_is_left_alone() -> None:
    network = build_network(NetworkConfig.tiny()).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    summarise(network, 64)
    assert network.training
    assert all(not m._forward_hooks for m in network.modules())
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())


def test_the_default_network_has_the_published_size(default_rows: list[LayerRow]) -> None:
    whole = total(default_rows)
    assert 61e6 < whole.parameters < 66e6
    assert 175e9 < whole.flop < 180e9


def test_no_convolution_works_above_a_quarter_but_the_stem(default_rows: list[LayerRow]) -> None:
    """The notebook's 802 GMAC convolution at full resolution must never come back."""
    for row in default_rows:
        if row.kind.startswith("Conv2d") and row.name != "backbone.conv1":
            assert max(row.output_shape[-2:]) <= 512 // 4, row
            assert row.flop <= 0.15 * total(default_rows).flop, row


def test_context_is_taken_at_a_sixteenth(default_rows: list[LayerRow]) -> None:
    aspp = [row for row in default_rows if row.name.startswith("aspp.branches") and row.kind == "Conv2d"]
    assert [row.output_shape for row in aspp] == [(1, 256, 32, 32)] * 4
    shapes = {row.name: row.output_shape for row in summarise(NetworkConfig(), 512, depth=2)}
    assert shapes["backbone.layer4"] == (1, 2048, 32, 32)
    assert shapes["pyramid.fuse"] == (1, 256, 64, 64)


def test_two_steps_convolve_at_an_eighth_and_a_quarter() -> None:
    shapes = {row.name: row.output_shape for row in summarise(NetworkConfig(), 512, depth=2)}
    assert shapes["decoder.middle"] == (1, 256, 64, 64)
    assert shapes["decoder.last"] == (1, 256, 128, 128)
    one_step = {row.name for row in summarise(NetworkConfig(two_step=False), 512, depth=2)}
    assert "decoder.middle" not in one_step


def test_a_larger_photo_costs_in_proportion() -> None:
    config = NetworkConfig.tiny(eca=False, se=False)
    assert math.isclose(count_gflop(config, 256), 4 * count_gflop(config, 128), rel_tol=0.001)


def test_the_meta_device_holds_the_whole_network_without_memory() -> None:
    with torch.device("meta"):
        assert all(p.is_meta for p in TongueNet(NetworkConfig()).parameters())

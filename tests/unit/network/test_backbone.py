"""The backbone against torchvision's ResNet, for every output stride and both places of the stride."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import resnet
from torchvision.models._utils import IntermediateLayerGetter

from tongue_viewer.network.backbone import Backbone
from tongue_viewer.network.config import NetworkConfig

DILATED = {32: [False, False, False], 16: [False, False, True], 8: [False, True, True]}
STAGES = {"layer1": "c2", "layer2": "c3", "layer3": "c4", "layer4": "c5"}


def _oracle(blocks: tuple[int, ...], output_stride: int, stride_in_1x1: bool) -> resnet.ResNet:
    oracle = resnet.ResNet(
        resnet.Bottleneck,
        list(blocks),
        replace_stride_with_dilation=DILATED[output_stride],
        zero_init_residual=False,
    )
    for module in oracle.modules():
        if isinstance(module, nn.BatchNorm2d):  # statistics of a trained network, not zeros and ones
            nn.init.uniform_(module.weight, 0.3, 0.7)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.get_buffer("running_mean"), std=0.1)
            nn.init.uniform_(module.get_buffer("running_var"), 0.5, 1.5)
        if stride_in_1x1 and isinstance(module, resnet.Bottleneck):
            module.conv1.stride, module.conv2.stride = module.conv2.stride, module.conv1.stride
    return oracle.double().eval()


def _features(oracle: resnet.ResNet, x: Tensor) -> list[Tensor]:
    with torch.no_grad():
        return list(IntermediateLayerGetter(oracle, STAGES)(x).values())


def _copy(oracle: resnet.ResNet, config: NetworkConfig) -> Backbone:
    ours = Backbone(config).double().eval()
    result = ours.load_state_dict(oracle.state_dict(), strict=False)
    assert all(".eca." in key for key in result.missing_keys)
    assert result.unexpected_keys == ["fc.weight", "fc.bias"]
    return ours


@pytest.mark.parametrize("output_stride", [8, 16, 32])
@pytest.mark.parametrize("stride_in_1x1", [False, True])
def test_features_are_torchvisions(output_stride: int, stride_in_1x1: bool) -> None:
    torch.manual_seed(0)
    blocks = (1, 2, 2, 2)
    oracle = _oracle(blocks, output_stride, stride_in_1x1)
    config = NetworkConfig(blocks=blocks, output_stride=output_stride, stride_in_1x1=stride_in_1x1)
    x = torch.randn(1, 3, 64, 96, dtype=torch.float64)
    with torch.no_grad():
        ours = _copy(oracle, config)(x)
    for mine, wanted in zip(ours, _features(oracle, x), strict=True):
        torch.testing.assert_close(mine, wanted)
    assert ours[-1].shape[-2:] == (64 // output_stride, 96 // output_stride)


def test_resnet101_is_torchvisions_deeplab_backbone() -> None:
    torch.manual_seed(0)
    config = NetworkConfig(stride_in_1x1=False)
    oracle = _oracle(config.blocks, 16, stride_in_1x1=False)
    x = torch.randn(1, 3, 32, 64, dtype=torch.float64)
    with torch.no_grad():
        ours = _copy(oracle, config)(x)
    for mine, wanted in zip(ours, _features(oracle, x), strict=True):
        torch.testing.assert_close(mine, wanted)


def test_the_place_of_the_stride_matters() -> None:
    torch.manual_seed(0)
    oracle = _oracle((1, 1, 1, 1), 16, stride_in_1x1=False)
    x = torch.randn(1, 3, 32, 64, dtype=torch.float64)
    with torch.no_grad():
        ours = _copy(oracle, NetworkConfig(blocks=(1, 1, 1, 1), stride_in_1x1=True))(x)
    assert not torch.allclose(ours[1], _features(oracle, x)[1])


def test_eca_stands_in_every_bottleneck_before_the_addition() -> None:
    torch.manual_seed(0)
    backbone = Backbone(NetworkConfig.tiny()).eval()
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        before = backbone(x)
        for name, module in backbone.named_modules():
            if name.endswith("eca"):
                module.conv.weight.fill_(-1e9 if name.startswith("layer4") else 0.0)
        after = backbone(x)
        shortcut = torch.relu(backbone.get_submodule("layer4.0.downsample")(after[2]))
    assert torch.equal(before[2], after[2])
    assert not torch.equal(before[3], after[3])
    # A gate is 0 where the mean around it is positive: there only the shortcut is left.
    same = (after[3] == shortcut).all(dim=3).all(dim=2)[0]
    assert 0 < same.sum() < len(same)

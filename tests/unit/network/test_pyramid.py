"""The feature pyramid against torchvision's, and what its fusion adds."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional
from torchvision.ops import FeaturePyramidNetwork

from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.pyramid import FeaturePyramid

CONFIG = NetworkConfig.tiny()


def test_levels_are_torchvisions_and_ff_fuses_them_at_an_eighth() -> None:
    torch.manual_seed(0)
    channels = list(CONFIG.stage_channels[1:])
    oracle = FeaturePyramidNetwork(channels, CONFIG.fpn_channels, norm_layer=nn.BatchNorm2d).eval()
    ours = FeaturePyramid(CONFIG).eval()
    for mine, wanted in zip(ours.laterals, oracle.inner_blocks, strict=True):
        mine.load_state_dict(wanted.state_dict())
    for mine, wanted in zip(ours.smooth, oracle.layer_blocks, strict=True):
        mine.load_state_dict(wanted.state_dict())
    sizes = (12, 16), (6, 8), (6, 8)
    c3, c4, c5 = (torch.randn(2, c, *size) for c, size in zip(channels, sizes, strict=True))
    with torch.no_grad():
        levels = oracle(OrderedDict(c3=c3, c4=c4, c5=c5)).values()
        at_eighth = [
            functional.interpolate(level.relu(), size=sizes[0], mode="bilinear", align_corners=False)
            for level in levels
        ]
        torch.testing.assert_close(ours(c3, c4, c5), ours.fuse(torch.cat(at_eighth, 1)))

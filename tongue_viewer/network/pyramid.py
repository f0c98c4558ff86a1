"""The feature pyramid: C3, C4 and C5 brought together at an eighth of the input."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.layers import conv_norm, resize


class FeaturePyramid(nn.Module):
    """1×1 laterals, nearest top-down additions, 3×3 smoothing (Lin et al. 2017, FPN), and their fusion FF.

    Every level ends in FF, so that no branch is without use.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        channels = config.fpn_channels
        inputs = config.stage_channels[1:]
        # Normalised laterals: C3, C4 and C5 of a pre-trained backbone differ several-fold in scale.
        self.laterals = nn.ModuleList(conv_norm(c, channels, config, relu=False) for c in inputs)
        self.smooth = nn.ModuleList(conv_norm(channels, channels, config, kernel=3) for _ in inputs)
        self.fuse = conv_norm(len(inputs) * channels, channels, config)

    def forward(self, c3: Tensor, c4: Tensor, c5: Tensor) -> Tensor:
        """C3 (B, 512, H/8, W/8), C4 (B, 1024, H/16, ·), C5 (B, 2048, H/16, ·) → FF (B, 256, H/8, W/8)."""
        m3, m4, m5 = (lateral(c) for lateral, c in zip(self.laterals, (c3, c4, c5), strict=True))
        m4 = m4 + _nearest(m5, m4)  # (B, 256, H/16, W/16)
        m3 = m3 + _nearest(m4, m3)  # (B, 256, H/8, W/8)
        p3, p4, p5 = (smooth(m) for smooth, m in zip(self.smooth, (m3, m4, m5), strict=True))
        levels = torch.cat((p3, resize(p4, p3), resize(p5, p3)), 1)  # (B, 768, H/8, W/8)
        out: Tensor = self.fuse(levels)  # (B, 256, H/8, W/8)
        return out


def _nearest(x: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(x, size=like.shape[-2:], mode="nearest")

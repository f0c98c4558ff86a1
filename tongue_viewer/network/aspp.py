"""Atrous spatial pyramid pooling: context at several scales from C5."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.layers import conv_norm


class AtrousSpatialPyramidPooling(nn.Module):
    """1×1, a dilated 3×3 for each rate, and image pooling, projected together (Chen et al. 2017, DeepLabv3).

    The pooling branch has a bias instead of batch normalisation: on its 1×1 map, normalising a batch of one
    is undefined, and of a few is noise.
    """

    def __init__(self, in_channels: int, config: NetworkConfig) -> None:
        super().__init__()
        channels = config.aspp_channels
        branches = [conv_norm(in_channels, channels, config)]
        branches += [
            conv_norm(in_channels, channels, config, kernel=3, dilation=r) for r in config.aspp_rates
        ]
        self.branches = nn.ModuleList(branches)
        self.pool = nn.Conv2d(in_channels, channels, 1)
        self.project = conv_norm((len(branches) + 1) * channels, channels, config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, c5: Tensor) -> Tensor:
        """C5 (B, 2048, H/16, W/16) → HF (B, 256, H/16, W/16)."""
        views = [branch(c5) for branch in self.branches]  # 4 × (B, 256, H/16, W/16)
        pooled = torch.relu(self.pool(c5.mean((2, 3), keepdim=True)))  # (B, 256, 1, 1)
        views.append(pooled.expand(-1, -1, *c5.shape[-2:]))  # (B, 256, H/16, W/16)
        y = self.project(torch.cat(views, 1))  # (B, 1280, ·, ·) → (B, 256, H/16, W/16)
        out: Tensor = self.dropout(y)
        return out

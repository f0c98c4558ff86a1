"""Channel attention: ECA in the backbone, squeeze-and-excitation in the head."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def eca_kernel_size(channels: int, gamma: int = 2, b: int = 1) -> int:
    """The odd kernel size for a number of channels: 64→3, 128…1024→5, 2048→7 (Wang et al. 2020, eq. 12)."""
    t = int(abs((math.log2(channels) + b) / gamma))
    return t if t % 2 else t + 1


class EfficientChannelAttention(nn.Module):
    """A gate for each channel from its own and its neighbours' means (Wang et al. 2020, ECA-Net).

    The gate is 2σ instead of the paper's σ, and its convolution starts at zero: the gate starts at exactly 1.
    A plain sigmoid starts at ½ and would halve every residual of a pre-trained backbone.
    """

    def __init__(self, channels: int, gamma: int = 2, b: int = 1) -> None:
        super().__init__()
        kernel = eca_kernel_size(channels, gamma, b)
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)
        nn.init.zeros_(self.conv.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → the same shape, each channel times its gate in 0..2."""
        y = x.mean((2, 3)).unsqueeze(1)  # (B, 1, C)
        y = self.conv(y)  # (B, 1, C)
        gate = 2 * torch.sigmoid(y).transpose(1, 2).unsqueeze(-1)  # (B, C, 1, 1)
        return x * gate  # (B, C, H, W)


class SqueezeExcitation(nn.Module):
    """A gate for each channel from the means of all (Hu et al. 2018, SENet)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.squeeze = nn.Conv2d(channels, hidden, 1)
        self.excite = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → the same shape, each channel times its gate in 0..1."""
        y = x.mean((2, 3), keepdim=True)  # (B, C, 1, 1)
        y = torch.relu(self.squeeze(y))  # (B, C/r, 1, 1)
        return x * torch.sigmoid(self.excite(y))  # (B, C, H, W)

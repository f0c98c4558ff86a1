"""The decoder: from the context map HF back to a quarter of the input."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tongue_viewer.network.attention import SqueezeExcitation
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.layers import conv_norm, resize


class Decoder(nn.Module):
    """HF meets FF at 1/8 and C2 at 1/4, with a 3×3 convolution after each meeting.

    Without `two_step` all three meet at 1/4 after one 4-fold up-sampling (DeepLabv3+, Chen et al. 2018);
    without `fpn` there is no FF.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        channels = config.decoder_channels
        fused = config.aspp_channels + (config.fpn_channels if config.fpn else 0)
        self.reduce = conv_norm(config.stage_channels[0], config.low_level_channels, config)
        self.middle: nn.Module | None = None
        if config.two_step:
            self.middle = conv_norm(fused, channels, config, kernel=3)
            fused = channels
        self.last = conv_norm(fused + config.low_level_channels, channels, config, kernel=3)
        self.se: nn.Module = SqueezeExcitation(channels, config.se_reduction) if config.se else nn.Identity()
        self.classifier = nn.Conv2d(channels, config.classes, 1)

    def forward(self, hf: Tensor, ff: Tensor | None, c2: Tensor, c3: Tensor) -> Tensor:
        """HF (B, 256, H/16, W/16), FF (B, 256, H/8, W/8) or None, C2, C3 → logits (B, N, H/4, W/4).

        Of C3 only the size is used.
        """
        low = self.reduce(c2)  # (B, 48, H/4, W/4)
        if self.middle is None:
            y = resize(hf, c2)  # (B, 256, H/4, W/4)
            if ff is not None:
                y = torch.cat((y, resize(ff, c2)), 1)  # (B, 512, H/4, W/4)
            y = self.se(self.last(torch.cat((y, low), 1)))  # (B, 256, H/4, W/4)
        else:
            y = resize(hf, c3)  # (B, 256, H/8, W/8)
            if ff is not None:
                y = torch.cat((y, ff), 1)  # (B, 512, H/8, W/8)
            y = self.se(self.middle(y))  # (B, 256, H/8, W/8)
            y = self.last(torch.cat((resize(y, c2), low), 1))  # (B, 304, ·, ·) → (B, 256, H/4, W/4)
        logits: Tensor = self.classifier(y)  # (B, N, H/4, W/4)
        return logits

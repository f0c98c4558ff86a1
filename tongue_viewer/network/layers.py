"""What the head is made of: convolution with normalisation and ReLU, and bilinear resizing."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from tongue_viewer.network.config import NetworkConfig


def batch_norm(channels: int, config: NetworkConfig) -> nn.BatchNorm2d:
    """Batch normalisation with the config's eps and momentum."""
    return nn.BatchNorm2d(channels, eps=config.norm_eps, momentum=config.norm_momentum)


def conv_norm(
    in_channels: int,
    out_channels: int,
    config: NetworkConfig,
    *,
    kernel: int = 1,
    dilation: int = 1,
    relu: bool = True,
) -> nn.Sequential:
    """A size-keeping convolution without bias, batch normalisation and (with `relu`) a ReLU."""
    conv = nn.Conv2d(
        in_channels, out_channels, kernel, padding=dilation * (kernel // 2), dilation=dilation, bias=False
    )
    parts: list[nn.Module] = [conv, batch_norm(out_channels, config)]
    if relu:
        parts.append(nn.ReLU(inplace=True))
    return nn.Sequential(*parts)


def resize(x: Tensor, like: Tensor) -> Tensor:
    """(B, C, h, w) → (B, C, H, W) of `like`, bilinear, pixel centres aligned (align_corners False)."""
    return functional.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)

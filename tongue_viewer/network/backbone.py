"""The residual backbone with attention in every bottleneck; parameter names are torchvision's."""

from __future__ import annotations

from torch import Tensor, nn

from tongue_viewer.network.attention import EfficientChannelAttention
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.layers import batch_norm

STEM_STRIDE = 4
"""7×7 with stride 2, then 3×3 max pooling with stride 2."""


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1 with a shortcut (He et al. 2015); attention stands after bn3, before the addition."""

    def __init__(
        self, in_channels: int, width: int, config: NetworkConfig, stride: int, dilation: int
    ) -> None:
        super().__init__()
        out_channels = width * config.expansion
        first, second = (stride, 1) if config.stride_in_1x1 else (1, stride)
        self.conv1 = nn.Conv2d(in_channels, width, 1, stride=first, bias=False)
        self.bn1 = batch_norm(width, config)
        self.conv2 = nn.Conv2d(
            width, width, 3, stride=second, padding=dilation, dilation=dilation, bias=False
        )
        self.bn2 = batch_norm(width, config)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = batch_norm(out_channels, config)
        self.eca: nn.Module = nn.Identity()
        if config.eca:
            self.eca = EfficientChannelAttention(out_channels, config.eca_gamma, config.eca_b)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            shortcut = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shortcut, batch_norm(out_channels, config))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → (B, expansion·width, H/stride, W/stride)."""
        y = self.relu(self.bn1(self.conv1(x)))  # (B, width, ·, ·)
        y = self.relu(self.bn2(self.conv2(y)))  # (B, width, H/stride, W/stride)
        y = self.eca(self.bn3(self.conv3(y)))  # (B, 4·width, H/stride, W/stride)
        out: Tensor = self.relu(y + self.downsample(x))
        return out


class Backbone(nn.Module):
    """ResNet without its classifier, its last stages dilated to keep the config's output stride."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, config.stem_channels, 7, stride=2, padding=3, bias=False)
        self.bn1 = batch_norm(config.stem_channels, config)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        stages = _stages(config)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B, 3, H, W), H and W multiples of 32 → C2, C3, C4, C5 (sizes for output stride 16)."""
        x = self.relu(self.bn1(self.conv1(x)))  # (B, 64, H/2, W/2)
        x = self.maxpool(x)  # (B, 64, H/4, W/4)
        c2 = self.layer1(x)  # (B, 256, H/4, W/4)
        c3 = self.layer2(c2)  # (B, 512, H/8, W/8)
        c4 = self.layer3(c3)  # (B, 1024, H/16, W/16)
        c5 = self.layer4(c4)  # (B, 2048, H/16, W/16)
        return c2, c3, c4, c5


def _stages(config: NetworkConfig) -> list[nn.Sequential]:
    """layer1 … layer4; a stage that would exceed the output stride is dilated instead of strided."""
    stages = []
    channels, reached, dilation = config.stem_channels, STEM_STRIDE, 1
    for stage, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
        stride = 1 if stage == 0 else 2
        before = dilation  # a stage's first block still sees the undilated grid (torchvision does the same)
        if reached * stride > config.output_stride:
            dilation, stride = dilation * stride, 1
        reached *= stride
        parts = [Bottleneck(channels, width, config, stride, before)]
        channels = width * config.expansion
        parts += [Bottleneck(channels, width, config, 1, dilation) for _ in range(1, blocks)]
        stages.append(nn.Sequential(*parts))
    return stages

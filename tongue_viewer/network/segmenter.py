"""The whole network, from a normalised photo to logits at its own size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from torch import Tensor, nn
from torch.nn import functional

from tongue_viewer.network.aspp import AtrousSpatialPyramidPooling
from tongue_viewer.network.attention import EfficientChannelAttention, SqueezeExcitation
from tongue_viewer.network.backbone import Backbone
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.decoder import Decoder
from tongue_viewer.network.layers import resize
from tongue_viewer.network.pyramid import FeaturePyramid

SIZE_MULTIPLE = 32
"""Inputs are padded to a multiple of this, so that every up-sampling is exactly 2-fold."""


class TongueNet(nn.Module):
    """ResNet with ECA, ASPP, feature pyramid, squeeze-and-excitation and a two-step decoder.

    N classes give N logits, each with its own sigmoid: classes are independent and may overlap; with one
    class, the logit is that of "tongue against everything else".
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Backbone(config)
        self.aspp = AtrousSpatialPyramidPooling(config.stage_channels[-1], config)
        self.se: nn.Module = nn.Identity()
        if config.se:
            self.se = SqueezeExcitation(config.aspp_channels, config.se_reduction)
        self.pyramid: nn.Module | None = FeaturePyramid(config) if config.fpn else None
        self.decoder = Decoder(config)

    def forward(self, x: Tensor) -> Tensor:
        """Logits at the input's own size; any size from 1×1 works.

        Args:
            x: (B, 3, H, W) float RGB in 0..1, minus the config's mean, divided by its std.

        Returns:
            (B, N, H, W) logits of N independent sigmoids, in the dtype of the computation.
        """
        height, width = x.shape[-2:]
        below, right = -height % SIZE_MULTIPLE, -width % SIZE_MULTIPLE
        if below or right:
            x = functional.pad(x, (0, right, 0, below))  # zero is the mean colour after normalisation
        logits = self.forward_aligned(x)
        return logits[..., :height, :width] if below or right else logits

    def forward_aligned(self, x: Tensor) -> Tensor:
        """`forward` for H and W that are multiples of 32: (B, 3, H, W) → (B, N, H, W) without padding."""
        c2, c3, c4, c5 = self.backbone(x)
        hf = self.se(self.aspp(c5))  # (B, 256, H/16, W/16)
        ff = None if self.pyramid is None else self.pyramid(c3, c4, c5)  # (B, 256, H/8, W/8)
        logits = self.decoder(hf, ff, c2, c3)  # (B, N, H/4, W/4)
        return resize(logits, x)  # (B, N, H, W)

    def backbone_parameters(self) -> Iterator[nn.Parameter]:
        """What pre-trained weights start (with its attention): the smaller learning rate."""
        return self.backbone.parameters()

    def head_parameters(self) -> Iterator[nn.Parameter]:
        """Everything else, which starts at random: the larger learning rate."""
        return chain.from_iterable(
            module.parameters() for name, module in self.named_children() if name != "backbone"
        )


def build_network(config: NetworkConfig) -> TongueNet:
    """The network with fresh weights (He et al. 2015 for convolutions), float32 on the CPU, in training mode.

    The ECA gates start at 1, the random numbers are those of torch's global generator.
    """
    network = TongueNet(config)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, EfficientChannelAttention):
            nn.init.zeros_(module.conv.weight)
    nn.init.normal_(network.decoder.classifier.weight, std=0.01)
    return network

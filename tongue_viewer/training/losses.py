"""Dice and cross-entropy on logits, per image, in float32.

Compound losses were the most robust in a comparison over many data sets (Ma et al., Loss odyssey in medical
image segmentation, 2021).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name that every PyTorch text uses
from torch import Tensor

SMOOTH = 1e-5
"""Keeps 0/0 from happening."""


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """1 − soft Dice of each foreground class, per image, mean over classes and images.

    Without the class in the picture that would be 1 whatever the network says, with a gradient of nearly nothing;
    there the loss is the part of the frame that is taken for the class.

    Args:
        logits: (B, N, H, W), one plane for each foreground class; sigmoid gives the probability.
        target: (B, N, H, W) in 0..1, the covered part of each pixel.

    Returns:
        () float32 in 0..1.
    """
    probability = torch.sigmoid(logits.float())
    target = target.float()
    overlap = (probability * target).sum((2, 3))  # (B, N)
    total = probability.sum((2, 3)) + target.sum((2, 3))
    dice = 1 - (2 * overlap + SMOOTH) / (total + SMOOTH)
    return torch.where(target.amax((2, 3)) > 0, dice, probability.mean((2, 3))).mean()


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of each class plane on logits, mean over all pixels; () float32."""
    return F.binary_cross_entropy_with_logits(logits.float(), target.float())


def segmentation_loss(logits: Tensor, target: Tensor, kind: str) -> Tensor:
    """The loss named by `TrainPlan.loss`: "dice+ce" (1:1) or "dice"; () float32."""
    dice = dice_loss(logits, target)
    return dice + cross_entropy(logits, target) if kind == "dice+ce" else dice

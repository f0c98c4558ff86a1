"""The held-back photos, judged at their own size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.photo import MaskArray, ProbabilityArray, RgbArray
from tongue_viewer.network.segmenter import TongueNet
from tongue_viewer.training.compute import Compute
from tongue_viewer.training.data import Example

THRESHOLD = 0.5
"""Probability from which a pixel is tongue, while judging and in the card."""


@dataclass(frozen=True)
class Overlap:
    """Agreement of the mask of photo `name` with its reference, 0..1; two empty masks agree fully."""

    name: str
    dice: float
    iou: float


def overlap(name: str, mask: MaskArray, reference: MaskArray) -> Overlap:
    """Dice and foreground IoU of two (H, W) masks (the full set of measures takes ten times as long)."""
    common = int(np.count_nonzero((mask > 0) & (reference > 0)))
    total = int(np.count_nonzero(mask)) + int(np.count_nonzero(reference))
    if total == 0:
        return Overlap(name, 1.0, 1.0)
    return Overlap(name, 2 * common / total, common / (total - common))


def normalise(photos: Tensor, network: TongueNet, compute: Compute) -> Tensor:
    """(B, 3, h, w) uint8 → float32 on the device, channels_last, by the network's mean and std."""
    mean = torch.tensor(network.config.mean, device=compute.device).view(1, 3, 1, 1)
    std = torch.tensor(network.config.std, device=compute.device).view(1, 3, 1, 1)
    x = (photos.to(compute.device).float() / 255 - mean) / std
    return x.contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def probability(network: TongueNet, rgb: RgbArray, size: int, compute: Compute) -> ProbabilityArray:
    """(H, W, 3) uint8 photo → (N, H, W) float32 at its own size; `network` is in evaluation mode."""
    box = Letterbox.fit((int(rgb.shape[0]), int(rgb.shape[1])), size)
    grid = torch.from_numpy(np.ascontiguousarray(box.photo_to_grid(rgb).transpose(2, 0, 1)))[None]
    with compute.autocast():
        logits = network(normalise(grid, network, compute))
    return box.probability_to_photo(torch.sigmoid(logits.float())[0].cpu().numpy())


def judge(
    network: TongueNet, examples: Iterable[Example], size: int, compute: Compute, token: CancelToken
) -> Iterator[Overlap]:
    """The agreement of each photo's mask of the first class; `network` is in evaluation mode meanwhile.

    Raises:
        Cancelled: `token` was set; checked before each photo.
    """
    was_training = network.training
    network.eval()
    try:
        for example in examples:
            token.check()
            mask = (probability(network, example.rgb, size, compute)[0] >= THRESHOLD).astype(np.uint8)
            yield overlap(example.pair.photo.stem, mask, example.mask)
    finally:
        network.train(was_training)

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
from tongue_viewer.inference.looks import Looks, Run
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


def runner(network: TongueNet, compute: Compute) -> Run:
    """The network, in evaluation mode, as what `Looks` asks."""

    @torch.inference_mode()
    def run(batch: RgbArray) -> ProbabilityArray:
        pixels = torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2)))
        with compute.autocast():
            logits = network(normalise(pixels, network, compute))
        answer: ProbabilityArray = torch.sigmoid(logits.float()).cpu().numpy()
        return answer

    return run


def judge(
    network: TongueNet, examples: Iterable[Example], looks: Looks, compute: Compute, token: CancelToken
) -> Iterator[Overlap]:
    """The agreement of each photo's mask of the first class; `network` is in evaluation mode meanwhile.

    Raises:
        Cancelled: `token` was set; checked before each photo.
    """
    was_training = network.training
    network.eval()
    run = runner(network, compute)
    try:
        for example in examples:
            token.check()
            grid = looks.grid(run, example.rgb)
            shape = (int(example.mask.shape[0]), int(example.mask.shape[1]))
            box = Letterbox.fit(shape, (int(grid.shape[1]), int(grid.shape[2])))
            mask = (box.probability_to_photo(grid)[0] >= THRESHOLD).astype(np.uint8)
            yield overlap(example.pair.photo.stem, mask, example.mask)
    finally:
        network.train(was_training)

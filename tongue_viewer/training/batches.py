"""The order of the photos and the batches, each a pure function of (seed, epoch, place).

No generator is carried from batch to batch: a break after any step resumes exactly by counting, whatever a
prefetch thread had already prepared.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import torch

from tongue_viewer.core.training import AugmentPlan
from tongue_viewer.training.augment import vary
from tongue_viewer.training.data import Examples

if TYPE_CHECKING:
    from torch import Tensor


class Batches:
    """The batches of every epoch.

    An incomplete batch at the end of an epoch is dropped (the next epoch has another order). A set smaller
    than a batch makes one batch; a single photo is taken twice, because batch normalisation over one sample
    at 1×1 is undefined.
    """

    def __init__(
        self, examples: Examples, size: int, batch_size: int, augment: AugmentPlan | None, seed: int
    ) -> None:
        self._examples = examples
        self._size = size
        self._batch_size = max(2, batch_size)
        self._augment = augment
        self._seed = seed
        self.steps = max(1, len(examples) // self._batch_size)

    def order(self, epoch: int) -> list[list[int]]:
        """The indices of each batch of an epoch."""
        count = len(self._examples)
        shuffled = np.random.default_rng((self._seed, epoch)).permutation(count).tolist()
        if count < self._batch_size:
            return [shuffled * 2 if count == 1 else shuffled]
        return [
            shuffled[i : i + self._batch_size]
            for i in range(0, self.steps * self._batch_size, self._batch_size)
        ]

    def make(self, epoch: int, step: int, indices: list[int]) -> tuple[Tensor, Tensor]:
        """(B, 3, size, size) uint8 photos and (B, 1, size, size) float32 coverage."""
        photos = np.empty((len(indices), self._size, self._size, 3), np.uint8)
        covers = np.empty((len(indices), 1, self._size, self._size), np.float32)
        for place, index in enumerate(indices):
            rng = np.random.default_rng((self._seed, epoch, step, place))
            example = self._examples[index]
            photos[place], covers[place, 0] = vary(example.rgb, example.mask, self._size, self._augment, rng)
        return torch.from_numpy(photos).permute(0, 3, 1, 2), torch.from_numpy(covers)

    def epoch(self, epoch: int, first_step: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from `first_step` on; the next one is prepared while one is learned."""
        order = self.order(epoch)
        with ThreadPoolExecutor(1, "batches") as pool:
            waiting = None
            for step in range(first_step, len(order)):
                ready = waiting or pool.submit(self.make, epoch, step, order[step])
                waiting = (
                    pool.submit(self.make, epoch, step + 1, order[step + 1])
                    if step + 1 < len(order)
                    else None
                )
                yield ready.result()

"""How a model looks at a photo: once at the whole of it, or a second time at the tongue that it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tongue_viewer.core.calibration import apply_temperature
from tongue_viewer.core.focus import Focus
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import ProbabilityArray, RgbArray

Run = Callable[[RgbArray], ProbabilityArray]
"""(B, h, w, 3) uint8 → (B, N, h, w) float32: `Engine.run`, or a network that is being trained."""

FIND_THRESHOLD = 0.3
"""Probability from which the first look believes that it saw the tongue; the second look decides."""

HAS_A_SAY = 0.5
"""Fineness of the first look, in that of the second one, from which both are averaged: two views of the tongue
at like sizes agree better with the reference than either alone (docs/model/experiments.md)."""

MAX_CLOSER = 3
"""Closer looks at most; one is the rule, a further one follows where the window cut the tongue."""


@dataclass(frozen=True)
class Looks:
    """What a card says of the looks.

    Attributes:
        input_size: side of the square of the last look, in pixels.
        coarse_size: side of the square of the first of two looks; 0: there is only one.
        margin: side of the second look's window, in longer sides of the box that the first one found.
        temperature: T of p' = sigmoid(logit(p) / T).
    """

    input_size: int
    coarse_size: int = 0
    margin: float = 1.35
    temperature: float = 1.0

    @classmethod
    def of(cls, card: ModelCard) -> Looks:
        """The looks of a model."""
        return cls(card.input_size, card.coarse_size, card.focus_margin, card.temperature)

    def grid(self, run: Run, rgb: RgbArray) -> ProbabilityArray:
        """The probability of each class on a grid of the whole photo.

        Args:
            run: the network.
            rgb: (H, W, 3) uint8, any size.

        Returns:
            (N, h, w) float32 in 0..1; `Letterbox.fit((H, W), (h, w))` leads back to the photo.
        """
        shape = (int(rgb.shape[0]), int(rgb.shape[1]))
        size = self.coarse_size or self.input_size
        answer = self._ask(run, Letterbox.fit(shape, size).photo_to_grid(rgb))
        if not self.coarse_size:
            return answer
        focus = self._find(answer, shape)
        for closer in range(MAX_CLOSER):
            if focus is None:
                break
            both = closer == 0 and focus.fineness_of((size, size)) >= HAS_A_SAY
            answer = focus.merge(self._ask(run, focus.photo_to_grid(rgb)), answer, average=both)
            better = self._find(answer, shape)
            if better is None or not focus.cuts(better):
                break
            focus = better  # the look before saw only a part of the tongue
        return answer

    def _find(self, probability: ProbabilityArray, shape: tuple[int, int]) -> Focus | None:
        return Focus.on(probability, shape, FIND_THRESHOLD, self.margin, self.input_size)

    def _ask(self, run: Run, grid: RgbArray) -> ProbabilityArray:
        """(h, w, 3) uint8 → calibrated (N, h, w) float32."""
        answer: ProbabilityArray = run(grid[None])[0]
        if self.temperature == 1.0:
            return answer
        return np.asarray(apply_temperature(answer, self.temperature), np.float32)

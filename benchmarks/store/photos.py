"""Folders of rendered photos, each of unmistakable content, and a model that knows every one of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from tests.phantoms import random_spec, render
from tests.window_driver import write_photo
from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.inference.source import PredictorSource

SHAPE = (144, 192)
"""(H, W) of every photo."""

GRID = 96
"""Side of the fake model's grid: two pixels of a photo for one of the grid."""


@cache
def picture(seed: int) -> RgbArray:
    """The rendered photo of a seed, (H, W, 3) uint8."""
    return render(random_spec(seed, SHAPE))[0]


def marked(rgb: RgbArray, number: int) -> RgbArray:
    """The same picture as another photo: the number stands in its first pixels."""
    changed = rgb.copy()
    bits = np.array([255 * (number >> bit & 1) for bit in range(32)], np.uint8)
    changed[0, :32] = bits[:, None]
    return changed


def make_photos(folder: Path, seeds: Sequence[int], number: int) -> list[Path]:
    """The rendered pictures of these seeds as photos of their own number, as `write_photos` writes them."""
    return write_photos(folder, [marked(picture(seed), number) for seed in seeds])


def write_photos(folder: Path, pictures: Sequence[RgbArray]) -> list[Path]:
    """Photos 000.bmp, 001.bmp … of a folder; the names say nothing of the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_photo(folder / f"{number:03d}.bmp", rgb) for number, rgb in enumerate(pictures)]


def digests(folder: Path) -> dict[str, str]:
    """Name → sha256 of every photo file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.bmp"))}


def own_mask(rgb: RgbArray) -> MaskArray:
    """A mask that only this picture gets: a rectangle whose place and size come from its pixels."""
    draw = Random(hashlib.sha256(rgb.tobytes()).digest())
    mask = np.zeros(rgb.shape[:2], np.uint8)
    row, column = draw.randrange(10, 60), draw.randrange(10, 80)
    mask[row : row + draw.randrange(30, 70), column : column + draw.randrange(40, 100)] = 1
    return mask


class KnowingPredictor(Predictor):
    """Answers after a random time with the mask that belongs to the photo."""

    def __init__(self, mask_of: Callable[[RgbArray], MaskArray], seed: int, slowest: float) -> None:
        self.card = ModelCard(name="knowing", network={}, input_size=GRID, sha256="c" * 64)
        self._mask_of, self._random, self._slowest = mask_of, Random(seed), slowest

    @property
    def engine_name(self) -> str:
        """No real engine."""
        return "fake"

    @property
    def note(self) -> str:
        """Nothing to say."""
        return ""

    def predict_grid(self, rgb: RgbArray) -> Prediction:
        """The photo's own mask, as a probability on the grid."""
        time.sleep(self._random.random() ** 2 * self._slowest)
        box = Letterbox.fit((rgb.shape[0], rgb.shape[1]), GRID)
        mask = np.repeat(self._mask_of(rgb)[..., None] * np.uint8(255), 3, axis=2)
        grid = np.zeros((1, GRID, GRID), np.uint8)
        (top, left), (height, width) = box.offset, box.content
        inside = (slice(top, top + height), slice(left, left + width))
        grid[0][inside] = box.photo_to_grid(mask)[..., 0][inside]
        return Prediction(grid, box.shape, 0.5, self.card.name, self.card.sha256, "fake", 0.0)

    def close(self) -> None:
        """Nothing is held."""


class KnowingSource(PredictorSource):
    """A model that is there at once."""

    def __init__(
        self, mask_of: Callable[[RgbArray], MaskArray] = own_mask, seed: int = 0, slowest: float = 0.2
    ) -> None:
        super().__init__("knowing")
        self._knowing = KnowingPredictor(mask_of, seed, slowest)
        self._fresh = True

    def card(self) -> ModelCard:
        """Of the one model."""
        return self._knowing.card

    def get(self) -> tuple[Predictor, bool]:
        """The one model, and whether it was just loaded."""
        fresh, self._fresh = self._fresh, False
        return self._knowing, fresh

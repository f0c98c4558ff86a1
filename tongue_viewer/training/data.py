"""Decoded photos with their masks, checked before training starts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import DatasetError, MaskError, PhotoError
from tongue_viewer.core.masks import bounding_box
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.training import AugmentPlan
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo
from tongue_viewer.training.pairing import MOST_NAMED, TrainingPair

MEMORY = 2_000_000_000
"""Bytes of decoded photos that are kept; those beyond are read again each time."""


@dataclass(frozen=True, eq=False)
class Example:
    """A decoded pair.

    Attributes:
        pair: where it came from.
        rgb: (H, W, 3) uint8.
        mask: (H, W) uint8, 0 or 1.
        digest: sha256 over the photo's bytes and the mask's pixels, as read.
    """

    pair: TrainingPair
    rgb: RgbArray
    mask: MaskArray
    digest: str


def read_example(pair: TrainingPair) -> Example:
    """Decode a pair.

    Raises:
        PhotoError, MaskError: a file cannot be used, or the mask has another size than the photo.
    """
    photo = read_photo(pair.photo)
    mask = read_mask(pair.mask, photo.shape)
    digest = hashlib.sha256(photo.sha256.encode() + mask.tobytes()).hexdigest()
    return Example(pair, photo.rgb, mask, digest)


def shrinker(size: int, augment: AugmentPlan | None) -> Callable[[Example], Example]:
    """A function that shrinks pairs by area averaging to what views of `size` pixels can use, and no further.

    The finest view is one of the whole photo at the largest scale, or one framed by the tongue, which on a
    large photo with a small tongue is much finer.
    """
    largest = augment.scale[1] if augment else 1.0

    def shrink(example: Example) -> Example:
        height, width = example.mask.shape
        scale = size * largest / max(height, width)
        box = bounding_box(example.mask)
        if box is not None and augment is not None and augment.fill > 0:
            longer = max(side.stop - side.start for side in box)
            scale = max(scale, size / (augment.framing[0] * longer))
        if scale >= 1:
            return example
        shape = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(example.rgb, shape, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        cover = cv2.resize(example.mask.astype(np.float32), shape, interpolation=cv2.INTER_AREA)
        return replace(example, rgb=rgb, mask=(cover >= 0.5).astype(np.uint8))

    return shrink


def keep_as_is(example: Example) -> Example:
    """What `shrinker` returns for photos that are judged at their own size."""
    return example


@dataclass
class Examples:
    """Decoded pairs by index, kept in memory as far as `budget` bytes reach.

    Attributes:
        pairs: what can be asked for.
        shrink: applied once after reading.
        budget: bytes.
        digests: of the pairs that were read so far.
    """

    pairs: Sequence[TrainingPair]
    shrink: Callable[[Example], Example] = keep_as_is
    budget: int = MEMORY
    digests: dict[int, str] = field(default_factory=dict)
    _kept: dict[int, Example] = field(default_factory=dict)
    _used: int = 0

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self.pairs)))

    def __getitem__(self, index: int) -> Example:
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        example = read_example(self.pairs[index])
        self.digests[index] = example.digest
        example = self.shrink(example)
        size = example.rgb.nbytes + example.mask.nbytes
        if self._used + size <= self.budget:
            self._kept[index] = example
            self._used += size
        return example

    def check(self, token: CancelToken) -> None:
        """Read every pair once, so that nothing fails in the middle of the night.

        Raises:
            DatasetError: naming the pairs that cannot be used, each with its reason.
            Cancelled: `token` was set.
        """
        wrong: list[str] = []
        for index in range(len(self.pairs)):
            token.check()
            try:
                self[index]
            except (PhotoError, MaskError) as error:
                wrong.append(str(error))
        if wrong:
            more = [f"… and {len(wrong) - MOST_NAMED} more"] if len(wrong) > MOST_NAMED else []
            named = "\n  ".join([*wrong[:MOST_NAMED], *more])
            raise DatasetError(
                f"{len(wrong)} of {len(self.pairs)} pairs cannot be used. Repair or remove them:\n  {named}"
            )

    @property
    def digest(self) -> str:
        """sha256 over the digests of all pairs that were read, in order."""
        return hashlib.sha256("".join(self.digests[i] for i in sorted(self.digests)).encode()).hexdigest()

"""Whether a mask that was made elsewhere has tongue and background the other way round.

A tongue lies inside its photo. So its part of the frame's border is smaller than its part of the frame; for a mask that
is inverted it is the other way round, at any size of the tongue. Both parts as odds, p / (1 − p), make the comparison
the same for a mask and for its inverse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tongue_viewer.core.photo import MaskArray

CLEAR_ODDS = 2.0
"""So many times larger must one of the odds be. In 740 masks of two clinics the border held at most 0.3 % of tongue,
so that every value from 1.01 to 100 gives the same answers there; 2 leaves room for close-ups cut off by the frame."""


class Polarity(StrEnum):
    """What the pixels of one mask say."""

    STRAIGHT = "straight"
    INVERTED = "inverted"
    UNCLEAR = "unclear"


class Turning(StrEnum):
    """Which masks of an import are turned round."""

    NONE = "none"
    INVERTED = "those that look inverted"
    ALL = "all"

    def applies_to(self, polarity: Polarity) -> bool:
        """Whether a mask that looks like this is turned round."""
        return self is Turning.ALL or (self is Turning.INVERTED and polarity is Polarity.INVERTED)


def mask_polarity(mask: MaskArray) -> Polarity:
    """Judge one mask, (H, W) uint8, 0 and 1.

    A mask without a tongue is straight, one of tongue alone inverted: no photo is nothing but tongue.
    """
    area = float(np.count_nonzero(mask)) / mask.size
    if area in (0.0, 1.0):
        return Polarity.INVERTED if area else Polarity.STRAIGHT
    border = _border_share(mask)
    # Products, not quotients: a border may be wholly one or the other.
    inside, outside = area * (1 - border), border * (1 - area)
    if inside >= CLEAR_ODDS * outside:
        return Polarity.STRAIGHT
    if border > 0.5 and outside >= CLEAR_ODDS * inside:
        return Polarity.INVERTED
    return Polarity.UNCLEAR


@dataclass(frozen=True)
class PolarityCounts:
    """How many masks of an import look how."""

    straight: int = 0
    inverted: int = 0
    unclear: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Polarity]) -> PolarityCounts:
        """Count."""
        found = Counter(verdicts)
        return cls(found[Polarity.STRAIGHT], found[Polarity.INVERTED], found[Polarity.UNCLEAR])

    @property
    def total(self) -> int:
        """All masks."""
        return self.straight + self.inverted + self.unclear

    @property
    def asks(self) -> bool:
        """Whether a person has to decide: some look inverted, or nothing speaks for straight ones."""
        return bool(self.inverted) or (bool(self.unclear) and not self.straight)

    @property
    def mixed(self) -> bool:
        """Whether both kinds stand in one folder."""
        return bool(self.inverted and self.straight)

    def describe(self) -> str:
        """For example "18 of 20 masks look inverted (the background is marked, not the tongue)."."""
        total = self.total
        if not self.inverted:
            return (
                f"It is not clear whether the {total} masks are inverted (background marked, not the tongue)."
            )
        looks = f"{self.inverted} of {total} masks look" if total > 1 else "The mask looks"
        text = f"{looks} inverted (the background is marked, not the tongue)."
        return f"{text} The others do not: two kinds of masks stand in this folder." if self.mixed else text


def turn_round(mask: MaskArray) -> MaskArray:
    """Tongue and background of a mask of 0 and 1, (H, W) uint8, exchanged; a new array."""
    return np.asarray(mask == 0, np.uint8)


def _border_share(mask: MaskArray) -> float:
    """The part of the outermost pixels that is tongue, 0..1."""
    inner = mask[1:-1, 1:-1]
    border = mask.size - inner.size
    return float(np.count_nonzero(mask) - np.count_nonzero(inner)) / border

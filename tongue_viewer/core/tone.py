"""How a photo is shown on the screen: brightness, contrast, gamma, one channel. Never what is in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import RgbArray

Channel = Literal["colour", "red", "green", "blue", "L*", "a*", "b*"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

_LAB: dict[Channel, int] = {"L*": 0, "a*": 1, "b*": 2}
_RGB: dict[Channel, int] = {"red": 0, "green": 1, "blue": 2}
_SPREAD = np.clip(128 + 2 * (np.arange(256) - 128), 0, 255)
"""a* and b* with two grey levels for a unit: tissue seldom leaves ±64, which is then the whole range of grey."""


@dataclass(frozen=True)
class Tone:
    """A change of the view.

    Attributes:
        brightness: −100..100; 100 moves black to white.
        contrast: −100..100; around the middle grey, 100 is four times as steep, −100 a quarter.
        gamma: 0.2..5; above 1 the dark parts become brighter, black and white stay.
        channel: "colour", or one channel as grey. L* is 0..100 from black to white; a* and b* are the middle grey
            at 0, white from 64 on and black below −64.
    """

    brightness: int = 0
    contrast: int = 0
    gamma: float = 1.0
    channel: Channel = "colour"

    def __post_init__(self) -> None:
        if not (abs(self.brightness) <= 100 and abs(self.contrast) <= 100 and 0.2 <= self.gamma <= 5):
            raise ValueError(f"a tone has brightness and contrast of −100..100 and gamma 0.2..5, got {self}")
        if self.channel not in CHANNELS:
            raise ValueError(f"channel is {self.channel!r}; use one of: {', '.join(CHANNELS)}")

    @property
    def neutral(self) -> bool:
        """Whether the photo is shown as it is."""
        return self == NEUTRAL

    def table(self) -> NDArray[np.uint8]:
        """(256,) uint8: what each value of a channel becomes."""
        value = (np.arange(256) / 255) ** (1 / self.gamma)
        value = (value - 0.5) * 4 ** (self.contrast / 100) + 0.5 + self.brightness / 100
        return np.clip(np.rint(value * 255), 0, 255).astype(np.uint8)

    def apply(self, rgb: RgbArray) -> RgbArray:
        """(h, w, 3) uint8 as it is shown; a neutral tone returns `rgb` itself, untouched."""
        if self.neutral or rgb.size == 0:
            return rgb
        if self.channel == "colour":
            return np.asarray(cv2.LUT(rgb, self.table()), np.uint8)
        plane, table = _plane(rgb, self.channel), self.table()
        if self.channel in ("a*", "b*"):
            table = table[_SPREAD]
        return np.asarray(cv2.cvtColor(cv2.LUT(plane, table), cv2.COLOR_GRAY2RGB), np.uint8)


NEUTRAL = Tone()


def _plane(rgb: RgbArray, channel: Channel) -> NDArray[np.uint8]:
    """One channel, (h, w) uint8: L* as 255 / 100 of it, a* and b* with 128 for 0."""
    if channel in _RGB:
        return np.asarray(cv2.extractChannel(rgb, _RGB[channel]), np.uint8)
    return np.asarray(cv2.extractChannel(cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab), _LAB[channel]), np.uint8)

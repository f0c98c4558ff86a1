"""The conditions of the robustness table: one photo, taken or kept in another way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from tongue_viewer.core import degradation as look
from tongue_viewer.core import reframing as view
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.reframing import View

UNCHANGED = "unchanged"
"""Key and family of the photo as it is, the table's reference."""

MAX_PIXELS = 50_000_000
"""A condition that would make a larger photo than this is left out for that photo."""

FAMILIES = MappingProxyType(
    {
        UNCHANGED: "the photo as it is",
        "size": "resized by a factor (area averaging when shrinking, cubic when enlarging), judged at the new size; "
        "a reduced reference pixel is tongue where at least half of it is covered",
        "blur": "Gaussian blur, sigma in pixels of a photo whose longer side has 512 px",
        "framing": "the part of the frame's area that the tongue takes: cropped around the tongue inside the photo, or "
        "padded with the median colour of the photo's border; the aspect ratio stays; at 70 % the crop may cut the "
        "tongue",
        "rotation": "turned about the photo's middle, the frame kept, corners in the border's median colour",
        "exposure": "photographic stops of light, computed in linear light and clipped",
        "gamma": "channels to a power: below 1 brighter, above 1 darker",
        "cast": "channels times gains: a wrong white balance",
        "tone": "CIE lightness times 0.6: of the whole photo, or of all but the tongue (darker skin; fading out "
        "softly along the outline)",
        "noise": "Gaussian noise, sigma in grey levels of 255, in every channel",
        "jpeg": "through a JPEG file of a quality, chroma at half the size",
        "phone": "reduced to a longer side of 224 px, blurred by 0.6 px, JPEG quality 60; also with the tongue "
        "filling half of the frame, and enlarged twofold afterwards",
        "cut": "the frame moved in until it cuts off a part of the tongue's box",
        "highlights": "eight white reflections inside the tongue",
    }
)
"""What a family does, for people."""

Change = Callable[[RgbArray, MaskArray, np.random.Generator], View]


@dataclass(frozen=True)
class Condition:
    """One cell of the table.

    Attributes:
        key: stable name, for example "size-0.5".
        family: one of `FAMILIES`.
        label: the setting, for people, for example "× 0.5".
        change: what is done to photo and mask.
        result_pixels: of the result, from the mask, where the result can be larger than the photo; None: never.
    """

    key: str
    family: str
    label: str
    change: Change
    result_pixels: Callable[[MaskArray], int] | None = None

    def apply(self, rgb: RgbArray, mask: MaskArray, rng: np.random.Generator) -> View:
        """The photo and its reference mask under this condition.

        Args:
            rgb: (H, W, 3) uint8, not changed.
            mask: (H, W) uint8, 0 or 1, not changed, with at least one tongue pixel.
            rng: of `generator`.

        Returns:
            (H', W', 3) uint8 and (H', W') uint8; the very same arrays where the condition changes nothing.

        Raises:
            ValueError: the mask is empty, and the condition needs a tongue.
        """
        return self.change(rgb, mask, rng)

    def fits(self, mask: MaskArray, limit: int = MAX_PIXELS) -> bool:
        """Whether the result has at most `limit` pixels."""
        return self.result_pixels is None or self.result_pixels(mask) <= limit

    def generator(self, identity: str, seed: int = 0) -> np.random.Generator:
        """Random numbers that depend on the seed, this condition and the photo (its sha256), and on nothing else."""
        words = f"{seed}/{self.key}/{identity}".encode()
        return np.random.default_rng(np.frombuffer(hashlib.sha256(words).digest(), np.uint32))


def choose_conditions(names: Sequence[str] = ()) -> tuple[Condition, ...]:
    """The conditions of the named families or keys, "unchanged" always first; no name: all.

    Raises:
        UsageError: a name is neither family nor key.
    """
    known = set(FAMILIES) | {condition.key for condition in CONDITIONS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"There is no condition {', '.join(unknown)}. Choose from {', '.join(FAMILIES)}, or a condition's key "
            "such as size-0.5."
        )
    wanted = set(names) or set(FAMILIES)
    return tuple(c for c in CONDITIONS if {c.key, c.family} & (wanted | {UNCHANGED}))


def _moved(change: Callable[..., View], **values: Any) -> Change:
    """A change of frame: photo and mask."""
    return lambda rgb, mask, _rng: change(rgb, mask, **values)


def _looks(change: Callable[..., RgbArray], **values: Any) -> Change:
    """A change of the pixels alone."""
    return lambda rgb, mask, _rng: (change(rgb, **values), mask)


def _noisy(sigma: float) -> Change:
    return lambda rgb, mask, rng: (look.add_noise(rgb, sigma, rng), mask)


def _wet(rgb: RgbArray, mask: MaskArray, rng: np.random.Generator) -> View:
    return look.wet(rgb, mask, rng), mask


def _darker_skin(rgb: RgbArray, mask: MaskArray, _rng: np.random.Generator) -> View:
    return look.darker_skin(rgb, mask, 0.6), mask


def _phone(rgb: RgbArray, mask: MaskArray, part: float = 0.0, enlarge: float = 1.0) -> View:
    """Framed to `part` (0: as it is), reduced to 224 px, blurred, compressed, then enlarged."""
    if part:
        rgb, mask = view.reframe(rgb, mask, part)
    small, reference = view.resize(rgb, mask, 224 / max(mask.shape))
    small = look.compress(look.blur(small, 0.6 * look.BLUR_FRAME / 224), 60)
    return view.resize(small, reference, enlarge)


def _resized_pixels(mask: MaskArray, factor: float) -> int:
    height, width = view.scaled_shape((int(mask.shape[0]), int(mask.shape[1])), factor)
    return height * width


def _framed_pixels(mask: MaskArray, part: float) -> int:
    height, width = view.padded_shape(mask, part)
    return height * width


def _size(factor: float) -> Condition:
    pixels = partial(_resized_pixels, factor=factor)
    return Condition(f"size-{factor:g}", "size", f"× {factor:g}", _moved(view.resize, factor=factor), pixels)


def _framing(part: float) -> Condition:
    pixels = partial(_framed_pixels, part=part)
    percent = round(100 * part)
    return Condition(f"framing-{percent}", "framing", f"{percent} %", _moved(view.reframe, part=part), pixels)


_WARM, _COOL, _GREEN = (1.12, 1.0, 0.8), (0.82, 1.0, 1.12), (0.9, 1.1, 0.9)

CONDITIONS: tuple[Condition, ...] = (
    Condition(UNCHANGED, UNCHANGED, "as it is", lambda rgb, mask, _rng: (rgb, mask)),
    *(_size(factor) for factor in (0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)),
    *(
        Condition(f"blur-{sigma}", "blur", f"σ {sigma}", _looks(look.blur, sigma=sigma))
        for sigma in (0, 1, 2, 3)
    ),
    *(_framing(part) for part in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7)),
    *(
        Condition(f"rotation{turn:+d}", "rotation", f"{turn:+d}°", _moved(view.rotate, degrees=turn))
        for turn in (-30, -15, 15, 30)
    ),
    *(
        Condition(f"exposure{stops:+d}", "exposure", f"{stops:+d} stop", _looks(look.expose, stops=stops))
        for stops in (-1, 1)
    ),
    *(
        Condition(f"gamma-{gamma}", "gamma", f"γ {gamma}", _looks(look.bend, gamma=gamma))
        for gamma in (0.6, 1.7)
    ),
    *(
        Condition(f"cast-{name}", "cast", name, _looks(look.tint, gains=gains))
        for name, gains in (("warm", _WARM), ("cool", _COOL), ("green", _GREEN))
    ),
    Condition("tone-all", "tone", "whole photo", _looks(look.dim, factor=0.6)),
    Condition("tone-skin", "tone", "all but the tongue", _darker_skin),
    *(Condition(f"noise-{sigma}", "noise", f"σ {sigma}", _noisy(sigma)) for sigma in (6, 12)),
    *(
        Condition(f"jpeg-{quality}", "jpeg", f"quality {quality}", _looks(look.compress, quality=quality))
        for quality in (15, 30, 60)
    ),
    Condition("phone-224", "phone", "224 px", _moved(_phone)),
    Condition("phone-224-close", "phone", "224 px, tongue 50 %", _moved(_phone, part=0.5)),
    Condition("phone-448", "phone", "224 px, enlarged to 448", _moved(_phone, enlarge=2.0)),
    Condition("cut-left", "cut", "left 30 %", _moved(view.cut, side="left", part=0.3)),
    Condition("cut-bottom", "cut", "bottom 25 %", _moved(view.cut, side="bottom", part=0.25)),
    Condition("highlights", "highlights", "8 spots", _wet),
)
"""Every condition, "unchanged" first, the cells of a family side by side in their natural order."""

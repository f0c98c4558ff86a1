"""The classes that a mask may hold, and how they are shown; one, "tongue", unless the person adds others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

MOST_CLASSES = 9
"""As many as have a key of their own, Ctrl+1 to Ctrl+9."""

_COLOURS: tuple[Rgb, ...] = (
    (0, 213, 224),
    (255, 176, 0),
    (120, 94, 240),
    (255, 255, 255),
    (254, 97, 0),
    (0, 158, 115),
    (240, 228, 66),
    (100, 143, 255),
    (220, 38, 127),
)
"""Told apart with common forms of colour blindness (after Wong 2011 and the IBM palette); the first is the outline's."""

_TEXT = re.compile(r"(?P<name>[^#]{1,40}?)\s*#(?P<colour>[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class MaskClass:
    """One class.

    Attributes:
        index: its value in a mask, 1 … 9.
        name: for people.
        colour: RGB.
    """

    index: int
    name: str
    colour: Rgb

    @property
    def text(self) -> str:
        """As the settings keep it: "tongue #00d5e0"."""
        return f"{self.name} #{self.colour[0]:02x}{self.colour[1]:02x}{self.colour[2]:02x}"


TONGUE = MaskClass(1, "tongue", _COLOURS[0])
DEFAULT_CLASSES = (TONGUE,)


def usual_colour(index: int) -> Rgb:
    """The colour of a class that nobody has chosen one for."""
    return _COLOURS[(index - 1) % len(_COLOURS)]


def parse_classes(texts: Iterable[str]) -> tuple[MaskClass, ...]:
    """The classes of the settings, numbered in order.

    Raises:
        ValueError: a text is not "name #rrggbb", a name stands twice, or there are more than nine.
    """
    classes: list[MaskClass] = []
    for index, text in enumerate(texts, 1):
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f'a class is written "name #rrggbb", got {text!r}')
        digits = found["colour"]
        colour = (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))
        classes.append(MaskClass(index, found["name"].strip(), colour))
    names = [known.name.casefold() for known in classes]
    if len(set(names)) < len(names):
        raise ValueError(f"two classes have one name: {', '.join(names)}")
    if len(classes) > MOST_CLASSES:
        raise ValueError(f"{len(classes)} classes are more than the {MOST_CLASSES} that are possible")
    return tuple(classes) or DEFAULT_CLASSES

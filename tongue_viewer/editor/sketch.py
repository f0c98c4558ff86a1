"""What a tool draws over the photo while something is in hand; never part of the mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.raster import Box

Point: TypeAlias = tuple[float, float]
"""(x, y) in photo pixels from the photo's top-left corner, with fractions."""

ADDED, TAKEN = 1, 2
"""Values of `Tint.pixels`: what a click here would add to the mask, or take off it."""


@dataclass(frozen=True)
class Line:
    """A line through points.

    Attributes:
        points: at least one.
        closed: whether the last point is joined to the first.
        faint: a line that is only proposed, such as the one to the pointer; drawn dashed.
    """

    points: tuple[Point, ...]
    closed: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Click:
    """A collected click of the click-to-correct tool.

    Attributes:
        point: where.
        positive: "this is tongue", or "this is not".
    """

    point: Point
    positive: bool


@dataclass(frozen=True, eq=False)
class Tint:
    """A preview of a change.

    Attributes:
        box: (row, column, height, width) of photo pixels.
        pixels: (height, width) uint8: 0 nothing, `ADDED` or `TAKEN`.
    """

    box: Box
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class Sketch:
    """Everything that one tool shows, drawn in both panes.

    Attributes:
        lines: each with a dark halo, white; red where the tool takes off.
        handles: points that can be taken hold of.
        grabbed: index of the handle under the pointer or in hand, −1: none.
        clicks: drawn as a plus and a minus.
        tint: a preview of the change.
        erasing: whether it will be taken off the mask.
    """

    lines: tuple[Line, ...] = ()
    handles: tuple[Point, ...] = ()
    grabbed: int = -1
    clicks: tuple[Click, ...] = ()
    tint: Tint | None = None
    erasing: bool = False


NOTHING = Sketch()
"""Nothing is drawn."""

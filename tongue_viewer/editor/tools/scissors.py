"""A line that follows the photo's edges from click to click (live-wire)."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject

from tongue_viewer.core.livewire import LiveWire
from tongue_viewer.core.photo import Photo
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import Line, Point, Sketch
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.tool import Pointer


class ScissorsTool(AreaTool):
    """Each click pins the line; between the last pin and the pointer it clings to the nearest edge.

    Enter, a double click, or a click on the first pin closes the line along the edge and fills it; Backspace or undo
    takes the last pin back. With Shift a stretch is straight.
    """

    confirms_by_double_click = True

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("scissors", "Scissors", document, parent)
        self._pins: list[Point] = []
        self._stretches: list[tuple[Point, ...]] = []  # the line to each pin after the first
        self._live: tuple[Point, ...] = ()
        self._wire: LiveWire | None = None
        self._photo: Photo | None = None  # the one whose edges `_wire` knows

    @property
    def busy(self) -> bool:
        """Whether there is a pin."""
        return bool(self._pins)

    def press(self, pointer: Pointer) -> None:
        """Pin the line here."""
        photo = self._document.photo
        if photo is None:
            return
        if self._wire is None or self._photo is not photo:
            self._wire, self._photo = LiveWire(photo.rgb), photo
        if not self._pins:
            self._decide(pointer)
        elif len(self._pins) > 1 and math.dist(pointer.point, self._pins[0]) <= pointer.reach:
            self.confirm()
            return
        else:
            self._stretches.append(self._to(pointer))
        self._pin(pointer.point)
        self._draw(pointer.reach)

    def move(self, pointer: Pointer) -> None:
        """Let the line follow the pointer along the edges."""
        if not self._pins:
            self._decide(pointer)
            return
        self._live = self._to(pointer)
        self._draw(pointer.reach)

    def confirm(self) -> None:
        """Close the line along the edge, and fill it."""
        if len(self._pins) < 2 or self._wire is None:
            self.cancel()
            return
        closing = self._wire.path(*self._pins[0])
        points = tuple(point for stretch in (*self._stretches, closing) for point in stretch)
        self._reset()
        self._fill(points)

    def step_back(self) -> None:
        """Take the last pin back."""
        if self._pins:
            self._pins.pop()
            if self._stretches:
                self._stretches.pop()
            if self._pins and self._wire is not None:
                self._wire.start(*self._pins[-1])
            self._live = ()
            self._draw(0.0)

    def leave(self) -> None:
        """The pins stay, the line to the pointer goes."""
        if self._pins:
            self._live = ()
            self._draw(0.0)

    def cancel(self) -> None:
        """Forget the line, and what was worked out of a photo that is no longer open."""
        self._reset()
        if self._photo is not self._document.photo:
            self._wire = self._photo = None
        super().cancel()

    def _reset(self) -> None:
        self._pins, self._stretches, self._live = [], [], ()

    def _pin(self, point: Point) -> None:
        assert self._wire is not None  # noqa: S101 - for mypy: the caller has made it
        self._pins.append(point)
        self._wire.start(*point)
        self._live = ()

    def _to(self, pointer: Pointer) -> tuple[Point, ...]:
        assert self._wire is not None  # noqa: S101 - for mypy: there is a pin
        if pointer.shift:
            return (self._pins[-1], pointer.point)
        return tuple(self._wire.path(*pointer.point))

    def _draw(self, reach: float) -> None:
        lines = [Line(stretch) for stretch in self._stretches]
        closes = bool(self._live) and math.dist(self._live[-1], self._pins[0]) <= reach
        if len(self._live) > 1:
            lines.append(Line(self._live))
        elif len(self._pins) > 1:
            lines.append(Line((self._pins[-1], self._pins[0]), faint=True))
        grabbed = 0 if closes and len(self._pins) > 1 else -1
        self.set_sketch(Sketch(tuple(lines), tuple(self._pins), grabbed, erasing=self._takes_off))

"""Where the photo stands in the panes: one scale and one centre for all of them."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

Size: TypeAlias = tuple[int, int]
"""(width, height) in device pixels."""

MIN_SCALE, MAX_SCALE = 0.05, 64.0
_RIM = 8  # device pixels of grey around a fitted photo: nothing tinted touches it
_KEEP = 48  # device pixels of the photo that stay in sight, whatever is panned


class ViewTransform(QObject):
    """The way between photo pixels and device pixels, and its inverse.

    Frames: *photo* (x, y) in photo pixels from the photo's corner; *grid*, the photo scaled by `scale`, in
    whole device pixels from the photo's corner; *pane*, device pixels from a pane's corner. Grid and pane
    differ by whole pixels (`origin`), so a scale of 1 shows one photo pixel on exactly one device pixel.

    Signals:
        changed(): scale, centre or the photo's size changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scale = 1.0
        """Device pixels for one photo pixel."""
        self.centre = (0.0, 0.0)
        """The photo's point (x, y) in the middle of the panes."""
        self.photo: Size = (0, 0)
        """(width, height) of the photo; (0, 0): none."""
        self.fitted = True
        """Whether the whole photo is shown, and goes on to be when the panes change their size."""

    def grid_size(self) -> Size:
        """(width, height) of the photo in device pixels."""
        return (max(1, round(self.photo[0] * self.scale)), max(1, round(self.photo[1] * self.scale)))

    def origin(self, pane: Size) -> tuple[int, int]:
        """The photo's corner in a pane."""
        return (
            round(pane[0] / 2 - self.centre[0] * self.scale),
            round(pane[1] / 2 - self.centre[1] * self.scale),
        )

    def to_photo(self, x: float, y: float, pane: Size) -> tuple[float, float]:
        """A pane's point in the photo."""
        left, top = self.origin(pane)
        return ((x - left) / self.scale, (y - top) / self.scale)

    def to_pane(self, x: float, y: float, pane: Size) -> tuple[float, float]:
        """The inverse of `to_photo`."""
        left, top = self.origin(pane)
        return (x * self.scale + left, y * self.scale + top)

    def set_photo(self, photo: Size, pane: Size) -> None:
        """Another photo: the view stays where it is for one of the same size, else it is fitted."""
        same = photo == self.photo
        self.photo = photo
        if same and not self.fitted:
            self.changed.emit()
        else:
            self.fit(pane)

    def fit(self, pane: Size) -> None:
        """Show the whole photo, as large as possible."""
        width, height = self.photo
        if min(width, height, *pane) < 1:
            self.fitted = True
            self.changed.emit()
            return
        room = [side - 2 * _RIM if side > 8 * _RIM else side for side in pane]
        scale = min(room[0] / width, room[1] / height)
        self.fitted = True
        self._set(min(scale, MAX_SCALE), (width / 2, height / 2), pane)

    def zoom(self, scale: float, x: float, y: float, pane: Size) -> None:
        """Set the scale; the photo's point under the pane's point (x, y) stays there."""
        if min(self.photo) < 1:
            return
        smallest = min(MIN_SCALE, pane[0] / self.photo[0], pane[1] / self.photo[1])
        scale = min(MAX_SCALE, max(smallest, scale))
        # From the centre, not from `origin`: its rounding would add up over the notches of a wheel.
        change = 1 / self.scale - 1 / scale
        centre = (self.centre[0] + (x - pane[0] / 2) * change, self.centre[1] + (y - pane[1] / 2) * change)
        self.fitted = False
        self._set(scale, centre, pane)

    def pan(self, dx: float, dy: float, pane: Size) -> None:
        """Move the view by photo pixels."""
        if min(self.photo) < 1:
            return
        self.fitted = False
        self._set(self.scale, (self.centre[0] + dx, self.centre[1] + dy), pane)

    def _set(self, scale: float, centre: tuple[float, float], pane: Size) -> None:
        self.scale = scale
        limited = [
            min(length + room, max(-room, value))
            for value, length, side in zip(centre, self.photo, pane, strict=True)
            for room in [max(0.0, (side / 2 - _KEEP) / scale)]
        ]
        self.centre = (limited[0], limited[1])
        self.changed.emit()

"""What both panes show: the frame, the view, the choices of the person, the pointer."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from tongue_viewer.core.classes import Rgb
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box
from tongue_viewer.editor.sketch import NOTHING
from tongue_viewer.editor.tools.tool import ToolCursor
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.arrays import wrap_indexed, wrap_rgb
from tongue_viewer.ui.canvas.class_layers import class_table
from tongue_viewer.ui.canvas.frame import Frame
from tongue_viewer.ui.canvas.view_transform import Size, ViewTransform


@dataclass
class Choices:
    """How the mask is shown.

    Attributes:
        mode: what the mask pane shows.
        overlay, outline: whether the fill and the outline are drawn in the modes that have them.
        opacity: of the fill, 0..1.
        surround: neutral grey around the photo.
        line: width of the outline in logical pixels.
        class_colours: of the classes 1, 2, …; one alone is drawn in the outline's cyan.
    """

    mode: look.ViewMode = "overlay"
    overlay: bool = True
    outline: bool = True
    opacity: float = look.FILL_OPACITY
    surround: QColor = field(default_factory=lambda: QColor(look.SURROUND_DARK))
    line: float = 2.0
    class_colours: tuple[Rgb, ...] = ()


class Scene:
    """Keeps the layers for the part of the photo that is in sight, as images around the frame's arrays."""

    def __init__(self, transform: ViewTransform) -> None:
        self.transform = transform
        self.choices = Choices()
        self.cursor = ToolCursor()
        self.sketch = NOTHING
        """What the tool in the hand draws over the photo."""
        self.pointer: tuple[float, float] | None = None
        """Where the pointer is, in photo pixels; None: outside the panes."""
        self._frame: Frame | None = None
        self._photo: QImage | None = None
        self._layers: list[QImage] | None = None

    def set_photo(self, rgb: RgbArray | None, mask: MaskArray) -> None:
        """Show another photo, or none."""
        self._frame = None if rgb is None else Frame(rgb, mask)
        self._photo = self._layers = None

    def set_choices(self, **changes: object) -> None:
        """Change some of the choices."""
        for name, value in changes.items():
            setattr(self.choices, name, value)
        self._layers = None

    def mask_changed(self, rect: QRect) -> Box | None:
        """Take over a part of the mask; returns the box of the grid to be drawn again, None: nothing is."""
        if self._frame is None:
            return None
        one_class = self._frame.classes is None
        box = self._frame.mask_changed((rect.y(), rect.x(), rect.height(), rect.width()))
        if one_class and self._frame.classes is not None:
            self._layers = None
        return box if box[2] and box[3] else None

    def prepare(self, panes: list[Size], pixel_ratio: float) -> None:
        """Make the frame hold all that the panes see of the photo."""
        if self._frame is None:
            return
        grid = self.transform.grid_size()
        seen = _around([visible(self.transform, pane) for pane in panes])
        line = self.choices.line * pixel_ratio  # another screen may have another ratio
        if seen[2] and seen[3] and not self._frame.holds(self.transform.scale, seen, line):
            self._frame.show(self.transform.scale, grid, seen, line)
            self._photo = self._layers = None

    @property
    def corner(self) -> tuple[int, int]:
        """(x, y) of the frame's first pixel in the grid."""
        return (0, 0) if self._frame is None else (self._frame.box[1], self._frame.box[0])

    def photo(self) -> QImage | None:
        """The photo alone, one image pixel for one device pixel."""
        if self._photo is None and self._frame is not None and self._frame.rgb.size:
            self._photo = wrap_rgb(self._frame.rgb)
        return self._photo

    def layers(self) -> list[QImage]:
        """What the mask pane draws, from below to above."""
        if self._layers is None:
            self._layers = self._make_layers()
        return self._layers

    def _make_layers(self) -> list[QImage]:
        frame, photo, choices = self._frame, self.photo(), self.choices
        if frame is None or photo is None:
            return []
        if choices.mode == "mask":
            return [wrap_indexed(frame.coverage, look.grey_table())]
        layers = [photo]
        if choices.mode == "cutout":
            return [photo, wrap_indexed(frame.coverage, look.outside_table(choices.surround))]
        if choices.mode == "overlay" and choices.overlay:
            layers.append(self._coloured(frame, choices.opacity))
        if choices.outline:
            layers.append(wrap_indexed(frame.halo, look.alpha_table(look.HALO)))
            layers.append(self._coloured(frame, None))
        return layers

    def _coloured(self, frame: Frame, opacity: float | None) -> QImage:
        """The fill with an opacity, or (None) the outline; by class where there are several."""
        if frame.classes is None:
            array = frame.line if opacity is None else frame.coverage
            return wrap_indexed(array, look.alpha_table(look.CYAN, 1.0 if opacity is None else opacity))
        array = frame.classes.line if opacity is None else frame.classes.fill
        table = class_table(self.choices.class_colours, 1.0 if opacity is None else opacity)
        return wrap_indexed(array, table)


def visible(transform: ViewTransform, pane: Size) -> Box:
    """The box of the grid that a pane sees."""
    left, top = transform.origin(pane)
    width, height = transform.grid_size()
    row, column = max(0, -top), max(0, -left)
    return (
        row,
        column,
        max(0, min(height, pane[1] - top) - row),
        max(0, min(width, pane[0] - left) - column),
    )


def _around(boxes: list[Box]) -> Box:
    """The smallest box around those that are not empty."""
    full = [box for box in boxes if box[2] and box[3]]
    if not full:
        return (0, 0, 0, 0)
    row, column = min(box[0] for box in full), min(box[1] for box in full)
    bottom = max(box[0] + box[2] for box in full)
    right = max(box[1] + box[3] for box in full)
    return (row, column, bottom - row, right - column)

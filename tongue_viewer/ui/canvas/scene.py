"""What both panes show: the frame, the view, the choices of the person, the pointer."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from tongue_viewer.core.classes import Rgb
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box
from tongue_viewer.core.tone import NEUTRAL, Tone
from tongue_viewer.core.uncertain import Stretch
from tongue_viewer.editor.sketch import NOTHING
from tongue_viewer.editor.tools.tool import ToolCursor
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.arrays import wrap_indexed, wrap_rgb
from tongue_viewer.ui.canvas.class_layers import class_table
from tongue_viewer.ui.canvas.frame import Frame
from tongue_viewer.ui.canvas.sampling import PhotoLevels
from tongue_viewer.ui.canvas.view_transform import Size, ViewTransform


@dataclass
class Choices:
    """How the mask is shown.

    Attributes:
        mode: what the mask pane shows.
        overlay, outline: whether the fill and the outline are drawn in the modes that have them.
        opacity: of the fill, 0..1.
        divider: where the plain photo ends in the mode "swipe", as a part of the pane's width.
        tone: how the photo is shown.
        pixels_per_mm: photo pixels for one millimetre; 0: not known, and no scale bar.
        doubts: whether uncertain stretches are marked in the modes that have an outline.
        surround: neutral grey around the photo.
        line: width of the outline in logical pixels.
        class_colours: of the classes 1, 2, …; one alone is drawn in the outline's cyan.
    """

    mode: look.ViewMode = "overlay"
    overlay: bool = True
    outline: bool = True
    opacity: float = look.FILL_OPACITY
    divider: float = 0.5
    tone: Tone = NEUTRAL
    doubts: bool = True
    pixels_per_mm: float = 0.0
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
        self.doubts: tuple[Stretch, ...] = ()
        """Uncertain stretches of the outline."""
        self._levels: PhotoLevels | None = None
        self._mask: MaskArray | None = None
        self._model: MaskArray | None = None
        self._main: Frame | None = None
        self._other: Frame | None = None  # shows another mask as long as it is wanted
        self._compares = False  # whether it shows what was changed since then
        self._photo: QImage | None = None
        self._toned: RgbArray | None = None
        self._layers: list[QImage] | None = None

    @property
    def marks_doubts(self) -> bool:
        """Whether uncertain stretches are drawn: on the outline that they belong to, and nowhere else."""
        choices = self.choices
        outlined = choices.outline and choices.mode in ("overlay", "outline", "swipe")
        return choices.doubts and outlined and not self.shows_other

    @property
    def mode(self) -> look.ViewMode:
        """What the mask pane shows: the person's choice, or a comparison that was asked for."""
        return "difference" if self._compares else self.choices.mode

    @property
    def shows_other(self) -> bool:
        """Whether another mask stands in the place of the document's."""
        return self._other is not None

    @property
    def _frame(self) -> Frame | None:
        return self._other or self._main

    def set_photo(self, rgb: RgbArray | None, mask: MaskArray) -> None:
        """Show another photo, or none."""
        self._levels = None if rgb is None else PhotoLevels(rgb)
        self._mask, self._model, self._other, self.doubts = mask, None, None, ()
        self._compares = False
        self._main = None if self._levels is None else Frame(self._levels, mask)
        self._forget()

    def set_choices(self, **changes: object) -> None:
        """Change some of the choices."""
        for name, value in changes.items():
            setattr(self.choices, name, value)
        if "tone" in changes:
            self._photo = self._toned = None
        self._layers = None

    def compare_with(self, model: MaskArray | None) -> None:
        """The mask that the mode "difference" compares with; None: there is none, or it is not asked for."""
        if model is not self._model and self._levels is not None and self._mask is not None:
            self._model = model
            self._main = Frame(self._levels, self._mask, model)
            self._forget()

    def show_instead(self, mask: MaskArray | None, against: MaskArray | None = None) -> None:
        """Show another mask in the place of the document's; None: the document's again.

        Args:
            mask: (H, W) uint8 class index.
            against: show how `mask` differs from this one, whatever the mode.
        """
        self._other = None if mask is None or self._levels is None else Frame(self._levels, mask, against)
        self._compares = self._other is not None and against is not None
        self._forget()

    def mask_changed(self, rect: QRect) -> Box | None:
        """Take over a part of the mask; returns the box of the grid to be drawn again, None: nothing is."""
        if self._main is None:
            return None
        one_class = self._main.classes is None
        box = self._main.mask_changed((rect.y(), rect.x(), rect.height(), rect.width()))
        if one_class and self._main.classes is not None:
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
            self._forget()

    def _forget(self) -> None:
        self._photo = self._layers = self._toned = None

    @property
    def corner(self) -> tuple[int, int]:
        """(x, y) of the frame's first pixel in the grid."""
        return (0, 0) if self._frame is None else (self._frame.box[1], self._frame.box[0])

    def photo(self) -> QImage | None:
        """The photo alone, one image pixel for one device pixel."""
        if self._photo is None and self._frame is not None and self._frame.rgb.size:
            self._toned = self.choices.tone.apply(self._frame.rgb)
            self._photo = wrap_rgb(self._toned)
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
        if self.mode == "mask":
            return [wrap_indexed(frame.coverage, look.grey_table())]
        layers = [photo]
        if self.mode == "cutout":
            return [photo, wrap_indexed(frame.coverage, look.outside_table(choices.surround))]
        if self.mode == "difference":
            layers += _difference(frame)
        if self.mode in ("overlay", "swipe") and choices.overlay:
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


def _difference(frame: Frame) -> list[QImage]:
    """Added and taken off against the other mask, and its outline."""
    if frame.difference is None:
        return []
    change = wrap_indexed(frame.difference.change, look.change_table(look.ADDED, look.TAKEN))
    return [change, wrap_indexed(frame.difference.line, look.alpha_table(look.MODEL_LINE))]


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

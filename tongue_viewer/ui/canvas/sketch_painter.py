"""Draws what a tool has in hand: lines with a halo, handles, clicks, and the preview of a change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from tongue_viewer.editor.sketch import ADDED, NOTHING, TAKEN, Click, Line, Point, Sketch, Tint
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.view_transform import Size, ViewTransform

REACH = 12.0
"""Logical pixels by which handles, clicks and wide lines stand out from their points."""

_HANDLE, _CLICK = 3.5, 7.0  # radii in logical pixels


@dataclass(frozen=True)
class SketchPainter:
    """Draws one sketch into one pane.

    Attributes:
        painter: in device pixels of the pane.
        transform: of the photo.
        pane: (width, height) of the pane in device pixels.
        ratio: device pixels for one logical pixel.
    """

    painter: QPainter
    transform: ViewTransform
    pane: Size
    ratio: float

    def paint(self, sketch: Sketch) -> None:
        """Draw everything that the sketch holds."""
        if sketch is NOTHING:
            return
        painter = self.painter
        painter.save()
        if sketch.tint is not None:
            self._tint(sketch.tint)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in sketch.lines:
            self._line(line, erasing=sketch.erasing)
        for number, point in enumerate(sketch.handles):
            self._handle(point, grabbed=number == sketch.grabbed)
        for click in sketch.clicks:
            self._click(click)
        painter.restore()

    def _at(self, point: Point) -> QPointF:
        return QPointF(*self.transform.to_pane(*point, self.pane))

    def _line(self, line: Line, *, erasing: bool) -> None:
        points = QPolygonF([self._at(point) for point in line.points])
        for colour, width in look.SKETCH_ERASING if erasing else look.SKETCH:
            pen = QPen(colour, width * self.ratio)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            if line.faint:
                pen.setDashPattern([4 / width, 4 / width])
            self.painter.setPen(pen)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            if line.closed:
                self.painter.drawPolygon(points)
            else:
                self.painter.drawPolyline(points)

    def _handle(self, point: Point, *, grabbed: bool) -> None:
        radius = (_HANDLE + 1.5 * grabbed) * self.ratio
        self.painter.setPen(QPen(look.INK, 1.5 * self.ratio))
        self.painter.setBrush(look.CYAN if grabbed else look.PAPER)
        self.painter.drawEllipse(self._at(point), radius, radius)

    def _click(self, click: Click) -> None:
        """A plus or a minus in a disc: the sign is told by its shape, not by its colour alone."""
        centre, radius = self._at(click.point), _CLICK * self.ratio
        self.painter.setPen(QPen(look.INK, 1.5 * self.ratio))
        self.painter.setBrush(look.CYAN if click.positive else look.PAPER)
        self.painter.drawEllipse(centre, radius, radius)
        self.painter.setPen(QPen(look.INK, 2 * self.ratio))
        arm = radius * 0.55
        self.painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
        if click.positive:
            self.painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))

    def _tint(self, tint: Tint) -> None:
        row, column, height, width = tint.box
        if not (height and width):
            return
        pixels = np.ascontiguousarray(tint.pixels)
        image = QImage(pixels.data, width, height, width, QImage.Format.Format_Indexed8)
        image.setColorTable(_tint_table())
        corner, end = self._at((column, row)), self._at((column + width, row + height))
        self.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)  # noqa: FBT003 - Qt's signature
        argb = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        self.painter.drawImage(QRectF(corner, end), argb, QRectF(0, 0, width, height))


def sketch_bounds(sketch: Sketch) -> tuple[float, float, float, float] | None:
    """(left, top, right, bottom) in photo pixels of all that is drawn, None for nothing."""
    points: list[Point] = [*sketch.handles, *(click.point for click in sketch.clicks)]
    for line in sketch.lines:
        points += line.points
    if sketch.tint is not None:
        row, column, height, width = sketch.tint.box
        points += [(column, row), (column + width, row + height)]
    if not points:
        return None
    array: NDArray[np.float64] = np.array(points, np.float64)
    (left, top), (right, bottom) = array.min(axis=0).tolist(), array.max(axis=0).tolist()
    return left, top, right, bottom


def _tint_table() -> list[int]:
    table = [0] * 256
    for value, colour in ((ADDED, look.ADDED_TINT), (TAKEN, look.TAKEN_TINT)):
        table[value] = _argb(colour)
    return table


def _argb(colour: QColor) -> int:
    return int(colour.rgba())

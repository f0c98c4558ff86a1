"""What stands on the mask pane beside the mask: uncertain stretches, the swipe's divider, the scale bar."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from tongue_viewer.core.uncertain import Stretch
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.scene import Scene
from tongue_viewer.ui.canvas.view_transform import Size

GRIP_RADIUS = 14.0
"""Of the swipe's grip, in logical pixels: only there the divider can be taken hold of, so that one can paint beside it."""

_GRIP_HEIGHT = 0.9
"""Part of the pane's height at which the grip hangs: below the tongue of a fitted photo."""

_BAR = (60.0, 180.0)  # logical pixels between which the scale bar's length lies
_CORNER = QPointF(16, 18)  # logical pixels from the pane's lower left corner
_TALL = 26.0  # logical pixels of the bar with its number


def paint_marks(painter: QPainter, scene: Scene, pane: Size, ratio: float, dirty: QRect) -> None:
    """Draw everything that reaches into `dirty` into the mask pane; all in device pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    choices = scene.choices
    if scene.marks_doubts:
        _doubts(painter, scene, pane, ratio, dirty)
    if scene.mode == "swipe":
        _divider(painter, scene, pane, ratio)
    low = pane[1] - _CORNER.y() * ratio
    place = QRectF(0, low - _TALL * ratio, (2 * _CORNER.x() + _BAR[1]) * ratio, (_TALL + 8) * ratio)
    if choices.pixels_per_mm > 0 and place.intersects(QRectF(dirty)):
        _scale_bar(painter, scene, pane, ratio)
    painter.restore()


def grip_centre(scene: Scene, pane: Size) -> QPointF:
    """The middle of the swipe's grip, in device pixels of the pane."""
    return QPointF(pane[0] * scene.choices.divider, pane[1] * _GRIP_HEIGHT)


def bar_millimetres(pixels_per_mm: float, ratio: float) -> float:
    """A round length (1, 2 or 5 times a power of ten) for a bar of 60 to 180 logical pixels.

    Args:
        pixels_per_mm: device pixels of the screen for one millimetre.
        ratio: device pixels for one logical pixel.
    """
    most = _BAR[1] * ratio / pixels_per_mm
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most)


def _doubts(painter: QPainter, scene: Scene, pane: Size, ratio: float, dirty: QRect) -> None:
    seen, reach = QRectF(dirty), 3 * ratio
    if scene.choices.mode == "swipe":
        seen.setLeft(max(seen.left(), round(pane[0] * scene.choices.divider)))
    painter.save()
    painter.setClipRect(seen)
    for stretch in scene.doubts:
        left, top, right, bottom = _bounds(stretch)
        box = QRectF(
            QPointF(*scene.transform.to_pane(left, top, pane)),
            QPointF(*scene.transform.to_pane(right, bottom, pane)),
        )
        if not box.adjusted(-reach, -reach, reach, reach).intersects(seen):
            continue
        points = QPolygonF(
            [QPointF(*scene.transform.to_pane(x, y, pane)) for x, y in stretch.points.tolist()]
        )
        for colour, width in look.DOUBT:
            pen = QPen(colour, width * ratio, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([7 / width, 5 / width])
            painter.setPen(pen)
            painter.drawPolyline(points)
    painter.restore()


@lru_cache(maxsize=256)
def _bounds(stretch: Stretch) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) in photo pixels; asked for at every paint."""
    (left, top), (right, bottom) = stretch.points.min(axis=0).tolist(), stretch.points.max(axis=0).tolist()
    return left, top, right, bottom


def _divider(painter: QPainter, scene: Scene, pane: Size, ratio: float) -> None:
    centre = grip_centre(scene, pane)
    for colour, width in look.SKETCH:
        painter.setPen(QPen(colour, width * ratio))
        painter.drawLine(QPointF(centre.x(), 0), QPointF(centre.x(), pane[1]))
    radius, arm = GRIP_RADIUS * ratio, 4 * ratio
    painter.setPen(QPen(look.INK, 1.5 * ratio))
    painter.setBrush(look.PAPER)
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(QPen(look.INK, 2 * ratio))
    for side in (-1, 1):
        tip = centre + QPointF(side * radius * 0.62, 0)
        painter.drawPolyline(
            QPolygonF([tip + QPointF(-side * arm, -arm), tip, tip + QPointF(-side * arm, arm)])
        )


def _scale_bar(painter: QPainter, scene: Scene, pane: Size, ratio: float) -> None:
    per_mm = scene.choices.pixels_per_mm * scene.transform.scale
    length = bar_millimetres(per_mm, ratio)
    left, low = _CORNER.x() * ratio, pane[1] - _CORNER.y() * ratio
    right, tick = left + length * per_mm, 5 * ratio
    shape = QPolygonF(
        [QPointF(left, low - tick), QPointF(left, low), QPointF(right, low), QPointF(right, low - tick)]
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in look.SKETCH:
        painter.setPen(QPen(colour, (width + 0.5) * ratio))
        painter.drawPolyline(shape)
    font = QFont(painter.font())
    font.setPixelSize(round(12 * ratio))
    painter.setFont(font)
    place = QRectF(left, low - 22 * ratio, right - left, 18 * ratio)
    for shift, colour in ((1.0, look.INK), (-1.0, look.INK), (0.0, QColor(look.PAPER))):
        painter.setPen(colour)
        moved = place.translated(shift * ratio, shift * ratio)
        painter.drawText(moved, Qt.AlignmentFlag.AlignCenter, f"{length:g} mm")

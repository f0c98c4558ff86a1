"""One pane: draws what the scene holds, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tongue_viewer.core.raster import Box
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.pane_marks import paint_marks
from tongue_viewer.ui.canvas.scene import Scene
from tongue_viewer.ui.canvas.sketch_painter import SketchPainter
from tongue_viewer.ui.canvas.view_transform import Size

_ARM = 5  # logical pixels of the arms that make a very small ring and a mirrored pointer findable


class Pane(QWidget):
    """Draws in device pixels, whatever the screen's pixel ratio.

    Signals:
        resized(): the pane has another size.
        painted(): a paint event was worked off.
    """

    resized = Signal()
    painted = Signal()

    def __init__(self, scene: Scene, prepare: Callable[[], None], *, with_mask: bool) -> None:
        super().__init__()
        self._scene = scene
        self._prepare = prepare
        self._with_mask = with_mask
        self._ring = QRect()
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Small enough for a narrow window."""
        return QSize(120, 120)

    @property
    def device_size(self) -> Size:
        """(width, height) in device pixels."""
        ratio = self.devicePixelRatioF()
        return (round(self.width() * ratio), round(self.height() * ratio))

    def to_photo(self, position: QPointF) -> tuple[float, float]:
        """A point of the widget (logical pixels) in the photo."""
        ratio = self.devicePixelRatioF()
        return self._scene.transform.to_photo(position.x() * ratio, position.y() * ratio, self.device_size)

    def update_grid(self, box: Box) -> None:
        """Draw a box of the grid again."""
        left, top = self._scene.transform.origin(self.device_size)
        self.update(self._logical(QRectF(box[1] + left, box[0] + top, box[3], box[2])))

    def update_photo_rect(self, left: float, top: float, right: float, bottom: float, margin: float) -> None:
        """Draw a rectangle of photo pixels again, and `margin` logical pixels around it."""
        x0, y0 = self._scene.transform.to_pane(left, top, self.device_size)
        x1, y1 = self._scene.transform.to_pane(right, bottom, self.device_size)
        around = margin * self.devicePixelRatioF()
        self.update(
            self._logical(QRectF(x0 - around, y0 - around, x1 - x0 + 2 * around, y1 - y0 + 2 * around))
        )

    def update_pointer(self) -> None:
        """Draw the pointer again, where it was and where it is."""
        self.update(self._ring)
        self._ring = self._ring_rect()
        self.update(self._ring)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Tell it."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the part that Qt asks for."""
        self._prepare()
        ratio = self.devicePixelRatioF()
        asked = event.rect()
        left, top = math.floor(asked.x() * ratio), math.floor(asked.y() * ratio)
        right = math.ceil((asked.x() + asked.width()) * ratio)
        bottom = math.ceil((asked.y() + asked.height()) * ratio)
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        dirty = QRect(left, top, right - left, bottom - top)
        self._draw_photo(painter, dirty)
        empty = self._scene.photo() is None
        if not empty:
            if self._with_mask:
                paint_marks(painter, self._scene, self.device_size, ratio, dirty)
            SketchPainter(painter, self._scene.transform, self.device_size, ratio).paint(self._scene.sketch)
        if not empty and self._scene.pointer is not None and self._ring_rect().intersects(asked):
            self._draw_pointer(painter, ratio)
            # The view may have moved under the pointer: this place has to be wiped as well when it goes on.
            self._ring = self._ring.united(self._ring_rect())
        painter.end()
        self.painted.emit()

    def _draw_photo(self, painter: QPainter, dirty: QRect) -> None:
        scene = self._scene
        photo = scene.photo()
        place = QRect(QPoint(*scene.transform.origin(self.device_size)), QSize(*scene.transform.grid_size()))
        seen = dirty.intersected(place)
        if photo is None or seen != dirty:
            painter.fillRect(dirty, scene.choices.surround)
        if photo is None or seen.isEmpty():
            return
        source = seen.translated(-place.topLeft() - QPoint(*scene.corner))
        whole, covered = (seen, source), self._swiped(seen, source)
        for number, layer in enumerate(scene.layers() if self._with_mask else [photo]):
            seen, source = covered if number else whole
            if seen.isEmpty():
                continue
            if layer.format() == QImage.Format.Format_Indexed8:
                # Qt blends an indexed image three times slower than it converts and blends it (ADR 0002).
                part = layer.copy(source).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
                painter.drawImage(seen.topLeft(), part)
            else:
                painter.drawImage(seen.topLeft(), layer, source)

    def _swiped(self, seen: QRect, source: QRect) -> tuple[QRect, QRect]:
        """The part of a rectangle, and of its source, that the mask's layers are drawn in."""
        if self._scene.mode != "swipe":
            return seen, source
        cut = max(0, round(self.device_size[0] * self._scene.choices.divider) - seen.left())
        return seen.adjusted(cut, 0, 0, 0), source.adjusted(cut, 0, 0, 0)

    def _draw_pointer(self, painter: QPainter, ratio: float) -> None:
        pointer, cursor = self._scene.pointer, self._scene.cursor
        assert pointer is not None  # noqa: S101 - for mypy: the caller has looked
        centre = QPointF(*self._scene.transform.to_pane(*pointer, self.device_size))
        radius = cursor.radius * self._scene.transform.scale if cursor.shape == "ring" else 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in look.RING_ERASING if cursor.erasing else look.RING:
            painter.setPen(QPen(colour, width * ratio))
            if radius > 0:
                painter.drawEllipse(centre, radius, radius)
            if radius < _ARM * ratio and (radius > 0 or not self.underMouse()):
                _draw_arms(painter, centre, radius + 2 * ratio, _ARM * ratio)

    def _ring_rect(self) -> QRect:
        if self._scene.pointer is None:
            return QRect()
        ratio = self.devicePixelRatioF()
        x, y = self._scene.transform.to_pane(*self._scene.pointer, self.device_size)
        cursor = self._scene.cursor
        reach = (cursor.radius * self._scene.transform.scale) if cursor.shape == "ring" else 0.0
        reach = max(reach, 2 * _ARM * ratio) + 5 * ratio
        return self._logical(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))

    def _logical(self, device: QRectF) -> QRect:
        """The whole logical pixels that hold a rectangle of device pixels."""
        ratio = self.devicePixelRatioF()
        size = QRectF(device.x() / ratio, device.y() / ratio, device.width() / ratio, device.height() / ratio)
        return size.toAlignedRect().intersected(self.rect())


def _draw_arms(painter: QPainter, centre: QPointF, start: float, length: float) -> None:
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        step = QPointF(dx, dy)
        painter.drawLine(centre + step * start, centre + step * (start + length))

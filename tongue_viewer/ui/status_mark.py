"""The shape of each status, painted, so that it depends on no font."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tongue_viewer.core.cases import CaseStatus

MARK_SIZE = 12.0


def paint_status_mark(painter: QPainter, corner: QPointF, status: CaseStatus, colour: QColor) -> None:
    """Paint the shape of `status` into the square of `MARK_SIZE` whose top-left corner is `corner`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(corner)
    pen = QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    circle = QRectF(1.5, 1.5, 9, 9)
    match status:
        case CaseStatus.TO_DO:
            painter.drawEllipse(circle)
        case CaseStatus.PREDICTED:
            painter.drawEllipse(circle)
            painter.setBrush(colour)
            painter.drawChord(circle, 90 * 16, 180 * 16)
        case CaseStatus.EDITED:
            painter.setBrush(colour)
            painter.drawEllipse(circle)
        case CaseStatus.REVIEWED:
            painter.setPen(QPen(pen.brush(), 2.0, pen.style(), pen.capStyle(), pen.joinStyle()))
            painter.drawPolyline(QPolygonF([QPointF(1.5, 6.5), QPointF(4.7, 9.7), QPointF(10.5, 2.5)]))
        case CaseStatus.FLAGGED:
            painter.drawLine(QPointF(2.5, 1.2), QPointF(2.5, 11))
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([QPointF(2.5, 1.8), QPointF(10.5, 4.2), QPointF(2.5, 6.8)]))
        case CaseStatus.FAILED:
            painter.drawPolygon(QPolygonF([QPointF(6, 1.5), QPointF(11, 10.5), QPointF(1, 10.5)]))
            painter.drawLine(QPointF(6, 5), QPointF(6, 7.2))
            painter.drawPoint(QPointF(6, 9))
    painter.restore()

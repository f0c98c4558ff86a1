"""How one line of the photo list looks: small picture, name, and the status as shape and word."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.patients import PatientId
from tongue_viewer.ui.photo_model import PATIENT_ROLE, SUMMARY_ROLE, THUMBNAIL_ROLE
from tongue_viewer.ui.status_mark import MARK_SIZE, paint_status_mark
from tongue_viewer.ui.theme import GAP, SPACE, STATUS_WORDS, grey, greys, status_colour

THUMBNAIL = QSize(64, 48)
"""Of the picture in the list, in logical pixels."""

ROW_HEIGHT = 64


class PhotoDelegate(QStyledItemDelegate):
    """Paints a line; nothing is computed here that grows with the folder."""

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Every line has the same height."""
        del option, index
        return QSize(THUMBNAIL.width() + 96, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one line."""
        summary: CaseSummary = index.data(SUMMARY_ROLE)
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        painter.save()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
            painter.fillRect(
                QRect(rect.topLeft(), QSize(3, rect.height())), palette.color(QPalette.ColorRole.Accent)
            )
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, grey(greys(palette).button))
        frame = QRect(rect.left() + SPACE, rect.top() + (ROW_HEIGHT - THUMBNAIL.height()) // 2, 0, 0)
        frame.setSize(THUMBNAIL)
        self._paint_thumbnail(painter, frame, index.data(THUMBNAIL_ROLE), palette)
        left = frame.right() + 1 + SPACE + GAP
        text = QRect(left, frame.top() + 2, rect.right() - left - SPACE, 22)
        metrics = painter.fontMetrics()
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        name = metrics.elidedText(summary.path.name, Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        self._paint_status(painter, text.translated(0, 22), index, palette, selected=selected)
        painter.restore()

    def _paint_thumbnail(
        self, painter: QPainter, frame: QRect, pixmap: QPixmap | None, palette: QPalette
    ) -> None:
        painter.fillRect(frame, grey(greys(palette).surround))
        if pixmap is None:
            return
        size = QSize(pixmap.width(), pixmap.height()).scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(QRectF(frame).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    def _paint_status(
        self,
        painter: QPainter,
        line: QRect,
        index: QModelIndex | QPersistentModelIndex,
        palette: QPalette,
        *,
        selected: bool,
    ) -> None:
        summary: CaseSummary = index.data(SUMMARY_ROLE)
        top = line.top() + (line.height() - MARK_SIZE) / 2
        colour = status_colour(summary.status, palette)
        paint_status_mark(painter, QPointF(line.left(), top), summary.status, colour)
        words = STATUS_WORDS[summary.status]
        if summary.note and summary.status in (CaseStatus.FAILED, CaseStatus.FLAGGED):
            words = f"{words} · {summary.note}"
        text = line.adjusted(int(MARK_SIZE) + 6, 0, 0, 0)
        quiet: QColor = palette.color(QPalette.ColorRole.Text) if selected else grey(greys(palette).quiet)
        painter.setPen(quiet)
        metrics = painter.fontMetrics()
        room = text.width() - metrics.horizontalAdvance(words) - SPACE
        more = next(
            (
                each
                for each in _more(summary, index.data(PATIENT_ROLE))
                if metrics.horizontalAdvance(each) <= room
            ),
            "",
        )
        centre = Qt.AlignmentFlag.AlignVCenter
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, centre | Qt.AlignmentFlag.AlignLeft, words)
        painter.drawText(text, centre | Qt.AlignmentFlag.AlignRight, more)


def _more(summary: CaseSummary, whose: PatientId) -> tuple[str, ...]:
    """What else can stand in the line, the fullest first: patient and visit, and how good the model's mask may be."""
    rated = summary.status is CaseStatus.PREDICTED and summary.quality is not None
    quality = f"{summary.quality:.2f}" if rated else ""
    both = " · ".join(part for part in (whose.text, quality) if part)
    return both, whose.text, whose.patient, quality

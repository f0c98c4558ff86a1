"""How one line of the history looks: the status as a shape, what was done, by whom, and when."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tongue_viewer.ui.history_model import ROW_ROLE
from tongue_viewer.ui.history_rows import HistoryRow, clock, day, deed, who
from tongue_viewer.ui.status_mark import MARK_SIZE, paint_status_mark
from tongue_viewer.ui.theme import SPACE, grey, greys, status_colour

ROW_HEIGHT = 44
_LINE = 18
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class HistoryDelegate(QStyledItemDelegate):
    """Paints a line; nothing is computed here that grows with the log."""

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Every line has the same height."""
        del option, index
        return QSize(120, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one line."""
        line: HistoryRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        painter.save()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
            mark = QRect(rect.topLeft(), QSize(3, rect.height()))
            painter.fillRect(mark, palette.color(QPalette.ColorRole.Accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, grey(greys(palette).button))
        top = rect.top() + (ROW_HEIGHT - 2 * _LINE) // 2
        corner = QPointF(rect.left() + SPACE, top + (_LINE - MARK_SIZE) / 2)
        status = line.entry.status
        paint_status_mark(painter, corner, status, status_colour(status, palette))
        left = rect.left() + 2 * SPACE + int(MARK_SIZE)
        room = QRect(left, top, rect.right() - left - SPACE, _LINE)
        strong = palette.color(QPalette.ColorRole.Text)
        painter.setPen(strong)
        _spread(painter, room, deed(line), clock(line.entry))
        painter.setPen(strong if selected else grey(greys(palette).quiet))
        today = date.today()  # noqa: DTZ011 - what people read is local
        _spread(painter, room.translated(0, _LINE), who(line.entry), day(line.entry, today))
        painter.restore()


def _spread(painter: QPainter, room: QRect, text: str, end: str) -> None:
    """One text from the left, shortened where it has to be, and one at the right."""
    metrics = painter.fontMetrics()
    painter.drawText(room, int(_RIGHT), end)
    width = room.width() - metrics.horizontalAdvance(end) - SPACE
    painter.drawText(room, int(_LEFT), metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))

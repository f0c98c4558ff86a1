"""The log of the open case as a list, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tongue_viewer.core.history import LogEntry
from tongue_viewer.ui.history_rows import HistoryRow, clock, deed, details, fold, who

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class HistoryModel(QAbstractListModel):
    """One row for each line of `fold`, or for each entry; made for thousands of them.

    A log only grows: what is new comes in at the top, and the rows that are there keep their selection.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[LogEntry] = ()
        self._rows: list[HistoryRow] = []  # oldest first
        self._folded = True

    @property
    def entries(self) -> Sequence[LogEntry]:
        """The whole log, oldest first."""
        return self._entries

    def set_entries(self, entries: Sequence[LogEntry]) -> None:
        """Show a log, oldest first; of the same case: what was added to it."""
        self._entries = entries
        before, now = self._rows, self._lines()
        if not _continues(before, now):
            self._reset(now)
            return
        if now[len(before) - 1] != before[-1]:
            before[-1] = now[len(before) - 1]
            self.dataChanged.emit(self.index(0), self.index(0))
        if len(now) > len(before):
            self.beginInsertRows(QModelIndex(), 0, len(now) - len(before) - 1)
            self._rows = now
            self.endInsertRows()

    def set_folded(self, folded: bool) -> None:
        """Steps of a kind as one row, or each entry as one."""
        self._folded = folded
        self._reset(self._lines())

    def line_at(self, row: int) -> HistoryRow:
        """What a row stands for."""
        return self._rows[len(self._rows) - 1 - row]

    def row_of(self, number: int) -> int:
        """The row that an entry is in, -1 if none."""
        for row in range(len(self._rows)):
            line = self.line_at(row)
            if line.entry.number == number:
                return row
            if line.entry.number < number:
                return row - 1  # inside of the newer row
        return len(self._rows) - 1

    def rowCount(self, parent: _Index = _TOP) -> int:  # noqa: N802 - Qt's name
        """How many rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """`HistoryRow` in `ROW_ROLE`; a sentence for screen readers; all details as the tool tip."""
        if not index.isValid():
            return None
        line = self.line_at(index.row())
        if role == ROW_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return "  ".join(part for part in (clock(line.entry), deed(line), who(line.entry)) if part)
        return details(line.entry) if role == Qt.ItemDataRole.ToolTipRole else None

    def _lines(self) -> list[HistoryRow]:
        return fold(self._entries) if self._folded else [HistoryRow(entry) for entry in self._entries]

    def _reset(self, rows: list[HistoryRow]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()


def _continues(before: Sequence[HistoryRow], now: Sequence[HistoryRow]) -> bool:
    """Whether a log has only grown; its last row may have too."""
    if not before or len(now) < len(before):
        return False
    if len(before) > 1:
        return now[len(before) - 2] == before[-2] and now[0] == before[0]
    return now[0].entry.case_id == before[0].entry.case_id

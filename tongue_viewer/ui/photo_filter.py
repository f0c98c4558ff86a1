"""The lines that are shown: those of the folder that a filter takes, in an order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, Slot

from tongue_viewer.core.case_list import CaseFilter, Order, SortKey, sort_key
from tongue_viewer.core.sorted_rows import SortedRows
from tongue_viewer.ui.photo_model import SUMMARY_ROLE, THUMBNAIL_ROLE, Index, PhotoModel


class PhotoFilter(QAbstractListModel):
    """Shows some photos of a `PhotoModel`, and always the open one, so that it never vanishes in the hand.

    An edit or a review moves no line, in the order of date neither: that one is made when it is chosen. Only a
    new prediction puts its own line where it belongs.

    `QSortFilterProxyModel` asks Python for every comparison, 440 ms for 10,000 lines; `SortedRows` sorts them at once.
    """

    def __init__(self, model: PhotoModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted = CaseFilter()
        self._order = Order.FOLDER
        self._kept: Path | None = None
        self._rows = SortedRows()
        self._changing = 0
        model.modelReset.connect(self._on_reset)
        model.dataChanged.connect(self._on_changed)

    @property
    def changing(self) -> bool:
        """Whether lines come, go or move at this moment: Qt then moves its own current line, and no person wished it."""
        return self._changing > 0

    def show_cases(self, wanted: CaseFilter) -> None:
        """Show only the cases that this filter takes."""
        if wanted != self._wanted:
            self._wanted = wanted
            with self._change():
                self.beginResetModel()
                self._choose()
                self.endResetModel()

    def order_by(self, order: Order) -> None:
        """Sort by something else, or by the same as it is now."""
        self._order = order
        self._on_reset()

    def forget(self) -> None:
        """Take all, in the folder's order, and keep none; the model is about to be reset."""
        self._wanted, self._order, self._kept = CaseFilter(), Order.FOLDER, None

    def keep(self, path: Path | None) -> None:
        """Show this photo whatever it is; the one that was kept before is judged again."""
        before, self._kept = self._kept, path
        for other in {before, path}:
            row = self._model.row_of(other)
            if row >= 0:
                self._place(row)

    def found(self) -> int:
        """How many photos the filter takes; the kept one counts only if it does."""
        row = self._model.row_of(self._kept)
        return len(self._rows) - (row >= 0 and not self._takes(row))

    def others(self, path: Path | None) -> Iterator[int]:
        """All other rows of the folder, hidden ones too, in the list's order from a photo's own round to it again."""
        return self._rows.following(self._model.row_of(path))

    def after(self, path: Path, count: int) -> list[int]:
        """Up to `count` rows of the folder after a photo's own in the list's order, hidden ones too."""
        row = self._model.row_of(path)
        return self._rows.after(row, count) if row >= 0 else []

    def index_of(self, path: Path | None) -> QModelIndex:
        """The line of a photo; invalid where it is not shown."""
        row = self._model.row_of(path)
        place = self._rows.place_of(row) if row >= 0 else None
        return QModelIndex() if place is None else self.index(place)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """The number of lines that are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the folder's model says of the photo in this line."""
        if not index.isValid():
            return None
        return self._model.data(self._model.index(self._rows.row_at(index.row())), role)

    def _takes(self, row: int) -> bool:
        """Whether the filter takes a row."""
        text = self._model.text_at(row) if self._wanted.words else ""
        return self._wanted.takes(self._model.summary_at(row), text)

    def _is_wanted(self, row: int) -> bool:
        return row == self._model.row_of(self._kept) or self._takes(row)

    def _key(self, row: int) -> SortKey:
        model = self._model
        return sort_key(self._order, row, model.summary_at(row), model.patient_at(row))

    def _choose(self) -> None:
        if self._wanted == CaseFilter():
            self._rows.choose()
        else:
            self._rows.choose(self._model.rows_taken(self._wanted) | {self._model.row_of(self._kept)})

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._changing += 1
        try:
            yield
        finally:
            self._changing -= 1

    @Slot()
    def _on_reset(self) -> None:
        with self._change():
            self.beginResetModel()
            rows = range(self._model.rowCount())
            by_row = self._order is Order.FOLDER  # for a folder that is just opened every call counts
            self._rows.set_keys([(row,) for row in rows] if by_row else [self._key(row) for row in rows])
            self._choose()
            self.endResetModel()

    @Slot(QModelIndex, QModelIndex, list)
    def _on_changed(self, first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        for row in range(first.row(), last.row() + 1):
            if roles != [THUMBNAIL_ROLE]:
                self._place(row)
            place = self._rows.place_of(row)
            if place is not None:
                index = self.index(place)
                self.dataChanged.emit(index, index, roles)

    def _place(self, row: int) -> None:
        """Put one line where it belongs now, or take it away."""
        rows, nowhere = self._rows, QModelIndex()
        before, wanted = rows.place_of(row), self._is_wanted(row)
        key = rows.key_of(row) if self._order is Order.CHANGED else self._key(row)
        place = rows.place_for(key)  # counted with the line where it still is, as Qt counts
        with self._change():
            if before is None:
                rows.change_key(row, key)
                if wanted:
                    self.beginInsertRows(nowhere, place, place)
                    rows.show(row)
                    self.endInsertRows()
            elif not wanted:
                self.beginRemoveRows(nowhere, before, before)
                rows.hide(row)
                self.endRemoveRows()
                rows.change_key(row, key)
            elif key != rows.key_of(row):
                moves = self.beginMoveRows(
                    nowhere, before, before, nowhere, place
                )  # False: it stays in its place
                rows.hide(row)
                rows.change_key(row, key)
                rows.show(row)
                if moves:
                    self.endMoveRows()


def path_at(index: QModelIndex) -> Path:
    """The photo of a line."""
    return cast("Path", index.data(SUMMARY_ROLE).path)

"""The photos of the open folder as a Qt list model, and the filter over it."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPixmap

from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.ui.theme import STATUS_WORDS

SUMMARY_ROLE = int(Qt.ItemDataRole.UserRole)
THUMBNAIL_ROLE = SUMMARY_ROLE + 1
THUMBNAILS_KEPT = 1500
"""About 70 MB at most; the files of the thumbnail cache give older ones back within milliseconds."""

UNFINISHED = frozenset({CaseStatus.TO_DO, CaseStatus.PREDICTED, CaseStatus.EDITED})
"""What "next to do" stops at: everything that no person has finished, set aside or found broken."""

FILTERS: Mapping[str, frozenset[CaseStatus]] = MappingProxyType(
    {
        "All": frozenset(CaseStatus),
        **{STATUS_WORDS[status]: frozenset({status}) for status in CaseStatus},
    }
)

ORDERS: Mapping[str, bool] = MappingProxyType(
    {"In the folder's order": False, "Needs correction first": True}
)
"""Order of the list → whether it goes by the quality of the model's masks."""

Index = QModelIndex | QPersistentModelIndex


class PhotoModel(QAbstractListModel):
    """One row for each photo of the folder, in the folder's order.

    Signals:
        counts_changed(): how many photos have which status.
    """

    counts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._summaries: list[CaseSummary] = []
        self._rows: dict[Path, int] = {}
        self._counts: Counter[CaseStatus] = Counter()
        self._thumbnails: OrderedDict[Path, QPixmap] = OrderedDict()
        self._without_thumbnail: set[Path] = set()

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show another folder."""
        self.beginResetModel()
        self._summaries = list(summaries)
        self._rows = {summary.path: row for row, summary in enumerate(self._summaries)}
        self._counts = Counter(summary.status for summary in self._summaries)
        self._thumbnails.clear()
        self._without_thumbnail.clear()
        self.endResetModel()
        self.counts_changed.emit()

    def update_summary(self, summary: CaseSummary) -> None:
        """Take the new state of one photo; one of another folder is ignored."""
        row = self._rows.get(summary.path)
        if row is None:
            return
        before = self._summaries[row]
        self._summaries[row] = summary
        index = self.index(row)
        self.dataChanged.emit(index, index)
        if before.status is not summary.status:
            self._counts[before.status] -= 1
            self._counts[summary.status] += 1
            self.counts_changed.emit()

    def set_thumbnail(self, path: Path, rgb: RgbArray | None) -> None:
        """Take the (h, w, 3) uint8 small picture of one photo; None: there is none, do not ask again."""
        row = self._rows.get(path)
        if row is None:
            return
        if rgb is None:
            self._without_thumbnail.add(path)
            return
        pixels = np.ascontiguousarray(rgb)
        height, width, _ = pixels.shape
        image = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
        self._thumbnails[path] = QPixmap.fromImage(image)  # copies, so the array may go
        self._thumbnails.move_to_end(path)
        while len(self._thumbnails) > THUMBNAILS_KEPT:
            self._thumbnails.popitem(last=False)
        index = self.index(row)
        self.dataChanged.emit(index, index, [THUMBNAIL_ROLE])

    def lacks_thumbnail(self, path: Path) -> bool:
        """Whether asking for the small picture makes sense."""
        return path not in self._thumbnails and path not in self._without_thumbnail

    @property
    def summaries(self) -> tuple[CaseSummary, ...]:
        """All rows, in order."""
        return tuple(self._summaries)

    def count(self, statuses: Iterable[CaseStatus] = CaseStatus) -> int:
        """How many photos have one of the statuses."""
        return sum(self._counts[status] for status in statuses)

    def row_of(self, path: Path | None) -> int:
        """The row of a photo, −1 for one that is not in the folder."""
        return -1 if path is None else self._rows.get(path, -1)

    def summary_at(self, row: int) -> CaseSummary:
        """What is known of the photo in a row."""
        return self._summaries[row]

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """The number of photos."""
        return 0 if parent is not None and parent.isValid() else len(self._summaries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the delegate and screen readers ask for."""
        if not index.isValid():
            return None
        summary = self._summaries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return summary.path.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{summary.path.name}, {STATUS_WORDS[summary.status]}"
        if role == Qt.ItemDataRole.ToolTipRole:
            note = f"\n{summary.note}" if summary.note else ""
            quality = (
                "" if summary.quality is None else f"\nModel's mask: expected Dice {summary.quality:.3f}"
            )
            return f"{summary.path}\n{STATUS_WORDS[summary.status]}{quality}{note}"
        if role == SUMMARY_ROLE:
            return summary
        if role == THUMBNAIL_ROLE:
            return self._thumbnails.get(summary.path)
        return None


class PhotoFilter(QSortFilterProxyModel):
    """Shows the photos of some statuses, and always the open one, so that it never vanishes in the hand.

    In the order of need the masks of the lowest expected Dice stand first and photos that no model has seen last.
    An edit or a review moves no line; only a new prediction puts its own line where it belongs.
    """

    def __init__(self, model: PhotoModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._statuses: frozenset[CaseStatus] = frozenset(CaseStatus)
        self._kept: Path | None = None
        self._by_need = False
        self.setSourceModel(model)

    def show_statuses(self, statuses: frozenset[CaseStatus]) -> None:
        """Show only photos of these statuses."""
        if statuses != self._statuses:
            self.beginFilterChange()
            self._statuses = statuses
            self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def order_by_need(self, *, by_need: bool) -> None:
        """Choose between the order of need and the folder's own."""
        if by_need != self._by_need:
            self._by_need = by_need
            self.sort(0 if by_need else -1)

    def ordered_rows(self) -> list[int]:
        """All rows of the folder, hidden ones too, in the order of the list."""
        rows = range(self._model.rowCount())
        return sorted(rows, key=self._need) if self._by_need else list(rows)

    def lessThan(self, left: Index, right: Index) -> bool:  # noqa: N802 - Qt's name
        """Qt asks which of two lines stands first."""
        return self._need(left.row()) < self._need(right.row())

    def _need(self, row: int) -> tuple[float, int]:
        quality = self._model.summary_at(row).quality
        return 2.0 if quality is None else quality, row

    def keep(self, path: Path | None) -> None:
        """Show this photo whatever its status is; costs nothing where its status is shown anyway."""
        if not any(self._hidden_by_status(other) for other in {self._kept, path}):
            self._kept = path
        elif path != self._kept:
            self.beginFilterChange()
            self._kept = path
            self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def _hidden_by_status(self, path: Path | None) -> bool:
        row = self._model.row_of(path)
        return row >= 0 and self._model.summary_at(row).status not in self._statuses

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002, N802 - Qt's
        """Qt asks for each row."""
        summary = self._model.summary_at(source_row)
        return summary.status in self._statuses or summary.path == self._kept

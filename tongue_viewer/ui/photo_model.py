"""The photos of the open folder as a Qt list model."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from tongue_viewer.core.case_list import CaseFilter, is_uncertain, search_text
from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.patients import NOBODY, PatientId, ids_of
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.ui.theme import STATUS_WORDS

SUMMARY_ROLE = int(Qt.ItemDataRole.UserRole)
THUMBNAIL_ROLE = SUMMARY_ROLE + 1
PATIENT_ROLE = SUMMARY_ROLE + 2
THUMBNAILS_KEPT = 1500
"""About 70 MB at most; the files of the thumbnail cache give older ones back within milliseconds."""

Index = QModelIndex | QPersistentModelIndex


class PhotoModel(QAbstractListModel):
    """One row for each photo of the folder, in the folder's order.

    Signals:
        counts_changed(): how many photos have which status, or how many are uncertain.
    """

    counts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._summaries: list[CaseSummary] = []
        self._rows: dict[Path, int] = {}
        self._pattern = ""
        self._ids: tuple[PatientId, ...] = ()
        self._texts: list[str | None] = []
        self._counts: Counter[tuple[CaseStatus, bool]] = Counter()
        self._thumbnails: OrderedDict[Path, QPixmap] = OrderedDict()
        self._without_thumbnail: set[Path] = set()

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show another folder."""
        self.beginResetModel()
        self._summaries = list(summaries)
        self._rows = {summary.path: row for row, summary in enumerate(self._summaries)}
        self._counts = Counter((summary.status, is_uncertain(summary)) for summary in self._summaries)
        self._find_patients()
        self._thumbnails.clear()
        self._without_thumbnail.clear()
        self.endResetModel()
        self.counts_changed.emit()

    def set_pattern(self, pattern: str) -> None:
        """Find patients and visits by this pattern (`core.patients`, one that can be used); "": by none."""
        if pattern != self._pattern:
            self.beginResetModel()
            self._pattern = pattern
            self._find_patients()
            self.endResetModel()

    def _find_patients(self) -> None:
        self._ids = (
            ids_of(self._pattern, [summary.path.stem for summary in self._summaries]) if self._pattern else ()
        )
        self._texts = [None] * len(self._summaries)

    def update_summary(self, summary: CaseSummary) -> None:
        """Take the new state of one photo; one of another folder is ignored."""
        row = self._rows.get(summary.path)
        if row is None:
            return
        before = self._summaries[row]
        self._summaries[row] = summary
        self._texts[row] = None
        index = self.index(row)
        self.dataChanged.emit(index, index)
        was, is_now = ((known.status, is_uncertain(known)) for known in (before, summary))
        if was != is_now:
            self._counts[was] -= 1
            self._counts[is_now] += 1
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

    def count(self, wanted: CaseFilter) -> int:
        """How many photos a filter takes."""
        return sum(
            count
            for (status, uncertain), count in self._counts.items()
            if status in wanted.statuses and (uncertain or not wanted.uncertain)
        )

    def row_of(self, path: Path | None) -> int:
        """The row of a photo, −1 for one that is not in the folder."""
        return -1 if path is None else self._rows.get(path, -1)

    def summary_at(self, row: int) -> CaseSummary:
        """What is known of the photo in a row."""
        return self._summaries[row]

    def patient_at(self, row: int) -> PatientId:
        """Whose photo stands in a row."""
        return self._ids[row] if self._ids else NOBODY

    def text_at(self, row: int) -> str:
        """What the words of a search are looked for in."""
        text = self._texts[row]
        if text is None:
            text = self._texts[row] = search_text(self._summaries[row], self.patient_at(row))
        return text

    def rows_taken(self, wanted: CaseFilter) -> set[int]:
        """The rows that a filter takes, as `CaseFilter.takes` says, without a call for each."""
        statuses = wanted.statuses
        rows = [row for row, known in enumerate(self._summaries) if known.status in statuses]
        if wanted.uncertain:
            rows = [row for row in rows if is_uncertain(self._summaries[row])]
        for word in wanted.words:
            rows = [row for row in rows if word in (self._texts[row] or self.text_at(row))]
        return set(rows)

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
            return ", ".join(self._told(summary, index.row()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join((str(summary.path), *self._told(summary, index.row())[1:]))
        if role == SUMMARY_ROLE:
            return summary
        if role == THUMBNAIL_ROLE:
            return self._thumbnails.get(summary.path)
        if role == PATIENT_ROLE:
            return self.patient_at(index.row())
        return None

    def _told(self, summary: CaseSummary, row: int) -> tuple[str, ...]:
        """All that is known of a photo, in words: name, status, patient, quality, note."""
        status, whose, quality = STATUS_WORDS[summary.status], self.patient_at(row), summary.quality
        words = (
            summary.path.name,
            f"{status} by {summary.reviewed_by}" if summary.reviewed_by else status,
            f"Patient {whose.patient}" if whose.patient else "",
            f"Visit {whose.visit}" if whose.visit else "",
            "" if quality is None else f"Model's mask: expected Dice {quality:.3f}",
            summary.note,
        )
        return tuple(word for word in words if word)

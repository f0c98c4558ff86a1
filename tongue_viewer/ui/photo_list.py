"""The left panel: the folder's photos with their status, a filter over them, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.ui.parts import ComboBox
from tongue_viewer.ui.photo_delegate import ROW_HEIGHT, PhotoDelegate
from tongue_viewer.ui.photo_model import FILTERS, ORDERS, SUMMARY_ROLE, UNFINISHED, PhotoFilter, PhotoModel
from tongue_viewer.ui.theme import SPACE

_SETTLE_MS = 40
"""Scrolling asks for small pictures when it has come to rest for this long."""


class PhotoList(QWidget):
    """Filter, order and list.

    Signals:
        photo_requested(Path): the person chose another photo.
        thumbnails_requested(tuple[Path, ...]): these visible lines have no small picture yet.
    """

    photo_requested = Signal(object)
    thumbnails_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = PhotoModel(self)
        self.filter = PhotoFilter(self.model, self)
        self._current: Path | None = None
        self.combo = ComboBox("Show photos of a status")
        self.order = ComboBox("Order of the photos")
        self.view = QListView()
        self.view.setAccessibleName("Photos of the folder")
        self.view.setModel(self.filter)
        self.view.setItemDelegate(PhotoDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.verticalScrollBar().setSingleStep(ROW_HEIGHT // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        head.setSpacing(SPACE // 2)
        head.addWidget(self.combo)
        head.addWidget(self.order)
        layout.addLayout(head)
        layout.addWidget(self.view)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._ask_for_thumbnails)
        self._fill_combo()
        self.combo.activated.connect(self._on_filter)
        self.order.activated.connect(self._on_order)
        self.model.counts_changed.connect(self._on_counts)
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.view.verticalScrollBar().valueChanged.connect(self._on_view_changed)
        moved = self.filter.layoutChanged
        for changed in (self.filter.modelReset, self.filter.rowsInserted, self.filter.rowsRemoved, moved):
            changed.connect(self._on_view_changed)

    @property
    def current(self) -> Path | None:
        """The photo that the list points at."""
        return self._current

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show another folder; nothing is chosen."""
        self._current = None
        self.filter.keep(None)
        self.combo.setCurrentIndex(0)
        self.filter.show_statuses(FILTERS["All"])
        self.order.setCurrentIndex(0)
        self.filter.order_by_need(by_need=False)
        self.model.set_summaries(summaries)

    def set_current(self, path: Path) -> None:
        """Point at a photo without asking for it."""
        self._current = path
        self.filter.keep(path)
        index = self.filter.mapFromSource(self.model.index(self.model.row_of(path)))
        if index.isValid():
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, select)
            self.view.scrollTo(index)

    def neighbour(self, step: int) -> Path | None:
        """The photo `step` lines further in what is shown, or None at the end."""
        here = self.filter.mapFromSource(self.model.index(self.model.row_of(self._current)))
        row = here.row() + step if here.isValid() else 0
        index = self.filter.index(row, 0)
        return self._path_at(index) if index.isValid() else None

    def next_to_do(self) -> Path | None:
        """The next photo that is not finished, past the end from the start again; None when all are."""
        rows = self.filter.ordered_rows()
        here = self.model.row_of(self._current)
        start = rows.index(here) + 1 if here >= 0 else 0
        for row in rows[start:] + rows[:start]:
            summary = self.model.summary_at(row)
            if summary.status in UNFINISHED and summary.path != self._current:
                return summary.path
        return None

    def following(self, path: Path, count: int) -> tuple[Path, ...]:
        """Up to `count` photos after `path` in the list's order, whatever the filter shows."""
        row = self.model.row_of(path)
        if row < 0:
            return ()
        rows = self.filter.ordered_rows()
        start = rows.index(row) + 1
        return tuple(self.model.summary_at(r).path for r in rows[start : start + count])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """More lines may be visible."""
        super().resizeEvent(event)
        self._settle.start()

    def _path_at(self, index: QModelIndex) -> Path:
        summary: CaseSummary = index.data(SUMMARY_ROLE)
        return summary.path

    def _fill_combo(self) -> None:
        for word in FILTERS:
            self.combo.addItem(word, word)
        for word in ORDERS:
            self.order.addItem(word, word)

    @Slot()
    def _on_counts(self) -> None:
        for row, (word, statuses) in enumerate(FILTERS.items()):
            count = self.model.count(statuses)
            self.combo.setItemText(row, f"{word} · {count}" if self.model.rowCount() else word)

    @Slot()
    def _on_filter(self) -> None:
        statuses: frozenset[CaseStatus] = FILTERS[self.combo.currentData()]
        self.filter.show_statuses(statuses)
        if self._current is not None:
            self.set_current(self._current)

    @Slot()
    def _on_order(self) -> None:
        self.filter.order_by_need(by_need=ORDERS[self.order.currentData()])
        if self._current is not None:
            self.set_current(self._current)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not current.isValid():
            return
        path = self._path_at(current)
        if path != self._current and self._current_is_shown():
            self.photo_requested.emit(path)

    def _current_is_shown(self) -> bool:
        """False while rows are taken away: Qt then moves its own current index, and no person wished it."""
        return (
            self._current is None
            or self.filter.mapFromSource(self.model.index(self.model.row_of(self._current))).isValid()
        )

    @Slot()
    def _on_view_changed(self) -> None:
        self._settle.start()  # connected directly, it would take the signal's number as its interval

    @Slot()
    def _ask_for_thumbnails(self) -> None:
        if not self.filter.rowCount():
            return
        viewport = self.view.viewport().rect()
        first = self.view.indexAt(viewport.topLeft()).row()
        last = self.view.indexAt(viewport.bottomLeft()).row()
        first, last = max(first, 0), last if last >= 0 else self.filter.rowCount() - 1
        last = min(last + (last - first) + 1, self.filter.rowCount() - 1, first + 200)
        paths = (self._path_at(self.filter.index(row, 0)) for row in range(first, last + 1))
        wanted = tuple(path for path in paths if self.model.lacks_thumbnail(path))
        if wanted:
            self.thumbnails_requested.emit(wanted)

"""The left panel: the folder's photos with their status; which of them are shown, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSortFilterProxyModel, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QVBoxLayout, QWidget

from tongue_viewer.core.case_list import UNFINISHED, CaseFilter, Order
from tongue_viewer.core.cases import CaseSummary
from tongue_viewer.ui.list_head import ListHead
from tongue_viewer.ui.photo_delegate import ROW_HEIGHT, PhotoDelegate
from tongue_viewer.ui.photo_filter import PhotoFilter, path_at
from tongue_viewer.ui.photo_model import Index, PhotoModel
from tongue_viewer.ui.steady_line import SteadyLine

_SETTLE_MS = 40
"""Scrolling asks for small pictures when it has come to rest for this long."""


class _Lines(QListView):
    """A list whose lines all keep their height, whatever changes in them."""

    def dataChanged(  # noqa: N802 - Qt's name
        self, first: Index, last: Index, roles: Sequence[int] = ()
    ) -> None:
        """Paint these lines again. `QListView` would lay out all lines of the folder and paint every visible one."""
        QAbstractItemView.dataChanged(self, first, last, roles)


class PhotoList(QWidget):
    """Search, filter, order and list.

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
        self.head = ListHead()
        self.view = _Lines()
        self.view.setAccessibleName("Photos of the folder")
        # Qt asks how many lines there are once for each line: 15 ms for 10,000 if Python answered, 1 ms this way.
        self.lines = QSortFilterProxyModel(self)
        self.lines.setSourceModel(self.filter)
        self.view.setModel(self.lines)
        self.view.setItemDelegate(PhotoDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.verticalScrollBar().setSingleStep(ROW_HEIGHT // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.view)
        self._steady = SteadyLine(self.view, self.filter, ROW_HEIGHT)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._ask_for_thumbnails)
        self.head.filter_chosen.connect(self._on_filter)
        self.head.order_chosen.connect(self._on_order)
        self.head.left.connect(self.view.setFocus)
        self.model.counts_changed.connect(self._on_counts)
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.view.verticalScrollBar().valueChanged.connect(self._on_view_changed)
        shown = self.lines
        for changed in (shown.modelReset, shown.rowsInserted, shown.rowsRemoved, shown.layoutChanged):
            changed.connect(self._on_view_changed)

    @property
    def current(self) -> Path | None:
        """The photo that the list points at."""
        return self._current

    def set_summaries(self, summaries: Sequence[CaseSummary]) -> None:
        """Show another folder, all of it in its own order; nothing is chosen."""
        self._current = None
        self.head.reset()
        self.filter.forget()
        self.model.set_summaries(summaries)

    def set_pattern(self, pattern: str) -> None:
        """Find patients and visits by this pattern (one that can be used); "": by none."""
        self.head.offer_patients(offered=bool(pattern))
        self.model.set_pattern(pattern)
        self._on_order(self.head.chosen_order)

    def set_current(self, path: Path) -> None:
        """Point at a photo without asking for it."""
        self._current = path
        self.filter.keep(path)
        index = self.lines.mapFromSource(self.filter.index_of(path))
        if index.isValid():
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, select)
            self.view.scrollTo(index)
            self._steady.let_go()

    def neighbour(self, step: int) -> Path | None:
        """The photo `step` lines further in what is shown, or None at the end."""
        here = self.filter.index_of(self._current)
        index = self.filter.index(here.row() + step if here.isValid() else 0)
        return path_at(index) if index.isValid() else None

    def next_to_do(self) -> Path | None:
        """The next photo that is not finished, past the end from the start again; None when all are."""
        lines = (self.model.summary_at(row) for row in self.filter.others(self._current))
        return next((line.path for line in lines if line.status in UNFINISHED), None)

    def following(self, path: Path, count: int) -> tuple[Path, ...]:
        """Up to `count` photos after `path` in the list's order, whatever is shown of them."""
        return tuple(self.model.summary_at(row).path for row in self.filter.after(path, count))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """More lines may be visible."""
        super().resizeEvent(event)
        self._settle.start()

    @Slot()
    def _on_counts(self) -> None:
        self.head.show_counts(self.model.count)
        self.head.show_found(self.filter.found())

    @Slot(object)
    def _on_filter(self, wanted: CaseFilter) -> None:
        self.filter.show_cases(wanted)
        self._on_chosen()

    @Slot(object)
    def _on_order(self, order: Order) -> None:
        self.filter.order_by(order)
        self._on_chosen()

    def _on_chosen(self) -> None:
        self.head.show_found(self.filter.found())
        if self._current is not None:
            self.set_current(self._current)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not current.isValid() or self.filter.changing:
            return
        path = path_at(current)
        if path != self._current:
            self.photo_requested.emit(path)

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
        paths = (path_at(self.filter.index(row)) for row in range(first, last + 1))
        wanted = tuple(path for path in paths if self.model.lacks_thumbnail(path))
        if wanted:
            self.thumbnails_requested.emit(wanted)

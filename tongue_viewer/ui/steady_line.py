"""Keeps the current line of a list in its place on the screen while lines come, go and move around it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QTimer, Slot
from PySide6.QtWidgets import QListView


class SteadyLine(QObject):
    """For a list whose lines all have one height, scrolled by pixels.

    A prediction can move any line, the current one too; a person who looks at the current line goes on seeing it, and
    one who has scrolled away from it is left alone unless it is the current line itself that moves. `model` is what the
    view shows, or its only source.
    """

    def __init__(self, view: QListView, model: QAbstractItemModel, row_height: int) -> None:
        super().__init__(view)
        self._view, self._height = view, row_height
        self._top: int | None = None
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._put_back)
        model.rowsAboutToBeMoved.connect(self._on_move)
        model.rowsAboutToBeInserted.connect(self._on_change)
        model.rowsAboutToBeRemoved.connect(self._on_change)
        model.modelReset.connect(self.let_go)

    @Slot()
    def let_go(self) -> None:
        """Another line is the current one now, and is shown where it is."""
        self._later.stop()

    def _remember(self, *, moves: bool) -> None:
        current = self._view.currentIndex()
        if self._later.isActive() or not current.isValid():
            return
        self._top = current.row() * self._height - self._view.verticalScrollBar().value()
        room = self._view.viewport().height()
        if -self._height < self._top < room:
            self._later.start()
        elif moves:
            self._top = max(0, (room - self._height) // 2)
            self._later.start()

    @Slot(QModelIndex, int, int, QModelIndex, int)
    def _on_move(self, _from: QModelIndex, first: int, last: int, _to: QModelIndex, _before: int) -> None:
        self._remember(moves=first <= self._view.currentIndex().row() <= last)

    @Slot(QModelIndex, int, int)
    def _on_change(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        self._remember(moves=False)

    @Slot()
    def _put_back(self) -> None:
        current, top = self._view.currentIndex(), self._top
        if current.isValid() and top is not None:
            self._view.scrollTo(current)  # lays the lines out, so that the bar knows its range
            self._view.verticalScrollBar().setValue(current.row() * self._height - top)
            self._view.scrollTo(current)

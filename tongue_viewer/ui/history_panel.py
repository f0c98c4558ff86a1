"""The history of the open photo: what was done to its mask, by whom and when; every moment can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QListView, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tongue_viewer.core.history import CaseFigures, LogEntry
from tongue_viewer.ui.history_delegate import ROW_HEIGHT, HistoryDelegate
from tongue_viewer.ui.history_model import HistoryModel
from tongue_viewer.ui.history_rows import ANCHORS, Anchor, figures_text, find_anchors, when
from tongue_viewer.ui.parts import FoldHead, quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE

_SHOWN_ROWS = 5
_NOTHING = "No step of this photo is stored yet."


class HistoryPanel(QWidget):
    """Folded away until it is wanted.

    Signals (only by the person's hand):
        entry_chosen(LogEntry): the mask after this entry is to be shown.
        export_wanted(): the log is to be written as files.
    """

    entry_chosen = Signal(object)
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = FoldHead("History")
        self.model = HistoryModel(self)
        self.view = self._make_view()
        self.anchors = {name: _wide_button(text) for name, text in ANCHORS}
        self._places: dict[Anchor, LogEntry] = {}
        self._pointing = False
        self.figures = quiet()
        self.figures.setWordWrap(True)
        self.every_box = QCheckBox("A line for every step")
        self.every_box.setToolTip("Else steps of a kind within one minute are one line")
        self.export_button = _wide_button("Export the history…")
        self._body = QWidget()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        for button in self.anchors.values():
            button.clicked.connect(self._on_anchor)
            inner.addWidget(button)
        inner.addWidget(self.view)
        inner.addSpacing(GAP)
        for widget in (self.figures, self.every_box, self.export_button):
            inner.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.head)
        layout.addWidget(self._body)
        self._body.hide()
        self.head.toggled.connect(self._body.setVisible)
        self.every_box.toggled.connect(self._on_every)
        self.export_button.clicked.connect(self.export_wanted)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self.show_log((), None)

    def show_log(self, entries: Sequence[LogEntry], figures: CaseFigures | None) -> None:
        """Show a log, oldest first, and what it comes to; none while it is not known."""
        self.model.set_entries(entries)
        today = date.today()  # noqa: DTZ011 - what people read is local
        self._places = find_anchors(entries, today)
        for name, button in self.anchors.items():
            place = self._places.get(name)
            button.setEnabled(place is not None)
            button.setToolTip("" if place is None else f"The mask of {when(place, today)}")
        text = "" if figures is None else figures_text(figures) if entries else _NOTHING
        self.figures.setText(text)
        self.export_button.setEnabled(bool(entries))

    def point_at(self, entry: LogEntry | None) -> None:
        """Point at the row of an entry, or at none, without a signal."""
        self._pointing = True
        index = self.model.index(-1 if entry is None else self.model.row_of(entry.number))
        if index.isValid():
            self.view.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.view.scrollTo(index)
        else:
            self.view.clearSelection()
        self._pointing = False

    def step(self, rows: int) -> None:
        """Choose the entry `rows` further down, as the arrow keys of the list do."""
        here = self.view.currentIndex().row() if self.view.selectionModel().hasSelection() else -1
        row = min(self.model.rowCount() - 1, max(0, here + rows))
        if row != here and row >= 0:
            self.view.setCurrentIndex(self.model.index(row))

    def _make_view(self) -> QListView:
        view = QListView()
        view.setAccessibleName("History of this photo, newest first")
        view.setModel(self.model)
        view.setItemDelegate(HistoryDelegate(view))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.verticalScrollBar().setSingleStep(ROW_HEIGHT // 2)
        view.setFixedHeight(_SHOWN_ROWS * ROW_HEIGHT + 1)  # with the line above it
        return view

    @Slot()
    def _on_anchor(self) -> None:
        name = next(name for name, button in self.anchors.items() if button is self.sender())
        place = self._places[name]
        self.point_at(place)
        self.entry_chosen.emit(place)

    @Slot(bool)
    def _on_every(self, every: bool) -> None:
        rows = self.view.selectionModel().selectedIndexes()
        chosen = self.model.line_at(rows[0].row()).entry if rows else None
        self._pointing = True
        self.model.set_folded(not every)
        self.point_at(chosen)

    @Slot(QItemSelection, QItemSelection)
    def _on_selection(self, chosen: QItemSelection, _before: QItemSelection) -> None:
        if not self._pointing and chosen.indexes():
            self.entry_chosen.emit(self.model.line_at(chosen.indexes()[0].row()).entry)


def _wide_button(text: str) -> QPushButton:
    """A button that is never wider than the panel."""
    button = QPushButton(text)
    button.setFixedHeight(CONTROL_HEIGHT)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return button

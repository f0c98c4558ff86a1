"""Over the list: search, filter and order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tongue_viewer.core.case_list import CaseFilter, Order, search_words
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.ui.elided_label import ElidedLabel
from tongue_viewer.ui.parts import ComboBox
from tongue_viewer.ui.text_field import TextField
from tongue_viewer.ui.theme import GAP, SPACE, STATUS_WORDS

FILTERS: Mapping[str, CaseFilter] = MappingProxyType(
    {
        "All": CaseFilter(),
        **{STATUS_WORDS[status]: CaseFilter(frozenset({status})) for status in CaseStatus},
        "Uncertain": CaseFilter(uncertain=True),
    }
)

ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "In the folder's order": Order.FOLDER,
        "By name, letter by letter": Order.NAME,
        "Changed last first": Order.CHANGED,
        "Needs correction first": Order.NEED,
        "By patient and visit": Order.PATIENT,
    }
)


class ListHead(QWidget):
    """A field and two combo boxes.

    Signals (only by the person's hand):
        filter_chosen(CaseFilter): another status, or other words.
        order_chosen(Order): another order.
        left(): the keyboard goes back to the list.
    """

    filter_chosen = Signal(object)
    order_chosen = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = TextField("Search the list", "Search")
        self.search.setToolTip("Name, patient, visit or note; several words: all of them")
        self.search.setClearButtonEnabled(True)
        self.found = ElidedLabel(Qt.TextElideMode.ElideRight)
        self.found.setProperty("quiet", True)  # noqa: FBT003 - Qt's signature
        self.found.hide()
        self.combo = ComboBox("Show photos of a status")
        self.order = ComboBox("Order of the photos")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(GAP)
        for widget in (self.search, self.combo, self.order, self.found):
            layout.addWidget(widget)
        for word in FILTERS:
            self.combo.addItem(word, word)
        self.offer_patients(offered=False)
        self.search.textChanged.connect(self._on_filter)
        self.search.entered.connect(self.left)
        self.search.escaped.connect(self._on_escape)
        self.combo.activated.connect(self._on_filter)
        self.order.activated.connect(self._on_order)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The longest word of a combo box does not widen the panel."""
        return QSize(0, super().minimumSizeHint().height())

    def reset(self) -> None:
        """No search, all photos, the folder's order; without a signal."""
        blocked = self.search.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.search.clear()
        self.search.blockSignals(blocked)
        self.found.hide()
        self.combo.setCurrentIndex(0)
        self.order.setCurrentIndex(0)

    def start_search(self) -> None:
        """Give the keyboard to the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def offer_patients(self, *, offered: bool) -> None:
        """Whether the list can be sorted by patient; what was chosen stays, if it can."""
        chosen = self.order.currentData()
        self.order.clear()
        for word, order in ORDERS.items():
            if offered or order is not Order.PATIENT:
                self.order.addItem(word, word)
        self.order.setCurrentIndex(max(0, self.order.findData(chosen)))

    def show_counts(self, count: Callable[[CaseFilter], int]) -> None:
        """Write behind each filter how many photos it takes; none at all: only the words."""
        any_photo = count(CaseFilter()) > 0
        for row, (word, wanted) in enumerate(FILTERS.items()):
            self.combo.setItemText(row, f"{word} · {count(wanted)}" if any_photo else word)

    def show_found(self, found: int) -> None:
        """Say how many photos are found, while something is searched for."""
        searching = bool(search_words(self.search.text()))
        self.found.setText("1 photo is found" if found == 1 else f"{found or 'No'} photos are found")
        self.found.setVisible(searching)

    @property
    def chosen_order(self) -> Order:
        """What the list is to be sorted by."""
        return ORDERS[self.order.currentData()]

    @Slot()
    def _on_escape(self) -> None:
        self.search.clear()
        self.left.emit()

    @Slot()
    def _on_filter(self) -> None:
        words = search_words(self.search.text())
        self.filter_chosen.emit(replace(FILTERS[self.combo.currentData()], words=words))

    @Slot()
    def _on_order(self) -> None:
        self.order_chosen.emit(self.chosen_order)

"""From photo to photo: previous, next, next to do, accept and next, search, and where we are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QLabel

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.in_hand import InHand
from tongue_viewer.ui.photo_list import PhotoList

_NEED_PHOTOS = (
    "previous",
    "next",
    "next_to_do",
    "search",
    "predict_folder",
    "export_folder",
    "import_masks",
    "live_export",
)


class Navigation(QObject):
    """Joins the list, the keys and the words in the tool bar.

    Signals:
        photo_requested(Path): another photo is wanted.
        nothing_left(): all other photos are reviewed, flagged or failed.
    """

    photo_requested = Signal(object)
    nothing_left = Signal()

    def __init__(
        self,
        document: Document,
        actions: Actions,
        photos: PhotoList,
        place: QLabel,
        parent: QObject,
        *,
        in_hand: InHand,
    ) -> None:
        super().__init__(parent)
        self._in_hand = in_hand
        self._document, self._actions, self._photos, self._place = document, actions, photos, place
        actions["previous"].triggered.connect(self._on_previous)
        actions["next"].triggered.connect(self._on_next)
        actions["next_to_do"].triggered.connect(self._on_next_to_do)
        actions["search"].triggered.connect(self._on_search)
        actions["accept_next"].triggered.connect(self._on_accept_next)
        photos.photo_requested.connect(self.photo_requested)
        photos.model.counts_changed.connect(self.show_place)
        self.show_place()

    def go_to(self, path: Path | None) -> None:
        """Ask for a photo; None (the end of the list) changes nothing."""
        if path is not None and path != self._photos.current:
            self.photo_requested.emit(path)

    def point_at(self, path: Path) -> None:
        """Show which photo is the wanted one; it may still be on its way."""
        self._photos.set_current(path)
        self.show_place()

    @Slot()
    def show_place(self) -> None:
        """For example "17 / 300 · 041.bmp"."""
        current, count = self._photos.current, self._photos.model.rowCount()
        row = self._photos.model.row_of(current)
        self._place.setText(
            f"{row + 1} / {count}  ·  {current.name}" if current is not None and row >= 0 else ""
        )
        self._actions.enable(count > 0, *_NEED_PHOTOS)

    @Slot()
    def _on_previous(self) -> None:
        self.go_to(self._photos.neighbour(-1))

    @Slot()
    def _on_next(self) -> None:
        self.go_to(self._photos.neighbour(1))

    @Slot()
    def _on_next_to_do(self) -> None:
        path = self._photos.next_to_do()
        if path is None:
            self.nothing_left.emit()
        self.go_to(path)

    @Slot()
    def _on_search(self) -> None:
        self._actions["panels"].setChecked(True)
        self._photos.head.start_search()

    @Slot()
    def _on_accept_next(self) -> None:
        if self._document.path != self._photos.current:
            return  # the photo that is asked for is still on its way: nobody has seen what would be accepted
        if self._in_hand.refuses():
            return
        self._document.set_status(CaseStatus.REVIEWED)
        self._on_next_to_do()

"""What stands in the middle while no folder is open: where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.icons import icon
from tongue_viewer.ui.parts import quiet, title
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE, WIDE, grey, greys

_SHOWN = 5
_MARK = QSize(56, 56)


class EmptyState(QWidget):
    """Drop a folder here, open one, try the samples, or go on with a recent folder.

    Signals:
        folder_requested(Path): a recent folder was chosen.
    """

    folder_requested = Signal(object)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        heading = title("Drop a folder of photos here")
        heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        heading.setFont(font)
        promise = quiet("BMP, PNG, JPEG, TIFF and WebP. Your photos are only read, never changed.")
        promise.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.open_button = QPushButton("Open folder…")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(actions["open_folder"].trigger)
        self.samples_button = QPushButton("Try the sample photos")
        self.samples_button.clicked.connect(actions["open_samples"].trigger)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addStretch()
        for button in (self.open_button, self.samples_button):
            button.setFixedHeight(CONTROL_HEIGHT + GAP)
            buttons.addWidget(button)
        buttons.addStretch()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(GAP)
        layout = QVBoxLayout(self)
        layout.setSpacing(WIDE)
        layout.addStretch(2)
        layout.addWidget(self._mark)
        layout.addWidget(heading)
        layout.addWidget(promise)
        layout.addLayout(buttons)
        layout.addSpacing(WIDE)
        layout.addLayout(self._recent)
        layout.addStretch(3)
        self.setFocusProxy(self.open_button)
        self.refresh_icons()

    def show_recent(self, folders: Sequence[str]) -> None:
        """List the folders that were opened last."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if folders:
            heading = quiet("Recent folders")
            self._recent.addWidget(heading, 0, Qt.AlignmentFlag.AlignHCenter)
        for folder in folders[:_SHOWN]:
            button = _RecentButton(Path(folder))
            button.chosen.connect(self.folder_requested)
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def refresh_icons(self) -> None:
        """Make the icon again after the palette has changed."""
        palette = self.palette()
        self._mark.setPixmap(
            icon("folder-open-outline", palette, grey(greys(palette).disabled)).pixmap(_MARK)
        )


class _RecentButton(QPushButton):
    """One recent folder: its name, with the way to it as a tool tip.

    Signals:
        chosen(Path): it was pressed.
    """

    chosen = Signal(object)

    def __init__(self, folder: Path) -> None:
        super().__init__(" / ".join(folder.parts[-2:]).replace("&", "&&"))
        self._folder = folder
        self.setToolTip(str(folder))
        self.setFlat(True)
        self.setMinimumWidth(220)
        self.setMaximumWidth(420)
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.chosen.emit(self._folder)

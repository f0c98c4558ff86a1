"""Where the masks of a folder are to be kept in step."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.ui.parts import quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE, WIDE

_EXPLAINED = (
    "Every mask of this folder stands there as a file, and is written again when you change it. The folder must be "
    "empty, or one that held the masks of these photos before. A file that somebody else changes there is not replaced "
    "without asking you."
)


class LiveDialog(QDialog):
    """Asks for a folder of masks; window-modal, never blocking.

    Signals:
        folder_chosen(Path): the person pressed Start.
    """

    folder_chosen = Signal(object)

    def __init__(self, out: Path, parent: QWidget | None = None) -> None:
        """Make the dialog; `out` stands in it first."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keep a folder of masks in step")
        self.setMinimumWidth(480)
        explained = quiet(_EXPLAINED)
        explained.setWordWrap(True)
        self.folder = QLineEdit(str(out))
        self.folder.setAccessibleName("Folder of masks")
        self.folder.textChanged.connect(self._check)
        browse = QPushButton("Choose…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        place = QHBoxLayout()
        place.setSpacing(SPACE)
        place.addWidget(self.folder, 1)
        place.addWidget(browse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = QPushButton("Start")
        self.start_button.setDefault(True)
        buttons.addButton(self.start_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        for control in (self.folder, browse, self.start_button):
            control.setFixedHeight(CONTROL_HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(explained)
        layout.addWidget(QLabel("Folder of masks"))
        layout.addLayout(place)
        layout.addWidget(buttons)

    @Slot()
    def _check(self) -> None:
        self.start_button.setEnabled(bool(self.folder.text().strip()))

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, "Folder of masks", str(Path(self.folder.text()).expanduser().parent))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    @Slot()
    def _on_accepted(self) -> None:
        out = Path(self.folder.text().strip()).expanduser()
        self.accept()
        self.folder_chosen.emit(out)

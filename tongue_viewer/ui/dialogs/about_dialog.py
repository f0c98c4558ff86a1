"""Version, licence and limits."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from tongue_viewer.ui.parts import quiet, title
from tongue_viewer.ui.theme import WIDE

_LIMITS = (
    "Research use; not a medical device. A mask is a proposal: look at each one before you rely on it. "
    "Your photos stay on this computer and are never changed; the program makes no network connection."
)
_LICENCE = (
    "Licence: Apache License 2.0. Made with Qt and PySide6 (LGPL), PyTorch, NumPy, OpenCV, SciPy, Pillow, "
    "QtAwesome and Material Design Icons."
)


class AboutDialog(QDialog):
    """A few sentences; they can be selected and copied."""

    def __init__(self, version: str, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About tongue-viewer")
        self.setMinimumWidth(440)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(title(f"tongue-viewer {version}"))
        for label in (QLabel(_LIMITS), QLabel(f"Model: {model or 'none installed'}"), quiet(_LICENCE)):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

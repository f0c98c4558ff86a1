"""The right panel: what the current tool and case need, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.brush_panel import BrushPanel
from tongue_viewer.ui.case_panel import CasePanel
from tongue_viewer.ui.overlay_panel import OverlayPanel
from tongue_viewer.ui.parts import hairline
from tongue_viewer.ui.theme import SPACE, WIDE


class Inspector(QScrollArea):
    """Sections one below the other; the brush's only while a brush is in the hand."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brush = BrushPanel(actions)
        self.overlay = OverlayPanel(actions)
        self.case = CasePanel(actions)
        self._brush_line = hairline()
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(WIDE, SPACE + 4, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(self.case)
        layout.addWidget(hairline())
        layout.addWidget(self.brush)
        layout.addWidget(self._brush_line)
        layout.addWidget(self.overlay)
        layout.addStretch()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_brush(self, shown: bool) -> None:
        """Whether the current tool has a size."""
        self.brush.setVisible(shown)
        self._brush_line.setVisible(shown)

"""The right panel: what the current tool and case need, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.brush_panel import BrushPanel
from tongue_viewer.ui.case_panel import CasePanel
from tongue_viewer.ui.class_panel import ClassPanel
from tongue_viewer.ui.history_panel import HistoryPanel
from tongue_viewer.ui.overlay_panel import OverlayPanel
from tongue_viewer.ui.parts import hairline
from tongue_viewer.ui.theme import SPACE, WIDE
from tongue_viewer.ui.threshold_panel import ThresholdPanel
from tongue_viewer.ui.tidy_panel import TidyPanel
from tongue_viewer.ui.tone_panel import TonePanel
from tongue_viewer.ui.wand_panel import WandPanel


class Inspector(QScrollArea):
    """Sections one below the other; the tool's only where the tool in the hand has one."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brush = BrushPanel(actions)
        self.overlay = OverlayPanel(actions)
        self.tone = TonePanel()
        self.case = CasePanel(actions)
        self.wand = WandPanel()
        self.classes = ClassPanel()
        self.tidy = TidyPanel()
        self.threshold = ThresholdPanel()
        self.history = HistoryPanel()
        self._tool_line = hairline()
        inner = QWidget()
        self._sections = layout = QVBoxLayout(inner)
        layout.setContentsMargins(WIDE, SPACE + 4, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(self.case)
        layout.addWidget(hairline())
        layout.addWidget(self.classes)
        layout.addWidget(self.brush)
        layout.addWidget(self.wand)
        layout.addWidget(self._tool_line)
        layout.addWidget(self.tidy)
        layout.addWidget(hairline())
        layout.addWidget(self.threshold)
        layout.addWidget(hairline())
        layout.addWidget(self.history)
        layout.addWidget(hairline())
        layout.addWidget(self.overlay)
        layout.addWidget(hairline())
        layout.addWidget(self.tone)
        layout.addStretch()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_tool(self, name: str, *, sized: bool) -> None:
        """Show what the tool in the hand needs: a size, a tolerance, or nothing."""
        self.brush.setVisible(sized)
        self.wand.setVisible(name == "wand")
        self._tool_line.setVisible(sized or name == "wand")

    def bring(self, section: QWidget) -> None:
        """Scroll until a section is seen."""
        self._sections.activate()  # what has just been shown has no place before
        self.ensureWidgetVisible(section)

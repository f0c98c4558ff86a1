"""The tools in the hand: which one is chosen, how large it is, and what the status line says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.editor.tools.hand import HandTool
from tongue_viewer.editor.tools.tool import Tool
from tongue_viewer.ui.actions import TOOLS, Actions
from tongue_viewer.ui.brush_panel import MAX_DIAMETER, MIN_DIAMETER, BrushPanel
from tongue_viewer.ui.canvas.canvas_view import CanvasView

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "brush": "Brush: paint · right button or Ctrl erases · Shift+wheel size · Shift+click straight line",
        "eraser": "Eraser: take paint off · right button paints · Shift+wheel size · Shift+click straight",
        "hand": "Hand: drag the photo · wheel zooms at the pointer",
    }
)
_STEP = 1.15
"""One press of [ or ] changes the brush in proportion, as quick from 4 to 5 px as from 100 to 115."""


class ToolBox(QObject):
    """Joins the tools' actions, the canvas and the brush panel.

    Signals:
        tool_changed(str): another tool is in the hand: "brush", "eraser" or "hand".
    """

    tool_changed = Signal(str)

    def __init__(
        self, document: Document, actions: Actions, canvas: CanvasView, panel: BrushPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions, self._canvas, self._panel = actions, canvas, panel
        self._tools: dict[str, Tool] = {
            "brush": BrushTool(document, self),
            "eraser": BrushTool(document, self, erasing=True),
            "hand": HandTool(self),
        }
        self._name = ""
        self._diameter = 24
        for name in TOOLS:
            actions[name].triggered.connect(self._on_tool)
        actions["swap"].triggered.connect(self._on_swap)
        actions["smaller"].triggered.connect(self._on_smaller)
        actions["larger"].triggered.connect(self._on_larger)
        panel.diameter_chosen.connect(self.set_diameter)
        canvas.brush_radius_changed.connect(self._on_canvas_radius)

    @property
    def name(self) -> str:
        """The tool in the hand."""
        return self._name

    @property
    def diameter(self) -> int:
        """Of the brush, in photo pixels."""
        return self._diameter

    def choose(self, name: str) -> None:
        """Take a tool into the hand."""
        self._actions[name].setChecked(True)
        if name != self._name:
            self._name = name
            self._canvas.set_tool(self._tools[name])
            self._canvas.set_brush_radius(self._diameter / 2)
            self.tool_changed.emit(name)

    @Slot(int)
    def set_diameter(self, diameter: int) -> None:
        """Change the brush, in photo pixels."""
        self._diameter = min(MAX_DIAMETER, max(MIN_DIAMETER, diameter))
        self._panel.show_diameter(self._diameter)
        for tool in self._tools.values():
            tool.set_radius(self._diameter / 2)
        self._canvas.set_brush_radius(self._diameter / 2)

    @Slot(float)
    def _on_canvas_radius(self, radius: float) -> None:
        diameter = max(MIN_DIAMETER, round(radius * 2))
        if diameter == self._diameter:
            return
        self._diameter = min(MAX_DIAMETER, diameter)
        self._panel.show_diameter(self._diameter)
        for tool in self._tools.values():
            tool.set_radius(radius)

    @Slot()
    def _on_tool(self) -> None:
        self.choose(next(name for name in TOOLS if self._actions[name].isChecked()))

    @Slot()
    def _on_swap(self) -> None:
        self.choose("brush" if self._name == "eraser" else "eraser")

    @Slot()
    def _on_smaller(self) -> None:
        self.set_diameter(min(self._diameter - 1, round(self._diameter / _STEP)))

    @Slot()
    def _on_larger(self) -> None:
        self.set_diameter(max(self._diameter + 1, round(self._diameter * _STEP)))

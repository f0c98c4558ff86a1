"""The tools in the hand: which one is chosen, how large it is, and what the status line says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.area import AreaTool
from tongue_viewer.editor.tools.brush import BrushTool
from tongue_viewer.editor.tools.click import ClickTool
from tongue_viewer.editor.tools.fill import FillTool
from tongue_viewer.editor.tools.hand import HandTool
from tongue_viewer.editor.tools.lasso import LassoTool
from tongue_viewer.editor.tools.polygon import PolygonTool
from tongue_viewer.editor.tools.rope import RopeTool
from tongue_viewer.editor.tools.scissors import ScissorsTool
from tongue_viewer.editor.tools.shape import ShapeTool
from tongue_viewer.editor.tools.tool import Tool
from tongue_viewer.editor.tools.wand import WandTool
from tongue_viewer.ui.action_table import TOOLS
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.brush_panel import MAX_DIAMETER, MIN_DIAMETER
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.inspector import Inspector

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "brush": "Brush: paint · right button or Ctrl erases · Shift+wheel size · Shift+click straight line",
        "eraser": "Eraser: take paint off · right button paints · Shift+wheel size · Shift+click straight",
        "lasso": "Lasso: draw around a region to add it · right button or Ctrl takes it off",
        "polygon": "Polygon: click corners, drag them · Enter or double click fills · Backspace takes one back",
        "scissors": "Scissors: click along the edge · Enter or double click closes · Shift straight · Backspace back",
        "rectangle": "Rectangle: drag · right button or Ctrl takes off · Shift square · Alt from the middle",
        "ellipse": "Ellipse: drag · right button or Ctrl takes off · Shift circle · Alt from the middle",
        "wand": "Magic wand: press on a colour, drag to widen · right button or Ctrl takes off",
        "fill": "Fill: click into a hole to fill it · right button takes a whole piece off",
        "rope": "Push: drag the outline · Shift+wheel size of the ring · dragging back brings it back",
        "click": "Click to correct: left “this is tongue”, right “this is not” · Ctrl collects clicks",
        "hand": "Hand: drag the photo · wheel zooms at the pointer",
    }
)
SIZED = frozenset({"brush", "eraser", "rope"})
"""Tools whose ring has a size; that of the rope is its own, since an outline is moved in longer stretches."""

_ROPE_DIAMETER = 120

_STEP = 1.15
"""One press of [ or ] changes the brush in proportion, as quick from 4 to 5 px as from 100 to 115."""


class ToolBox(QObject):
    """Joins the tools' actions, the canvas and the brush panel.

    Signals:
        tool_changed(str): another tool is in the hand, one of `TOOLS`.
        refused(str): why a tool did nothing.
    """

    tool_changed = Signal(str)
    refused = Signal(str)

    def __init__(
        self, document: Document, actions: Actions, canvas: CanvasView, inspector: Inspector, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions, self._canvas, self._panel = actions, canvas, inspector.brush
        self._wand, self._wand_panel = WandTool(document, self), inspector.wand
        self._tools: dict[str, Tool] = {
            "brush": BrushTool(document, self),
            "eraser": BrushTool(document, self, erasing=True),
            "lasso": LassoTool(document, self),
            "polygon": PolygonTool(document, self),
            "scissors": ScissorsTool(document, self),
            "rectangle": ShapeTool(document, self),
            "ellipse": ShapeTool(document, self, ellipse=True),
            "wand": self._wand,
            "fill": FillTool(document, self),
            "rope": RopeTool(document, self),
            "click": ClickTool(document, self),
            "hand": HandTool(self),
        }
        for tool in self._tools.values():
            tool.refused.connect(self.refused)
        self._wand_panel.field.chosen.connect(self._on_tolerance)
        self._wand.tolerance_changed.connect(self._on_wand)
        self._on_wand(self._wand.tolerance)
        self._name = ""
        self._diameters = {"brush": 24, "rope": _ROPE_DIAMETER}
        for name in TOOLS:
            actions[name].triggered.connect(self._on_tool)
        actions["swap"].triggered.connect(self._on_swap)
        actions["smaller"].triggered.connect(self._on_smaller)
        actions["larger"].triggered.connect(self._on_larger)
        self._panel.diameter_chosen.connect(self.set_diameter)
        canvas.brush_radius_changed.connect(self._on_canvas_radius)

    @property
    def name(self) -> str:
        """The tool in the hand."""
        return self._name

    @property
    def diameter(self) -> int:
        """Of brush and eraser, in photo pixels."""
        return self._diameters["brush"]

    def choose(self, name: str) -> None:
        """Take a tool into the hand."""
        self._actions[name].setChecked(True)
        if name != self._name:
            self._name = name
            self._canvas.set_tool(self._tools[name])
            self._show_diameter(self._diameters[self._kind])
            self.tool_changed.emit(name)

    def set_class(self, index: int) -> None:
        """Choose the class that every tool paints."""
        for tool in self._tools.values():
            tool.set_class(index)

    @Slot(int)
    def set_diameter(self, diameter: int) -> None:
        """Change the ring of the tool in the hand, in photo pixels; brush and eraser share theirs."""
        self._show_diameter(min(MAX_DIAMETER, max(MIN_DIAMETER, diameter)))

    @property
    def _kind(self) -> str:
        return "rope" if self._name == "rope" else "brush"

    def _show_diameter(self, diameter: int) -> None:
        self._diameters[self._kind] = diameter
        self._panel.show_diameter(diameter)
        self._canvas.set_brush_radius(diameter / 2)

    @Slot(float)
    def _on_canvas_radius(self, radius: float) -> None:
        diameter = min(MAX_DIAMETER, max(MIN_DIAMETER, round(radius * 2)))
        if diameter != self._diameters[self._kind]:
            self._diameters[self._kind] = diameter
            self._panel.show_diameter(diameter)

    @Slot()
    def _on_tool(self) -> None:
        self.choose(next(name for name in TOOLS if self._actions[name].isChecked()))

    @Slot()
    def _on_swap(self) -> None:
        tool = self._tools[self._name]
        if isinstance(tool, AreaTool):
            tool.swap()
        else:
            self.choose("brush" if self._name == "eraser" else "eraser")

    @Slot(int)
    def _on_tolerance(self, tolerance: int) -> None:
        self._wand.set_tolerance(float(tolerance))

    @Slot(float)
    def _on_wand(self, tolerance: float) -> None:
        self._wand_panel.field.show_value(round(tolerance))

    @Slot()
    def _on_smaller(self) -> None:
        diameter = self._diameters[self._kind]
        self.set_diameter(min(diameter - 1, round(diameter / _STEP)))

    @Slot()
    def _on_larger(self) -> None:
        diameter = self._diameters[self._kind]
        self.set_diameter(max(diameter + 1, round(diameter * _STEP)))

"""Moving the view."""

from __future__ import annotations

from PySide6.QtCore import QObject

from tongue_viewer.editor.tools.tool import Pointer, Tool, ToolCursor


class HandTool(Tool):
    """Keeps the photo's point that was grabbed under the pointer."""

    paints = False

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("hand", parent)
        self._grabbed: tuple[float, float] | None = None
        self.set_cursor(ToolCursor("hand"))

    @property
    def busy(self) -> bool:
        """Whether the photo is grabbed."""
        return self._grabbed is not None

    def press(self, pointer: Pointer) -> None:
        """Grab the point under the pointer."""
        self._grabbed = pointer.point
        self.set_cursor(ToolCursor("grabbing"))

    def move(self, pointer: Pointer) -> None:
        """Ask for the view to follow; the next event is then measured in the moved view."""
        if self._grabbed is not None:
            self.pan_requested.emit(self._grabbed[0] - pointer.x, self._grabbed[1] - pointer.y)

    def release(self, pointer: Pointer) -> None:  # noqa: ARG002 - the base's signature
        """Let go."""
        self.cancel()

    def cancel(self) -> None:
        """Let go; the view stays where it is."""
        self._grabbed = None
        self.set_cursor(ToolCursor("hand"))

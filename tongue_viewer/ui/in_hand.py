"""What is shown but not the mask: a tool's line or clicks, a stroke, a preview of a panel, an earlier mask."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from tongue_viewer.editor.document import Document
from tongue_viewer.ui.canvas.canvas_view import CanvasView

OF_TOOL = "Something is in hand: finish it (Enter on the photo) or drop it (Esc) first."
OF_PAST = "An earlier mask is shown: go back to it, or close it (Esc) first."
OF_PANEL = "A preview is shown that is not part of the mask yet: apply or cancel it first."


class InHand(QObject):
    """Keeps a review from being given to a mask that is not the one on the screen.

    Signals:
        refused(str): why nothing was done, for people.
    """

    refused = Signal(str)

    def __init__(self, document: Document, canvas: CanvasView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._canvas = document, canvas

    def refuses(self) -> bool:
        """Whether something has to be finished, dropped or closed first; says so."""
        if self._canvas.shows_past:
            self.refused.emit(OF_PAST)
            return True
        return self.refuses_to_leave()

    def refuses_to_leave(self) -> bool:
        """Whether something has to be finished or dropped before another mask is looked at; says so."""
        if self._tool_is_busy:
            self.refused.emit(OF_TOOL)
        elif self._document.stroke_in_hand:
            self.refused.emit(OF_PANEL)
        else:
            return False
        return True

    def leaves_past(self) -> bool:
        """Show the mask of now in the place of an earlier one, and nothing else; False: it is shown already."""
        return self._canvas.leave_past()

    def take_back(self) -> bool:
        """Undo what is in hand: a stroke or a preview as a whole, else a tool's last point; False: nothing is.

        An earlier mask that is looked at goes first, and alone.
        """
        if self.leaves_past():
            return True
        tool = self._canvas.tool
        if self._document.stroke_in_hand:
            self._document.begin_stroke().rollback()
        elif tool is not None and tool.busy:
            tool.step_back()
        else:
            return False
        return True

    @property
    def _tool_is_busy(self) -> bool:
        return self._canvas.tool is not None and self._canvas.tool.busy

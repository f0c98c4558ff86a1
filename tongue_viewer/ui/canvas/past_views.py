"""An earlier mask in the place of the mask of now, only to be looked at."""

from __future__ import annotations

from PySide6.QtCore import QRect, Signal, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.canvas.model_views import ADDED, TAKEN, ModelViews


class PastViews(ModelViews):
    """Adds the view of an earlier mask. It is left at once where the mask of now changes, or another photo comes.

    Signals:
        past_left(): the mask of now is shown again.
    """

    past_left = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._past: MaskArray | None = None
        self._past_compared = False

    @property
    def shows_past(self) -> bool:
        """Whether an earlier mask is what the person looks at."""
        return self._past is not None

    def show_past(self, mask: MaskArray, *, compared: bool = False) -> None:
        """Show an earlier mask of the open photo.

        Args:
            mask: (H, W) uint8 class index, of the photo's size.
            compared: show what was changed since then.

        Raises:
            ValueError: the mask has another size.
        """
        if mask.shape != self._document.mask.shape:
            raise ValueError(f"mask {mask.shape} does not fit photo {self._document.mask.shape}")
        self._past, self._past_compared = mask, compared
        self._show_other()

    def leave_past(self) -> bool:
        """Show the mask of now again; False where it is shown already."""
        if self._past is None:
            return False
        self._past = None
        self._show_other()
        self.past_left.emit()
        return True

    @property
    def _past_is_seen(self) -> bool:
        """False while the model's mask is shown in its place."""
        return self.shows_past and not (self._peeks and self._document.prediction is not None)

    def _show_other(self) -> None:
        if not self._past_is_seen:
            super()._show_other()
            return
        now = self._document.mask if self._past_compared else None
        self.scene.show_instead(self._past if now is None else now, None if now is None else self._past)
        self._show_heading()
        self.mask_pane.update()

    def _heading(self) -> str:
        if not self._past_is_seen:
            return super()._heading()
        if self._past_compared:
            return f"Since then &nbsp;·&nbsp; {ADDED} added &nbsp; {TAKEN} taken off"
        return "An earlier mask, only to be looked at"

    @Slot()
    def _on_opened(self) -> None:
        self._past = None
        super()._on_opened()
        self.past_left.emit()

    @Slot(QRect)
    def _on_mask(self, rect: QRect) -> None:
        super()._on_mask(rect)
        self.leave_past()

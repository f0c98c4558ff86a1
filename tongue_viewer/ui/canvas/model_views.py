"""Views that need more than the mask: the model's own mask, the photo's tone, the swipe, and the uncertain stretches."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.tone import Tone
from tongue_viewer.core.uncertain import Stretch
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.panes_view import PanesView

_PART = 0.4
"""So much of the pane a stretch fills that is gone to …"""
_LEAST, _MOST = 2.0, 4.0
"""… as far as that is between twice and four times the scale that fits the whole photo."""


ADDED, TAKEN = (f'<span style="color:{c.name()}">■</span>' for c in (look.ADDED, look.TAKEN))
"""A square in the colour of what was added, or taken off, for a heading."""


class ModelViews(PanesView):
    """Adds the kinds of view that compare, and the view's own brightness.

    Signals:
        divider_changed(float): place of the swipe's divider, as a part of the pane's width.
    """

    divider_changed = Signal(float)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._model_mask: tuple[Prediction, MaskArray] | None = None
        self._peeks = False
        document.prediction_changed.connect(self._on_prediction)

    def set_view_mode(self, mode: look.ViewMode) -> None:
        """What the mask pane shows: one of `look.VIEW_MODES`."""
        super().set_view_mode(mode)
        self.scene.compare_with(self._find_model_mask() if mode == "difference" else None)
        self._show_heading()
        self.mask_pane.update()

    def show_model_mask(self, shown: bool) -> None:
        """Show the model's mask in the place of the person's, as long as it is wanted."""
        self._peeks = shown
        self._show_other()

    def set_tone(self, tone: Tone) -> None:
        """How the photo is shown in both panes; the file and what the tools see stay as they are."""
        self._choose(tone=tone)

    def set_divider(self, part: float) -> None:
        """Where the plain photo ends in the mode "swipe", 0..1 of the pane's width."""
        self._choose(divider=min(0.98, max(0.02, part)))
        self.divider_changed.emit(self.scene.choices.divider)

    def set_scale_bar(self, pixels_per_mm: float) -> None:
        """Draw a scale bar; 0: the scale is not known."""
        self._choose(pixels_per_mm=pixels_per_mm)

    def set_doubts_visible(self, visible: bool) -> None:
        """Whether uncertain stretches are marked on the outline."""
        self._choose(doubts=visible)

    def show_doubts(self, stretches: tuple[Stretch, ...]) -> None:
        """Mark these stretches."""
        if stretches or self.scene.doubts:
            self.scene.doubts = stretches
            self.mask_pane.update()

    def look_at(self, x: float, y: float, length: float) -> None:
        """Bring a photo point into the middle, and what is `length` photo pixels long near enough to judge it.

        A view that is nearer already keeps its scale.
        """
        size = self._common_size()
        whole = min(size[0] / max(1, self.transform.photo[0]), size[1] / max(1, self.transform.photo[1]))
        wanted = _PART * min(size) / max(1.0, length)
        wanted = min(_MOST * whole, max(_LEAST * whole, wanted))
        if self.transform.scale < wanted:
            self.transform.zoom(wanted, size[0] / 2, size[1] / 2, size)
        centre = self.transform.centre
        self.transform.pan(x - centre[0], y - centre[1], size)

    def _find_model_mask(self) -> MaskArray | None:
        """The model's mask at its threshold: made once for each answer of the model."""
        prediction = self._document.prediction
        if prediction is None:
            return None
        if self._model_mask is None or self._model_mask[0] is not prediction:
            mask = mask_from_probability(prediction.probability(), prediction.threshold)
            self._model_mask = (prediction, mask)
        return self._model_mask[1]

    def _show_other(self) -> None:
        """Put another mask in the document's place, or the document's again."""
        self.scene.show_instead(self._find_model_mask() if self._peeks else None)
        self._show_heading()
        self.mask_pane.update()

    def _show_heading(self) -> None:
        text = self._heading()
        if text != self.mask_heading.text():
            self.mask_heading.setText(text)

    def _heading(self) -> str:
        """What the pane shows where it is not simply the mask, and what its colours mean."""
        if self.scene.shows_other:
            return "The model's mask"
        if self.scene.mode != "difference":
            return "Mask"
        if self._document.is_open and self._document.prediction is None:
            return "Mask &nbsp;·&nbsp; no model's mask to compare with"
        return f"Mask &nbsp;·&nbsp; {ADDED} added &nbsp; {TAKEN} taken off the model's mask"

    @Slot()
    def _on_prediction(self) -> None:
        self.set_view_mode(self.scene.choices.mode)

    @Slot()
    def _on_opened(self) -> None:
        super()._on_opened()
        self._model_mask = None  # of another photo
        self.set_view_mode(self.scene.choices.mode)

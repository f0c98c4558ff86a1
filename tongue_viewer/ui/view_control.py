"""How photo and mask are shown: joins the view's actions, the canvas, the overlay panel and the view bar."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.core.settings import OverlayMode
from tongue_viewer.core.tone import Tone
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.inspector import Inspector
from tongue_viewer.ui.peek import Peek
from tongue_viewer.ui.view_bar import MODES, ViewBar

_ZOOM = 1.25
_SWIPE = 0.05


class ViewControl(QObject):
    """Keeps every place that shows a choice of the view in step."""

    def __init__(
        self, actions: Actions, canvas: CanvasView, inspector: Inspector, bar: ViewBar, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._actions, self._canvas, self._panel, self._bar = actions, canvas, inspector.overlay, bar
        self._mode: OverlayMode = "overlay"
        self._opacity = 0.25
        self._scale = 1.0
        for mode in MODES:
            actions[f"view_{mode}"].triggered.connect(self._on_mode)
        actions["cycle_view"].triggered.connect(self._on_cycle)
        actions["overlay"].toggled.connect(canvas.set_overlay_visible)
        actions["outline"].toggled.connect(canvas.set_outline_visible)
        actions["two_panes"].toggled.connect(canvas.set_two_panes)
        actions["fit"].triggered.connect(self._on_fit)
        actions["one_to_one"].triggered.connect(self._on_one_to_one)
        actions["zoom_in"].triggered.connect(self._on_zoom_in)
        actions["zoom_out"].triggered.connect(self._on_zoom_out)
        actions["swipe_left"].triggered.connect(self._on_swipe_left)
        actions["swipe_right"].triggered.connect(self._on_swipe_right)
        self._peek = Peek(actions["overlay"], canvas, parent)
        inspector.tone.tone_chosen.connect(self._on_tone)
        bar.adjusted.clicked.connect(inspector.tone.reset)
        inspector.overlay.opacity_chosen.connect(self.set_opacity)
        canvas.scale_changed.connect(self._on_scale)
        canvas.scale_changed.connect(bar.show_scale)
        actions["overlay"].setChecked(True)
        actions["outline"].setChecked(True)

    @property
    def mode(self) -> OverlayMode:
        """What the mask pane shows."""
        return self._mode

    @property
    def opacity(self) -> float:
        """Of the overlay, 0..1."""
        return self._opacity

    def set_mode(self, mode: OverlayMode) -> None:
        """Choose what the mask pane shows."""
        self._mode = mode
        self._actions[f"view_{mode}"].setChecked(True)
        self._canvas.set_view_mode(mode)
        self._actions.enable(mode == "swipe", "swipe_left", "swipe_right")

    @Slot(float)
    def set_opacity(self, opacity: float) -> None:
        """Choose how strongly the mask covers the photo, 0..1."""
        self._opacity = opacity
        self._panel.show_opacity(opacity)
        self._canvas.set_overlay_opacity(opacity)

    @Slot()
    def _on_mode(self) -> None:
        self.set_mode(next(mode for mode in MODES if self._actions[f"view_{mode}"].isChecked()))

    @Slot()
    def _on_cycle(self) -> None:
        self.set_mode(MODES[(MODES.index(self._mode) + 1) % len(MODES)])

    @Slot()
    def _on_swipe_left(self) -> None:
        self._canvas.set_divider(self._canvas.scene.choices.divider - _SWIPE)

    @Slot()
    def _on_swipe_right(self) -> None:
        self._canvas.set_divider(self._canvas.scene.choices.divider + _SWIPE)

    @Slot(object)
    def _on_tone(self, tone: Tone) -> None:
        self._canvas.set_tone(tone)
        self._bar.adjusted.setVisible(not tone.neutral)

    @Slot()
    def _on_fit(self) -> None:
        self._canvas.fit()

    @Slot()
    def _on_one_to_one(self) -> None:
        self._canvas.one_to_one()

    @Slot()
    def _on_zoom_in(self) -> None:
        self._canvas.zoom_to(self._scale * _ZOOM)

    @Slot()
    def _on_zoom_out(self) -> None:
        self._canvas.zoom_to(self._scale / _ZOOM)

    @Slot(float)
    def _on_scale(self, scale: float) -> None:
        self._scale = scale

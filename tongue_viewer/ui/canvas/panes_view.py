"""The two panes and their common view, without tools."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from tongue_viewer.core.classes import Rgb
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.pane import Pane
from tongue_viewer.ui.canvas.scene import Scene
from tongue_viewer.ui.canvas.view_transform import Size, ViewTransform


class PanesView(QWidget):
    """Photo and mask side by side with one zoom and one position; follows the document.

    Signals:
        scale_changed(float): device pixels for one photo pixel.
    """

    scale_changed = Signal(float)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._scale = 0.0
        self._own_surround = False
        self.transform = ViewTransform(self)
        self.scene = Scene(self.transform)
        self.photo_pane = Pane(self.scene, self._prepare, with_mask=False)
        self.mask_pane = Pane(self.scene, self._prepare, with_mask=True)
        self.mask_heading = QLabel("Mask")
        self._photo_box = _titled(QLabel("Photo"), self.photo_pane)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._photo_box)
        splitter.addWidget(_titled(self.mask_heading, self.mask_pane))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.setFocusProxy(self.mask_pane)
        for pane in (self.photo_pane, self.mask_pane):
            pane.resized.connect(self._on_resized)
        self.transform.changed.connect(self._on_transform)
        document.opened.connect(self._on_opened)
        document.closed.connect(self._on_opened)
        document.mask_changed.connect(self._on_mask)
        self._choose(surround=look.surround_for(self.palette()))
        self._on_opened()

    def fit(self) -> None:
        """Show the whole photo, and go on to when the window changes its size."""
        self.transform.fit(self._common_size())

    def zoom_to(self, scale: float) -> None:
        """Device pixels for one photo pixel, around the middle of the panes; limited to 5 % … 6400 %."""
        pane = self._common_size()
        self.transform.zoom(scale, pane[0] / 2, pane[1] / 2, pane)

    def one_to_one(self) -> None:
        """One photo pixel on one device pixel."""
        self.zoom_to(1.0)

    def set_view_mode(self, mode: look.ViewMode) -> None:
        """What the mask pane shows: "overlay", "outline", "mask" or "cutout".

        Raises:
            ValueError: another word.
        """
        if mode not in look.VIEW_MODES:
            raise ValueError(f"view mode is {mode!r}; use one of: {', '.join(look.VIEW_MODES)}")
        self._choose(mode=mode)

    def set_overlay_visible(self, visible: bool) -> None:
        """Whether the mask is filled, in the overlay."""
        self._choose(overlay=visible)

    def set_outline_visible(self, visible: bool) -> None:
        """Whether the outline is drawn, in the overlay and the outline mode."""
        self._choose(outline=visible)

    def set_overlay_opacity(self, opacity: float) -> None:
        """Of the fill, 0..1."""
        self._choose(opacity=min(1.0, max(0.0, opacity)))

    def set_class_colours(self, colours: Sequence[Rgb]) -> None:
        """Colours of the classes 1, 2, …; with one class the mask has the outline's own cyan."""
        self._choose(class_colours=tuple(colours))

    def set_two_panes(self, two: bool) -> None:
        """Both panes, or the mask's alone."""
        self._photo_box.setVisible(two)

    def set_surround(self, colour: QColor) -> None:
        """The colour around the photo, instead of the neutral grey that fits the palette."""
        self._own_surround = True
        self._choose(surround=colour)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Another palette brings its own grey."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self._own_surround:
            self._choose(surround=look.surround_for(self.palette()))

    def _choose(self, **changes: object) -> None:
        self.scene.set_choices(**changes)
        self.photo_pane.update()
        self.mask_pane.update()

    def _panes(self) -> list[Pane]:
        """The panes that are shown."""
        return [self.mask_pane] if self._photo_box.isHidden() else [self.photo_pane, self.mask_pane]

    def _common_size(self) -> Size:
        """What every shown pane has room for, in device pixels."""
        sizes = [pane.device_size for pane in self._panes()]
        return (min(size[0] for size in sizes), min(size[1] for size in sizes))

    def _prepare(self) -> None:
        self.scene.prepare([pane.device_size for pane in self._panes()], self.devicePixelRatioF())

    @Slot()
    def _on_resized(self) -> None:
        if self.transform.fitted:
            self.fit()

    @Slot()
    def _on_transform(self) -> None:
        self.photo_pane.update()
        self.mask_pane.update()
        if self.transform.scale != self._scale:
            self._scale = self.transform.scale
            self.scale_changed.emit(self._scale)

    @Slot()
    def _on_opened(self) -> None:
        photo = self._document.photo
        self.scene.set_photo(None if photo is None else photo.rgb, self._document.mask)
        size = (0, 0) if photo is None else (photo.shape[1], photo.shape[0])
        self.transform.set_photo(size, self._common_size())

    @Slot(QRect)
    def _on_mask(self, rect: QRect) -> None:
        box = self.scene.mask_changed(rect)
        if box is not None:
            self.mask_pane.update_grid(box)


def _titled(heading: QLabel, pane: Pane) -> QWidget:
    """A pane below its small heading."""
    box = QWidget()
    heading.setObjectName("paneHeading")
    heading.setContentsMargins(8, 4, 8, 4)
    heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no word moves the panes
    pane.setAccessibleName(heading.text())
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(heading)
    column.addWidget(pane, 1)
    return box

"""Click to correct: "this is tongue", "this is not"."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

from tongue_viewer.core.click_correct import ClickCorrector
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.raster import Box
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.sketch import ADDED, NOTHING, TAKEN, Click, Sketch, Tint
from tongue_viewer.editor.tools.tool import Pointer, Tool, ToolCursor

_REST = 60  # milliseconds that the pointer rests before a preview is computed

_REMEMBERED = 40  # clicks

_Answer = tuple[Box, MaskArray]


class ClickTool(Tool):
    """The left button says "this is tongue", the right one "this is not"; the mask around the click is mended.

    Where the pointer rests, the change that a click would make is shown. With Ctrl several clicks are collected;
    the release of Ctrl, or Enter, makes one undo step of them all.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__("click", parent)
        self._document = document
        self._corrector: ClickCorrector | None = None
        self._clicks: list[Click] = []
        self._past: list[Click] = []  # clicks on this photo that were done: later ones do not break them
        self._answer: _Answer | None = None
        self._pointer: Pointer | None = None
        self._timer = QTimer(self, singleShot=True, interval=_REST)
        self._timer.timeout.connect(self._preview)
        document.opened.connect(self._forget)
        document.closed.connect(self._forget)
        document.prediction_changed.connect(self._forget)
        document.mask_changed.connect(self._on_mask)
        self.set_cursor(ToolCursor("cross"))

    @property
    def busy(self) -> bool:
        """Whether clicks are being collected."""
        return bool(self._clicks)

    def set_class(self, index: int) -> None:
        """Another class is meant by "tongue": what was cached is of the last one."""
        if index != self.class_index:
            self._forget()
        super().set_class(index)

    def press(self, pointer: Pointer) -> None:
        """Correct the mask here, or collect the click."""
        if not self._inside(pointer):
            return
        self._settle()
        positive = not (pointer.has_button(Qt.MouseButton.RightButton) or pointer.eraser)
        click = Click(pointer.point, positive)
        if pointer.has_key(Qt.KeyboardModifier.ControlModifier):
            self._clicks.append(click)
            self._answer = self._ask(self._clicks)
            self._draw(self._answer)
        else:
            clicks, self._clicks = [*self._clicks, click], []
            self._apply(self._ask(clicks), clicks)

    def move(self, pointer: Pointer) -> None:
        """Show what a click would do once the pointer rests; without Ctrl the collected clicks are done."""
        self._pointer = pointer
        if self._clicks and not pointer.has_key(Qt.KeyboardModifier.ControlModifier):
            self.confirm()
        if not self._clicks and not pointer.buttons:
            self.set_sketch(NOTHING)
            self._timer.start()

    def leave(self) -> None:
        """No preview without a pointer."""
        self._timer.stop()
        self._pointer = None
        if not self._clicks:
            self.set_sketch(NOTHING)

    def confirm(self) -> None:
        """Make one step of the collected clicks."""
        (answer, self._answer), (clicks, self._clicks) = (self._answer, None), (self._clicks, [])
        self._apply(answer, clicks)

    def step_back(self) -> None:
        """Take the last collected click back."""
        if self._clicks:
            self._clicks.pop()
            self._answer = self._ask(self._clicks) if self._clicks else None
            self._draw(self._answer)

    def cancel(self) -> None:
        """Forget the collected clicks."""
        self._timer.stop()
        self._clicks, self._answer = [], None
        self.set_sketch(NOTHING)

    @Slot()
    def _preview(self) -> None:
        """What a left click outside of the mask, or a right click inside, would do."""
        pointer = self._pointer
        if pointer is None or self._clicks or not self._inside(pointer) or self._document.stroke_in_hand:
            return
        positive = self._document.mask[int(pointer.y), int(pointer.x)] != self.class_index
        self._draw(self._ask([Click(pointer.point, positive)]))

    def _settle(self) -> None:
        """A preview of something else, such as tidying, is no part of the mask that is corrected: it goes."""
        if self._document.stroke_in_hand:
            self._document.begin_stroke().rollback()

    def _inside(self, pointer: Pointer) -> bool:
        height, width = self._document.mask.shape
        return self._document.is_open and 0 <= pointer.x < width and 0 <= pointer.y < height

    def _ask(self, clicks: list[Click]) -> _Answer | None:
        document = self._document
        if document.photo is None:
            return None
        if self._corrector is None:
            self._corrector = ClickCorrector(document.photo.rgb, document.prediction, self.class_index)
        kept = [click for click in self._past if self._obeyed(click)]
        return self._corrector.correct(document.mask, _plain(clicks), _plain(kept))

    def _obeyed(self, click: Click) -> bool:
        """Whether the mask still says what an earlier click said; an undo may have taken that back."""
        label = int(self._document.mask[int(click.point[1]), int(click.point[0])])
        return bool(label == self.class_index) == click.positive

    def _apply(self, answer: _Answer | None, clicks: list[Click]) -> None:
        self._past = [*self._past, *clicks][-_REMEMBERED:]
        self._timer.stop()
        self.set_sketch(NOTHING)
        if answer is not None:
            stroke = self._document.begin_stroke()
            stroke.show(*answer)
            stroke.commit("Correct", self.name)

    def _draw(self, answer: _Answer | None) -> None:
        clicks = tuple(self._clicks)
        if answer is None:
            self.set_sketch(Sketch(clicks=clicks) if clicks else NOTHING)
            return
        (row, column, height, width), pixels = answer
        before = self._document.mask[row : row + height, column : column + width]
        change = np.zeros(pixels.shape, np.uint8)
        change[(pixels != before) & (pixels == self.class_index)] = ADDED
        change[(pixels != before) & (pixels != self.class_index)] = TAKEN
        self.set_sketch(Sketch(clicks=clicks, tint=Tint(answer[0], change)))

    @Slot()
    def _on_mask(self) -> None:
        """A preview for another mask says nothing; the next one waits for the pointer."""
        if self._clicks:
            self._answer = self._ask(self._clicks)
            self._draw(self._answer)
        elif self._sketch is not NOTHING:
            self.set_sketch(NOTHING)

    @Slot()
    def _forget(self) -> None:
        """Another photo or another prediction: other evidence."""
        self.cancel()
        self._corrector, self._past = None, []


def _plain(clicks: list[Click]) -> list[tuple[float, float, bool]]:
    return [(*click.point, click.positive) for click in clicks]

"""A hand with a tool over a small photo, for the tests of tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from tongue_viewer.core.cases import CaseState, CaseSummary, EditStep, Prediction
from tongue_viewer.core.photo import Photo
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.tools.tool import Pointer, Tool

Mask = NDArray[np.uint8]
LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
PLAIN, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def disc_mask(shape: tuple[int, int], centre: tuple[float, float], radius: float, value: int = 1) -> Mask:
    """(H, W) uint8 with a disc around (x, y)."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    inside = (rows - centre[1]) ** 2 + (columns - centre[0]) ** 2 <= radius**2
    return np.where(inside, value, 0).astype(np.uint8)


def photo_of(mask: Mask, name: str = "a") -> Photo:
    """A pink tongue on skin, exactly where the mask is."""
    rgb = np.where(mask[..., None] > 0, np.array((200, 80, 90)), np.array((120, 100, 90)))
    return Photo(Path(f"{name}.bmp"), rgb.astype(np.uint8), "")


class Hand:
    """Opens a case and moves the pointer."""

    def __init__(self, photo: Photo, mask: Mask, prediction: Prediction | None = None) -> None:
        self.document = Document()
        self.steps: list[EditStep] = []
        self.document.step_made.connect(self.steps.append)
        self.photo, self._mask, self._prediction = photo, mask, prediction
        self.open()

    def open(self) -> None:
        """Open the case, as it was at first."""
        summary = CaseSummary(self.photo.path, "a")
        self.document.open(CaseState(summary, self.photo, self._mask, prediction=self._prediction))

    @property
    def mask(self) -> Mask:
        """A copy of what is shown."""
        return self.document.mask.copy()

    @staticmethod
    def click(
        tool: Tool, x: float, y: float, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN
    ) -> None:
        """Press and release at one place."""
        tool.move(Pointer(x, y, NONE, keys, reach=1.5))
        tool.press(Pointer(x, y, button, keys, reach=1.5))
        tool.release(Pointer(x, y, NONE, keys, reach=1.5))

    @staticmethod
    def drag(
        tool: Tool,
        points: Sequence[tuple[float, float]],
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = PLAIN,
        *,
        release: bool = True,
    ) -> None:
        """Press at the first point, move along the others, release at the last one."""
        tool.press(Pointer(*points[0], button, keys, reach=1.5))
        for x, y in points[1:]:
            tool.move(Pointer(x, y, button, keys, reach=1.5))
        if release:
            tool.release(Pointer(*points[-1], NONE, keys, reach=1.5))

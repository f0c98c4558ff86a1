"""Click to correct: "this is tongue", "this is not", and the mask around the click is mended.

Two witnesses are heard. Where the model's kept probability agrees with the click, the repair follows the model. Where
the model made the very error that is clicked on, the photo decides: a small learned network scores the cells around
the click by their colour and place (`click_features`), and a graph cut draws the line (`click_repair`). A hole or a
loose piece is simply filled or taken away. Nothing farther from a click than `reach_of` ever changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.click_colour import PhotoColours
from tongue_viewer.core.click_features import features_of
from tongue_viewer.core.click_prior import learned_score
from tongue_viewer.core.click_repair import enclosed_piece, repaired, repulsed
from tongue_viewer.core.click_window import Click, ClickWindow, FloatGrid
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box

_PHOTO_SHARE = 0.4  # what the photo still has to say where the model agrees with the click
_MODEL_SHARE = 1.2
_LOUDEST = 6.0  # of the model's logit


class ClickCorrector:
    """Corrects masks of one photo; keep it while the photo is open, for what it remembers of it.

    Example:
        >>> corrector = ClickCorrector(rgb, prediction)  # doctest: +SKIP
        >>> answer = corrector.correct(mask, [Click(310.5, 200.5, positive=True)])  # doctest: +SKIP
    """

    def __init__(self, rgb: RgbArray, prediction: Prediction | None = None, value: int = 1) -> None:
        """Remember the photo and what the model said of it.

        Args:
            rgb: (H, W, 3) uint8.
            prediction: of this photo, or None: then the photo alone decides.
            value: the class that clicks are about, ≥ 1.

        Raises:
            ValueError: the prediction is of a photo of another size.
        """
        self._shape = (int(rgb.shape[0]), int(rgb.shape[1]))
        if prediction is not None and prediction.shape != self._shape:
            raise ValueError(f"the prediction is of a photo of {prediction.shape}, not {self._shape}")
        self._rgb, self._value = rgb, value
        self._colours = PhotoColours(rgb)
        self._model = _Model(prediction, value - 1) if prediction and value <= len(prediction.grid) else None

    def correct(
        self,
        mask: MaskArray,
        clicks: Sequence[tuple[float, float, bool]],
        kept: Sequence[tuple[float, float, bool]] = (),
    ) -> tuple[Box, MaskArray] | None:
        """What the clicks change.

        Every click's pixel gets its label, whatever the others do; of two clicks on one pixel the later one counts.
        A positive click changes only pixels of the class that it lies on, a negative one only pixels of `value`.
        Clicks outside the photo are ignored. The same input gives the same answer.

        Args:
            mask: (H, W) uint8 class index, not changed.
            clicks: (x, y, positive) in photo pixels, in the order that they were made.
            kept: clicks of before, which `mask` obeys already and the answer does not break.

        Returns:
            The box of the changed pixels and (height, width) uint8 new content of it; None if nothing changes.

        Raises:
            ValueError: the mask is of another size.
        """
        if mask.shape != self._shape:
            raise ValueError(f"the mask is of {mask.shape}, the photo of {self._shape}")
        asked = _last_words(clicks, self._shape)
        held = _last_words([*kept, *clicks], self._shape)
        out, boxes = mask.copy(), []
        for pixel, click in asked.items():
            if (out[pixel] == self._value) != click.positive:
                boxes.append(self._apply(out, pixel, click, held))
        if not boxes:
            return None
        row, column = (min(box[axis] for box in boxes) for axis in (0, 1))
        window = tuple(
            slice(first, max(box[axis] + box[axis + 2] for box in boxes))
            for axis, first in enumerate((row, column))
        )
        x, y, width, height = cv2.boundingRect(np.bitwise_xor(out[window], mask[window]))
        if not width:
            return None
        changed = (slice(row + y, row + y + height), slice(column + x, column + x + width))
        return (row + y, column + x, height, width), out[changed].copy()

    def _apply(
        self, mask: MaskArray, pixel: tuple[int, int], click: Click, held: dict[tuple[int, int], Click]
    ) -> Box:
        """Change the mask in place for one click; the box outside which nothing changed."""
        window = ClickWindow.around(self._rgb, mask, pixel, click.positive, self._value)
        against = {place: other for place, other in held.items() if other.positive != click.positive}
        content = mask[window.window]
        changed = enclosed_piece(window, mask, self._value)
        if changed is None or _holds_any(window, changed, against):
            changed = repaired(window, repulsed(window, self._score(window, mask), against.values()))
        before = {place: mask[place] for place in against}
        content[changed] = self._value if click.positive else 0
        for place, label in before.items():
            mask[place] = label
        return window.box

    def _score(self, window: ClickWindow, mask: MaskArray) -> FloatGrid:
        """Logarithm of the odds for the clicked label in each cell, from both witnesses."""
        features = features_of(window, self._colours.evidence(mask, self._value))
        score = np.zeros(window.open.shape, np.float32)
        score[window.open] = learned_score(features[window.open])
        if self._model is None:
            return score
        said = self._model.logit(window)
        trust = float(np.clip(1 + said[window.cell], 0, 1))
        return score * np.float32(1 - (1 - _PHOTO_SHARE) * trust) + said * np.float32(_MODEL_SHARE * trust)


class _Model:
    """One plane of a prediction, read where a window needs it."""

    def __init__(self, prediction: Prediction, plane: int) -> None:
        box = prediction.letterbox
        self._content = np.ascontiguousarray(prediction.grid[plane][box.window])
        self._steps = [count / length for count, length in zip(box.content, box.shape, strict=True)]
        odds = np.clip(np.arange(256, dtype=np.float32) / 255, 1 / 510, 1 - 1 / 510)
        threshold = min(max(prediction.threshold, 1 / 510), 1 - 1 / 510)
        self._logits = np.log(odds / (1 - odds)) - np.float32(np.log(threshold / (1 - threshold)))

    def logit(self, window: ClickWindow) -> FloatGrid:
        """(h, w) for the clicked label, 0 at the threshold."""
        zoom, move = [], []
        for step, first, length, count in zip(
            self._steps, window.box[:2], window.box[2:], window.open.shape, strict=True
        ):
            zoom.append(length / count * step)
            move.append(first * step + 0.5 * zoom[-1] - 0.5)
        matrix = np.array([[zoom[1], 0, move[1]], [0, zoom[0], move[0]]])
        values = cv2.warpAffine(
            self._logits[self._content],
            matrix,
            window.open.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        limited = np.clip(values, -_LOUDEST, _LOUDEST).astype(np.float32)
        return limited if window.positive else -limited


def _last_words(
    clicks: Iterable[tuple[float, float, bool]], shape: tuple[int, int]
) -> dict[tuple[int, int], Click]:
    """The last click on each pixel, in the order of those, without clicks outside the photo."""
    words: dict[tuple[int, int], Click] = {}
    for click in (Click(*asked) for asked in clicks):
        pixel = click.pixel(shape)
        if pixel is not None:
            words.pop(pixel, None)
            words[pixel] = click
    return words


def _holds_any(window: ClickWindow, changed: NDArray[np.bool_], places: Iterable[tuple[int, int]]) -> bool:
    row, column, height, width = window.box
    return any(
        0 <= r - row < height and 0 <= c - column < width and changed[r - row, c - column] for r, c in places
    )

"""What is under the pointer, in words: place, measured colour, and the model's probability."""

from __future__ import annotations

import cv2
import numpy as np

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.photo import RgbArray


def lab_of(rgb: RgbArray) -> tuple[float, float, float]:
    """CIELAB (D65) of one sRGB colour, (3,) uint8: L* 0..100, a* and b* about −100..100."""
    pixel = (rgb.astype(np.float32) / np.float32(255)).reshape(1, 1, 3)
    light, a, b = cv2.cvtColor(pixel, cv2.COLOR_RGB2Lab).reshape(3).tolist()
    return light, a, b


def probability_at(prediction: Prediction, x: float, y: float) -> float:
    """The highest class probability, 0..1, at the grid's pixel below the photo's point (x, y)."""
    column, row = prediction.letterbox.point_to_grid(x, y)
    _, height, width = prediction.grid.shape
    plane = prediction.grid[:, min(height - 1, max(0, int(row))), min(width - 1, max(0, int(column)))]
    return float(plane.max()) / 255


def pixel_text(rgb: RgbArray, prediction: Prediction | None, x: int, y: int) -> str:
    """For example "x 312  y 188 · R 150 G 90 B 80 · L* 58 a* 31 b* 17 · p 0.97"; `rgb` is the whole photo, (H, W, 3).

    Numbers are padded with figure spaces and have a figure dash for a minus, both as wide as a digit, so that the
    text stands still while the pointer moves.
    """
    light, a, b = lab_of(rgb[y, x])
    red, green, blue = (int(value) for value in rgb[y, x])
    wide = len(str(max(rgb.shape[:2])))
    text = (
        f"x {_padded(x, wide)}  y {_padded(y, wide)}  ·  R {_padded(red, 3)} G {_padded(green, 3)} B {_padded(blue, 3)}"
        f"  ·  L* {_padded(round(light), 3)} a* {_padded(round(a), 3)} b* {_padded(round(b), 3)}"
    )
    if prediction is not None:
        text += f"  ·  p {probability_at(prediction, x + 0.5, y + 0.5):.2f}"
    return text


def _padded(number: int, width: int) -> str:
    return str(number).replace("-", "\N{FIGURE DASH}").rjust(width, "\N{FIGURE SPACE}")

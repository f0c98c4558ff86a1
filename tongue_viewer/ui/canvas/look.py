"""Colours of the canvas: what stands on the photo has to be seen on red tissue and on white paper alike."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtGui import QColor, QPalette

ViewMode: TypeAlias = Literal["overlay", "outline", "mask", "cutout", "swipe", "difference"]
VIEW_MODES: tuple[ViewMode, ...] = ("overlay", "outline", "mask", "cutout", "swipe", "difference")

CYAN = QColor(0, 213, 224)
"""Kept apart from tissue (red) and paper (white) in all common forms of colour blindness."""
HALO = QColor(0, 0, 0, 150)
_WHITE, _SHADE, _RED = QColor(255, 255, 255), QColor(0, 0, 0, 140), QColor(240, 30, 20)
RING = ((_SHADE, 3.5), (_WHITE, 1.5))
"""The brush's ring: colours and widths in logical pixels, from below to above."""
RING_ERASING = ((_SHADE, 5.0), (_WHITE, 3.5), (_RED, 1.75))
"""Red alone is lost on red tissue: it stands between white."""
SKETCH = ((_SHADE, 3.5), (_WHITE, 1.5))
"""Lines of a tool in hand: colours and widths as of the ring."""
SKETCH_ERASING = RING_ERASING
DOUBT = ((QColor(0, 0, 0, 190), 4.5), (QColor(255, 176, 0), 2.5))
"""Uncertain stretches: amber, dashed, over the cyan outline."""
ADDED, TAKEN = QColor(58, 112, 255, 190), QColor(255, 176, 0, 190)
"""What the person added to the model's mask (blue) and took off (amber)."""
MODEL_LINE = QColor(255, 255, 255, 170)
INK, PAPER = QColor(20, 20, 20), QColor(255, 255, 255)
"""Rim and fill of handles and clicks."""
ADDED_TINT, TAKEN_TINT = QColor(0, 213, 224, 150), QColor(255, 176, 0, 170)
"""Preview of what would be added and taken off: cyan and amber, apart for every kind of colour vision."""
SURROUND_DARK = QColor(48, 48, 48)
"""CIE L* = 20, neutral: a doctor judges colour beside it."""
SURROUND_LIGHT = QColor(226, 226, 226)
"""CIE L* = 90, neutral."""
FILL_OPACITY = 0.25


def surround_for(palette: QPalette) -> QColor:
    """The neutral grey around the photo for a dark or a light window."""
    return SURROUND_DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else SURROUND_LIGHT


def alpha_table(colour: QColor, opacity: float = 1.0) -> list[int]:
    """Coverage 0..255 → the colour with that part of its opacity."""
    full = colour.alpha() * opacity
    return [_argb(colour, round(full * i / 255)) for i in range(256)]


def change_table(added: QColor, taken: QColor) -> list[int]:
    """0 … 127 → the colour of what is taken off, 128 → nothing, 129 … 255 → the colour of what is added."""
    less = [_argb(taken, round(taken.alpha() * (128 - i) / 128)) for i in range(128)]
    return less + [_argb(added, round(added.alpha() * i / 127)) for i in range(128)]


def outside_table(colour: QColor) -> list[int]:
    """Coverage 0..255 → the colour where nothing is covered."""
    return [_argb(colour, 255 - i) for i in range(256)]


def grey_table() -> list[int]:
    """Coverage 0..255 → black … white."""
    return [0xFF000000 | i << 16 | i << 8 | i for i in range(256)]


def _argb(colour: QColor, alpha: int) -> int:
    return alpha << 24 | colour.red() << 16 | colour.green() << 8 | colour.blue()

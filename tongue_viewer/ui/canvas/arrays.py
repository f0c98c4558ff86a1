"""Images wrapped around arrays, without a copy (docs/adr/0002-arrays-to-qt.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from tongue_viewer.core.photo import RgbArray


def wrap_rgb(rgb: RgbArray) -> QImage:
    """An image on the memory of (H, W, 3) uint8 with contiguous rows; the array must outlive it."""
    height, width = rgb.shape[:2]
    image = QImage(rgb.data, width, height, _stride(rgb), QImage.Format.Format_RGB888)
    return _of(image, rgb)


def wrap_indexed(index: NDArray[np.uint8], colours: list[int]) -> QImage:
    """An image on the memory of (H, W) uint8, through a table of 0xAARRGGBB; the array must outlive it."""
    height, width = index.shape
    image = QImage(index.data, width, height, _stride(index), QImage.Format.Format_Indexed8)
    image.setColorTable(colours)
    return _of(image, index)


def _stride(array: NDArray[np.uint8]) -> int:
    if not array.flags.c_contiguous:
        raise ValueError(
            f"an image can only be wrapped around a contiguous array, got strides {array.strides}"
        )
    return int(array.strides[0])


def _of(image: QImage, array: NDArray[np.uint8]) -> QImage:
    if image.isNull():
        raise ValueError(f"Qt makes no image of an array of shape {array.shape}")
    return image

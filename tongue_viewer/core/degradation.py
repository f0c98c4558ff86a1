"""What light, cameras and files do to a photo: the pixels change, the tongue stays where it is.

All functions take and return (H, W, 3) uint8 RGB and leave their argument as it was.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.photo import MaskArray, RgbArray

BLUR_FRAME = 512
"""A blur's sigma is given for a photo whose longer side has this many pixels."""


def blur(rgb: RgbArray, sigma: float) -> RgbArray:
    """Gaussian blur of `sigma` pixels at `BLUR_FRAME` px, wider on a larger photo; 0: the very same array."""
    if sigma == 0:
        return rgb
    return _u8(cv2.GaussianBlur(rgb, (0, 0), sigma * max(rgb.shape[:2]) / BLUR_FRAME))


def expose(rgb: RgbArray, stops: float) -> RgbArray:
    """`stops` photographic stops more light, clipped at white; computed in linear light (IEC 61966-2-1)."""
    level = np.arange(256, dtype=np.float64) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear * 2.0**stops, 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _through_table(rgb, encoded)


def bend(rgb: RgbArray, gamma: float) -> RgbArray:
    """Each channel to the power of `gamma`: below 1 brighter, above 1 darker; black and white stay."""
    return _through_table(rgb, (np.arange(256, dtype=np.float64) / 255) ** gamma)


def tint(rgb: RgbArray, gains: tuple[float, float, float]) -> RgbArray:
    """Each channel times its gain: a wrong white balance."""
    return _through_table(rgb, np.arange(256, dtype=np.float64)[:, None] / 255 * np.array(gains))


def dim(rgb: RgbArray, factor: float, weight: NDArray[np.float32] | None = None) -> RgbArray:
    """CIE lightness L* times `factor`, hue and chroma as they are.

    Args:
        rgb: the photo.
        factor: in 0..1.
        weight: (H, W) float32 0..1, how much of the change a pixel takes; None: all of it everywhere.
    """
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)
    share = np.float32(1 - factor) * (np.float32(1) if weight is None else weight)
    lab[..., 0] *= 1 - share
    return _u8(np.rint(np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), 0, 1) * 255))


def darker_skin(rgb: RgbArray, mask: MaskArray, factor: float) -> RgbArray:
    """`dim` of everything but the tongue.

    The change fades over about 3 % of the longer side, so that it draws no edge along the outline.
    """
    outside = (mask == 0).astype(np.float32)
    faded = cv2.GaussianBlur(outside, (0, 0), 0.015 * max(mask.shape))
    return dim(rgb, factor, np.asarray(faded, np.float32))


def add_noise(rgb: RgbArray, sigma: float, rng: np.random.Generator) -> RgbArray:
    """Independent Gaussian noise of `sigma` grey levels in every pixel and channel."""
    noise = rng.standard_normal(rgb.shape, dtype=np.float32) * np.float32(sigma)
    return _u8(np.rint(np.clip(rgb + noise, 0, 255)))


def compress(rgb: RgbArray, quality: int) -> RgbArray:
    """Through a JPEG file of `quality` 1..100, chroma at half the size (4:2:0)."""
    done, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(rgb[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise ValueError(f"OpenCV cannot write a JPEG of shape {rgb.shape}")
    return np.ascontiguousarray(_u8(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1])


def wet(rgb: RgbArray, mask: MaskArray, rng: np.random.Generator, spots: int = 8) -> RgbArray:
    """White reflections inside the tongue, as of a lamp on a wet surface.

    Each spot is an ellipse of 1.5 to 4 % of the root of the tongue's area, softly bounded, wholly inside.

    Raises:
        ValueError: the mask is empty.
    """
    if not mask.any():
        raise ValueError("a photo without tongue gets no reflections on it")
    root = math.sqrt(np.count_nonzero(mask))
    # A border of background: a tongue that is cut by the frame ends there.
    padded = np.pad((mask != 0).view(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    light = np.zeros(mask.shape, np.float32)
    for _ in range(spots):
        long = root * rng.uniform(0.015, 0.04)
        rows, columns = np.nonzero(depth >= min(1.3 * long + 1, float(depth.max())))
        pick = int(rng.integers(len(rows)))
        axes = (max(1, round(long)), max(1, round(long * rng.uniform(0.35, 1))))
        centre = (int(columns[pick]), int(rows[pick]))
        cv2.ellipse(
            light, centre, axes, rng.uniform(0, 180), 0, 360, rng.uniform(0.75, 1), cv2.FILLED, cv2.LINE_AA
        )
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), max(0.3, 0.004 * root)), np.float32)
    alpha = np.clip(light, 0, 1)[..., None]
    return _u8(np.rint(rgb * (1 - alpha) + np.float32(252) * alpha))


def _through_table(rgb: RgbArray, table: NDArray[np.float64]) -> RgbArray:
    """(256,) or (256, 3) values 0..1 for each grey level, clipped."""
    levels = np.rint(np.clip(table, 0, 1) * 255).astype(np.uint8)
    return _u8(cv2.LUT(rgb, levels if levels.ndim == 1 else levels[None]))


def _u8(array: object) -> NDArray[np.uint8]:
    return np.asarray(array, np.uint8)

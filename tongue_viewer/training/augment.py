"""Varying a photo and its mask: one geometric warp from the photo's own pixels, then colour and sharpness.

The answer must not depend on framing, exposure, the camera's colours or sharpness, so all of them are
varied. The warp replaces the letterbox; `letterbox_view` is the letterbox itself, up to half a pixel of
rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.letterbox import PAD_RGB
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.training import AugmentPlan

CoverageArray = NDArray[np.float32]
"""(h, w) float32 0..1, the part of a grid pixel that the tongue covers."""


@dataclass(frozen=True)
class View:
    """Where the network's square looks on the photo.

    Attributes:
        centre: (x, y) of the photo, in pixels from its corner, that falls on the middle of the square.
        scale: (x, y) grid pixels for one photo pixel.
        angle: rotation in degrees.
        flip: whether the picture is mirrored left to right.
    """

    centre: tuple[float, float]
    scale: tuple[float, float]
    angle: float = 0.0
    flip: bool = False

    def warp(self, rgb: RgbArray, mask: MaskArray, size: int) -> tuple[RgbArray, CoverageArray]:
        """Photo (H, W, 3) and mask (H, W) → (size, size, 3) uint8 and (size, size) float32 coverage.

        Shrinking is done by area averaging first (a warp alone would alias), as the letterbox does.
        """
        height, width = mask.shape
        pre_x = min(1.0, max(self.scale[0], 1 / width))
        pre_y = min(1.0, max(self.scale[1], 1 / height))
        small = (max(1, round(width * pre_x)), max(1, round(height * pre_y)))
        pre_x, pre_y = small[0] / width, small[1] / height
        coverage = mask.astype(np.float32)
        if small != (width, height):
            rgb = cv2.resize(rgb, small, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
            coverage = cv2.resize(coverage, small, interpolation=cv2.INTER_AREA).astype(
                np.float32, copy=False
            )
        matrix = self._matrix(pre_x, pre_y, size)
        square = (size, size)
        photo = cv2.warpAffine(rgb, matrix, square, flags=cv2.INTER_LINEAR, borderValue=PAD_RGB)
        cover = cv2.warpAffine(coverage, matrix, square, flags=cv2.INTER_LINEAR, borderValue=0)
        return photo.astype(np.uint8, copy=False), cover.astype(np.float32, copy=False)

    def _matrix(self, pre_x: float, pre_y: float, size: int) -> NDArray[np.float64]:
        """(2, 3) from pixel indices of the pre-shrunk photo to pixel indices of the square."""
        turn = math.radians(self.angle)
        mirror = -1.0 if self.flip else 1.0
        rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        linear = np.diag([mirror, 1.0]) @ rotation @ np.diag([self.scale[0] / pre_x, self.scale[1] / pre_y])
        centre = np.array([self.centre[0] * pre_x, self.centre[1] * pre_y]) - 0.5
        return np.column_stack([linear, (size - 1) / 2 - linear @ centre])


def letterbox_view(shape: tuple[int, int], size: int) -> View:
    """The view of the letterbox: the whole photo, centred."""
    scale = size / max(shape)
    return View((shape[1] / 2, shape[0] / 2), (scale, scale))


def random_view(mask: MaskArray, size: int, plan: AugmentPlan, rng: np.random.Generator) -> View:
    """A view: mostly framed at random, sometimes filled by the tongue, sometimes without it."""
    height, width = int(mask.shape[0]), int(mask.shape[1])
    kind = rng.random()
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    angle = float(rng.normal(0, 0.5) * plan.rotation) if plan.rotation else 0.0
    angle = float(np.clip(angle, -plan.rotation, plan.rotation))
    stretch = math.exp(rng.uniform(-plan.aspect, plan.aspect) / 2)
    flip = bool(rng.random() < plan.flip)
    base = size / max(height, width)
    if kind < plan.fill and len(rows):
        tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        scale = size / (max(tall, wide) * rng.uniform(*plan.framing))
        shake = 0.1 * size / scale
        centre = (
            float(columns[0] + wide / 2 + rng.uniform(-shake, shake)),
            float(rows[0] + tall / 2 + rng.uniform(-shake, shake)),
        )
        return View(centre, (scale * stretch, scale / stretch), angle, flip)
    if kind > 1 - plan.empty and len(rows):
        found = _empty_view(mask, size, rng)
        if found is not None:
            return found
    scale = base * _log_uniform(*plan.scale, rng)
    return View(
        (_place(width, size / scale, rng), _place(height, size / scale, rng)),
        (scale * stretch, scale / stretch),
        angle,
        flip,
    )


def _place(length: int, window: float, rng: np.random.Generator) -> float:
    """A random centre: the smaller of window and photo stays inside the larger one."""
    slack = abs(length - window) / 2
    return length / 2 + float(rng.uniform(-slack, slack)) * 0.9


def _empty_view(mask: MaskArray, size: int, rng: np.random.Generator) -> View | None:
    """A view on the photo without tongue, or None when ten tries find none."""
    height, width = mask.shape
    for _ in range(10):
        side = max(8, int(max(height, width) * rng.uniform(0.2, 0.5)))
        row, column = int(rng.integers(0, max(1, height - side))), int(rng.integers(0, max(1, width - side)))
        if not mask[row : row + side, column : column + side].any():
            return View((column + side / 2, row + side / 2), (size / side, size / side))
    return None


def vary_colour(rgb: RgbArray, plan: AugmentPlan, rng: np.random.Generator) -> RgbArray:
    """Exposure, gamma, colour cast and saturation of a (h, w, 3) uint8 photo."""
    level = np.arange(256, dtype=np.float32) / 255
    gamma = 2.0 ** rng.uniform(-plan.gamma, plan.gamma)
    gain = 2.0 ** rng.uniform(-plan.exposure, plan.exposure) * (1 + rng.uniform(-plan.cast, plan.cast, 3))
    table = np.clip(level[:, None] ** gamma * gain * 255, 0, 255).astype(np.uint8)  # (256, 3)
    out = cv2.LUT(rgb, table[None]).astype(np.float32)
    keep = 1 + rng.uniform(-plan.saturation, plan.saturation)
    grey = out @ np.array([0.299, 0.587, 0.114], np.float32)
    out = grey[..., None] + (out - grey[..., None]) * np.float32(keep)
    return np.clip(out, 0, 255).astype(np.uint8)


def vary_sharpness(rgb: RgbArray, plan: AugmentPlan, rng: np.random.Generator) -> RgbArray:
    """Blur, down-and-up sampling, noise and JPEG of a (h, w, 3) uint8 photo, each by `plan.chance`."""
    height, width = rgb.shape[:2]
    out: NDArray[np.uint8] = rgb
    if rng.random() < plan.chance and plan.blur:
        out = _u8(cv2.GaussianBlur(out, (0, 0), _log_uniform(0.3, plan.blur, rng)))
    if rng.random() < plan.chance and plan.shrink < 1:
        factor = _log_uniform(plan.shrink, 1, rng)
        small = (max(1, int(width * factor)), max(1, int(height * factor)))
        out = _u8(cv2.resize(out, small, interpolation=cv2.INTER_AREA))
        enlarge = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(2))]
        out = _u8(cv2.resize(out, (width, height), interpolation=enlarge))
    if rng.random() < plan.chance and plan.noise:
        noise = rng.standard_normal(out.shape, dtype=np.float32) * np.float32(rng.uniform(0, plan.noise))
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    if rng.random() < plan.chance:
        quality = int(rng.integers(plan.jpeg[0], plan.jpeg[1] + 1))
        _, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = _u8(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return out


def vary(
    rgb: RgbArray, mask: MaskArray, size: int, plan: AugmentPlan | None, rng: np.random.Generator
) -> tuple[RgbArray, CoverageArray]:
    """One sample: (size, size, 3) uint8 and (size, size) float32 coverage; `plan` None: the letterbox."""
    if plan is None:
        return letterbox_view((int(mask.shape[0]), int(mask.shape[1])), size).warp(rgb, mask, size)
    photo, cover = random_view(mask, size, plan, rng).warp(rgb, mask, size)
    return vary_sharpness(vary_colour(photo, plan, rng), plan, rng), cover


def _log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _u8(array: object) -> NDArray[np.uint8]:
    return np.asarray(array, np.uint8)

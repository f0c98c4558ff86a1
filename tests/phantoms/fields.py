"""Scalar fields over the image plane: smooth waves, tiled noise, soft steps; and colours in linear light."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.phantoms.spec import Lab

Field: TypeAlias = NDArray[np.floating[Any]]
"""(h, w) float32 on the super-sampled grid."""

Flags: TypeAlias = NDArray[np.bool_]
"""(h, w) bool on the super-sampled grid."""

Colour: TypeAlias = NDArray[np.floating[Any]]
"""(3,) float32 linear RGB, 1 = white under full light; or (h, w, 3)."""

_TILE = 96


def f32(value: object) -> Field:
    """`value` as float32 (numpy's scalar functions like to widen)."""
    return np.asarray(value, dtype=np.float32)


def bell(x: Field, width: float) -> Field:
    """exp(−(x / width)²): 1 at 0, 0.37 at ±width."""
    return f32(np.exp(-np.square(x * np.float32(1.0 / width))))


def step(x: Field, start: float, end: float) -> Field:
    """Cubic step: 0 before `start`, 1 after `end` (or the reverse when start > end)."""
    t = np.clip((x - np.float32(start)) * np.float32(1.0 / (end - start)), 0, 1)
    return f32(t * t * (3 - 2 * t))


def mix(a: Colour, b: Colour, weight: Field) -> Colour:
    """a + (b − a) · weight, with a (h, w) weight spread over the channels."""
    return f32(a + (b - a) * weight[..., None])


def blur(image: Field, sigma: float) -> Field:
    """Gaussian blur with the standard deviation in sub-pixels; wide ones run on a smaller image."""
    if sigma < 0.3:
        return image
    shrink = int(sigma // 4)
    if shrink < 2:
        return f32(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
    height, width = image.shape[:2]
    size = (max(2, width // shrink), max(2, height // shrink))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REPLICATE)
    return f32(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def waves(x: Field, y: Field, rng: np.random.Generator, length: float, count: int = 5) -> Field:
    """A smooth random field, about −1..1, with features of size `length`: a sum of sines without a grid."""
    out = np.zeros_like(x)
    for _ in range(count):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        k = 2 * np.pi / (length * rng.uniform(0.7, 1.6))
        out += np.sin(
            np.float32(k * np.cos(angle)) * x + np.float32(k * np.sin(angle)) * y + np.float32(phase)
        )
    return f32(out / np.sqrt(count))


def noise(
    x: Field, y: Field, rng: np.random.Generator, cell: float, octaves: int = 1, *, gain: float = 0.5
) -> Field:
    """Tiled value noise, mean 0, deviation about 1, with cells of size `cell`, halved at each octave."""
    out = np.zeros_like(x)
    for octave in range(octaves):
        tile = rng.standard_normal((_TILE, _TILE)).astype(np.float32)
        angle, scale = rng.uniform(0, 2 * np.pi), 2**octave / cell
        # Turned, so that the tile's rows and columns do not show as a weave.
        cos, sin = np.float32(np.cos(angle) * scale), np.float32(np.sin(angle) * scale)
        shift_x, shift_y = rng.uniform(0, _TILE, 2)
        layer = cv2.remap(
            tile,
            cos * x - sin * y + np.float32(shift_x),
            sin * x + cos * y + np.float32(shift_y),
            cv2.INTER_CUBIC if octaves == 1 else cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        out += np.float32(1.4 * gain**octave) * layer
    return out


def buds(x: Field, y: Field, rng: np.random.Generator, cell: float) -> Field:
    """Small uneven round bumps, one in each jittered cell of size `cell`; mean 0, deviation about 1."""
    cells, grain = 40, 8
    side = cells * grain
    tile = np.zeros((side, side), np.float32)
    place = np.arange(cells) * grain + grain / 2
    row, column = np.meshgrid(place, place, indexing="ij")
    column = column + (np.arange(cells) % 2)[:, None] * grain / 2
    row += rng.uniform(-0.34, 0.34, row.shape) * grain
    column = column + rng.uniform(-0.34, 0.34, row.shape) * grain
    rows, columns = row.astype(int) % side, column.astype(int) % side
    tile[rows, columns] = rng.uniform(0.45, 1.25, row.shape)
    wide = np.pad(tile, 16, mode="wrap")
    soft = f32(cv2.GaussianBlur(wide, (0, 0), 0.27 * grain)[16:-16, 16:-16])
    bumps = f32((soft - soft.mean()) / soft.std())
    scale, shift = np.float32(grain / cell), rng.uniform(0, side, 2)
    return f32(
        cv2.remap(
            bumps,
            x * scale + np.float32(shift[0]),
            y * scale + np.float32(shift[1]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
    )


def lab(colour: Lab) -> Colour:
    """CIELAB (D65) → (3,) linear sRGB; out-of-gamut values are clipped (IEC 61966-2-1, CIE 15)."""
    light, a, b = colour
    fy = (light + 16) / 116
    xyz = np.array([fy + a / 500, fy, fy - b / 200])
    xyz = np.where(xyz > 6 / 29, xyz**3, 3 * (6 / 29) ** 2 * (xyz - 4 / 29)) * [0.95047, 1.0, 1.08883]
    matrix = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]],
    )
    return f32(np.clip(matrix @ xyz, 0.002, 1.0))

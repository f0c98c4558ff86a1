"""The super-sampled grid, the contours of the mouth, and the buffer that the light is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tests.phantoms.fields import Colour, Field, Flags, f32, waves
from tests.phantoms.spec import CameraSpec, MouthSpec, PhantomSpec


@dataclass(frozen=True, eq=False)
class Frame:
    """Face coordinates of every sub-pixel.

    Attributes:
        x: (h, w) float32, x of the sub-pixel's centre in the face frame, slightly warped
            so that no face is symmetric.
        y: the same for y.
        unit: sub-pixels for one unit.
        seed: the phantom's seed.
        camera: the camera that it was made for.
    """

    x: Field
    y: Field
    unit: float
    seed: int
    camera: CameraSpec

    @classmethod
    def of(cls, spec: PhantomSpec) -> Frame:
        """The grid of `spec`: (H, W) × supersample sub-pixels."""
        camera, n = spec.camera, spec.camera.supersample
        height, width = camera.shape
        column = (np.arange(width * n, dtype=np.float32) + 0.5) / n - camera.origin[0] * width
        row = (np.arange(height * n, dtype=np.float32) + 0.5) / n - camera.origin[1] * height
        cos, sin = np.cos(np.deg2rad(camera.roll_deg)), np.sin(np.deg2rad(camera.roll_deg))
        x = f32((cos * column[None, :] + sin * row[:, None]) / camera.unit_px)
        y = f32((-sin * column[None, :] + cos * row[:, None]) / camera.unit_px)
        rng = np.random.default_rng([spec.seed, 1])
        warp = np.float32(0.02)
        return cls(
            x + warp * waves(x, y, rng, 2.4, 2),
            y + warp * waves(x, y, rng, 2.4, 2) - np.float32(spec.mouth.skew / 2) * x,
            camera.unit_px * n,
            spec.seed,
            camera,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) in sub-pixels."""
        return int(self.x.shape[0]), int(self.x.shape[1])

    def rng(self, stream: int) -> np.random.Generator:
        """An own random stream for each texture, so that one change does not shuffle the others."""
        return np.random.default_rng([self.seed, stream])

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """(column, row) in sub-pixels of a point of the face frame, for dots and strokes; no warp."""
        camera, n = self.camera, self.camera.supersample
        cos, sin = np.cos(np.deg2rad(camera.roll_deg)), np.sin(np.deg2rad(camera.roll_deg))
        column = (cos * x - sin * y) * camera.unit_px + camera.origin[0] * camera.shape[1]
        row = (sin * x + cos * y) * camera.unit_px + camera.origin[1] * camera.shape[0]
        return float(column * n), float(row * n)


@dataclass(frozen=True, eq=False)
class MouthLines:
    """The four contours of the lips as y over x, each (h, w) float32, and the regions between them."""

    upper_outer: Field
    upper_inner: Field
    lower_inner: Field
    lower_outer: Field
    opening: Flags
    lips: Flags
    upper_side: Flags

    @classmethod
    def of(cls, frame: Frame, mouth: MouthSpec) -> MouthLines:
        """Contours that meet at the corners (±1, 0); the outer ones a little further out."""
        knots = np.linspace(-1.2, 1.2, 481)
        inside, outside = np.clip(np.abs(knots), 0, 1), np.clip(np.abs(knots) / 1.07, 0, 1)
        rng = frame.rng(2)
        lean = 1 + 0.06 * rng.uniform(-1, 1) * knots
        bow = 1 + 0.3 * np.exp(-(((np.abs(knots) - 0.2) / 0.17) ** 2)) - 0.22 * np.exp(-((knots / 0.1) ** 2))
        arch = (1 - inside**2.3) ** 0.62 - 0.05 * np.exp(-((knots / 0.16) ** 2)) * (inside < 1)
        upper_inner = -mouth.up * arch * lean
        upper_outer = upper_inner - mouth.upper_lip * bow * (1 - outside**2.2) ** 0.75
        lower_inner = mouth.down * (1 - inside**2.4) ** 0.6 / lean
        lower_outer = lower_inner + mouth.lower_lip * (1 - outside**2.6) ** 0.7

        def spread(line: np.ndarray) -> Field:
            return f32(np.interp(frame.x, knots, line))

        uo, ui, li, lo = (spread(line) for line in (upper_outer, upper_inner, lower_inner, lower_outer))
        opening = (frame.y > ui) & (frame.y < li)
        lips = (frame.y > uo) & (frame.y < lo) & ~opening
        return cls(uo, ui, li, lo, opening, lips, frame.y < (ui + li) / 2)


class Surface:
    """What is seen at each sub-pixel: colour, slope, gloss and how much light gets there.

    Attributes:
        albedo: (h, w, 3) float32 linear RGB.
        slope: (h, w, 2) float32, dz/dx and dz/dy.
        gloss: (h, w) float32, strength of the specular light.
        power: (h, w) float32, sharpness of the specular light.
        light: (h, w) float32 0..1, share of the light that is not blocked.
        living: (h, w) bool, where light scatters below the surface (skin, lips, tongue).
    """

    def __init__(self, frame: Frame) -> None:
        height, width = frame.shape
        self.frame = frame
        self.albedo = np.zeros((height, width, 3), np.float32)
        self.slope = np.zeros((height, width, 2), np.float32)
        self.gloss = np.zeros((height, width), np.float32)
        self.power = np.full((height, width), 20, np.float32)
        self.light = np.ones((height, width), np.float32)
        self.living = np.zeros((height, width), bool)

    def paint(
        self,
        where: Flags,
        albedo: Colour,
        height: Field | None = None,
        *,
        gloss: Field | float = 0.0,
        power: float = 20.0,
        light: Field | float = 1.0,
        living: bool = False,
    ) -> None:
        """Cover `where` with a new material; `height` in units of the face frame gives the slopes."""
        np.copyto(self.albedo, albedo, where=where[..., None])
        np.copyto(self.gloss, gloss, where=where)
        np.copyto(self.power, power, where=where)
        np.copyto(self.light, light, where=where)
        np.copyto(self.living, living, where=where)
        if height is None:
            np.copyto(self.slope, 0, where=where[..., None])
            return
        scale = 0.5 * self.frame.unit
        for axis, (dx, dy) in enumerate(((1, 0), (0, 1))):
            slope = cv2.Sobel(
                height, cv2.CV_32F, dx, dy, ksize=1, scale=scale, borderType=cv2.BORDER_REPLICATE
            )
            np.copyto(self.slope[..., axis], np.clip(slope, -3, 3), where=where)

    def shade(self, where: Flags, factor: Field) -> None:
        """Take light away from what lies in `where`."""
        np.multiply(self.light, factor, out=self.light, where=where)

"""Light on the surface, and the camera that takes it in."""

from __future__ import annotations

import cv2
import numpy as np

from tests.phantoms.fields import Colour, Field, Flags, blur, f32
from tests.phantoms.frame import Frame, Surface
from tests.phantoms.spec import CameraSpec, LightSpec, SourceSpec
from tongue_viewer.core.photo import MaskArray, RgbArray

_SCATTER = (0.030, 0.012, 0.007)
"""How far red, green and blue light travel under the skin, in units of the face frame (red the furthest)."""


def shine(surface: Surface, light: LightSpec) -> Colour:
    """(h, w, 3) float32 linear RGB: wrapped diffuse light scattered under the skin, plus wet highlights.

    Args:
        surface: all materials.
        light: all lights.
    """
    slope = surface.slope
    length = 1 / np.sqrt(1 + slope[..., 0] ** 2 + slope[..., 1] ** 2)
    diffuse = np.full(surface.frame.shape, light.ambient, np.float32)
    gloss = np.zeros_like(diffuse)
    for source in light.sources:
        shade, glint = _one_source(surface, source, length)
        diffuse += shade
        gloss += glint
    radius = surface.frame.x**2 + (surface.frame.y - 0.4) ** 2
    fade = f32(1 / (1 + light.falloff * radius))
    diffuse *= surface.light * fade
    tint = f32(light.tint)
    scattered = np.empty_like(surface.albedo)
    flesh = f32(surface.living)
    for channel, reach in enumerate(_SCATTER):
        # Divided by the blurred flesh, so that a white cloth beside the chin does not glow through the skin.
        spread = reach * surface.frame.unit
        soft = blur(diffuse * flesh, spread) / np.maximum(blur(flesh, spread), 0.05)
        scattered[..., channel] = np.where(surface.living, 0.35 * diffuse + 0.65 * soft, diffuse)
    glint_light = gloss * surface.gloss * np.sqrt(surface.light) * fade
    return f32((surface.albedo * scattered + glint_light[..., None]) * tint)


def _one_source(surface: Surface, source: SourceSpec, length: Field) -> tuple[Field, Field]:
    """Diffuse and specular (before the gloss) light of one source."""
    to_light = np.array(source.direction) / np.linalg.norm(source.direction)
    half = to_light + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    slope_x, slope_y = surface.slope[..., 0], surface.slope[..., 1]

    def facing(direction: np.ndarray) -> Field:
        dx, dy, dz = (np.float32(v) for v in direction)
        return f32((dz - slope_x * dx - slope_y * dy) * length)

    wrap = np.float32(0.45 - 0.35 * source.hardness)
    shade = np.clip((facing(to_light) + wrap) / (1 + wrap), 0, 1) * np.float32(source.strength)
    power = surface.power * np.float32(0.45 + 1.1 * source.hardness)
    glint = np.exp(power * np.log(np.clip(facing(half), 1e-3, 1)))
    return f32(shade), f32(glint * source.strength * (0.7 + 0.8 * source.hardness))


def expose(linear: Colour, frame: Frame) -> RgbArray:
    """(h, w, 3) linear light on sub-pixels → (H, W, 3) uint8 sRGB photo with blur, noise and tone curve."""
    camera = frame.camera
    height, width = camera.shape
    rng = frame.rng(90)
    if camera.blur_px > 0:
        linear = blur(linear, camera.blur_px * camera.supersample)
    photo = cv2.resize(linear, (width, height), interpolation=cv2.INTER_AREA)
    photo = photo * (camera.exposure * _vignette(camera)[..., None])
    photo = np.where(photo > 0.7, 0.7 + 0.3 * np.tanh((photo - 0.7) / 0.3), photo)
    encoded = np.where(
        photo <= 0.0031308, 12.92 * photo, 1.055 * np.clip(photo, 1e-6, 1) ** (1 / 2.4) - 0.055
    )
    if camera.contrast != 1:
        encoded = 0.46 * (np.clip(encoded, 1e-4, 1) / 0.46) ** camera.contrast
    if camera.noise > 0:
        encoded = encoded + _sensor_noise(rng, (height, width), camera.noise) * (0.6 + 0.8 * np.sqrt(photo))
    return _finish(np.clip(encoded * 255 + 0.5, 0, 255).astype(np.uint8), camera.jpeg_quality)


def _vignette(camera: CameraSpec) -> Field:
    height, width = camera.shape
    column = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    row = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    return f32(1 - camera.vignette * (column[None, :] ** 2 + row[:, None] ** 2) / 2)


def _sensor_noise(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> Colour:
    """The grain of a demosaiced and denoised sensor: mostly brightness, a little colour, softened."""
    grain = rng.standard_normal((*shape, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), 0.6) * np.float32(1.9)
    mean = soft.mean(axis=2, keepdims=True) * np.float32(1.5)
    return f32(sigma * (0.75 * mean + 0.45 * soft))


def _finish(photo: RgbArray, jpeg_quality: int) -> RgbArray:
    """The photo after an optional trip through JPEG, read-only."""
    if jpeg_quality:
        _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])
        decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
        photo = np.ascontiguousarray(decoded[..., ::-1])
    photo.setflags(write=False)
    return photo


def pixel_mask(seen: Flags, camera: CameraSpec) -> MaskArray:
    """(h, w) sub-pixels → (H, W) uint8 0/1: a pixel belongs to the tongue from half its area on."""
    height, width = camera.shape
    n = camera.supersample
    area = seen.reshape(height, n, width, n).sum(axis=(1, 3))
    mask: MaskArray = (2 * area >= n * n).astype(np.uint8)
    mask.setflags(write=False)
    return mask
